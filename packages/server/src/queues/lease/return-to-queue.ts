import type { Scope } from '../../access/authorization/scope.ts';
import { findNaming } from '../../conversations/write/queue-links-store.ts';
import type { Call, Direction } from '../calls/call.ts';
import { revokeLease } from '../calls/call-decisions.ts';
import { lockCalls, saveChanges } from '../calls/call-store.ts';
import { CallTransition } from '../calls/call-transition.ts';
import { applyConversations } from '../calls/follow.ts';
import { readPlanner } from '../campaigns/rules.ts';
import type { QueueContext } from '../queue-context.ts';
import { removeNumberDays } from './due-store.ts';
import { notifyWorkers } from './notify-workers.ts';
import { numberDayOf } from './number-day.ts';

/**
 * Returns leased calls to the queue because their worker lost its access before it received them. This
 * does not count as an attempt, and another worker may lease them immediately.
 */
export async function returnToQueue(
  ctx: QueueContext,
  scope: Scope,
  direction: Direction,
  leased: readonly Call[],
): Promise<void> {
  const tokens = new Map(leased.map(({ id, leaseToken }) => [id, leaseToken]));
  await ctx.db.transaction(async (tx) => {
    const now = ctx.clock.now();
    const ids = [...tokens.keys()].sort();
    const locked: Call[] = [...(await lockCalls(tx, scope, direction, ids)).values()];
    const calls = locked.filter(
      ({ id, status, leaseToken }) => status === 'Processing' && leaseToken === tokens.get(id),
    );
    const planner = await readPlanner(tx, scope, direction, calls);
    const naming = Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
    const changes = [];
    const days = [];
    for (const call of calls) {
      const transition = new CallTransition<Call>(call, now);
      await applyConversations(tx, scope, transition, planner, naming.get(call.id) ?? []);
      if (transition.after === call) {
        revokeLease(transition, planner);
        const countedAt = call.processingStartedAt ?? now;
        const day = call.direction === 'outbound' ? numberDayOf(planner, call, countedAt) : null;
        if (day) days.push(day);
      }
      changes.push(transition.change);
    }
    await saveChanges(tx, scope, direction, changes);
    await removeNumberDays(tx, scope, days);
  });
  ctx.counting.touched(scope);
  notifyWorkers(ctx, scope, direction);
}
