import { type Bucket, MAX_BUCKETS } from '@colloquy/wire';
import { Temporal } from 'temporal-polyfill';
import { coverRange, type Part } from '../counters/cover-range.ts';
import { Fault } from '../kernel/fault.ts';
import { MAX_INSTANT, MIN_INSTANT } from '../kernel/instant.ts';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 1_440 * MINUTE;

const MAX_BUCKET_LENGTH: Readonly<Record<Bucket, number>> = {
  Hour: 60 * MINUTE,
  Day: 2 * DAY,
  Week: 8 * DAY,
  Month: 32 * DAY,
};

export interface Buckets {
  readonly timeZone: string;
  readonly bucket: Bucket;
  /** In milliseconds since 1970; `end` is exclusive. */
  readonly starts: readonly number[];
  readonly end: number;
}

/** To add to bucket `at`, or to subtract. */
export interface FigurePart extends Part {
  readonly at: number;
  readonly grain: 'quarter' | 'hour' | 'day' | 'month';
}

/**
 * The buckets that intersect `from` to `to`, which is exclusive. Hours begin or end at clock changes too; a day
 * begins at the first instant of its date. INVALID_REQUEST if the range is empty or too long.
 */
export function bucketsOf(bucket: Bucket, timeZone: string, from: number, to: number): Buckets {
  if (from >= to) {
    throw new Fault('INVALID_REQUEST', 'From must be before To; leave both out for the last days.');
  }
  if ((to - from) / MAX_BUCKET_LENGTH[bucket] > MAX_BUCKETS) throw tooMany(bucket);
  const starts: number[] = [];
  const edges = edgesFrom(bucket, floor(bucket, zoned(from, timeZone)));
  let end = edges.next().value;
  while (end < to) {
    const start = end;
    end = edges.next().value;
    // If clocks were put back, a bucket may begin and end before `from`.
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

/** The few rollups that sum up to each bucket; the ends of its hours use quarters. */
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

/** The start of the clock hour, or the clock change if that is later. */
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

/** Lengths are equal between clock changes; the calendar is a hundred times slower. */
function* edgesFrom(bucket: Bucket, first: Temporal.ZonedDateTime): Generator<number, never> {
  const length = FIXED_LENGTH[bucket];
  for (let start = first; ; ) {
    const change =
      start.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    let instant = start.epochMilliseconds;
    // A bucket that begins at a clock change may be shorter: a day may begin at one o'clock.
    const isWhole = start.minute === 0 && (bucket === 'Hour' || start.hour === 0);
    while (isWhole && length !== null && instant + length < change) {
      yield instant;
      instant += length;
    }
    yield instant;
    start = next(bucket, zoned(instant, first.timeZoneId));
  }
}

/** Without clock changes; null if it varies. */
const FIXED_LENGTH: Readonly<Record<Bucket, number | null>> = {
  Hour: 60 * MINUTE,
  Day: DAY,
  Week: 7 * DAY,
  Month: null,
};

function next(bucket: Bucket, start: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  if (bucket === 'Hour') return hourEnd(start);
  // A zone that crosses the date line may skip a date; take the next existing one.
  for (let steps = 1; ; steps += 1) {
    const later = floor(bucket, start.add({ [UNITS[bucket]]: steps }));
    if (later.epochMilliseconds > start.epochMilliseconds) return later;
  }
}

const UNITS = { Day: 'days', Week: 'weeks', Month: 'months' } as const;
