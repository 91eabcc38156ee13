import type { Bucket } from '@colloquy/wire';
import { RANGES, type Range } from './search.ts';

/** In all zones, hours begin at one of these. */
const QUARTER = 900_000;
const MINUTE = 60_000;

export function toRangeInput(range: Range, now: number, TimeZone: string) {
  const { bucket, count } = RANGES[range];
  return { From: bucketsBefore(bucket, count - 1, now, TimeZone), Bucket: bucket, TimeZone };
}

export function toPreviousRange(range: Range, from: string, TimeZone: string) {
  const { bucket, count } = RANGES[range];
  const From = bucketsBefore(bucket, count, Date.parse(from), TimeZone);
  return { From, To: from, Bucket: bucket, TimeZone };
}

/**
 * An instant in the bucket `count` buckets before that of `at`, by the calendar of a zone. Stable
 * for a quarter of an hour at least, and so are query keys.
 */
function bucketsBefore(bucket: Bucket, count: number, at: number, zone: string): string {
  const instant =
    bucket === 'Hour' ? hoursBefore(count, at, zone) : datesBefore(bucket, count, at, zone);
  return new Date(instant).toISOString();
}

/** Hour by hour: a clock change shortens an hour or repeats one. */
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

/** Noon, so a clock change at night does not move it to another date. */
function datesBefore(bucket: 'Day' | 'Week' | 'Month', count: number, at: number, zone: string) {
  const date = new Date(clockOf(at, zone).local);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const noon =
    bucket === 'Month'
      ? Date.UTC(year, month - count, 15, 12)
      : Date.UTC(year, month, day - count * (bucket === 'Week' ? 7 : 1), 12);
  return noon - clockOf(noon, zone).offset;
}

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

/** Creating a format takes longer than using it a hundred times. */
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
