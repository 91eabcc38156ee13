import type { Scope } from '../../access/authorization/scope.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import { findConcealedDeferrals } from '../enqueue/repeat-store.ts';
import type { QueueContext } from '../queue-context.ts';
import { partitionOf } from './call.ts';
import { cancelDeferred } from './call-decisions.ts';
import { lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';

const CALLS_PER_TRANSACTION = 500;
const DAY_MILLISECONDS = 24 * 3_600_000;

/**
 * Cancels calls that a masked key enqueued and that have been deferred for a day because their number
 * is on the do-not-call list or repeats another call. The time does not depend on the other call,
 * because it would reveal which call has the same number.
 */
export async function cancelConcealedDeferrals(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  const dueBy = now - DAY_MILLISECONDS;
  for (let count = CALLS_PER_TRANSACTION; count === CALLS_PER_TRANSACTION; ) {
    count = await ctx.db.transaction(async (tx) => {
      const ids = await findConcealedDeferrals(tx, scope, dueBy, CALLS_PER_TRANSACTION);
      const calls = [...(await lockCalls(tx, scope, 'outbound', ids)).values()];
      const changes = calls.flatMap((call) => {
        const { status, lastReason, heldDueAt } = call;
        const isDeferred = lastReason === 'DO_NOT_CALL' || lastReason === 'DUPLICATE';
        if (status !== 'Queued' || !isDeferred || heldDueAt === null || heldDueAt > dueBy)
          return [];
        const transition = new CallTransition(call, now);
        cancelDeferred(transition, lastReason);
        return [transition.change];
      });
      await saveChanges(tx, scope, 'outbound', changes);
      await endIdleSuspensions(tx, scope, [...new Set(calls.map(partitionOf))], now);
      return ids.length;
    });
    if (count > 0) ctx.counting.touched(scope);
  }
}
