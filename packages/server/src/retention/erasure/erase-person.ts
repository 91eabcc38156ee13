import { randomBytes } from 'node:crypto';
import { audit } from '../../access/audit/pending-store.ts';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findRedaction } from '../../access/businesses/redaction-store.ts';
import {
  anonymiseConversations,
  forgetConversations,
  freshSessionIds,
  lockToForget,
} from '../../conversations/erasure/forget.ts';
import { findMentions } from '../../conversations/erasure/people-store.ts';
import type { Header } from '../../conversations/model/conversation.ts';
import { findNaming, tellQueue } from '../../conversations/write/named-calls-store.ts';
import { findHoldsOn, lockHolds } from '../../holds/store.ts';
import { certify, itemHash } from '../../kernel/certificate.ts';
import { unavailable } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { followConversation } from '../../queues/calls/follow.ts';
import {
  anonymiseCalls,
  forgetCalls,
  freshCallIds,
  type LockedCalls,
  lockCallsToForget,
} from '../../queues/erasure/forget.ts';
import { findOfNumbers, findSpellings } from '../../queues/erasure/people-store.ts';
import { removeReleased } from '../../recordings/storage/store.ts';
import { findReleased } from '../../recordings/storage/unclaimed-blobs.ts';
import { eraseInQueues } from './erase-in-queues.ts';
import { eraseMentions, mentionsToWire } from './erase-mentions.ts';
import type { ErasureContext } from './erasure-context.ts';
import {
  blockErasure,
  completeErasure,
  type Erasure,
  findErasure,
  forgetSubject,
  type Item,
  type NamedErasure,
  noteErased,
} from './erasure-store.ts';
import { numberTest } from './number-test.ts';
import { clientTest, type Person, textsOf, withoutPerson } from './person.ts';
import { searchedFor } from './searched.ts';

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
  if (asked.subject !== null) await eraseRows(ctx, scope, asked, asked.subject);
  const erased = await findErasure(ctx.db, scope, erasureId);
  if (erased?.status !== 'Running' || erased.erasedAt === null || erased.subject !== null) return;
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
    ...(erased.searched && { Searched: erased.searched }),
    Counts: {
      Conversations: erased.counts.conversations,
      Recordings: erased.counts.recordings,
      QueueEntries: erased.counts.calls,
    },
    ...(erased.includesMentions && { Mentions: mentionsToWire(erased.mentions) }),
    Salt: erased.salt,
    Items: erased.items.map(({ kind, hash }) => ({ Kind: kind, Hash: hash })),
  });
  await ctx.db.transaction(async (tx) => {
    if (!(await completeErasure(tx, scope, erasureId, now, certificate))) return;
    await audit(tx, ctx, actorOf(scope, asked), now, {
      action: 'ErasureCompleted',
      kind: 'Erasure',
      id: erasureId,
    });
  });
}

/** Somebody who is on the phone all the time is not followed for ever. */
const MAX_ROUNDS = 10;

/** Looks again after each round, since more may have come while it looked. */
async function eraseRows(
  ctx: ErasureContext,
  scope: Scope,
  asked: Erasure,
  subject: string,
): Promise<void> {
  const person = JSON.parse(ctx.secrets.decipher(subject)) as Person;
  const copies = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = await eraseFound(ctx, scope, asked, person, copies).catch((error: unknown) => {
      if (error instanceof HeldError) return block(ctx, scope, asked, person, error.holds);
      throw error;
    });
    if (found === 'nothing') break;
    if (found === 'blocked') return;
  }
  await eraseInQueues(ctx, scope, asked, person);
  const { includesMentions } = asked;
  if (includesMentions) await eraseMentions(ctx, scope, asked, person);
  await forgetSubject(ctx.db, scope, asked.id, searchedFor(person, includesMentions));
}

/** Thrown to roll back what was done already. */
class HeldError extends Error {
  readonly holds: Erasure['holds'];

  constructor(holds: Erasure['holds']) {
    super('something is held');
    this.holds = holds;
  }
}

