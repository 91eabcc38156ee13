import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../access/audit/entry.ts';
import { audit } from '../../access/audit/pending-store.ts';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findRedaction } from '../../access/businesses/redaction-store.ts';
import { findMentions } from '../../conversations/erasure/people-store.ts';
import {
  anonymiseConversations,
  deleteConversations,
  freshSessionIds,
  lockForErasure,
  type RemovedRecordings,
} from '../../conversations/erasure/remove.ts';
import type { Header } from '../../conversations/model/conversation.ts';
import { addQueueJobs, findNaming } from '../../conversations/write/queue-links-store.ts';
import { findHoldsOn, lockHolds } from '../../holds/store.ts';
import { certify, itemHash } from '../../kernel/certificate.ts';
import { unavailable } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { followConversation } from '../../queues/calls/follow.ts';
import {
  anonymiseCalls,
  eraseLockedCalls,
  freshCallIds,
  type LockedCalls,
  lockCallsToErase,
} from '../../queues/erasure/erase-calls.ts';
import { findOfNumbers, findSpellings } from '../../queues/erasure/people-store.ts';
import { removeReleased } from '../../recordings/storage/store.ts';
import { findReleased } from '../../recordings/storage/unclaimed-store.ts';
import { eraseInQueues } from './erase-in-queues.ts';
import { eraseMentions, mentionsToWire } from './erase-mentions.ts';
import type { ErasureContext } from './erasure-context.ts';
import {
  blockErasure,
  type CompletedErasure,
  clearSubject,
  completeErasure,
  countsToWire,
  type Erasure,
  findErasure,
  type Item,
  type NamedErasure,
  noteErased,
  searchedFor,
} from './erasure-store.ts';
import { numberTest } from './number-test.ts';
import { clientTest, type Person, textsOf, withoutPerson } from './person.ts';

/** Erases rows, then blobs, then signs the certificate. Safe to interrupt and repeat at any point. */
export async function erasePerson(ctx: ErasureContext, { businessId, erasureId }: NamedErasure) {
  const scope = systemScope(businessId);
  const request = await findErasure(ctx.db, scope, erasureId);
  if (request?.status !== 'Running') return;
  if (request.subject !== null) await eraseRows(ctx, scope, request, request.subject);
  const erased = await findErasure(ctx.db, scope, erasureId);
  if (erased?.status !== 'Running' || erased.erasedAt === null || erased.subject !== null) return;
  await removeReleased(ctx, scope, erased.blobKeys);
  const left = await findReleased(ctx.db, scope, erased.blobKeys, '');
  // The job is retried.
  if (left.length > 0) throw unavailable('The store of recordings', null);
  // The ledger keeps backups from restoring what the certificate lists.
  await ctx.ledger.writeOf(businessId);
  const now = ctx.clock.now();
  const completed = { ...erased, erasedAt: erased.erasedAt, completedAt: now };
  const certificate = await certifyErasure(ctx, businessId, completed);
  await ctx.db.transaction(async (tx) => {
    if (!(await completeErasure(tx, scope, completed, certificate))) return;
    const event = { action: 'ErasureCompleted', kind: 'Erasure', id: erasureId } as const;
    await audit(tx, ctx, { ...actorOf(scope, request), now }, event);
  });
}

function certifyErasure(
  { secrets }: ErasureContext,
  businessId: number,
  erasure: CompletedErasure,
): Promise<string> {
  return certify(secrets, 'colloquy-erasure+jwt', {
    ErasureId: erasure.id,
    BusinessId: businessId,
    Mode: erasure.mode,
    RequestedAt: new Date(erasure.requestedAt).toISOString(),
    RequestedBy: erasure.requestedBy,
    ErasedAt: new Date(erasure.erasedAt).toISOString(),
    CompletedAt: new Date(erasure.completedAt).toISOString(),
    SubjectHash: erasure.subjectHash,
    ...(erasure.searched && { Searched: erasure.searched }),
    Counts: countsToWire(erasure.counts),
    ...(erasure.includesMentions && { Mentions: mentionsToWire(erasure.mentions) }),
    Salt: erasure.salt,
    Items: erasure.items.map(({ kind, hash }) => ({ Kind: kind, Hash: hash })),
  });
}

/** Bounds the rounds for a person who calls all the time. */
const MAX_ROUNDS = 10;

