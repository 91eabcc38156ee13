import { MAX_CONVERSATION_BYTES, MAX_LOGS, MAX_MESSAGES, MAX_PARTICIPANTS } from '@colloquy/wire';
import { type AuditEvent, rowsOf } from '../../access/audit/entry.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Committed } from '../../changes/log.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db, Tx } from '../../kernel/postgres/database.ts';
import type { Masking } from '../../redaction/mask.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import { hasTombstone, idHash } from '../../tombstones/tombstone-store.ts';
import { maskingOf, participantOfToken } from '../masking/masked.ts';
import type { ConversationMetrics } from '../metrics.ts';
import { type EventType, type Header, isFinal, participantIds } from '../model/conversation.ts';
import { countDeltas } from '../model/counts.ts';
import { type GivenEvent, givenEvent, type HeaderEvent, withIds } from '../model/given-event.ts';
import { reduceHeader } from '../model/reduce.ts';
import { goneFault } from '../read/read.ts';
import type { Admission, QuotaGuard } from '../usage/quotas.ts';
import { EventIds } from './event-ids.ts';
import type { KnownConversation, LiveCache, LiveConversation } from './live-cache.ts';
import {
  type DecidedAppend,
  type Found,
  findLive,
  formerIdHash,
  type LiveState,
  lockLive,
  newVersion,
  writeAlone,
  writeAppend,
} from './live-store.ts';

export interface AppendResult {
  readonly accepted: number;
  readonly duplicates: number;
  readonly status: Header['status'];
}

export type AppendContext = Pick<Context, 'db' | 'clock' | 'config' | 'secrets' | 'threads'> & {
  readonly conversationMetrics: ConversationMetrics;
  readonly live: LiveCache;
  readonly committed: Committed;
  readonly quotas: QuotaGuard;
};

interface Append {
  readonly events: readonly GivenEvent[];
  /** For events of the server: appends only if none was received since; ignores the size limits. */
  readonly silentSince?: number;
}

const LATE_TYPES: readonly EventType[] = ['message', 'log', 'clientLeft', 'agentLeft'];
// A writer that looks up is slower than one with a cache and could lose repeatedly, so it finally locks.
const MAX_ATTEMPTS = 3;
const MAX_LOCKED_ATTEMPTS = 3;
const NO_IDS: ReadonlySet<string> = new Set();
const ABSENT = { kind: 'absent' } as const;

/** Appends all events or none, each id once; resolves when they are on disk. */
export function appendEvents(
  ctx: AppendContext,
  scope: Scope,
  id: string,
  given: Append,
): Promise<AppendResult> {
  return ctx.live.inTurn(scope, id, () => append(ctx, scope, id, given));
}

interface AppendRequest {
  readonly ctx: AppendContext;
  readonly scope: Scope;
  readonly id: string;
  readonly given: Append;
  /** Without repeated ids. */
  readonly events: readonly GivenEvent[];
  readonly cached: LiveConversation | undefined;
  readonly receivedAt: number;
  readonly masking: Masking | null;
  /** Refuses the conversation if it is new. */
  readonly overQuota: Fault | null;
}

async function append(
  ctx: AppendContext,
  scope: Scope,
  id: string,
  given: Append,
): Promise<AppendResult> {
  const events = withoutRepeats(given.events);
  const receivedAt = ctx.clock.now();
  const masking = maskingOf(ctx.secrets, scope);
  const admission = scope.quotas === null ? null : await checkQuotas(ctx, scope, id, events);
  const overQuota = admission?.refusal ?? null;
  const cached = ctx.live.get(scope, id);
  const request = { ctx, scope, id, given, events, cached, receivedAt, masking, overQuota };
  const outcome = await attemptRepeatedly(request).catch((error: unknown) => {
    admission?.cancel();
    throw error;
  });
  if (!outcome.isNew) admission?.cancel();
  return keep(request, outcome);
}

/** UNAVAILABLE if other writers are faster each time. */
async function attemptRepeatedly(request: AppendRequest): Promise<Outcome> {
  const { ctx, scope, id } = request;
  const fast = await attemptWithoutLookup(request);
  if (fast) return fast;
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const outcome = await attempt(request, await lookUp(ctx.db, request));
    if (outcome) return outcome;
  }
  for (let tries = 0; tries < MAX_LOCKED_ATTEMPTS; tries += 1) {
    const outcome = await ctx.db.transaction(async (tx) => {
      await lockLive(tx, scope, id);
      return attempt(request, await lookUp(tx, request), tx);
    });
    if (outcome) return outcome;
  }
  const message = 'Too many writers on this conversation at once; try again shortly.';
  throw new Fault('UNAVAILABLE', message, { retryAfterSeconds: 1 });
}

/** A conversation that is already known is never refused. */
async function checkQuotas(
  ctx: AppendContext,
  scope: Scope,
  id: string,
  [first]: readonly GivenEvent[],
): Promise<Admission | null> {
  const start = first?.type === 'started' ? first.change : undefined;
  if (start?.type !== 'started' || ctx.live.get(scope, id)) return null;
  return ctx.quotas.admitConversation(scope, { startTime: start.at, queueId: start.queueId });
}