/** Nothing goes where something is held; what came later and is held stays as it is. */
async function block(
  ctx: ErasureContext,
  scope: Scope,
  asked: Erasure,
  person: Person,
  held: Erasure['holds'],
): Promise<'blocked' | 'nothing'> {
  // The record of an erasure must not name whom it is about, as a hold may do.
  const holds = held.map(({ id, name }) => ({ id, name: withoutPerson(name, person) }));
  return ctx.db.transaction(async (tx) => {
    const erasure = await findErasure(tx, scope, asked.id, 'lock');
    if (erasure?.erasedAt !== null) return 'nothing';
    const now = ctx.clock.now();
    await blockErasure(tx, scope, asked.id, holds, now);
    await audit(tx, ctx, actorOf(scope, asked), now, {
      action: 'ErasureBlocked',
      kind: 'Erasure',
      id: asked.id,
    });
    return 'blocked';
  });
}

/** Erases what there is of a person; but for copies that were made of it, whose ids are added. */
async function eraseFound(
  ctx: ErasureContext,
  scope: Scope,
  asked: Erasure,
  person: Person,
  copies: Set<string>,
): Promise<'something' | 'nothing'> {
  const candidates = await findCandidates(ctx, scope, person);
  const gone = await ctx.db.transaction(async (tx) => {
    const erasure = await findErasure(tx, scope, asked.id, 'lock');
    if (erasure?.status !== 'Running') return null;
    const now = ctx.clock.now();
    const found = await lockAll(tx, scope, person, candidates, copies);
    const { conversations, calls } = found;
    const entries = [...calls.outbound, ...calls.inbound];
    const isMore = conversations.length + entries.length > 0;
    if (!isMore && erasure.erasedAt !== null) return null;
    const { released, recordings } = await forgetAll(
      ctx,
      tx,
      scope,
      asked.mode,
      found,
      now,
      copies,
    );
    const salt = erasure.salt ?? randomBytes(16).toString('base64url');
    const items = (kind: Item['kind'], some: readonly { readonly id: string }[]) =>
      some.map(({ id }) => ({ kind, hash: itemHash(salt, id) }));
    const went = asked.mode === 'Erase' ? 'Erased' : 'Anonymised';
    const details = { ErasureId: asked.id };
    const isErased = { isErased: true, details };
    await audit(
      ...([tx, ctx, actorOf(scope, asked), now] as const),
      ...conversations.map(
        ({ id }) =>
          ({ action: `Conversation${went}`, kind: 'Conversation', id, ...isErased }) as const,
      ),
      ...entries.map(
        ({ id }) => ({ action: `Call${went}`, kind: 'QueueEntry', id, ...isErased }) as const,
      ),
    );
    const before = erasure.counts;
    await noteErased(tx, scope, asked.id, {
      erasedAt: now,
      blobKeys: [...erasure.blobKeys, ...released],
      counts: {
        conversations: before.conversations + conversations.length,
        recordings: before.recordings + recordings,
        calls: before.calls + entries.length,
      },
      salt,
      items: [
        ...erasure.items,
        ...items('Conversation', conversations),
        ...items('QueueEntry', entries),
      ],
    });
    const left = namedBesides(found);
    await tellQueue(tx, scope, left);
    // Last, so that nobody waits for long who wants to make a hold.
    await lockHolds(tx, scope, 'share');
    const holds = await findHoldsOn(tx, scope, conversations);
    if (holds.length > 0) throw new HeldError(holds);
    return { conversations, left, isMore };
  });
  if (!gone) return 'nothing';
  for (const { id } of gone.conversations) ctx.live.forget(scope, id);
  ctx.counting.touched(scope);
  // At once, so that the ids of conversations are gone from calls before the certificate says so.
  for (const queueId of gone.left) {
    await followConversation(ctx, { businessId: scope.businessId, queueId });
  }
  return gone.isMore ? 'something' : 'nothing';
}

