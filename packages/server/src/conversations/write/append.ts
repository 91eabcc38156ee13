import { MAX_CONVERSATION_BYTES, MAX_LOGS, MAX_MESSAGES, MAX_PARTICIPANTS } from '@colloquy/wire';
import { type Deed, rowsOf } from '../../access/audit/entry.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Counting } from '../../counters/counts.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Masking } from '../../redaction/mask.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import { hasTombstone, idHash } from '../../tombstones/tombstone-store.ts';
import { maskingOf, participantOfToken } from '../masking/masked.ts';
import { type EventType, type Header, isFinal, participantIds } from '../model/conversation.ts';
import { countDeltas } from '../model/counts.ts';
import { type GivenEvent, givenEvent, type HeaderEvent, withIds } from '../model/given-event.ts';
import { reduceHeader } from '../model/reduce.ts';
import { currentId, type Renamed } from '../read/former-ids.ts';
import { gone } from '../read/read.ts';
import type { LiveCache, LiveConversation } from './live-cache.ts';
import {
  type DecidedAppend,
  type Found,
  findLive,
  formerIdHash,
  lockLive,
  writeAlone,
  writeAppend,
} from './live-store.ts';

export interface AppendResult {
  readonly accepted: number;
  readonly duplicates: number;
  readonly status: Header['status'];
}

export type AppendContext = Pick<
  Context,
  'db' | 'clock' | 'config' | 'metrics' | 'secrets' | 'threads'
> & {
  readonly live: LiveCache;
  readonly counting: Counting;
};

export interface AppendOptions {
  /** False for demo conversations, which stay live though nothing comes. */
  readonly mayAbandon?: boolean;
  /**
   * For events of our own: nothing is appended where one was received since (milliseconds since
   * 1970), and a conversation that is full takes them all the same.
   */
  readonly silentSince?: number;
}

/** Late events that are still taken after a conversation ended. */
const LATE: readonly EventType[] = ['message', 'log', 'clientLeft', 'agentLeft'];
// Each failed attempt means that another writer's attempt succeeded. A writer that looks up first is
// slower than one that remembers, and would lose to it for long: in the end it locks.
const ATTEMPTS = 3;
const ATTEMPTS_WITH_LOCK = 3;

/**
 * Adds events to a conversation: all of them or none, each id once. When this resolves they are on
 * disk. The append is decided on what is known of the conversation and written only if that is
 * still so; where another writer was faster it is read and decided again.
 */
export function appendEvents(
  ctx: AppendContext,
  scope: Scope,
  id: string,
  given: readonly GivenEvent[],
  options: AppendOptions = {},
): Promise<AppendResult> {
  return ctx.live.inTurn(scope, id, () => append(ctx, scope, id, given, options));
}

