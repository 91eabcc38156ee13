import { randomBytes } from 'node:crypto';
import { audit } from '../access/audit/pending-store.ts';
import { type Scope, systemScope } from '../access/scope.ts';
import { certify, itemHash } from '../base/certificate.ts';
import type { Context } from '../base/context.ts';
import type { Counting } from '../base/counts.ts';
import type { Tx } from '../base/db.ts';
import { unavailable } from '../base/fault.ts';
import type { Header } from '../conversations/conversation.ts';
import {
  anonymiseConversations,
  forgetConversations,
  freshSessionIds,
  lockToForget,
} from '../conversations/forget.ts';
import type { LiveCache } from '../conversations/live-cache.ts';
import { findMentions } from '../conversations/people-store.ts';
import { findHoldsOn, lockHolds } from '../holds/store.ts';
import {
  anonymiseCalls,
  forgetCalls,
  freshCallIds,
  type LockedCalls,
  lockCallsToForget,
} from '../queues/forget.ts';
import { findOfNumbers } from '../queues/people-store.ts';
import { removeReleased } from '../recordings/store.ts';
import { findReleased } from '../recordings/unclaimed-blobs.ts';
import {
  blockErasure,
  completeErasure,
  type Erasure,
  findErasure,
  type Item,
  type NamedErasure,
  noteErased,
} from './erasure-store.ts';
import { isOf, type Person, textsOf } from './person.ts';

export type ErasureContext = Pick<
  Context,
  'db' | 'blobs' | 'clock' | 'ledger' | 'log' | 'secrets'
> & {
  readonly counting: Counting;
  readonly live: LiveCache;
};

/**
 * Carries an erasure out: first all rows in one transaction, then the blobs, then the certificate. It
 * goes on where it was left, so that it can die at any point.
 */
export async function erasePerson(
  ctx: ErasureContext,
  { businessId, erasureId }: NamedErasure,
): Promise<void> {
  const scope = systemScope(businessId);
  const asked = await findErasure(ctx.db, scope, erasureId);
  if (asked?.status !== 'Running') return;
  if (asked.erasedAt === null) await eraseRows(ctx, scope, asked);
  const erased = await findErasure(ctx.db, scope, erasureId);
  if (erased?.status !== 'Running' || erased.erasedAt === null) return;
  await removeReleased(ctx, scope, erased.blobKeys);
  const left = await findReleased(ctx.db, scope, erased.blobKeys, '');
  // The job is tried again.
  if (left.length > 0) throw unavailable('The store of recordings', null);
  // What a certificate says is gone does not come back with a backup.
  await ctx.ledger.write();
  const now = ctx.clock.now();
  const certificate = await certify(ctx.secrets, 'colloquy-erasure+jwt', {
    ErasureId: erasureId,
    BusinessId: businessId,
    Mode: erased.mode,
    RequestedAt: new Date(erased.requestedAt).toISOString(),
    RequestedBy: erased.requestedBy,
    ErasedAt: new Date(erased.erasedAt).toISOString(),
    CompletedAt: new Date(now).toISOString(),
    SubjectHash: erased.subjectHash,
    Counts: {
      Conversations: erased.counts.conversations,
      Recordings: erased.counts.recordings,
      QueueEntries: erased.counts.calls,
    },
    Salt: erased.salt,
    Items: erased.items.map(({ kind, hash }) => ({ Kind: kind, Hash: hash })),
  });
  await ctx.db.transaction(async (tx) => {
    if (!(await completeErasure(tx, scope, erasureId, now, certificate))) return;
    await audit(tx, ctx, actorOf(scope, asked), now, {
      ...{ action: 'ErasureCompleted', kind: 'Erasure', id: erasureId },
    });
  });
}

