import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { removeReleased } from '../../recordings/storage/store.ts';
import { headerOf } from '../from-wire.ts';
import { findHead } from '../read/head-store.ts';
import { requirePresent } from '../read/read.ts';
import { commit } from '../write/commit.ts';
import { lockLive } from '../write/live-store.ts';
import type { PutContext } from '../write/put.ts';
import { refuseHeld } from './held.ts';

/** NOT_FOUND, GONE, CONFLICT (legal hold). */
export async function deleteConversation(
  ctx: PutContext & Pick<Context, 'ledger'>,
  scope: Scope,
  id: string,
): Promise<void> {
  const released = await ctx.db.transaction(async (tx) => {
    await lockLive(tx, scope, id);
    const found = await findHead(tx, scope, id, 'lock');
    const { head } = await requirePresent({ ...ctx, db: tx }, scope, id, found);
    const before = headerOf(head);
    await refuseHeld(tx, scope, before);
    const change = { reason: { type: 'Erased' }, before, after: null } as const;
    return commit(tx, ctx, { ...scope, now: ctx.clock.now() }, [change]);
  });
  ctx.live.evict(scope, id);
  ctx.committed(scope, { hasUsage: true });
  await removeReleased(ctx, scope, released);
  await ctx.ledger.writeOrSay(scope.businessId);
}
