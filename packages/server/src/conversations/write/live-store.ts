import type { AuditRow } from '../../access/audit/entry.ts';
import { auditValues } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { CountDelta } from '../../counters/counts.ts';
import { Fault } from '../../kernel/fault.ts';
import { SEPARATOR } from '../../kernel/json/split-body.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Database, type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { columnTexts, type Element } from '../../kernel/postgres/sql-text.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import { headerOf } from '../from-wire.ts';
import type { Header } from '../model/conversation.ts';
import { CONVERSATION_COUNTS, durationClass } from '../model/counts.ts';
import { renderHead } from '../model/document.ts';
import { eventLetters } from '../model/event-letters.ts';
import type { GivenEvent } from '../model/given-event.ts';
import { findToChange } from '../store.ts';
import { EventIds } from './event-ids.ts';
import { addQueueJobs } from './queue-links-store.ts';

/**
 * Never one that a reader of an earlier state could expect: it may have been told of a write that
 * was not committed.
 */
export const newVersion = (): number => Math.floor(Math.random() * 2 ** 48);

export interface LiveState {
  /** Changes with each write. */
  readonly version: number;
  readonly messageCount: number;
  readonly logCount: number;
  readonly bytes: number;
  /** By its Timestamp; `receivedAt` is the time of arrival. */
  readonly lastEventAt: number;
  readonly receivedAt: number;
  readonly endedReceivedAt: number | null;
  readonly hasEarlierIds: boolean;
  /** Current participant ids by `formerIdHash`; null: none. */
  readonly renamed: Readonly<Record<string, string>> | null;
}

interface FoundHeader {
  readonly header: Header;
  readonly known: ReadonlySet<string>;
}

export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'erased' }
  | ({ readonly kind: 'sealed' } & FoundHeader)
  | ({ readonly kind: 'live'; readonly state: LiveState; readonly ids: EventIds } & FoundHeader);

export const formerIdHash = (secrets: Secrets, scope: Scope, id: string, participantId: string) =>
  idHash(secrets, scope.businessId, 'participant', `${id} ${participantId}`);

// LIMIT 1 makes the planner look up the rows one by one.
const FIND_LIVE = statement(
  'conversations.find-live',
  `SELECT r.at, f.*
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS r(id, event_ids, at)
  CROSS JOIN LATERAL (
    SELECT c.head, c.erased_at IS NOT NULL AS erased, l.version, l.message_count AS "messageCount",
      l.log_count AS "logCount", l.bytes, l.last_event_at AS "lastEventAt",
      l.received_at AS "receivedAt", l.ended_received_at AS "endedReceivedAt",
      l.has_earlier_ids AS "hasEarlierIds", l.renamed, (
        SELECT string_agg(e.event_ids, E'\\x01') FROM conversation_events e
        WHERE e.business_id = $1 AND e.conversation_id = r.id
      ) AS "liveIds", ARRAY(
        SELECT unnest(i.event_ids) FROM earlier_event_ids i
        WHERE i.business_id = $1 AND i.conversation_id = r.id
        INTERSECT SELECT unnest(string_to_array(r.event_ids, E'\\x01'))
      ) AS known
    FROM conversations c
    LEFT JOIN live_conversations l ON l.business_id = $1 AND l.conversation_id = r.id
    WHERE c.business_id = $1 AND c.id = r.id
    LIMIT 1
  ) f`,
);
const LOCK_LIVE = statement(
  'conversations.lock-live',
  `SELECT version FROM live_conversations WHERE business_id = $1 AND conversation_id = $2 FOR UPDATE`,
);

interface FoundRow extends Omit<LiveState, 'version'> {
  readonly at: number;
  readonly version: number | null;
  readonly head: string;
  readonly erased: boolean;
  readonly liveIds: string | null;
  readonly known: readonly string[];
}

interface Sought {
  readonly id: string;
  readonly eventIds: readonly string[];
}

/** A conversation with many events has megabytes of ids. */
const LOOK_UPS = { most: 8, atOnce: 1 };