async function eraseRows(ctx: ErasureContext, scope: Scope, request: Erasure, subject: string) {
  const person = JSON.parse(ctx.secrets.decipher(subject)) as Person;
  const target = { person, copies: new Set<string>() };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = await eraseFound(ctx, scope, request, target).catch((error: unknown) => {
      if (error instanceof HeldError) return block(ctx, scope, request, error.holds);
      throw error;
    });
    if (found === 'nothing') break;
    if (found === 'blocked') return;
  }
  await eraseInQueues(ctx, scope, request, person);
  const { includesMentions } = request;
  if (includesMentions) await eraseMentions(ctx, scope, request, person);
  const searched = searchedFor(person, includesMentions);
  await ctx.db.transaction((tx) => clearSubject(tx, scope, request.id, searched));
}

class HeldError extends Error {
  readonly holds: Erasure['holds'];

  /** The record of an erasure must not name the person; a hold's name may. */
  constructor(holds: Erasure['holds'], person: Person) {
    super('something is held');
    this.holds = holds.map(({ id, name }) => ({ id, name: withoutPerson(name, person) }));
  }
}

/** Blocks the erasure if nothing was erased yet; data that a hold matches later stays. */
async function block(
  ctx: ErasureContext,
  scope: Scope,
  request: Erasure,
  holds: Erasure['holds'],
): Promise<'blocked' | 'nothing'> {
  return ctx.db.transaction(async (tx) => {
    const erasure = await findErasure(tx, scope, request.id, 'lock');
    if (erasure?.erasedAt !== null) return 'nothing';
    const now = ctx.clock.now();
    await blockErasure(tx, scope, request.id, { holds, completedAt: now });
    const event = { action: 'ErasureBlocked', kind: 'Erasure', id: request.id } as const;
    await audit(tx, ctx, { ...actorOf(scope, request), now }, event);
    return 'blocked';
  });
}

interface Round {
  readonly conversations: readonly Header[];
  readonly entries: readonly { readonly id: string }[];
  /** Calls that stay, although their conversations are removed. */
  readonly remainingCalls: readonly string[];
}

interface Target {
  readonly person: Person;
  /** The ids of anonymous copies, which stay. */
  readonly copies: Set<string>;
}

/** Adds the ids of anonymous copies to the target. */
async function eraseFound(
  ctx: ErasureContext,
  scope: Scope,
  request: Erasure,
  target: Target,
): Promise<'something' | 'nothing'> {
  const { person, copies } = target;
  const candidates = await findCandidates(ctx, scope, person);
  const round = await ctx.db.transaction(async (tx) => {
    const erasure = await findErasure(tx, scope, request.id, 'lock');
    if (erasure?.status !== 'Running') return null;
    const now = ctx.clock.now();
    const found = await lockAll(tx, scope, target, candidates);
    const { conversations, calls } = found;
    const entries = [...calls.outbound, ...calls.inbound];
    if (conversations.length + entries.length === 0 && erasure.erasedAt !== null) return null;
    const removal = { ...found, mode: request.mode, now, copies };
    const removed = await removeFound(ctx, tx, scope, removal);
    const round = { conversations, entries, remainingCalls: findRemainingCalls(found) };
    await audit(tx, ctx, { ...actorOf(scope, request), now }, ...eventsOf(request, round));
    await noteErased(tx, scope, request.id, addToErasure(erasure, round, removed, now));
    await addQueueJobs(tx, scope, round.remainingCalls);
    // Last, because new holds wait for this lock.
    await lockHolds(tx, scope, 'share');
    const holds = await findHoldsOn(tx, scope, conversations);
    if (holds.length > 0) throw new HeldError(holds, person);
    return round;
  });
  if (!round) return 'nothing';
  for (const { id } of round.conversations) ctx.live.evict(scope, id);
  ctx.committed(scope, { hasUsage: true });
  // Immediately: calls must not contain these conversation ids when the certificate is signed.
  for (const queueId of round.remainingCalls) {
    await followConversation(ctx, { businessId: scope.businessId, queueId });
  }
  return round.conversations.length + round.entries.length > 0 ? 'something' : 'nothing';
}

function eventsOf(request: Erasure, { conversations, entries }: Round): AuditEvent[] {
  const suffix = request.mode === 'Erase' ? 'Erased' : 'Anonymised';
  const common = { isErased: true, details: { ErasureId: request.id } } as const;
  const ofConversation = {
    action: `Conversation${suffix}`,
    kind: 'Conversation',
    ...common,
  } as const;
  const ofCall = { action: `Call${suffix}`, kind: 'QueueEntry', ...common } as const;
  return [
    ...conversations.map(({ id }) => ({ ...ofConversation, id })),
    ...entries.map(({ id }) => ({ ...ofCall, id })),
  ];
}

