import { useSyncExternalStore } from 'react';
import { isOneOf, type StoredSetting, useLocalStorage } from '../browser/use-local-storage.ts';
import { LOCALE } from './locale.ts';
import { formatRelativeTime } from './relative-time.ts';

const TIME_STYLES = ['relative', 'absolute'] as const;
type TimeStyle = (typeof TIME_STYLES)[number];

export const TIME_STYLE: StoredSetting<TimeStyle> = {
  key: 'times',
  initial: 'relative',
  isValid: isOneOf(TIME_STYLES),
};

const withDay = new Intl.DateTimeFormat(LOCALE, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'long' });

export const formatDateTime = (at: number): string => withDay.format(at);

/** "from Nov 23 to Nov 24", as far as given. */
export const formatRange = (from: string | undefined, to: string | undefined): string =>
  [from && `from ${formatDateTime(Date.parse(from))}`, to && `to ${formatDateTime(Date.parse(to))}`]
    .filter(Boolean)
    .join(' ');

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

export const localizeTimes = (sentence: string): string =>
  sentence.replace(INSTANT, (instant) => formatDateTime(Date.parse(instant)));

export const NOW_MILLISECONDS = 10_000;
let now = Date.now();
const readers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  // The clock is stopped while it has no subscribers.
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

export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

export function Time({ at, style }: { readonly at: string; readonly style?: TimeStyle }) {
  const [chosen] = useLocalStorage(TIME_STYLE);
  const now = useNow();
  const instant = Date.parse(at);
  const isRelative = (style ?? chosen) === 'relative';
  return (
    <time dateTime={at} title={full.format(instant)} className="tabular whitespace-nowrap">
      {(isRelative && formatRelativeTime(instant, now)) || formatDateTime(instant)}
    </time>
  );
}

export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${hours > 0 ? two(minutes) : minutes}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
