import { type CountDelta, countTable } from '../base/counts.ts';
import { type Call, type Change, countKeys } from './call.ts';

export const OUTBOUND_COUNTS = countTable({
  name: 'outbound',
  keys: ['campaign_id', 'status', 'number_id', 'number_provider'],
  hasTotals: false,
});
export const INBOUND_COUNTS = countTable({
  name: 'inbound',
  keys: ['route_id', 'status', 'number_id', 'provider'],
  hasTotals: false,
});

export const COUNTS = { outbound: OUTBOUND_COUNTS, inbound: INBOUND_COUNTS };

const HOUR = 3_600_000;

/** Sums up what changes of calls change in the counts. */
export function countDeltas(
  changes: readonly Pick<Change, 'before' | 'after'>[],
  added: readonly Call[] = [],
): CountDelta[] {
  const sums = new Map<string, CountDelta>();
  const add = (call: Call, n: number) => {
    const at = Math.floor(call.enqueuedAt / HOUR) * HOUR;
    const keys = countKeys(call);
    const name = JSON.stringify([at, ...keys]);
    sums.set(name, { at, keys, n: (sums.get(name)?.n ?? 0) + n });
  };
  for (const { before, after } of changes) {
    if (before.status === after.status) continue;
    add(before, -1);
    add(after, 1);
  }
  for (const call of added) add(call, 1);
  return [...sums.values()].filter(({ n }) => n !== 0);
}