function addToErasure(
  erasure: Erasure,
  { conversations, entries }: Round,
  { released, recordings }: RemovedRecordings,
  now: number,
): Parameters<typeof noteErased>[3] {
  const salt = erasure.salt ?? randomBytes(16).toString('base64url');
  const items = (kind: Item['kind'], some: readonly { readonly id: string }[]) =>
    some.map(({ id }) => ({ kind, hash: itemHash(salt, id) }));
  const { counts } = erasure;
  const added = [...items('Conversation', conversations), ...items('QueueEntry', entries)];
  return {
    erasedAt: now,
    blobKeys: [...erasure.blobKeys, ...released],
    counts: {
      conversations: counts.conversations + conversations.length,
      recordings: counts.recordings + recordings,
      calls: counts.calls + entries.length,
    },
    salt,
    items: [...erasure.items, ...added],
  };
}

function findRemainingCalls({ conversations, calls }: Found): string[] {
  const own = new Set([...calls.outbound, ...calls.inbound].map(({ id }) => id));
  const named = conversations.flatMap(({ queueId }) => queueId ?? []);
  return [...new Set(named)].filter((id) => !own.has(id));
}

/** Audit events name the user who requested the erasure. */
const actorOf = (scope: Scope, { requestedBy: userId }: Erasure): Scope => ({ ...scope, userId });

type Candidates = Awaited<ReturnType<typeof findCandidates>>;

const DIRECTIONS = ['outbound', 'inbound'] as const;

/** Found without locks; check again under locks. */
async function findCandidates(ctx: ErasureContext, scope: Scope, person: Person) {
  const e164 = person.phoneNumber;
  const number = e164 === null ? null : { e164, isNumber: numberTest(e164, 'Anyhow') };
  const calls = [];
  for (const direction of DIRECTIONS) {
    if (!number) break;
    const numbers = await findSpellings(ctx.db, scope, direction, number);
    calls.push(...(await findOfNumbers(ctx.db, scope, direction, numbers)));
  }
  const queueIds = calls.map(({ id }) => id);
  const search = { texts: textsOf(person), queueIds, number };
  const mentions = await findMentions(ctx.db, scope, search);
  const became = calls.flatMap(({ sessionId }) => sessionId ?? []);
  return { mentions, queueIds, became };
}

/** Passes what an erasure would erase, under its locks, to a read-only callback. */
export async function findAll<T>(
  ctx: ErasureContext,
  scope: Scope,
  person: Person,
  read: (tx: Tx, found: Found) => Promise<T>,
): Promise<T> {
  const candidates = await findCandidates(ctx, scope, person);
  return ctx.db.transaction(async (tx) =>
    read(tx, await lockAll(tx, scope, { person, copies: new Set() }, candidates)),
  );
}

interface Found {
  readonly conversations: readonly Header[];
  readonly calls: LockedCalls;
}

async function lockAll(
  tx: Tx,
  scope: Scope,
  { person, copies }: Target,
  { mentions, queueIds, became }: Candidates,
): Promise<Found> {
  const ids = [...mentions, ...became].filter((id) => !copies.has(id));
  const locked = await lockForErasure(tx, scope, ids);
  const { country } = await findRedaction(tx, scope);
  const isOfPerson = clientTest(person, country);
  const conversations = locked.filter(
    (header) =>
      header.clients.some(isOfPerson) ||
      became.includes(header.id) ||
      (header.queueId !== null && queueIds.includes(header.queueId)),
  );
  const own = conversations.flatMap((header) => ownCallOf(header) ?? []);
  const alone = await namedAlone(tx, scope, own, conversations);
  const calls = [...queueIds, ...alone].filter((id) => !copies.has(id));
  return { conversations, calls: await lockCallsToErase(tx, scope, calls) };
}

/** A call belongs to the person unless its conversation has other clients. */
const ownCallOf = ({ queueId, clients }: Header) => (clients.length > 1 ? null : queueId);

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

interface Removal extends Found {
  readonly mode: Erasure['mode'];
  readonly now: number;
  readonly copies: Set<string>;
}

async function removeFound(ctx: ErasureContext, tx: Tx, scope: Scope, removal: Removal) {
  const { mode, conversations, calls, now, copies } = removal;
  if (mode === 'Erase') {
    await eraseLockedCalls(tx, ctx, scope, { calls, now });
    return deleteConversations(tx, ctx, scope, removal);
  }
  const fresh = { sessions: freshSessionIds(conversations), calls: freshCallIds(calls) };
  for (const id of [...fresh.sessions.values(), ...fresh.calls.values()]) copies.add(id);
  await anonymiseCalls(tx, ctx, scope, { calls, fresh, now });
  return anonymiseConversations(tx, ctx, scope, { ...removal, fresh });
}
