import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Counting } from '../../counters/counts.ts';
import { releaseRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { headerOf } from '../from-wire.ts';
import { CONVERSATION_COUNTS, countDeltas } from '../model/counts.ts';
import { findHead } from '../read/head-store.ts';
import { requireThere } from '../read/read.ts';
import { eraseConversations } from '../store.ts';
import type { LiveCache } from '../write/live-cache.ts';
import { lockLive } from '../write/live-store.ts';
import { tellQueue } from '../write/named-calls-store.ts';
import { refuseHeld } from './held.ts';

/** Erases a conversation and its recordings at once and for good. NOT_FOUND, GONE, CONFLICT. */
export async function erase(
  ctx: Pick<Context, 'db' | 'blobs' | 'clock' | 'ledger' | 'log' | 'secrets'> & {
    readonly live: LiveCache;
    readonly counting: Counting;
  },
  scope: Scope,
  id: string,
): Promise<void> {
  const released = await ctx.db.transaction(async (tx) => {
    await lockLive(tx, scope, id);
    const found = await findHead(tx, scope, id, 'lock');
    const { head } = await requireThere(ctx.secrets, tx, scope, id, found);
    const now = ctx.clock.now();
    const before = headerOf(head);
    await refuseHeld(tx, scope, before);
    await eraseConversations(tx, ctx.secrets, scope, [id], now);
    await audit(tx, ctx, scope, now, {
      action: 'ConversationErased',
      kind: 'Conversation',
      id,
      isErased: true,
    });
    await tellQueue(tx, scope, [before.queueId]);
    await CONVERSATION_COUNTS.append(tx, scope.businessId, {
      id,
      deltas: countDeltas(before, null),
    });
    return releaseRecordings(tx, scope, [id], 'none', now);
  });
  ctx.live.forget(scope, id);
  ctx.counting.touched(scope);
  await removeReleased(ctx, scope, released);
  await ctx.ledger.writeOrSay();
}
