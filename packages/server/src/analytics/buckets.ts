import { type Bucket, MAX_BUCKETS } from '@colloquy/wire';
import { Temporal } from 'temporal-polyfill';
import { coverRange, type Part } from '../counters/cover-range.ts';
import { Fault } from '../kernel/fault.ts';
import { MAX_INSTANT, MIN_INSTANT } from '../kernel/instant.ts';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 1_440 * MINUTE;

/** No bucket is longer. */
const LONGEST: Readonly<Record<Bucket, number>> = {
  Hour: 60 * MINUTE,
  Day: 2 * DAY,
  Week: 8 * DAY,
  Month: 32 * DAY,
};

/** Whole hours, days, weeks or months of a zone, one after the other. */
export interface Buckets {
  readonly timeZone: string;
  readonly bucket: Bucket;
  /** Where each begins, in milliseconds since 1970. */
  readonly starts: readonly number[];
  /** Where the last one ends (excluded). */
  readonly end: number;
}

/** A stretch of figures of one grain that is added to bucket number `at`, or taken away again. */
export interface FigurePart extends Part {
  readonly at: number;
  readonly grain: 'quarter' | 'hour' | 'day' | 'month';
}

/**
 * The buckets that `from` (included) to `to` (excluded) lies in. An hour is one of the clock, and begins or
 * ends where the clock is changed; a day begins at the first instant of
 * its date, a week on Monday. INVALID_REQUEST where there is nothing between the two, where there are
 * too many buckets, where the zone was not at a whole quarter of an hour from UTC then, or where a bucket
 * reaches into years that timestamps do not have.
 */
export function bucketsOf(bucket: Bucket, timeZone: string, from: number, to: number): Buckets {
  if (from >= to) {
    throw new Fault('INVALID_REQUEST', 'From must be before To; leave both out for the last days.');
  }
  // What is much too long is refused before it is walked through.
  if ((to - from) / LONGEST[bucket] > MAX_BUCKETS) throw tooMany(bucket);
  const starts: number[] = [];
  const edges = edgesFrom(bucket, floor(bucket, zoned(from, timeZone)));
  let end = edges.next().value;
  while (end < to) {
    const start = end;
    end = edges.next().value;
    // Where clocks were put back, what begins before `from` may be over before it too.
    if (end > from) starts.push(start);
    if (starts.length > MAX_BUCKETS) throw tooMany(bucket);
  }
  if ((starts[0] ?? end) < MIN_INSTANT || end > MAX_INSTANT) {
    throw new Fault(
      'INVALID_REQUEST',
      `From and To must be within the years 1 to 9999 in ${timeZone}, including whole intervals of the Bucket ${bucket}.`,
    );
  }
  if ([...starts, end].some((edge) => edge % QUARTER !== 0)) {
    throw new Fault(
      'INVALID_REQUEST',
      `TimeZone must not be ${timeZone} at this From, when its offset from UTC was not a whole quarter of an hour; choose a later From, or UTC.`,
    );
  }
  return { timeZone, bucket, starts, end };
}

function tooMany(bucket: Bucket): Fault {
  const larger = bucket === 'Month' ? '' : 'a larger Bucket or ';
  return new Fault(
    'INVALID_REQUEST',
    `Bucket ${bucket} divides this range into more than ${MAX_BUCKETS} intervals; choose ${larger}a shorter range.`,
  );
}

/** The few figures that each bucket comes to; what is left at the ends of its hours are quarters. */
export function figureParts({ starts, end }: Buckets): FigurePart[] {
  return starts.flatMap((start, at) => {
    const { buckets, edges } = coverRange(start, starts[at + 1] ?? end);
    return [
      ...buckets.flatMap(({ grain, ...part }) => (grain === 'all' ? [] : [{ at, grain, ...part }])),
      ...edges.map((part) => ({ at, grain: 'quarter' as const, ...part })),
    ];
  });
}

const zoned = (instant: number, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);

function floor(bucket: Bucket, at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  switch (bucket) {
    case 'Hour':
      return hourStart(at);
    case 'Day':
      return at.startOfDay();
    case 'Week':
      return at.subtract({ days: at.dayOfWeek - 1 }).startOfDay();
    case 'Month':
      return at.with({ day: 1 }).startOfDay();
  }
}

/** The hour of the clock, which begins where the clock was changed if that is later. */
function hourStart(at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const sinceStart = at.minute * MINUTE + at.second * 1000 + at.millisecond;
  const start = at.subtract({ milliseconds: sinceStart });
  const change = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
  return change && Temporal.ZonedDateTime.compare(change, start) > 0 ? change : start;
}

function hourEnd(start: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const end = start.add({ minutes: 60 - start.minute });
  const change = start.getTimeZoneTransition('next');
  return change && Temporal.ZonedDateTime.compare(change, end) < 0 ? change : end;
}

/**
 * Where a bucket and all that follow it begin. Between two changes of the clock they are equally long, so
 * that the calendar, which takes a hundred times as long, is asked at the changes alone.
 */
function* edgesFrom(bucket: Bucket, first: Temporal.ZonedDateTime): Generator<number, never> {
  const length = LENGTH[bucket];
  for (let start = first; ; ) {
    const change =
      start.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    let instant = start.epochMilliseconds;
    // What begins at a change of the clock may be shorter: a day may begin at one o'clock.
    const isWhole = start.minute === 0 && (bucket === 'Hour' || start.hour === 0);
    while (isWhole && length !== null && instant + length < change) {
      yield instant;
      instant += length;
    }
    yield instant;
    start = next(bucket, zoned(instant, first.timeZoneId));
  }
}

/** Of a bucket in which the clock is not changed; null where it depends. */
const LENGTH: Readonly<Record<Bucket, number | null>> = {
  Hour: 60 * MINUTE,
  Day: DAY,
  Week: 7 * DAY,
  Month: null,
};

/** The bucket after one that begins at `start`. */
function next(bucket: Bucket, start: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  if (bucket === 'Hour') return hourEnd(start);
  // A date may be left out by a zone that moves to the other side of the date line: whatever comes later.
  for (let steps = 1; ; steps += 1) {
    const later = floor(bucket, start.add(durationOf(bucket, steps)));
    if (later.epochMilliseconds > start.epochMilliseconds) return later;
  }
}

function durationOf(bucket: Exclude<Bucket, 'Hour'>, steps: number): Temporal.DurationLike {
  switch (bucket) {
    case 'Day':
      return { days: steps };
    case 'Week':
      return { weeks: steps };
    case 'Month':
      return { months: steps };
  }
}
