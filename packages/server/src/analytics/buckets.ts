import { type Bucket, MAX_BUCKETS } from '@colloquy/wire';
import { Temporal } from 'temporal-polyfill';
import { coverRange, type Part } from '../base/cover-range.ts';
import { Fault } from '../base/fault.ts';
import { FIRST_INSTANT, LAST_INSTANT } from '../base/instant.ts';

const QUARTER = 900_000;

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
 * The buckets that `from` (included) to `to` (excluded) lies in. A day begins at the first instant of
 * its date, a week on Monday. INVALID_REQUEST where there is nothing between the two, where there are
 * too many buckets, where the zone was not at a whole quarter of an hour from UTC then, or where a bucket
 * reaches into years that timestamps do not have.
 */
export function bucketsOf(bucket: Bucket, timeZone: string, from: number, to: number): Buckets {
  if (from >= to) {
    throw new Fault('INVALID_REQUEST', 'From must be before To; leave both out for the last days.');
  }
  const starts: number[] = [];
  let at = floor(bucket, zoned(from, timeZone));
  while (at.epochMilliseconds < to) {
    starts.push(at.epochMilliseconds);
    if (starts.length > MAX_BUCKETS) {
      throw new Fault(
        'INVALID_REQUEST',
        `Bucket ${bucket} makes more than ${MAX_BUCKETS} of this range; take a larger one, or a shorter range.`,
      );
    }
    at = next(bucket, at);
  }
  const end = at.epochMilliseconds;
  if ((starts[0] ?? end) < FIRST_INSTANT || end > LAST_INSTANT) {
    throw new Fault(
      'INVALID_REQUEST',
      `Bucket ${bucket} reaches beyond the years 1 to 9999 in ${timeZone}; take From and To from within them.`,
    );
  }
  if ([...starts, end].some((edge) => edge % QUARTER !== 0)) {
    throw new Fault(
      'INVALID_REQUEST',
      `${timeZone} was not at a whole quarter of an hour from UTC then; take a later From, or UTC.`,
    );
  }
  return { timeZone, bucket, starts, end };
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
      return at.round({ smallestUnit: 'hour', roundingMode: 'floor' });
    case 'Day':
      return at.startOfDay();
    case 'Week':
      return at.subtract({ days: at.dayOfWeek - 1 }).startOfDay();
    case 'Month':
      return at.with({ day: 1 }).startOfDay();
  }
}

const STEPS = {
  Hour: { hours: 1 },
  Day: { days: 1 },
  Week: { weeks: 1 },
  Month: { months: 1 },
} as const;

function next(bucket: Bucket, at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  // An hour may be cut by a change of the clock, and a date may be left out: whatever comes later.
  for (let steps = 1; ; steps += 1) {
    const unit = STEPS[bucket];
    const later = Object.fromEntries(
      Object.entries(unit).map(([name, one]) => [name, one * steps]),
    );
    const moved = at.add(later);
    const start = floor(bucket, moved);
    if (start.epochMilliseconds > at.epochMilliseconds) return start;
    if (bucket === 'Hour') return moved;
  }
}
