import type { AuditRow } from '../../access/audit/entry.ts';
import { AUDIT_PARAMETERS, auditText, auditValues } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { CountDelta } from '../../counters/counts.ts';
import { Fault } from '../../kernel/fault.ts';
import { addJobText } from '../../kernel/jobs/jobs.ts';
import { SEPARATOR } from '../../kernel/json/split-body.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { brokenConstraint, type Db, statement } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import { headerOf } from '../from-wire.ts';
import type { Header } from '../model/conversation.ts';
import { CONVERSATION_COUNTS, durationClass } from '../model/counts.ts';
import { renderHead } from '../model/document.ts';
import { eventLetters } from '../model/event-letters.ts';
import type { GivenEvent } from '../model/given-event.ts';
import { findToChange } from '../store.ts';
import { FOLLOW_CONVERSATION } from './queue-links-store.ts';

export interface LiveState {
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
  | ({ readonly kind: 'live'; readonly state: LiveState } & FoundHeader);

export const formerIdHash = (secrets: Secrets, scope: Scope, id: string, participantId: string) =>
  idHash(secrets, scope.businessId, 'participant', `${id} ${participantId}`);

const FIND_LIVE = statement(
  'conversations.find-live',
  `SELECT c.head, c.erased_at IS NOT NULL AS erased, l.version, l.message_count AS "messageCount",
     l.log_count AS "logCount", l.bytes, l.last_event_at AS "lastEventAt",
     l.received_at AS "receivedAt", l.ended_received_at AS "endedReceivedAt",
     l.has_earlier_ids AS "hasEarlierIds", l.renamed, ARRAY(
      SELECT e.event_id FROM conversation_events e
      WHERE e.business_id = $1 AND e.conversation_id = $2 AND e.event_id = ANY($3::text[])
      UNION
      (SELECT unnest(i.event_ids) FROM earlier_event_ids i
        WHERE i.business_id = $1 AND i.conversation_id = $2
      INTERSECT SELECT unnest($3::text[]))
    ) AS known
  FROM conversations c
  LEFT JOIN live_conversations l ON l.business_id = $1 AND l.conversation_id = $2
  WHERE c.business_id = $1 AND c.id = $2`,
);
const LOCK_LIVE = statement(
  'conversations.lock-live',
  `SELECT version FROM live_conversations WHERE business_id = $1 AND conversation_id = $2 FOR UPDATE`,
);

interface FoundRow extends Omit<LiveState, 'version'> {
  readonly version: number | null;
  readonly head: string;
  readonly erased: boolean;
  readonly known: readonly string[];
}

/** `known`: the ids in `eventIds` that the conversation already has. */
export async function findLive(db: Db, scope: Scope, id: string, eventIds: readonly string[]) {
  const row = await db.row<FoundRow>(FIND_LIVE, [scope.businessId, id, eventIds]);
  return row ? readFound(row) : ({ kind: 'absent' } as const);
}

function readFound({ head, erased, version, known: ids, ...state }: FoundRow): Found {
  if (erased) return { kind: 'erased' };
  const found = { header: headerOf(head), known: new Set(ids) };
  if (version === null) return { kind: 'sealed', ...found };
  return { kind: 'live', ...found, state: { version, ...state } };
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

// Each append is a row of `given`; those whose version has changed are not written and not returned.
// Events are one text, because arrays are escaped and unescaped: U+0002 between appends and U+0001
// between events occur neither in JSON nor in ids. ON CONFLICT in `summary` finds each row by its key;
// a join may look up all of them for each.
const AUDIT = 32;
const NAMED_AT = AUDIT + AUDIT_PARAMETERS;
const NAMED = `unnest($${NAMED_AT}::text[], $${NAMED_AT + 1}::text[]) AS n(id, queue_id)`;
const REPORT = `SELECT count(${addJobText(FOLLOW_CONVERSATION, "json_build_object('businessId', $1::bigint, 'queueId', n.queue_id)")})
  FROM ${NAMED} WHERE n.id = written.id`;

const appendText = (namesCalls: boolean) => `WITH given AS MATERIALIZED (
     SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::integer[], $6::integer[],
         $7::integer[], $8::bigint[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[],
         $12::text[], $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::boolean[],
         string_to_array($18, E'\\x02'), string_to_array($19, E'\\x02'), $20::text[], $21::smallint[],
         $22::text[], $23::text[])
       AS g(id, decided_on, version, event_count, message_count, log_count, bytes, last_event_at,
         received_at, ended_received_at, head, start_time, status, initiation_type, end_type,
         may_abandon, event_ids, payloads, id_hash, duration_class, change, event_types)
   ), started AS (
     INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head,
       duration_class${namesCalls ? ', queue_id' : ''})
     SELECT $1, id, start_time, status, initiation_type, end_type, head, duration_class
       ${namesCalls ? `, (SELECT n.queue_id FROM ${NAMED} WHERE n.id = given.id)` : ''}
     FROM given WHERE decided_on IS NULL AND NOT EXISTS (
       SELECT FROM erased_ids e WHERE e.business_id = $1 AND e.id_hash = given.id_hash
     )
     ON CONFLICT DO NOTHING
     RETURNING id
   ), opened AS (
     INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
       log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
     SELECT $1, id, version, event_count + 1, message_count, log_count, bytes, last_event_at,
       received_at, ended_received_at, false, may_abandon
     FROM started JOIN given USING (id)
   ), moved AS (
     UPDATE live_conversations AS l
     SET version = g.version, next_seq = l.next_seq + g.event_count, message_count = g.message_count,
       log_count = g.log_count, bytes = g.bytes, last_event_at = g.last_event_at,
       received_at = g.received_at, ended_received_at = g.ended_received_at
     FROM given g
     WHERE l.business_id = $1 AND l.conversation_id = ANY($2::text[])
       AND l.conversation_id = g.id AND l.version = g.decided_on
     RETURNING g.id, l.next_seq - g.event_count AS first_seq
   ), summary AS (
     INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head,
       duration_class)
     SELECT $1, id, g.start_time, g.status, g.initiation_type, g.end_type, g.head, g.duration_class
     FROM moved JOIN given g USING (id) WHERE g.head IS NOT NULL
     ON CONFLICT (business_id, id) DO UPDATE
     SET head = excluded.head, status = excluded.status, end_type = excluded.end_type,
       duration_class = excluded.duration_class
   ), written AS (
     SELECT id, 1 AS first_seq FROM started UNION ALL SELECT id, first_seq FROM moved
   ), events AS (
     INSERT INTO conversation_events (business_id, conversation_id, event_id, seq, payload)
     SELECT $1, w.id, e.event_id, w.first_seq + e.n - 1, e.payload
     FROM written w JOIN given g USING (id), unnest(string_to_array(g.event_ids, E'\\x01'),
       string_to_array(g.payloads, E'\\x01')) WITH ORDINALITY AS e(event_id, payload, n)
   ), logged AS (
     INSERT INTO changes_pending (business_id, at, kind, subject_id, first_seq, event_ids, event_types)
     SELECT $1, g.received_at, g.change, g.id, w.first_seq, g.event_ids, g.event_types
     FROM written w JOIN given g USING (id)
   ), counted AS (${CONVERSATION_COUNTS.insertText(24, 'JOIN written USING (id)')}
   ), audited AS (${auditText(AUDIT, 'JOIN written USING (id)')}
   )
   SELECT id FROM written${namesCalls ? ` JOIN LATERAL (${REPORT}) r ON true` : ''}`;

const APPEND = statement('conversations.append', appendText(false));
const APPEND_NAMED = statement('conversations.append-named', appendText(true));

const time = (instant: number) => new Date(instant).toISOString();
const timeOrNull = (instant: number | null) => (instant === null ? null : time(instant));

function appendValues(businessId: number, appends: readonly DecidedAppend[]): unknown[] {
  const of = <T>(value: (append: DecidedAppend) => T) => appends.map(value);
  return [
    businessId,
    of(({ header }) => header.id),
    of(({ decidedOn }) => decidedOn),
    of(({ version }) => version),
    of(({ events }) => events.length),
    of(({ state }) => state.messageCount),
    of(({ state }) => state.logCount),
    of(({ state }) => state.bytes),
    of(({ state }) => time(state.lastEventAt)),
    of(({ state }) => time(state.receivedAt)),
    of(({ state }) => timeOrNull(state.endedReceivedAt)),
    of(({ header, headChanged }) => (headChanged ? renderHead(header) : null)),
    of(({ header }) => time(header.startTime)),
    of(({ header }) => header.status),
    of(({ header }) => header.initiationType),
    of(({ header }) => header.endType),
    of(({ mayAbandon }) => mayAbandon),
    of(({ events }) => events.map(({ eventId }) => eventId).join(SEPARATOR)).join('\u0002'),
    of(({ events }) => events.map(({ payload }) => payload).join(SEPARATOR)).join('\u0002'),
    of(({ idHash }) => idHash),
    of(({ header }) => durationClass(header)),
    of(({ change }) => change),
    of(({ events }) => eventLetters(events)),
    ...CONVERSATION_COUNTS.values(appends.map(({ header, deltas }) => ({ id: header.id, deltas }))),
    ...auditValues(appends.flatMap(({ audit }) => audit)),
  ];
}

/** Smaller appends share a statement and its commit. */
const SMALL_BYTES = 128 * 1024;
const APPENDS = { most: 16, atOnce: 1 };

type Appends = readonly DecidedAppend[];

async function writeAll(db: Db, businessId: number, appends: Appends): Promise<boolean[]> {
  // A fixed lock order prevents deadlocks between processes.
  const inOrder = appends.toSorted((a, b) => (a.header.id < b.header.id ? -1 : 1));
  try {
    const named = inOrder.filter((append) => append.queueId !== null);
    const values = appendValues(businessId, inOrder);
    const ids = named.map(({ header }) => header.id);
    const queueIds = named.map(({ queueId }) => queueId);
    const rows = await (named.length === 0
      ? db.rows<{ id: string }>(APPEND, values)
      : db.rows<{ id: string }>(APPEND_NAMED, [...values, ids, queueIds]));
    const written = new Set(rows.map(({ id }) => id));
    return appends.map(({ header }) => written.has(header.id));
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (appends.length === 1) {
      if (brokenConstraint(error) === 'conversation_events_pkey') return [false];
      throw error;
    }
    // One append is at fault; alone, the others succeed.
    return (await Promise.all(appends.map((append) => writeAll(db, businessId, [append])))).flat();
  }
}

const writeInBatch = createBatcher(APPENDS, writeAll);

/** False, without effect, if the version has changed or an event id is known. Not concurrently for one id. */
export async function writeAppend(db: Db, scope: Scope, append: DecidedAppend): Promise<boolean> {
  const bytes = append.events.reduce((sum, { payload }) => sum + payload.length, 0);
  if (bytes > SMALL_BYTES) return writeAlone(db, scope, append);
  return writeInBatch(db, scope.businessId, append);
}

export async function writeAlone(db: Db, scope: Scope, append: DecidedAppend): Promise<boolean> {
  return (await writeAll(db, scope.businessId, [append])).every(Boolean);
}