async function append(
  ctx: AppendContext,
  scope: Scope,
  id: string,
  given: readonly GivenEvent[],
  options: AppendOptions,
): Promise<AppendResult> {
  const cache = ctx.live;
  const unique = firstOfEachId(given);
  const receivedAt = ctx.clock.now();
  const masking = maskingOf(ctx.secrets, scope);
  // What this process wrote last is most often still so, and a conversation that starts is most often
  // new: both are tried without a look-up, and looked up only where that did not work out.
  const remembered = cache.get(scope, id);
  if (remembered) {
    const found = { kind: 'live', ...remembered, known: new Set<string>() } as const;
    const result = await attempt(found).catch(unlessRefused);
    if (result) return result;
  } else if (unique[0]?.type === 'started') {
    const result = await attempt({ kind: 'absent' }).catch(unlessRefused);
    if (result) return result;
  }
  const eventIds = unique.map(({ eventId }) => eventId);
  const find = async (db: Db): Promise<Found> => {
    const found = await findLive(db, scope, id, eventIds);
    const isGone =
      found.kind === 'absent' &&
      (await hasTombstone(db, ctx.secrets, scope.businessId, 'conversation', id));
    return isGone ? { kind: 'erased' } : found;
  };
  for (let tries = 0; tries < ATTEMPTS; tries += 1) {
    const result = await attempt(await find(ctx.db));
    if (result) return result;
  }
  for (let tries = 0; tries < ATTEMPTS_WITH_LOCK; tries += 1) {
    const result = await ctx.db.transaction(async (tx) => {
      await lockLive(tx, scope, id);
      return attempt(await find(tx), (append) => writeAlone(tx, scope, append));
    });
    if (result) return result;
  }
  throw new Fault(
    'UNAVAILABLE',
    'Too many writers on this conversation at once; try again shortly.',
    { retryAfterSeconds: 1 },
  );

  /** Undefined where another writer was faster. */
  async function attempt(
    found: Found,
    write = (append: DecidedAppend) => writeAppend(ctx.db, scope, append),
  ): Promise<AppendResult | undefined> {
    const events =
      'known' in found ? unique.filter(({ eventId }) => !found.known.has(eventId)) : unique;
    refuseUnlessOpen(found, events, receivedAt, ctx.config.sealAfterSeconds);
    const known = found.kind === 'live' ? found : null;
    const duplicates = given.length - events.length;
    if (events.length === 0) return { accepted: 0, duplicates, status: statusOf(found) };
    const { silentSince } = options;
    if (silentSince !== undefined && known && known.state.receivedAt > silentSince) {
      return { accepted: 0, duplicates, status: known.header.status };
    }
    const mayAbandon = options.mayAbandon ?? true;
    const hash = (former: string) => formerIdHash(ctx.secrets, scope, id, former);
    const decided = decide(id, known, events, { receivedAt, mayAbandon, masking, hash });
    const append = {
      ...decided,
      idHash: known ? null : idHash(ctx.secrets, scope.businessId, 'conversation', id),
      audit: rowsOf(ctx.secrets, scope, receivedAt, deedsOf(known?.header ?? null, decided.header)),
    };
    if (silentSince === undefined) refuseTooLarge(append);
    if (!(await write(append))) {
      cache.forget(scope, id);
      return undefined;
    }
    cache.remember(scope, id, {
      header: append.header,
      state: {
        ...append.state,
        version: append.version,
        hasEarlierIds: known?.state.hasEarlierIds ?? false,
        renamed: known?.state.renamed ?? null,
      },
    });
    ctx.metrics.eventsAppended.inc(events.length);
    if (append.deltas.length > 0) ctx.counting.touched(scope);
    return { accepted: events.length, duplicates, status: append.header.status };
  }
}

/** That it begins and that it ends; what is said in between is no deed of its own. */
function deedsOf(before: Header | null, { id, status }: Header): Deed[] {
  const hasEnded = isFinal(status) && !(before && isFinal(before.status));
  const deed = (action: Deed['action']): Deed => ({ action, kind: 'Conversation', id });
  return [
    ...(before ? [] : [deed('ConversationCreated')]),
    ...(hasEnded ? [{ ...deed('ConversationEnded'), details: { Status: status } }] : []),
  ];
}

/** A refusal that was not decided on a look-up may be wrong: events may be known already. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof Fault) || error.code === 'UNAVAILABLE') throw error;
}

function firstOfEachId(events: readonly GivenEvent[]): GivenEvent[] {
  const seen = new Set<string>();
  return events.filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId));
}

function statusOf(found: Found): Header['status'] {
  if (!('header' in found)) throw new Error(`no status of a conversation that is ${found.kind}`);
  return found.header.status;
}

function refuseUnlessOpen(
  found: Found,
  events: readonly GivenEvent[],
  now: number,
  sealAfterSeconds: number,
): void {
  if (found.kind === 'erased') throw gone();
  if (found.kind === 'absent' && events[0]?.type !== 'started') {
    throw new Fault(
      'NOT_FOUND',
      'There is no such conversation; the first event of a new one is SessionStarted.',
    );
  }
  if (events.length === 0) return;
  const ended = found.kind === 'live' ? found.state.endedReceivedAt : null;
  if (found.kind === 'sealed' || (ended !== null && now >= ended + sealAfterSeconds * 1000)) {
    throw new Fault('SESSION_SEALED', 'The conversation is sealed; it takes no more events.');
  }
}

interface CallTransition {
  readonly receivedAt: number;
  readonly mayAbandon: boolean;
  readonly masking: Masking | null;
  /** Of a participant's id. */
  readonly hash: (participantId: string) => string;
}

/** An event with the participant's own id in place of the token that a masked reader knows. CONFLICT. */
function withOwnParticipant(header: Header, event: GivenEvent, masking: Masking): GivenEvent {
  const own = (id: string): string => {
    if (!isToken(id)) return id;
    const found = participantOfToken(masking, id, participantIds(header));
    if (found !== id) return found;
    throw new Fault('CONFLICT', `${id} is not a participant of this conversation.`);
  };
  return withParticipant(event, own);
}

/** An event of a participant whose id an erasure replaced, under the new one. */
function withCurrentParticipant(
  header: Header,
  event: GivenEvent,
  renamed: Renamed,
  hash: CallTransition['hash'],
): GivenEvent {
  if (renamed === null) return event;
  const present = participantIds(header);
  return withParticipant(event, (id) => currentId(id, present, renamed, hash));
}

