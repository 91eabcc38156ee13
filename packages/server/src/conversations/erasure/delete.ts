import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { releaseRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { headerOf } from '../from-wire.ts';
import { CONVERSATION_COUNTS, countDeltas } from '../model/counts.ts';
import { findHead } from '../read/head-store.ts';
import { requirePresent } from '../read/read.ts';
import { deleteConversationRows } from '../store.ts';
import { lockLive } from '../write/live-store.ts';
import type { PutContext } from '../write/put.ts';
import { addQueueJobs } from '../write/queue-links-store.ts';
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
    const now = ctx.clock.now();
    const before = headerOf(head);
    await refuseHeld(tx, scope, before);
    await deleteConversationRows(tx, ctx.secrets, scope, { ids: [id], erasedAt: now });
    const subject = { kind: 'Conversation', id, isErased: true } as const;
    await audit(tx, ctx, { ...scope, now }, { action: 'ConversationErased', ...subject });
    await addQueueJobs(tx, scope, [before.queueId]);
    const deltas = countDeltas(before, null);
    await CONVERSATION_COUNTS.append(tx, scope.businessId, { id, deltas });
    return releaseRecordings(tx, scope, [id], { kept: 'none', now });
  });
  ctx.live.evict(scope, id);
  ctx.counting.touched(scope);
  await removeReleased(ctx, scope, released);
  await ctx.ledger.writeOrSay();
}
