import type { QueueStatus } from '@colloquy/wire';
import { type CountDelta, countTable } from '../../counters/counts.ts';
import { type Call, clocksOf, countKeys } from './call.ts';

const ended = <S extends QueueStatus>(value: S) => ({
  value,
  name: value.toLowerCase(),
  where: `t.clock = 'completed' AND t.status = '${value}'`,
  of: 'n' as const,
});

export const CALL_FIGURES = [
  { value: 'Enqueued' as const, name: 'enqueued', where: `t.clock = 'enqueued'`, of: 'n' as const },
  ...[ended('Completed'), ended('Failed'), ended('Canceled'), ended('Expired')],
] as const;

export const OUTBOUND_COUNTS = countTable({
  name: 'outbound',
  keys: ['clock', 'campaign_id', 'status', 'number_id', 'number_provider'],
  hasTotals: false,
  figures: CALL_FIGURES,
});
export const INBOUND_COUNTS = countTable({
  name: 'inbound',
  keys: ['clock', 'route_id', 'status', 'number_id', 'provider'],
  hasTotals: false,
  figures: CALL_FIGURES,
});

export const COUNTS = { outbound: OUTBOUND_COUNTS, inbound: INBOUND_COUNTS };

const QUARTER = 900_000;

/** Rolls up how the counts change if `before` become `after`. */
export function countDeltas(before: readonly Call[], after: readonly Call[]): CountDelta[] {
  const sums = new Map<string, CountDelta>();
  const add = (call: Call, n: number) => {
    for (const [clock, instant] of Object.entries(clocksOf(call))) {
      if (instant === null) continue;
      const at = Math.floor(instant / QUARTER) * QUARTER;
      const keys = [clock, ...countKeys(call)];
      const name = JSON.stringify([at, ...keys]);
      sums.set(name, { at, keys, n: (sums.get(name)?.n ?? 0) + n });
    }
  };
  for (const call of before) add(call, -1);
  for (const call of after) add(call, 1);
  return [...sums.values()].filter(({ n }) => n !== 0);
}
