import type { Queue } from '../campaigns/queue-store.ts';
import type { Partition, Taking } from './due-store.ts';

type Turns = Queue['turns'];
type LaneName = Pick<Partition, 'priority' | 'lane'>;

/** Lanes in the order of their turns: highest priority first, then from the one after the last. */
function inOrder<L extends LaneName>(lanes: readonly L[], turns: Turns): L[][] {
  const byPriority = [...Map.groupBy(lanes, ({ priority }) => priority)].sort(([a], [b]) => b - a);
  return byPriority.map(([priority, ofPriority]) => {
    const last = turns[priority];
    const sorted = ofPriority.toSorted((a, b) => (a.lane < b.lane ? -1 : 1));
    const start = sorted.findIndex(({ lane }) => last !== undefined && lane > last);
    return start < 0 ? sorted : [...sorted.slice(start), ...sorted.slice(0, start)];
  });
}

/** How many calls of which lanes to look at, where so many are wanted; `free` bounds those of a lane. */
export function choosePartitions(
  lanes: readonly (LaneName & { readonly free: number })[],
  turns: Turns,
  want: number,
): Taking[] {
  const takings: Taking[] = [];
  let left = want;
  for (const ofPriority of inOrder(lanes, turns)) {
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
      const lane = ofPriority[at];
      if (lane && count > 0) takings.push({ priority: lane.priority, lane: lane.lane, count });
    }
  }
  return takings;
}

/** The same calls in turns: of each priority one of each lane, then the next of each. */
export function inTurns<C>(calls: readonly C[], nameOf: (call: C) => LaneName, turns: Turns): C[] {
  const byLane = [...Map.groupBy(calls, (call) => JSON.stringify(nameOf(call)))];
  const lanes = byLane.flatMap(([, [first, ...rest]]) =>
    first === undefined ? [] : [{ ...nameOf(first), calls: [first, ...rest] }],
  );
  const ordered: C[] = [];
  for (const ofPriority of inOrder(lanes, turns)) {
    const longest = Math.max(...ofPriority.map((lane) => lane.calls.length));
    for (let at = 0; at < longest; at += 1) {
      for (const lane of ofPriority) {
        const call = lane.calls[at];
        if (call !== undefined) ordered.push(call);
      }
    }
  }
  return ordered;
}
