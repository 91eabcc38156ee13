/** How far back the overview looks, and by what it counts. */
export const RANGES = {
  '24h': { label: 'Last 24 hours', days: 1, bucket: 'Hour' },
  '7d': { label: 'Last 7 days', days: 7, bucket: 'Day' },
  '30d': { label: 'Last 30 days', days: 30, bucket: 'Day' },
  '90d': { label: 'Last 90 days', days: 90, bucket: 'Week' },
  '365d': { label: 'Last 12 months', days: 365, bucket: 'Month' },
} as const;
export type Range = keyof typeof RANGES;
export const FIRST_RANGE: Range = '7d';

export interface OverviewSearch {
  readonly range?: Range | undefined;
}

export function overviewSearch({ range }: Record<string, unknown>): OverviewSearch {
  return { range: (Object.keys(RANGES) as Range[]).find((one) => one === range) };
}
