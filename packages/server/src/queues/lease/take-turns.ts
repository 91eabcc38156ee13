import type { Queue } from '../campaigns/queue-store.ts';
import type { Partition, Taking } from './due-store.ts';

type Turns = Queue['turns'];
type PartitionKey = Pick<Partition, 'priority' | 'campaignId'>;

/** Partitions in the order of their turns: highest priority first, then from the one after the last. */
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

/** Distributes `wanted` calls over the partitions in turns, at most `free` from each. */
export function choosePartitions(
  partitions: readonly (PartitionKey & { readonly free: number })[],
  turns: Turns,
  wanted: number,
): Taking[] {
  const takings: Taking[] = [];
  let left = wanted;
  for (const ofPriority of orderPartitions(partitions, turns)) {
    const counts = ofPriority.map(() => 0);
    for (let isTaking = true; isTaking && left > 0; ) {
      isTaking = false;
      for (const [at, { free }] of ofPriority.entries()) {
        const count = counts[at] ?? 0;
        if (left === 0 || count >= free) continue;
        counts[at] = count + 1;
        left -= 1;
        isTaking = true;
      }
    }
    for (const [at, count] of counts.entries()) {
      const partition = ofPriority[at];
      if (!partition || count === 0) continue;
      const { priority, campaignId } = partition;
      takings.push({ priority, campaignId, count });
    }
  }
  return takings;
}

/** Orders calls in turns: for each priority, one call of each partition, then the next of each. */
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
