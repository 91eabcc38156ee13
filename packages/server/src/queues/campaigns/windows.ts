import { DAYS, type Day } from '@colloquy/wire';
import { Temporal } from 'temporal-polyfill';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Windows repeat every week, and a change of the clock may skip one. */
const LOOK_AHEAD = 15 * DAY;

/**
 * Minutes since local midnight: `from` 0 to 1439, `to` 1 to 1440 (excluded). A window whose `to` is
 * not after its `from` crosses midnight and belongs to the day on which it began.
 */
export interface Window {
  readonly days: readonly Day[];
  readonly from: number;
  readonly to: number;
  readonly timeZone: string | null;
}

/** The order of precedence is recipient, window, business, UTC. */
export interface Zones {
  readonly recipient: string | null;
  readonly business: string | null;
}

/** In milliseconds since 1970; `closesAt` is excluded, and Infinity if it never closes. */
export interface Opening {
  readonly opensAt: number;
  readonly closesAt: number;
}

interface View {
  readonly isOpen: boolean;
  readonly until: number;
}

interface OffsetPeriod {
  readonly offset: number;
  readonly until: number;
}

/**
 * The opening that contains `from`, cut off before `from`, or the next one. Windows that touch are
 * one opening. It begins late if the clock skips its beginning, and opens twice if the clock is put
 * back over all of it. The search ends after 15 days: a later `closesAt` is a lower bound.
 */
export function nextOpening(
  windows: readonly Window[],
  zones: Zones,
  from: number,
): Opening | null {
  if (windows.length === 0) return { opensAt: from, closesAt: Infinity };
  const clocks = new Map<string, OffsetPeriod>();
  const view = (at: number) => viewAll(windows, zones, clocks, at);
  const opensAt = follow(view, false, from);
  if (opensAt > from + LOOK_AHEAD) return null;
  const closesAt = follow(view, true, opensAt);
  // In a single zone, an opening of 15 days never closes.
  const isForever = clocks.size === 1 && closesAt > opensAt + LOOK_AHEAD;
  return { opensAt, closesAt: isForever ? Infinity : closesAt };
}

export function localDay(timeZone: string, at: number): string {
  return zoned(timeZone, at).toPlainDate().toString();
}

/**
 * Usually 00:00, or 01:00 if the clock is put forward at midnight. If it is put back over midnight,
 * a day may begin twice.
 */
export function nextLocalMidnight(timeZone: string, at: number): number {
  let stretch = stretchAt(timeZone, at);
  const midnight = (Math.floor((at + stretch.offset) / DAY) + 1) * DAY;
  let instant = midnight - stretch.offset;
  while (instant >= stretch.until) {
    const changedAt = stretch.until;
    stretch = stretchAt(timeZone, changedAt);
    instant = Math.max(changedAt, midnight - stretch.offset);
  }
  return instant;
}

/** Or an instant beyond the look-ahead. */
function follow(view: (at: number) => View, whileOpen: boolean, from: number): number {
  let at = from;
  while (at <= from + LOOK_AHEAD) {
    const seen = view(at);
    if (seen.isOpen !== whileOpen) break;
    at = seen.until;
  }
  return at;
}

/** `clocks` caches the last period of each zone; `at` must not decrease. */
function viewAll(
  windows: readonly Window[],
  zones: Zones,
  clocks: Map<string, OffsetPeriod>,
  at: number,
): View {
  let openUntil = at;
  let closedUntil = Infinity;
  for (const window of windows) {
    const zone = zones.recipient ?? window.timeZone ?? zones.business ?? 'UTC';
    let stretch = clocks.get(zone);
    if (stretch === undefined || at >= stretch.until) {
      stretch = stretchAt(zone, at);
      clocks.set(zone, stretch);
    }
    const view = viewOnClock(window, at + stretch.offset);
    const until = Math.min(view.until - stretch.offset, stretch.until);
    if (view.isOpen) openUntil = Math.max(openUntil, until);
    else closedUntil = Math.min(closedUntil, until);
  }
  return openUntil > at
    ? { isOpen: true, until: openUntil }
    : { isOpen: false, until: closedUntil };
}

/** `local` and `until` are wall clock times, in milliseconds since 1970-01-01 00:00. */
function viewOnClock(window: Window, local: number): View {
  const day = Math.floor(local / DAY);
  const time = local - day * DAY;
  const [from, to] = [window.from * MINUTE, window.to * MINUTE];
  const isAfterFrom = time >= from && isOn(window, day);
  const open =
    to > from ? isAfterFrom && time < to : isAfterFrom || (time < to && isOn(window, day - 1));
  let end = DAY;
  if (time < from) end = from;
  if (time < to && to < end) end = to;
  return { isOpen: open, until: day * DAY + end };
}

/** Days are counted since 1970-01-01, a Thursday. */
function isOn(window: Window, day: number): boolean {
  const weekday = (((day + 3) % 7) + 7) % 7;
  return window.days.some((name) => name === DAYS[weekday]);
}

function stretchAt(timeZone: string, at: number): OffsetPeriod {
  const now = zoned(timeZone, at);
  const change = now.getTimeZoneTransition('next');
  return {
    offset: now.offsetNanoseconds / 1e6,
    until: change === null ? Infinity : change.epochMilliseconds,
  };
}

function zoned(timeZone: string, at: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
}
