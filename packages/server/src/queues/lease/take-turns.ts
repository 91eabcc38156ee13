import type { Queue } from '../campaigns/queue-store.ts';
import type { Partition, Taking } from './due-store.ts';

type Turns = Queue['turns'];
type PartitionKey = Pick<Partition, 'priority' | 'campaignId'>;

/** Highest priority first, then from the partition after the last turn. */
function orderPartitions<P extends PartitionKey>(partitions: readonly P[], turns: Turns): P[][] {
  const groups = [...Map.groupBy(partitions, ({ priority }) => priority)];
  groups.sort(([a], [b]) => b - a);
  return groups.map(([priority, ofPriority]) => {
    const last = turns[priority];
    const sorted = ofPriority.toSorted((a, b) => (a.campaignId < b.campaignId ? -1 : 1));
    const start = sorted.findIndex(({ campaignId }) => last !== undefined && campaignId > last);
    return start < 0 ? sorted : [...sorted.slice(start), ...sorted.slice(0, start)];
  });
}

export function choosePartitions(
  partitions: readonly (PartitionKey & { readonly free: number })[],
  turns: Turns,
  wanted: number,
): Taking[] {
  const takings: Taking[] = [];
  let left = wanted;
  for (const ofPriority of orderPartitions(partitions, turns)) {
    const counted = ofPriority.map((one) => ({ ...one, count: 0 }));
    let open = counted.filter(({ free }) => free > 0);
    while (left > 0 && open.length > 0) {
      for (const one of open.slice(0, left)) one.count += 1;
      left -= Math.min(left, open.length);
      open = open.filter(({ count, free }) => count < free);
    }
    takings.push(...counted.filter(({ count }) => count > 0));
  }
  return takings;
}

/** For each priority, one call of each partition, then the next of each. */
export function inTurns<C>(
  calls: readonly C[],
  keyOf: (call: C) => PartitionKey,
  turns: Turns,
): C[] {
  const byKey = [...Map.groupBy(calls, (call) => JSON.stringify(keyOf(call)))];
  const partitions = byKey.flatMap(([, [first, ...rest]]) =>
    first === undefined ? [] : [{ ...keyOf(first), calls: [first, ...rest] }],
  );
  const ordered: C[] = [];
  for (const ofPriority of orderPartitions(partitions, turns)) {
    const longest = Math.max(...ofPriority.map((partition) => partition.calls.length));
    for (let at = 0; at < longest; at += 1) {
      for (const partition of ofPriority) {
        const call = partition.calls[at];
        if (call !== undefined) ordered.push(call);
      }
    }
  }
  return ordered;
}
