import type { Bucket } from '@colloquy/wire';
import { RANGES, type Range } from './search.ts';

/** Every hour of the clock, of every zone, begins at one of these. */
const QUARTER = 900_000;
const MINUTE = 60_000;

/** What the API is asked for: the buckets of a range, the last of which goes on now. */
export function rangeInput(range: Range, now: number, TimeZone: string) {
  const { bucket, count } = RANGES[range];
  return { From: bucketsBefore(bucket, count - 1, now, TimeZone), Bucket: bucket, TimeZone };
}

/** The range of as many buckets that ends where another begins. */
export function rangeBefore(range: Range, from: string, TimeZone: string) {
  const { bucket, count } = RANGES[range];
  const From = bucketsBefore(bucket, count, Date.parse(from), TimeZone);
  return { From, To: from, Bucket: bucket, TimeZone };
}

/**
 * An instant of the bucket that lies so many before that of `at`, by the clock and the calendar of a
 * zone; the API widens it to where that bucket begins. The same as long as the bucket of `at` is, or
 * for a quarter of an hour, so that what is asked for is the same too.
 */
function bucketsBefore(bucket: Bucket, count: number, at: number, zone: string): string {
  const instant =
    bucket === 'Hour' ? hoursBefore(count, at, zone) : datesBefore(bucket, count, at, zone);
  return new Date(instant).toISOString();
}

/** Step by step, since a change of the clock makes one hour shorter, or two of the same name. */
function hoursBefore(count: number, at: number, zone: string): number {
  const hourOf = (instant: number) => {
    const { local, offset } = clockOf(instant, zone);
    return `${Math.floor(local / (4 * QUARTER))} ${offset}`;
  };
  let instant = Math.floor(at / QUARTER) * QUARTER;
  let hour = hourOf(instant);
  for (let left = count; left > 0; ) {
    instant -= QUARTER;
    const earlier = hourOf(instant);
    if (earlier !== hour) left -= 1;
    hour = earlier;
  }
  return instant;
}

/** Noon of a date: on it also where its clock changes in the night. */
function datesBefore(bucket: 'Day' | 'Week' | 'Month', count: number, at: number, zone: string) {
  const date = new Date(clockOf(at, zone).local);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const noon =
    bucket === 'Month'
      ? Date.UTC(year, month - count, 15, 12)
      : Date.UTC(year, month, day - count * (bucket === 'Week' ? 7 : 1), 12);
  return noon - clockOf(noon, zone).offset;
}

/** What the clock of a zone shows, as if it were UTC's, and how far it is before that. */
function clockOf(instant: number, zone: string): { local: number; offset: number } {
  const parts = formatOf(zone).formatToParts(instant);
  const [year = 0, month = 1, day, hour, minute] = UNITS.map((unit) =>
    Number(parts.find(({ type }) => type === unit)?.value),
  );
  const local = Date.UTC(year, month - 1, day, hour, minute);
  return { local, offset: local - Math.floor(instant / MINUTE) * MINUTE };
}

const UNITS = ['year', 'month', 'day', 'hour', 'minute'] as const;
const formats = new Map<string, Intl.DateTimeFormat>();

/** To make one takes longer than to use it a hundred times. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
