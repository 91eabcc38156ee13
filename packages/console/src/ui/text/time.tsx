import { useSyncExternalStore } from 'react';
import { type Kept, oneOf, useKept } from '../browser/use-local-storage.ts';
import { LOCALE } from './locale.ts';
import { relativeText } from './relative-time.ts';

const TIME_STYLES = ['relative', 'absolute'] as const;
type TimeStyle = (typeof TIME_STYLES)[number];

/** Whether times are told as "5 minutes ago" or by the clock of the reader's zone. */
export const TIME_STYLE: Kept<TimeStyle> = {
  key: 'times',
  first: 'relative',
  isValid: oneOf(TIME_STYLES),
};

const withDay = new Intl.DateTimeFormat(LOCALE, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'long' });

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
      {(isRelative && relativeText(instant, now)) || absoluteText(instant)}
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