const findInBatch = createBatcher(
  LOOK_UPS,
  async (db, businessId, sought: readonly Sought[]): Promise<readonly Found[]> => {
    const ids = sought.map(({ id }) => id);
    const eventIds = sought.map((one) => one.eventIds.join(SEPARATOR));
    const rows = await db.rows<FoundRow>(FIND_LIVE, [businessId, ids, eventIds]);
    const rowOf = new Map(rows.map(({ at, ...row }) => [at, row]));
    return sought.map((one, index) => {
      const row = rowOf.get(index + 1);
      return row ? readFound(row, one.eventIds) : { kind: 'absent' };
    });
  },
);

/** `known`: the ids in `eventIds` that the conversation already has. */
export const findLive = (db: Db, scope: Scope, id: string, eventIds: readonly string[]) =>
  findInBatch(db, scope.businessId, { id, eventIds });

function readFound(
  { head, erased, version, liveIds, known: earlier, ...state }: Omit<FoundRow, 'at'>,
  eventIds: readonly string[],
): Found {
  if (erased) return { kind: 'erased' };
  const header = headerOf(head);
  if (version === null) return { kind: 'sealed', header, known: new Set(earlier) };
  const present = new Set(liveIds?.split(SEPARATOR));
  const ids = new EventIds();
  for (const eventId of present) ids.add(eventId);
  const known = new Set([...earlier, ...eventIds.filter((eventId) => present.has(eventId))]);
  return { kind: 'live', header, known, ids, state: { version, ...state } };
}

const FIND_RENAMED = statement(
  'conversations.find-renamed',
  'SELECT renamed FROM live_conversations WHERE business_id = $1 AND conversation_id = $2',
);

export async function findRenamed(db: Db, scope: Scope, id: string): Promise<LiveState['renamed']> {
  const row = await db.row<Pick<LiveState, 'renamed'>>(FIND_RENAMED, [scope.businessId, id]);
  return row?.renamed ?? null;
}

/** Writers with more than one statement take this lock first, which prevents deadlocks. */
export async function lockLive(tx: Db, scope: Scope, id: string): Promise<void> {
  await tx.rows(LOCK_LIVE, [scope.businessId, id]);
}

/** Locks a conversation, with its events if it is live, until the transaction ends. */
export async function lockStored(tx: Db, scope: Scope, id: string) {
  await lockLive(tx, scope, id);
  const stored = await findToChange(tx, scope, id);
  if (stored?.kind !== 'live' || stored.events !== '') return stored;
  // It was reopened while the row lock was awaited, so its events are missing.
  await lockLive(tx, scope, id);
  return findToChange(tx, scope, id);
}

export interface DecidedAppend {
  readonly events: readonly Pick<GivenEvent, 'eventId' | 'payload' | 'type'>[];
  readonly header: Header;
  readonly headChanged: boolean;
  readonly state: Omit<LiveState, 'version' | 'hasEarlierIds' | 'renamed'>;
  readonly deltas: readonly CountDelta[];
  /** The version that the decision read; null for a new conversation. */
  readonly decidedOn: number | null;
  readonly version: number;
  readonly idHash: string | null;
  readonly mayAbandon: boolean;
  readonly audit: readonly AuditRow[];
  readonly change: 'EventsAppended' | 'LateEventsAppended';
  /** Set if a job must update the queue. */
  readonly queueId: string | null;
}

const APPEND_SEPARATOR = '\u0002';
const HEAD_SEPARATOR = '\u0003';
/** Columns of the arrays of `append_events`: of each append, new or changed header, count delta, audit event. */
const OF_APPENDS = 12;
const OF_HEADERS = 9;
const OF_DELTAS = 9;
const OF_AUDIT = 9;
const WITH_BUSINESS_AND_TEXTS = 4;
const PARAMETERS = Array.from(
  { length: WITH_BUSINESS_AND_TEXTS + OF_APPENDS + OF_HEADERS + OF_DELTAS + OF_AUDIT },
  (_, at) => `$${at + 1}`,
);
const APPEND = statement(
  'conversations.append',
  `SELECT id FROM append_events(${PARAMETERS.join(', ')}) AS id`,
);

