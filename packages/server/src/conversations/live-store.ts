import type { Scope } from '../access/scope.ts';
import { brokenConstraint, type Db, statement } from '../base/db.ts';
import type { Event, Header } from './conversation.ts';
import { type CountDelta, deltaValues, insertDeltas } from './counts.ts';
import { readHead, renderHead } from './document.ts';
import { headerFromWire } from './from-wire.ts';

/** What an append must know of a conversation that is not sealed, beside its header. */
export interface LiveState {
  readonly version: number;
  readonly messageCount: number;
  readonly logCount: number;
  /** UTF-8 bytes of its events. */
  readonly bytes: number;
  /** The latest Timestamp among its events, and when the last of them arrived. */
  readonly lastEventAt: number;
  readonly receivedAt: number;
  readonly endedReceivedAt: number | null;
  readonly hasEarlierIds: boolean;
}

/** The four things that a look-up before an append can find. */
export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'erased' }
  | { readonly kind: 'sealed'; readonly header: Header; readonly known: ReadonlySet<string> }
  | {
      readonly kind: 'live';
      readonly header: Header;
      readonly state: LiveState;
      readonly known: ReadonlySet<string>;
    };

const FIND = `SELECT c.head, c.erased_at IS NOT NULL AS erased, l.version, l.message_count, l.log_count,
    l.bytes, l.last_event_at, l.received_at, l.ended_received_at, l.has_earlier_ids,
    ARRAY(
      SELECT e.event_id FROM conversation_events e
      WHERE e.business_id = $1 AND e.conversation_id = $2 AND e.event_id = ANY($3::text[])
      UNION
      (SELECT unnest(i.event_ids) FROM earlier_event_ids i
        WHERE i.business_id = $1 AND i.conversation_id = $2
      INTERSECT SELECT unnest($3::text[]))
    ) AS known
  FROM conversations c
  LEFT JOIN live_conversations l ON l.business_id = $1 AND l.conversation_id = $2
  WHERE c.business_id = $1 AND c.id = $2`;
const FIND_LIVE = statement('conversations.find-live', FIND);
const LOCK_LIVE = statement(
  'conversations.lock-live',
  `SELECT version FROM live_conversations WHERE business_id = $1 AND conversation_id = $2 FOR UPDATE`,
);

interface FoundRow {
  head: string;
  erased: boolean;
  version: number | null;
  message_count: number;
  log_count: number;
  bytes: number;
  last_event_at: number;
  received_at: number;
  ended_received_at: number | null;
  has_earlier_ids: boolean;
  known: string[];
}

/** The conversation as an append finds it, and which of these event ids it has had already. */
export async function findLive(
  db: Db,
  scope: Scope,
  id: string,
  eventIds: readonly string[],
): Promise<Found> {
  const row = await db.row<FoundRow>(FIND_LIVE, [scope.businessId, id, eventIds]);
  if (!row) return { kind: 'absent' };
  if (row.erased) return { kind: 'erased' };
  const header = headerFromWire(id, readHead(row.head));
  const known = new Set(row.known);
  if (row.version === null) return { kind: 'sealed', header, known };
  return {
    kind: 'live',
    header,
    known,
    state: {
      version: row.version,
      messageCount: row.message_count,
      logCount: row.log_count,
      bytes: row.bytes,
      lastEventAt: row.last_event_at,
      receivedAt: row.received_at,
      endedReceivedAt: row.ended_received_at,
      hasEarlierIds: row.has_earlier_ids,
    },
  };
}

/**
 * Keeps other writers off a conversation for the rest of the transaction. Every writer that takes
 * more than one statement takes this lock first, so that none waits for another in a circle.
 */
export async function lockLive(tx: Db, scope: Scope, id: string): Promise<void> {
  await tx.rows(LOCK_LIVE, [scope.businessId, id]);
}

/** An append that was decided: what it adds, and what the conversation is after it. */
export interface DecidedAppend {
  readonly events: readonly Event[];
  readonly payloads: readonly string[];
  readonly header: Header;
  readonly headChanged: boolean;
  readonly state: Omit<LiveState, 'version' | 'hasEarlierIds'>;
  readonly deltas: readonly CountDelta[];
}

const EVENT_ROWS = 'unnest($3::text[], $4::text[]) WITH ORDINALITY AS e(event_id, payload, n)';