/** The calls that conversations name and that stay. */
function namedBesides({ conversations, calls }: Found): string[] {
  const own = new Set([...calls.outbound, ...calls.inbound].map(({ id }) => id));
  const named = conversations.flatMap(({ queueId }) => queueId ?? []);
  return [...new Set(named)].filter((id) => !own.has(id));
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

const DIRECTIONS = ['outbound', 'inbound'] as const;

/** What may be the person's, to be looked at again under locks. */
async function findCandidates(
  ctx: ErasureContext,
  scope: Scope,
  person: Person,
): Promise<Candidates> {
  const e164 = person.phoneNumber;
  const number = e164 === null ? null : { e164, isNumber: numberTest(e164, 'Anyhow') };
  const calls = [];
  for (const direction of DIRECTIONS) {
    if (!number) break;
    const numbers = await findSpellings(ctx.db, scope, direction, number.e164, number.isNumber);
    calls.push(...(await findOfNumbers(ctx.db, scope, direction, numbers)));
  }
  const queueIds = calls.map(({ id }) => id);
  return {
    mentions: await findMentions(ctx.db, scope, textsOf(person), queueIds, number),
    queueIds,
    became: calls.flatMap(({ sessionId }) => sessionId ?? []),
  };
}

/** What an erasure would erase, under its locks, for a look that changes nothing. */
export async function findAll<T>(
  ctx: ErasureContext,
  scope: Scope,
  person: Person,
  look: (tx: Tx, found: Found) => Promise<T>,
): Promise<T> {
  const candidates = await findCandidates(ctx, scope, person);
  return ctx.db.transaction(async (tx) =>
    look(tx, await lockAll(tx, scope, person, candidates, new Set())),
  );
}

export interface Found {
  readonly conversations: readonly Header[];
  readonly calls: LockedCalls;
}

async function lockAll(
  tx: Tx,
  scope: Scope,
  person: Person,
  { mentions, queueIds, became }: Candidates,
  copies: ReadonlySet<string>,
): Promise<Found> {
  const ids = [...mentions, ...became].filter((id) => !copies.has(id));
  const locked = await lockToForget(tx, scope, ids);
  const { country } = await findRedaction(tx, scope);
  const isOfPerson = clientTest(person, country);
  const conversations = locked.filter(
    (header) =>
      isOfPerson(header) ||
      became.includes(header.id) ||
      (header.queueId !== null && queueIds.includes(header.queueId)),
  );
  const own = conversations.flatMap((header) => ownCallOf(header) ?? []);
  const alone = await namedAlone(tx, scope, own, conversations);
  const calls = [...queueIds, ...alone].filter((id) => !copies.has(id));
  return { conversations, calls: await lockCallsToForget(tx, scope, calls) };
}

/** The call that a conversation names is the person's too, unless others take part in it. */
const ownCallOf = ({ queueId, clients }: Header) => (clients.length > 1 ? null : queueId);

/** Those calls that no other conversation names. */
async function namedAlone(
  tx: Tx,
  scope: Scope,
  queueIds: readonly string[],
  conversations: readonly Header[],
): Promise<string[]> {
  const found = new Set(conversations.map(({ id }) => id));
  const naming = await findNaming(tx, scope, queueIds);
  const shared = new Set(naming.flatMap(({ id, queueId }) => (found.has(id) ? [] : queueId)));
  return queueIds.filter((id) => !shared.has(id));
}

async function forgetAll(
  ctx: ErasureContext,
  tx: Tx,
  scope: Scope,
  mode: Erasure['mode'],
  { conversations, calls }: Found,
  now: number,
  copies: Set<string>,
) {
  if (mode === 'Erase') {
    await forgetCalls(tx, ctx, scope, calls, now);
    return forgetConversations(tx, ctx, scope, conversations, now);
  }
  const fresh = { sessions: freshSessionIds(conversations), calls: freshCallIds(calls) };
  for (const id of [...fresh.sessions.values(), ...fresh.calls.values()]) copies.add(id);
  await anonymiseCalls(tx, ctx, scope, calls, fresh, now);
  return anonymiseConversations(tx, ctx, scope, conversations, fresh, now);
}
