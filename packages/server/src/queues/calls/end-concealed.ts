import type { Scope } from '../../access/authorization/scope.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import { findConcealedDeferrals } from '../enqueue/repeat-store.ts';
import type { QueueContext } from '../queue-context.ts';
import { partitionOf } from './call.ts';
import { cancelDeferred } from './call-decisions.ts';
import { saveChanges } from './call-store.ts';
import { lockTransitions } from './follow.ts';

const CALLS_PER_TRANSACTION = 500;
const DAY_MILLISECONDS = 24 * 3_600_000;

export const concealedBy = ({ clock }: Pick<QueueContext, 'clock'>) =>
  clock.now() - DAY_MILLISECONDS;

/**
 * Cancels calls of masked keys that have been deferred for a day because of their number. The time
 * does not depend on the other call, because it would reveal which call has the same number.
 */
export async function cancelConcealedDeferrals(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  const dueBy = concealedBy(ctx);
  for (let count = CALLS_PER_TRANSACTION; count === CALLS_PER_TRANSACTION; ) {
    count = await ctx.db.transaction(async (tx) => {
      const ids = await findConcealedDeferrals(tx, scope, dueBy, CALLS_PER_TRANSACTION);
      const transitions = await lockTransitions(tx, scope, 'outbound', {
        ids,
        now,
        isWanted: ({ status, lastReason, heldDueAt }) =>
          status === 'Queued' &&
          (lastReason === 'DO_NOT_CALL' || lastReason === 'DUPLICATE') &&
          heldDueAt !== null &&
          heldDueAt <= dueBy,
      });
      for (const transition of transitions) cancelDeferred(transition);
      await saveChanges(tx, scope, transitions);
      const campaignIds = new Set(transitions.map(({ before }) => partitionOf(before)));
      await endIdleSuspensions(tx, scope, [...campaignIds], now);
      return ids.length;
    });
    if (count > 0) ctx.committed(scope);
  }
}
