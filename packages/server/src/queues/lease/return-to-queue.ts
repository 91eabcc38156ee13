import type { Scope } from '../../access/authorization/scope.ts';
import type { Call, Direction } from '../calls/call.ts';
import { revokeLease } from '../calls/call-decisions.ts';
import { saveChanges } from '../calls/call-store.ts';
import { applyAllConversations, lockTransitions } from '../calls/follow.ts';
import type { QueueContext } from '../queue-context.ts';
import { removeNumberDays } from './due-store.ts';
import { notifyWorkers } from './notify-workers.ts';

/** For workers that lost their access before they received the calls; counts as no attempt. */
export async function returnToQueue(
  ctx: QueueContext,
  scope: Scope,
  direction: Direction,
  leased: readonly Call[],
): Promise<void> {
  const tokens = new Map(leased.map(({ id, leaseToken }) => [id, leaseToken]));
  await ctx.db.transaction(async (tx) => {
    const now = ctx.clock.now();
    const transitions = await lockTransitions(tx, scope, direction, {
      ids: [...tokens.keys()].sort(),
      now,
      isWanted: ({ id, status, leaseToken }) =>
        status === 'Processing' && leaseToken === tokens.get(id),
    });
    await applyAllConversations(tx, scope, transitions);
    const revoked = transitions.filter(({ before, after }) => before === after);
    const days = revoked.flatMap(
      ({ before, planner }) => planner.numberDayOf(before, before.processingStartedAt ?? now) ?? [],
    );
    for (const transition of revoked) revokeLease(transition);
    await saveChanges(tx, scope, transitions);
    await removeNumberDays(tx, scope, days);
  });
  ctx.committed(scope);
  notifyWorkers(ctx, scope, direction);
}
