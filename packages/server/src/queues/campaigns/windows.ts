import { DAYS, type Day } from '@colloquy/wire';
import { Temporal } from 'temporal-polyfill';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Windows repeat every week, and a change of the clock may swallow one of them. */
const LOOK_AHEAD = 15 * DAY;

/**
 * `from` (included, 0 to 1439) and `to` (excluded, 1 to 1440) are minutes since local midnight. A
 * window whose `to` is not after its `from` crosses midnight and belongs to the day on which it began.
 */
export interface Window {
  readonly days: readonly Day[];
  readonly from: number;
  readonly to: number;
  /** Used where the recipient has none. */
  readonly timeZone: string | null;
}

/** The recipient's goes before a window's own, and the business's comes after it; then UTC. */
export interface Zones {
  readonly recipient: string | null;
  readonly business: string | null;
}

/**
 * A stretch of time in which a call may be made, in milliseconds since 1970; `closesAt` is excluded,
 * and Infinity where it never closes.
 */
export interface Opening {
  readonly opensAt: number;
  readonly closesAt: number;
}

/** What holds from an instant until (excluded) another. */
interface View {
  readonly isOpen: boolean;
  readonly until: number;
}

/** A time in which a zone's clock is not changed; its wall clock is the instant plus the offset. */
interface TextRange {
  readonly offset: number;
  readonly until: number;
}

/**
 * The opening that `from` lies in, cut off before `from`, or the first one after it; null where none
 * comes. Windows that touch or overlap are one opening. No windows are always open. A window is open
 * whenever the wall clock reads a time in it: it begins late where the clock is put forward over its
 * beginning, and comes twice where the clock is put back over all of it. The zones must be known.
 *
 * An opening of several zones is followed for 15 days: if `closesAt` is later than that, it may still
 * be open then.
 */
export function nextOpening(
  windows: readonly Window[],
  zones: Zones,
  from: number,
): Opening | null {
  if (windows.length === 0) return { opensAt: from, closesAt: Infinity };
  const clocks = new Map<string, TextRange>();
  const view = (at: number) => viewAll(windows, zones, clocks, at);
  const opensAt = follow(view, false, from);
  if (opensAt > from + LOOK_AHEAD) return null;
  const closesAt = follow(view, true, opensAt);
  // In one zone, what is open for so long is open all week.
  const isForever = clocks.size === 1 && closesAt > opensAt + LOOK_AHEAD;
  return { opensAt, closesAt: isForever ? Infinity : closesAt };
}

/** The date that the zone's calendar shows, as `YYYY-MM-DD`. */
export function localDay(timeZone: string, at: number): string {
  return zoned(timeZone, at).toPlainDate().toString();
}

/**
 * The first instant after `at` on a later day in the zone: 00:00 as a rule, 01:00 where the clock is
 * put forward at midnight; where it is put back over midnight, a day may come twice.
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

/** The first instant at which the view is not as told any more, or one beyond the look-ahead. */
function follow(view: (at: number) => View, whileOpen: boolean, from: number): number {
  let at = from;
  while (at <= from + LOOK_AHEAD) {
    const seen = view(at);
    if (seen.isOpen !== whileOpen) break;
    at = seen.until;
  }
  return at;
}

/**
 * All windows at once. `clocks` keeps what was last seen of each zone, for an instant that is not
 * earlier.
 */
function viewAll(
  windows: readonly Window[],
  zones: Zones,
  clocks: Map<string, TextRange>,
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

/** `local` and the view's end are wall clock times, as milliseconds since 1970-01-01 00:00 on it. */
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

function stretchAt(timeZone: string, at: number): TextRange {
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