const START = statement(
  'conversations.start',
  `WITH started AS (
     INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head)
     VALUES ($1, $2, $5, $6, $7, $8, $9)
     ON CONFLICT DO NOTHING
     RETURNING 1
   ), live AS (
     INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
       log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
     SELECT $1, $2, $10, cardinality($3::text[]) + 1, $11, $12, $13, $14, $15, $16, false, $17
     FROM started
   ), events AS (
     INSERT INTO conversation_events (business_id, conversation_id, event_id, seq, payload)
     SELECT $1, $2, e.event_id, e.n, e.payload FROM started, ${EVENT_ROWS}
   ), counted AS (${insertDeltas('started', 18)})
   SELECT 1 FROM started`,
);

// The version decides: where another writer was faster, nothing is written and no row comes back.
const moved = (change: string) => `moved AS (
     UPDATE live_conversations
     SET version = version + 1, next_seq = next_seq + cardinality($3::text[]), message_count = $6,
       log_count = $7, bytes = $8, last_event_at = $9, received_at = $10${change}
     WHERE business_id = $1 AND conversation_id = $2 AND version = $5
     RETURNING next_seq - cardinality($3::text[]) - 1 AS seq
   ), events AS (
     INSERT INTO conversation_events (business_id, conversation_id, event_id, seq, payload)
     SELECT $1, $2, e.event_id, moved.seq + e.n, e.payload FROM moved, ${EVENT_ROWS}
   )`;

const CONTINUE = statement('conversations.continue', `WITH ${moved('')} SELECT 1 FROM moved`);
const CONTINUE_WITH_HEAD = statement(
  'conversations.continue-with-head',
  `WITH ${moved(', ended_received_at = $11')}, summary AS (
     UPDATE conversations SET head = $12 FROM moved WHERE business_id = $1 AND id = $2
   )
   SELECT 1 FROM moved`,
);
const CONTINUE_WITH_STATUS = statement(
  'conversations.continue-with-status',
  `WITH ${moved(', ended_received_at = $11')}, summary AS (
     UPDATE conversations SET head = $12, status = $13, end_type = $14
     FROM moved WHERE business_id = $1 AND id = $2
   ), counted AS (${insertDeltas('moved', 15)})
   SELECT 1 FROM moved`,
);

const time = (instant: number) => new Date(instant).toISOString();
const timeOrNull = (instant: number | null) => (instant === null ? null : time(instant));

/** False where the id is taken meanwhile; nothing is written then. */
export async function startLive(
  db: Db,
  scope: Scope,
  append: DecidedAppend,
  version: number,
  mayAbandon: boolean,
): Promise<boolean> {
  const { header, state } = append;
  const rows = await db.rows(START, [
    scope.businessId,
    header.id,
    append.events.map(({ eventId }) => eventId),
    append.payloads,
    time(header.startTime),
    header.status,
    header.initiationType,
    header.endType,
    renderHead(header),
    version,
    state.messageCount,
    state.logCount,
    state.bytes,
    time(state.lastEventAt),
    time(state.receivedAt),
    timeOrNull(state.endedReceivedAt),
    mayAbandon,
    ...deltaValues(append.deltas),
  ]);
  return rows.length > 0;
}

/**
 * False where the conversation is not at `version` any more, or one of the event ids is known
 * already; nothing is written then.
 */
export async function continueLive(
  db: Db,
  scope: Scope,
  append: DecidedAppend,
  version: number,
): Promise<boolean> {
  const { header, state } = append;
  const values: unknown[] = [
    scope.businessId,
    header.id,
    append.events.map(({ eventId }) => eventId),
    append.payloads,
    version,
    state.messageCount,
    state.logCount,
    state.bytes,
    time(state.lastEventAt),
    time(state.receivedAt),
  ];
  if (append.headChanged) values.push(timeOrNull(state.endedReceivedAt), renderHead(header));
  if (append.deltas.length > 0) {
    values.push(header.status, header.endType, ...deltaValues(append.deltas));
  }
  const text =
    append.deltas.length > 0
      ? CONTINUE_WITH_STATUS
      : append.headChanged
        ? CONTINUE_WITH_HEAD
        : CONTINUE;
  try {
    return (await db.rows(text, values)).length > 0;
  } catch (error) {
    if (brokenConstraint(error) === 'conversation_events_pkey') return false;
    throw error;
  }
}