function withParticipant(event: GivenEvent, own: (id: string) => string): GivenEvent {
  const { senderId, change } = event;
  if (senderId !== undefined) return withIds(event, event.eventId, own(senderId));
  if (change && 'clientId' in change) {
    return givenEvent({ ...change, clientId: own(change.clientId) });
  }
  if (change && 'agentId' in change) return givenEvent({ ...change, agentId: own(change.agentId) });
  return event;
}

/** Applies the rules of the events, one after the other; a Fault refuses them all. */
function decide(
  id: string,
  known: LiveConversation | null,
  given: readonly GivenEvent[],
  { receivedAt, mayAbandon, masking, hash }: CallTransition,
): Omit<DecidedAppend, 'idHash' | 'audit'> {
  const events: GivenEvent[] = [];
  const renamed = known?.state.renamed ?? null;
  let header = known?.header ?? null;
  let messageCount = known?.state.messageCount ?? 0;
  let logCount = known?.state.logCount ?? 0;
  let lastEventAt = known?.state.lastEventAt ?? -Infinity;
  for (const one of given) {
    const current = header ? withCurrentParticipant(header, one, renamed, hash) : one;
    const event = header && masking ? withOwnParticipant(header, current, masking) : current;
    events.push(event);
    if (header) refuseOutOfPlace(header, event);
    if (event.type === 'message') messageCount += 1;
    if (event.type === 'log') logCount += 1;
    if (event.change) header = reduceHeader(id, header, [event.change]);
    lastEventAt = Math.max(lastEventAt, event.at);
  }
  if (header === null) throw new Error('an append without a header');
  const bytes =
    (known?.state.bytes ?? 0) +
    events.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0);
  const before = known?.header ?? null;
  const endedNow = isFinal(header.status) && !(before && isFinal(before.status));
  return {
    events,
    header,
    headChanged: header !== before,
    state: {
      messageCount,
      logCount,
      bytes,
      lastEventAt,
      receivedAt,
      endedReceivedAt: endedNow ? receivedAt : (known?.state.endedReceivedAt ?? null),
    },
    deltas: countDeltas(before, header),
    decidedOn: known?.state.version ?? null,
    version: known ? known.state.version + 1 : Math.floor(Math.random() * 2 ** 48),
    mayAbandon,
    queueId: before === null || endedNow ? header.queueId : null,
  };
}

const conflict = (message: string): never => {
  throw new Fault('CONFLICT', message);
};

function refuseOutOfPlace(header: Header, { type, change }: GivenEvent): void {
  if (type === 'started') conflict('The conversation has started already.');
  if (isFinal(header.status) && !LATE.includes(type)) {
    conflict(
      'The conversation has ended; only messages, logs and leaving participants are still taken.',
    );
  }
  if (change) refuseImpossible(header, change);
}

function refuseImpossible({ startTime, clients, agents }: Header, change: HeaderEvent): void {
  if (change.type === 'ended' && change.at < startTime) {
    throw new Fault('INVALID_REQUEST', 'SessionEnded must not be before the StartTime.');
  }
  const isClient = (id: string) => clients.some(({ clientId }) => clientId === id);
  const isAgent = (id: string) => agents.some(({ agentId }) => agentId === id);
  if (change.type === 'clientLeft' && !isClient(change.clientId)) {
    conflict(`Client ${change.clientId} has not joined.`);
  }
  if (change.type === 'agentLeft' && !isAgent(change.agentId)) {
    conflict(`Agent ${change.agentId} has not joined.`);
  }
  if (change.type === 'clientJoined' && isAgent(change.clientId)) {
    conflict(`${change.clientId} is an agent of this conversation already.`);
  }
  if (change.type === 'agentJoined' && isClient(change.agentId)) {
    conflict(`${change.agentId} is a client of this conversation already.`);
  }
}

function refuseTooLarge({ header, state }: DecidedAppend): void {
  const refuse = (what: string): never => {
    throw new Fault('PAYLOAD_TOO_LARGE', `A conversation holds at most ${what}.`);
  };
  if (state.messageCount > MAX_MESSAGES) refuse('20,000 messages');
  if (state.logCount > MAX_LOGS) refuse('50,000 logs');
  if (state.bytes > MAX_CONVERSATION_BYTES) refuse('16 MiB');
  if (header.clients.length > MAX_PARTICIPANTS) refuse('1,000 clients');
  if (header.agents.length > MAX_PARTICIPANTS) refuse('1,000 agents');
}