async function eraseRows(ctx: ErasureContext, scope: Scope, asked: Erasure): Promise<void> {
  const person = JSON.parse(ctx.secrets.decipher(asked.subject ?? '')) as Person;
  const candidates = await findCandidates(ctx, scope, person);
  const gone = await ctx.db.transaction(async (tx) => {
    const erasure = await findErasure(tx, scope, asked.id, 'lock');
    if (erasure?.status !== 'Running' || erasure.erasedAt !== null) return [];
    const now = ctx.clock.now();
    const found = await lockAll(tx, scope, person, candidates);
    await lockHolds(tx, scope, 'share');
    const holds = await findHoldsOn(tx, scope, found.conversations);
    if (holds.length > 0) {
      await blockErasure(tx, scope, asked.id, holds, now);
      await audit(tx, ctx, actorOf(scope, asked), now, {
        ...{ action: 'ErasureBlocked', kind: 'Erasure', id: asked.id },
      });
      return [];
    }
    const { released, recordings } = await forgetAll(ctx, tx, scope, asked.mode, found, now);
    const { conversations, calls } = found;
    const salt = randomBytes(16).toString('base64url');
    const items = (kind: Item['kind'], some: readonly { readonly id: string }[]) =>
      some.map(({ id }) => ({ kind, hash: itemHash(salt, id) }));
    const entries = [...calls.outbound, ...calls.inbound];
    const went = asked.mode === 'Erase' ? 'Erased' : 'Anonymised';
    const details = { ErasureId: asked.id };
    const gone = { isErased: true, details };
    await audit(
      ...([tx, ctx, actorOf(scope, asked), now] as const),
      ...conversations.map(
        ({ id }) => ({ action: `Conversation${went}`, kind: 'Conversation', id, ...gone }) as const,
      ),
      ...entries.map(
        ({ id }) => ({ action: `Call${went}`, kind: 'QueueEntry', id, ...gone }) as const,
      ),
    );
    await noteErased(tx, scope, asked.id, {
      erasedAt: now,
      blobKeys: released,
      counts: { conversations: conversations.length, recordings, calls: entries.length },
      salt,
      items: [...items('Conversation', conversations), ...items('QueueEntry', entries)],
    });
    return conversations;
  });
  for (const { id } of gone) ctx.live.forget(scope, id);
  ctx.counting.touched(scope);
}

/** The job does what somebody asked for. */
const actorOf = (scope: Scope, { requestedBy: userId }: Erasure): Scope => ({ ...scope, userId });

interface Candidates {
  /** Conversations whose head has one of the person's texts in it. */
  readonly mentions: readonly string[];
  /** The calls from or to the person's number, and the conversations that they became. */
  readonly queueIds: readonly string[];
  readonly became: readonly string[];
}

/** What may be the person's, to be looked at again under locks. */
async function findCandidates(
  ctx: ErasureContext,
  scope: Scope,
  person: Person,
): Promise<Candidates> {
  const numbers = person.phoneNumber === null ? [] : [person.phoneNumber];
  const calls = [
    ...(await findOfNumbers(ctx.db, scope, 'outbound', numbers)),
    ...(await findOfNumbers(ctx.db, scope, 'inbound', numbers)),
  ];
  const queueIds = calls.map(({ id }) => id);
  return {
    mentions: await findMentions(ctx.db, scope, textsOf(person), queueIds),
    queueIds,
    became: calls.flatMap(({ sessionId }) => sessionId ?? []),
  };
}

interface Found {
  readonly conversations: readonly Header[];
  readonly calls: LockedCalls;
}

async function lockAll(
  tx: Tx,
  scope: Scope,
  person: Person,
  { mentions, queueIds, became }: Candidates,
): Promise<Found> {
  const locked = await lockToForget(tx, scope, [...mentions, ...became]);
  const conversations = locked.filter(
    (header) =>
      isOf(person, header) ||
      became.includes(header.id) ||
      (header.queueId !== null && queueIds.includes(header.queueId)),
  );
  const own = [...queueIds, ...conversations.flatMap((header) => ownCallOf(header) ?? [])];
  return { conversations, calls: await lockCallsToForget(tx, scope, own) };
}

/** The call that a conversation names is the person's too, unless others take part in it. */
const ownCallOf = ({ queueId, clients }: Header) => (clients.length > 1 ? null : queueId);

async function forgetAll(
  ctx: ErasureContext,
  tx: Tx,
  scope: Scope,
  mode: Erasure['mode'],
  { conversations, calls }: Found,
  now: number,
) {
  if (mode === 'Erase') {
    await forgetCalls(tx, ctx, scope, calls, now);
    return forgetConversations(tx, ctx, scope, conversations, now);
  }
  const fresh = { sessions: freshSessionIds(conversations), calls: freshCallIds(calls) };
  await anonymiseCalls(tx, ctx, scope, calls, fresh, now);
  return anonymiseConversations(tx, ctx, scope, conversations, fresh, now);
}