/** Assumes that the cached state is current and that a conversation that is started is new. */
function attemptWithoutLookup(request: AppendRequest) {
  const { cached, events } = request;
  if (cached ? cached.isShared : events[0]?.type !== 'started') return undefined;
  if (cached && events.some(({ eventId }) => cached.ids.mayHave(eventId))) return undefined;
  const found = cached ? ({ kind: 'live', ...cached, known: NO_IDS } as const) : ABSENT;
  return attempt(request, found).catch(ignoreRefusal);
}

/** A refusal without a look-up may be wrong: the events may be repeats. */
function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof Fault) || error.code === 'UNAVAILABLE') throw error;
}

async function lookUp(db: Db, { ctx, scope, id, events }: AppendRequest): Promise<Found> {
  const eventIds = events.map(({ eventId }) => eventId);
  const found = await findLive(db, scope, id, eventIds);
  if (found.kind !== 'absent') return found;
  const subject = { kind: 'conversation', id } as const;
  const isDeleted = await hasTombstone(db, ctx.secrets, scope.businessId, subject);
  return isDeleted ? { kind: 'erased' } : found;
}

interface Outcome {
  readonly result: AppendResult;
  /** True if the conversation began. */
  readonly isNew: boolean;
  /** null: nothing was written. */
  readonly written: {
    readonly live: LiveConversation;
    readonly events: readonly GivenEvent[];
  } | null;
}

/** Updates the cache. To call after the commit, because the commit may fail. */
function keep({ ctx, scope, id }: AppendRequest, { result, written }: Outcome): AppendResult {
  if (written === null) return result;
  for (const { eventId } of written.events) written.live.ids.add(eventId);
  ctx.live.set(scope, id, written.live);
  ctx.conversationMetrics.eventsAppended.inc(written.events.length);
  ctx.committed(scope);
  return result;
}

/** Undefined if another writer was faster. */
async function attempt(
  request: AppendRequest,
  found: Found,
  tx?: Tx,
): Promise<Outcome | undefined> {
  const { ctx, scope, id, given, receivedAt, masking } = request;
  const knownIds = 'known' in found ? found.known : NO_IDS;
  const events = request.events.filter(({ eventId }) => !knownIds.has(eventId));
  refuseUnlessOpen(found, events, receivedAt, ctx.config.sealAfterSeconds);
  if (request.overQuota && found.kind === 'absent') throw request.overQuota;
  const known = found.kind === 'live' ? found : null;
  const duplicates = given.events.length - events.length;
  const nothing = (status: Header['status']): Outcome => ({
    result: { accepted: 0, duplicates, status },
    isNew: false,
    written: null,
  });
  if (events.length === 0) return nothing(statusOf(found));
  const { silentSince } = given;
  if (silentSince !== undefined && known && known.state.receivedAt > silentSince) {
    return nothing(known.header.status);
  }
  const hash = (former: string) => formerIdHash(ctx.secrets, scope, id, former);
  const decided = decide(id, known, events, { receivedAt, masking, hash });
  const audited = auditEventsOf(known?.header ?? null, decided.header);
  const append = {
    ...decided,
    idHash: known ? null : idHash(ctx.secrets, scope.businessId, 'conversation', id),
    audit: rowsOf(ctx.secrets, scope, receivedAt, audited),
    change: hasEnded(known) ? ('LateEventsAppended' as const) : ('EventsAppended' as const),
  };
  if (silentSince === undefined) refuseTooLarge(append);
  if (!(await (tx ? writeAlone(tx, scope, append) : writeAppend(ctx.db, scope, append)))) {
    ctx.live.evict(scope, id);
    return undefined;
  }
  const { header, state, version } = append;
  const { hasEarlierIds = false, renamed = null } = known?.state ?? {};
  const ids = known?.ids ?? new EventIds();
  const isShared = known !== null && known.state.version !== request.cached?.state.version;
  const live = { header, state: { ...state, version, hasEarlierIds, renamed }, ids, isShared };
  const result = { accepted: events.length, duplicates, status: header.status };
  return { result, isNew: known === null, written: { live, events } };
}

const hasEnded = (known: KnownConversation | null) =>
  known !== null && isFinal(known.header.status);

const endsBetween = (before: Header | null, { status }: Header) =>
  isFinal(status) && !(before && isFinal(before.status));

/** Audits only the start and the end, not individual messages. */
function auditEventsOf(before: Header | null, after: Header): AuditEvent[] {
  const common = { kind: 'Conversation', id: after.id } as const;
  const ended = { action: 'ConversationEnded', details: { Status: after.status } } as const;
  return [
    ...(before ? [] : [{ action: 'ConversationCreated', ...common } as const]),
    ...(endsBetween(before, after) ? [{ ...common, ...ended }] : []),
  ];
}

