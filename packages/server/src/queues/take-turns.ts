import type { Lane, Taking } from './due-store.ts';
import type { Queue } from './queue-store.ts';

export interface Turns {
  /** In the order of the turns. */
  readonly takings: readonly Taking[];
  readonly turns: Queue['turns'];
}

/**
 * How many calls to take of which lanes: highest priority first; within one the lanes take turns, the
 * one after the last that had its turn first. `slots` are those of its campaign, whatever the priority.
 */
export function takeTurns(
  lanes: readonly (Pick<Lane, 'priority' | 'lane'> & { readonly slots: number })[],
  turns: Queue['turns'],
  want: number,
): Turns {
  const takings: Taking[] = [];
  const after: Record<string, string> = { ...turns };
  const slots = new Map(lanes.map(({ lane, slots }) => [lane, slots]));
  let left = want;
  const byPriority = [...Map.groupBy(lanes, ({ priority }) => priority)].sort(([a], [b]) => b - a);
  for (const [priority, ofPriority] of byPriority) {
    const last = turns[priority];
    const sorted = ofPriority.toSorted((a, b) => (a.lane < b.lane ? -1 : 1));
    const start = sorted.findIndex(({ lane }) => last !== undefined && lane > last);
    const order = start < 0 ? sorted : [...sorted.slice(start), ...sorted.slice(0, start)];
    const counts = order.map(() => 0);
    for (let isTaking = true; isTaking && left > 0; ) {
      isTaking = false;
      for (const [at, { lane }] of order.entries()) {
        const free = slots.get(lane) ?? 0;
        if (left === 0 || free === 0) continue;
        counts[at] = (counts[at] ?? 0) + 1;
        slots.set(lane, free - 1);
        left -= 1;
        after[priority] = lane;
        isTaking = true;
      }
    }
    for (const [at, count] of counts.entries()) {
      const lane = order[at]?.lane;
      if (count > 0 && lane !== undefined) takings.push({ priority, lane, count });
    }
  }
  return { takings, turns: after };
}
