import { useSyncExternalStore } from 'react';
import { type Kept, oneOf, useKept } from './kept.ts';

const TIME_STYLES = ['relative', 'absolute'] as const;
type TimeStyle = (typeof TIME_STYLES)[number];

/** Whether times are told as "5 minutes ago" or by the clock of the reader's zone. */
export const TIME_STYLE: Kept<TimeStyle> = {
  key: 'times',
  first: 'relative',
  isValid: oneOf(TIME_STYLES),
};

const DAY = 86_400_000;
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const withDay = new Intl.DateTimeFormat(undefined, {
  ...{ year: 'numeric', month: 'short', day: 'numeric' },
  ...{ hour: '2-digit', minute: '2-digit' },
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** "5 min. ago"; from a week on the date says more. */
export function relativeText(at: number, now: number): string {
  const away = at - now;
  if (Math.abs(away) >= 7 * DAY) return withDay.format(at);
  if (Math.abs(away) >= DAY) {
    // By the calendar: 25 hours ago may have been the day before yesterday.
    const days = Math.round((midnightBefore(at) - midnightBefore(now)) / DAY);
    return relative.format(days, 'day');
  }
  for (const [unit, length] of STEPS) {
    if (Math.abs(away) >= length) return relative.format(Math.round(away / length), unit);
  }
  return Math.abs(away) < 10_000 ? 'just now' : relative.format(Math.round(away / 1000), 'second');
}

const midnightBefore = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

export const absoluteText = (at: number): string => withDay.format(at);

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** A sentence of a history, with the times in it by the clock of whoever reads. */
export const inZone = (sentence: string): string =>
  sentence.replace(INSTANT, (instant) => absoluteText(Date.parse(instant)));

/** What `useNow` may be behind. */
export const NOW_MILLISECONDS = 10_000;
let now = Date.now();
const readers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Goes on while somebody reads it. */
function subscribe(reader: () => void): () => void {
  readers.add(reader);
  // It stood still while nobody read it.
  if (timer === undefined) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of readers) each();
  }, NOW_MILLISECONDS);
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Now, to `NOW_MILLISECONDS`. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** A time of the API, as its reader wants to have it told; the whole of it is a hover away. */
export function Time({ at, style }: { readonly at: string; readonly style?: TimeStyle }) {
  const [chosen] = useKept(TIME_STYLE);
  const now = useNow();
  const instant = Date.parse(at);
  const isRelative = (style ?? chosen) === 'relative';
  return (
    <time dateTime={at} title={full.format(instant)} className="tabular whitespace-nowrap">
      {isRelative ? relativeText(instant, now) : withDay.format(instant)}
    </time>
  );
}

/** Milliseconds as "1:02:03" or "2:05". */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${hours > 0 ? two(minutes) : minutes}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
