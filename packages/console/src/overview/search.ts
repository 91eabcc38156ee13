import type { Bucket } from '@colloquy/wire';

/** `before` for "the previous 7 days"; `count` buckets include the current one. */
export const RANGES = {
  '24h': { label: 'Last 24 hours', before: '24 hours', bucket: 'Hour', count: 24 },
  '7d': { label: 'Last 7 days', before: '7 days', bucket: 'Day', count: 7 },
  '30d': { label: 'Last 30 days', before: '30 days', bucket: 'Day', count: 30 },
  '90d': { label: 'Last 90 days', before: '90 days', bucket: 'Day', count: 90 },
  '52w': { label: 'Last 52 weeks', before: '52 weeks', bucket: 'Week', count: 52 },
  '12m': { label: 'Last 12 months', before: '12 months', bucket: 'Month', count: 12 },
} as const satisfies Record<string, { bucket: Bucket } & Record<string, unknown>>;
export type Range = keyof typeof RANGES;
export const DEFAULT_RANGE: Range = '7d';

export interface OverviewSearch {
  readonly range?: Range | undefined;
  readonly calls?: 'inbound' | undefined;
}

export function parseOverviewSearch({ range, calls }: Record<string, unknown>): OverviewSearch {
  return {
    range: (Object.keys(RANGES) as Range[]).find((one) => one === range),
    calls: calls === 'inbound' ? calls : undefined,
  };
}
