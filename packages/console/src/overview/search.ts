/** Hours begin at one of these by the clock of every zone. */
const QUARTER = 900_000;
const HOUR = 4 * QUARTER;
const DAY = 24 * HOUR;

interface RangeOf {
  readonly label: string;
  /** As the figure of the range before is spoken of: "12 in the 7 days before". */
  readonly before: string;
  readonly bucket: 'Hour' | 'Day' | 'Week' | 'Month';
  /** How many buckets; the last one goes on. */
  readonly count: number;
}

/** How far back the overview looks, and by what it counts. */
export const RANGES = {
  '24h': { label: 'Last 24 hours', before: '24 hours', bucket: 'Hour', count: 24 },
  '7d': { label: 'Last 7 days', before: '7 days', bucket: 'Day', count: 7 },
  '30d': { label: 'Last 30 days', before: '30 days', bucket: 'Day', count: 30 },
  '90d': { label: 'Last 90 days', before: '90 days', bucket: 'Day', count: 90 },
  '52w': { label: 'Last 52 weeks', before: '52 weeks', bucket: 'Week', count: 52 },
  '12m': { label: 'Last 12 months', before: '12 months', bucket: 'Month', count: 12 },
} as const satisfies Record<string, RangeOf>;
export type Range = keyof typeof RANGES;
export const FIRST_RANGE: Range = '7d';

export interface OverviewSearch {
  readonly range?: Range | undefined;
}

export function overviewSearch({ range }: Record<string, unknown>): OverviewSearch {
  return { range: (Object.keys(RANGES) as Range[]).find((one) => one === range) };
}

const LENGTHS = { Hour: HOUR, Day: DAY, Week: 7 * DAY } as const;

/**
 * An instant of the bucket that lies so many before that of `at`; the API widens it to where that
 * bucket begins. The same for a quarter of an hour, so that what is asked for is the same too.
 */
export function bucketsBefore(bucket: RangeOf['bucket'], count: number, at: number): string {
  if (bucket !== 'Month') {
    return new Date(Math.floor(at / QUARTER) * QUARTER - count * LENGTHS[bucket]).toISOString();
  }
  const day = new Date(at);
  // In the middle of its month, which it is in by the clock of every zone.
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - count, 15)).toISOString();
}

/** The range of as many buckets that ends where another begins. */
export function rangeBefore(range: Range, from: string) {
  const { bucket, count } = RANGES[range];
  const begin = Date.parse(from);
  // From the middle of its first bucket, as hours of the clock come and go between two summers.
  const middle = bucket === 'Month' ? begin + DAY : begin + LENGTHS[bucket] / 2;
  return { From: bucketsBefore(bucket, count, middle), To: from, Bucket: bucket };
}
