import type { Scope } from '../../access/authorization/scope.ts';
import { endIdleHolds } from '../campaigns/campaign-store.ts';
import type { QueueContext } from '../enqueue/enqueue.ts';
import { findConcealedHolds } from '../enqueue/repeat-store.ts';
import { partitionOf } from './call.ts';
import { endHeld } from './call-decisions.ts';
import { lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';

/** Calls of one transaction. */
const CHUNK = 500;
const DAY_MILLISECONDS = 24 * 3_600_000;

/**
 * Ends calls that a masked key enqueued and that have been held back for a day because their number is on the
 * do-not-call list or repeats another call. A call that expires earlier ends then, like any call. The time does
 * not depend on the other call: otherwise it would reveal which call has the same number.
 */
export async function endConcealedHolds(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  const dueBy = now - DAY_MILLISECONDS;
  for (let count = CHUNK; count === CHUNK; ) {
    count = await ctx.db.transaction(async (tx) => {
      const ids = await findConcealedHolds(tx, scope, dueBy, CHUNK);
      const calls = [...(await lockCalls(tx, scope, 'outbound', ids)).values()];
      const changes = calls.flatMap((call) => {
        const { status, lastReason, heldDueAt } = call;
        const isHeld = lastReason === 'DO_NOT_CALL' || lastReason === 'DUPLICATE';
        if (status !== 'Queued' || !isHeld || heldDueAt === null || heldDueAt > dueBy) return [];
        const transition = new CallTransition(call, now);
        endHeld(transition, lastReason);
        return [transition.change];
      });
      await saveChanges(tx, scope, 'outbound', changes);
      await endIdleHolds(tx, scope, [...new Set(calls.map(partitionOf))], now);
      return ids.length;
    });
    if (count > 0) ctx.counting.touched(scope);
  }
}