const time = (instant: number) => new Date(instant).toISOString();
const timeOrNull = (instant: number | null) => (instant === null ? null : time(instant));

function appendValues(businessId: number, appends: readonly DecidedAppend[]): unknown[] {
  const columns = (rowsOf: (append: DecidedAppend, at: number) => Element[][], length: number) =>
    columnTexts(
      appends.flatMap((append, index) => rowsOf(append, index + 1)),
      length,
    );
  const idsOf = ({ events }: DecidedAppend) => events.map(({ eventId }) => eventId);
  const payloadsOf = ({ events }: DecidedAppend) => events.map(({ payload }) => payload);
  return [
    businessId,
    ...columns((append) => [stateValues(append)], OF_APPENDS),
    appends.map((append) => idsOf(append).join(SEPARATOR)).join(APPEND_SEPARATOR),
    appends.map((append) => payloadsOf(append).join(SEPARATOR)).join(APPEND_SEPARATOR),
    appends
      .flatMap(({ headChanged, header }) => (headChanged ? renderHead(header) : []))
      .join(HEAD_SEPARATOR),
    ...columns((append, at) => (append.headChanged ? [headerValues(append, at)] : []), OF_HEADERS),
    ...columns(
      ({ deltas }, at) => deltas.map((delta) => [at, ...CONVERSATION_COUNTS.values(delta)]),
      OF_DELTAS,
    ),
    ...columns(({ audit }, at) => audit.map((row) => [at, ...auditValues(row)]), OF_AUDIT),
  ];
}

const stateValues = ({ header, decidedOn, version, events, state, change }: DecidedAppend) => [
  header.id,
  decidedOn,
  version,
  events.length,
  state.messageCount,
  state.logCount,
  state.bytes,
  time(state.lastEventAt),
  time(state.receivedAt),
  timeOrNull(state.endedReceivedAt),
  change,
  eventLetters(events),
];

const headerValues = ({ header, decidedOn, idHash, mayAbandon }: DecidedAppend, at: number) => [
  at,
  time(header.startTime),
  header.status,
  header.initiationType,
  header.endType,
  durationClass(header),
  idHash,
  decidedOn === null ? header.queueId : null,
  mayAbandon,
];

/** Smaller appends share a statement and its commit. */
const SMALL_BYTES = 128 * 1024;
const APPENDS = { most: 16, atOnce: 1 };

type Appends = readonly DecidedAppend[];

async function writeAll(db: Db, businessId: number, appends: Appends): Promise<boolean[]> {
  // A fixed lock order prevents deadlocks between processes.
  const inOrder = appends.toSorted((a, b) => (a.header.id < b.header.id ? -1 : 1));
  try {
    const rows = await db.rows<{ id: string }>(APPEND, appendValues(businessId, inOrder));
    const written = new Set(rows.map(({ id }) => id));
    return appends.map(({ header }) => written.has(header.id));
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (appends.length === 1) throw error;
    // One append is at fault; alone, the others succeed.
    return (await Promise.all(appends.map((append) => writeAll(db, businessId, [append])))).flat();
  }
}

const writeInBatch = createBatcher(APPENDS, writeAll);

/** False, without effect, if the version has changed. Not concurrently for one id. */
export async function writeAppend(db: Database, scope: Scope, append: DecidedAppend) {
  // The job is added in the same transaction.
  if (append.queueId !== null) return db.transaction((tx) => writeAlone(tx, scope, append));
  const bytes = append.events.reduce((sum, { payload }) => sum + payload.length, 0);
  if (bytes > SMALL_BYTES) return (await writeAll(db, scope.businessId, [append])).every(Boolean);
  return writeInBatch(db, scope.businessId, append);
}

/** Like `writeAppend`, in a transaction. */
export async function writeAlone(tx: Tx, scope: Scope, append: DecidedAppend): Promise<boolean> {
  const isWritten = (await writeAll(tx, scope.businessId, [append])).every(Boolean);
  if (isWritten) await addQueueJobs(tx, scope, [append.queueId]);
  return isWritten;
}
