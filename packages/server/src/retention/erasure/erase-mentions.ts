import { setImmediate } from 'node:timers/promises';
import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { readBatch } from '../../conversations/erasure/mention-store.ts';
import { findPlaces, lockMention, writeReplaced } from '../../conversations/erasure/mentions.ts';
import { findHoldsOn, lockHolds } from '../../holds/store.ts';
import { restAfter } from '../../kernel/jobs/rest.ts';
import { removeReleased } from '../../recordings/storage/store.ts';
import type { ErasureContext } from './erasure-context.ts';
import { type Erasure, findErasure, type MentionCounts, noteMentions } from './erasure-store.ts';
import type { Person } from './person.ts';

/** Resumes after an interruption: each transaction saves the position, and counts once. */
export async function eraseMentions(
  ctx: ErasureContext,
  scope: Scope,
  { id: erasureId, mentionPosition }: Erasure,
  { phoneNumber }: Person,
): Promise<void> {
  if (phoneNumber === null) return;
  for (let position = mentionPosition; ; ) {
    const startedAt = performance.now();
    const { last, conversations } = await readBatch(ctx.db, scope, position);
    if (last === null) return;
    for (const { id, stored } of conversations) {
      const number = { id, e164: phoneNumber };
      const places = await findPlaces(ctx, stored, number);
      if (places.length > 0) await eraseMention(ctx, scope, erasureId, number);
      await setImmediate();
    }
    await noteMentions(ctx.db, scope, erasureId, { position: last, changed: 0, held: 0 });
    position = last;
    await restAfter(ctx.metrics, performance.now() - startedAt);
  }
}

async function eraseMention(
  ctx: ErasureContext,
  scope: Scope,
  erasureId: string,
  number: { readonly id: string; readonly e164: string },
): Promise<void> {
  const { id } = number;
  const released = await ctx.db.patient.transaction(async (tx) => {
    const erasure = await findErasure(tx, scope, erasureId, 'lock');
    if (erasure?.status !== 'Running' || erasure.mentionPosition >= id) return [];
    const mention = await lockMention(ctx, tx, scope, number);
    if (!mention) return [];
    await lockHolds(tx, scope, 'share');
    const holds = await findHoldsOn(tx, scope, [mention.header]);
    if (holds.length > 0) {
      await noteMentions(tx, scope, erasureId, { position: id, changed: 0, held: 1 });
      return [];
    }
    const keys = await writeReplaced(ctx, tx, scope, mention);
    const subject = { kind: 'Conversation', id, details: { ErasureId: erasureId } } as const;
    const event = { action: 'ConversationMentionErased', ...subject } as const;
    const actor = { ...scope, userId: erasure.requestedBy, now: ctx.clock.now() };
    await audit(tx, ctx, actor, event);
    await noteMentions(tx, scope, erasureId, { position: id, changed: 1, held: 0 });
    return keys;
  });
  ctx.live.evict(scope, id);
  ctx.committed(scope, { hasUsage: true });
  await removeReleased(ctx, scope, released);
}

export const mentionsToWire = ({ changed, held }: MentionCounts) => ({
  Changed: changed,
  Held: held,
});