function withoutRepeats(events: readonly GivenEvent[]): GivenEvent[] {
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
  if (found.kind === 'erased') throw goneFault();
  if (found.kind === 'absent' && events[0]?.type !== 'started') {
    const message =
      'There is no such conversation; the first event of a new one is SessionStarted.';
    throw new Fault('NOT_FOUND', message);
  }
  if (events.length === 0) return;
  const ended = found.kind === 'live' ? found.state.endedReceivedAt : null;
  if (found.kind === 'sealed' || (ended !== null && now >= ended + sealAfterSeconds * 1000)) {
    throw new Fault('SESSION_SEALED', 'The conversation is sealed; it accepts no more events.');
  }
}

interface AppendFacts {
  readonly receivedAt: number;
  readonly masking: Masking | null;
  readonly hash: (participantId: string) => string;
}

/** Resolves a masked reader's token. CONFLICT. */
function withOwnParticipant(header: Header, event: GivenEvent, masking: Masking): GivenEvent {
  const resolve = (id: string): string => {
    if (!isToken(id)) return id;
    const found = participantOfToken(masking, id, participantIds(header));
    if (found !== id) return found;
    throw new Fault('CONFLICT', `${id} is not a participant of this conversation.`);
  };
  return withParticipant(event, resolve);
}

function withCurrentId(
  header: Header,
  event: GivenEvent,
  renamed: NonNullable<LiveState['renamed']>,
  hash: AppendFacts['hash'],
): GivenEvent {
  const present = participantIds(header);
  return withParticipant(event, (id) => (present.includes(id) ? id : (renamed[hash(id)] ?? id)));
}

function withParticipant(event: GivenEvent, map: (id: string) => string): GivenEvent {
  const { senderId, change } = event;
  if (senderId !== undefined) return withIds(event, event.eventId, map(senderId));
  if (!change) return event;
  if ('clientId' in change) return givenEvent({ ...change, clientId: map(change.clientId) });
  return 'agentId' in change ? givenEvent({ ...change, agentId: map(change.agentId) }) : event;
}

function decide(
  id: string,
  known: KnownConversation | null,
  given: readonly GivenEvent[],
  { receivedAt, masking, hash }: AppendFacts,
): Omit<DecidedAppend, 'idHash' | 'audit' | 'change'> {
  const events: GivenEvent[] = [];
  const renamed = known?.state.renamed ?? null;
  let header = known?.header ?? null;
  let { messageCount = 0, logCount = 0, lastEventAt = -Infinity } = known?.state ?? {};
  for (const asGiven of given) {
    const current = header && renamed ? withCurrentId(header, asGiven, renamed, hash) : asGiven;
    const event = header && masking ? withOwnParticipant(header, current, masking) : current;
    events.push(event);
    if (header) refuseOutOfPlace(header, event);
    if (event.type === 'message') messageCount += 1;
    if (event.type === 'log') logCount += 1;
    if (event.change) header = reduceHeader(id, header, [event.change]);
    lastEventAt = Math.max(lastEventAt, event.at);
  }
  if (header === null) throw new Error('an append without a header');
  const bytes = events.reduce(
    (sum, { payload }) => sum + Buffer.byteLength(payload),
    known?.state.bytes ?? 0,
  );
  const before = known?.header ?? null;
  const endsNow = endsBetween(before, header);
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
      endedReceivedAt: endsNow ? receivedAt : (known?.state.endedReceivedAt ?? null),
    },
    deltas: countDeltas(before, header),
    decidedOn: known?.state.version ?? null,
    version: newVersion(),
    mayAbandon: true,
    queueId: before === null || endsNow ? header.queueId : null,
  };
}

const conflict = (message: string): never => {
  throw new Fault('CONFLICT', message);
};

function refuseOutOfPlace(header: Header, { type, change }: GivenEvent): void {
  if (type === 'started') conflict('The conversation has already started.');
  if (isFinal(header.status) && !LATE_TYPES.includes(type)) {
    conflict(
      'The conversation has ended; it accepts only messages, logs and leaving participants.',
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
    conflict(`${change.clientId} is already an agent of this conversation.`);
  }
  if (change.type === 'agentJoined' && isClient(change.agentId)) {
    conflict(`${change.agentId} is already a client of this conversation.`);
  }
}

function refuseTooLarge({ header, state }: DecidedAppend): void {
  const refuse = (limit: string): never => {
    throw new Fault('PAYLOAD_TOO_LARGE', `A conversation holds at most ${limit}.`);
  };
  if (state.messageCount > MAX_MESSAGES) refuse('20,000 messages');
  if (state.logCount > MAX_LOGS) refuse('50,000 logs');
  if (state.bytes > MAX_CONVERSATION_BYTES) refuse('16 MiB');
  if (header.clients.length > MAX_PARTICIPANTS) refuse('1,000 clients');
  if (header.agents.length > MAX_PARTICIPANTS) refuse('1,000 agents');
}
