import type { DeliveryState, SourceName } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';

type Business = Pick<Scope, 'businessId'>;

/** Paused ones count: their connection may have been resumed. */
export const WITH_DUE = businessesWith(
  'connectors.businesses-with-due',
  {
    table: 'connection_deliveries',
    where: 'due_at IS NOT NULL',
    due: 'due_at <= $1',
    by: 'due_at',
  },
  { table: 'connection_deliveries', where: "status = 'Paused'" },
);

const HAS_WORK = statement(
  'connectors.has-work',
  `SELECT EXISTS (
     SELECT FROM connection_deliveries d
     WHERE d.business_id = $1 AND d.due_at IS NOT NULL AND d.due_at <= $2
   ) OR EXISTS (
     SELECT FROM connection_deliveries d WHERE d.business_id = $1 AND d.status = 'Paused'
   ) AS has`,
);

/** Whether a business has what `WITH_DUE` finds. */
export async function hasWork(db: Db, { businessId }: Business, now: number): Promise<boolean> {
  const values = [businessId, new Date(now).toISOString()];
  return (await db.row<{ has: boolean }>(HAS_WORK, values))?.has ?? false;
}

const DUE = statement(
  'connectors.find-due',
  `SELECT f.conversation_id AS id FROM (
     SELECT d.conversation_id, d.due_at FROM connection_deliveries d
     WHERE d.business_id = $1 AND d.due_at IS NOT NULL AND d.due_at <= $2
     ORDER BY d.due_at LIMIT $3
   ) f GROUP BY f.conversation_id ORDER BY min(f.due_at)`,
);

/** The conversations of the deliveries that are due, those that wait longest first. */
export async function findDue(db: Db, { businessId }: Business, now: number, limit: number) {
  const values = [businessId, new Date(now).toISOString(), limit];
  return (await db.rows<{ id: string }>(DUE, values)).map(({ id }) => id);
}

export interface CallRow {
  readonly id: string;
  readonly connectionId: string;
  readonly source: SourceName;
  readonly callId: string;
  readonly dedupeKey: string;
  readonly receivedAt: number;
  readonly status: DeliveryState;
  readonly isDue: boolean;
  readonly failures: number;
  readonly unknownEndReason: string | null;
  readonly bytes: number;
  readonly hasBody: boolean;
}

const OF_CALL = statement(
  'connectors.find-of-conversation',
  `SELECT d.delivery_id AS id, d.connection_id AS "connectionId", d.source, d.call_id AS "callId",
     d.dedupe_key AS "dedupeKey", d.received_at AS "receivedAt", d.status,
     d.due_at IS NOT NULL AS "isDue", d.failures, d.unknown_end_reason AS "unknownEndReason",
     d.bytes, d.body IS NOT NULL AS "hasBody"
   FROM connection_deliveries d
   WHERE d.business_id = $1 AND d.conversation_id = $2 AND d.status <> 'Paused'
   ORDER BY d.delivery_id`,
);

export const findOfCall = (db: Db, { businessId }: Business, conversationId: string) =>
  db.rows<CallRow>(OF_CALL, [businessId, conversationId]);

// Another process may have stored or written more meanwhile: then the call is still due.
const SETTLE = statement(
  'connectors.settle',
  `UPDATE connection_deliveries d SET status = 'Assembled', error = NULL, failures = 0, due_at = NULL,
     warnings = $5
   WHERE d.business_id = $1 AND d.delivery_id = ANY($3::text[]) AND NOT EXISTS (
     SELECT FROM connection_deliveries n
     WHERE n.business_id = $1 AND n.conversation_id = $2 AND n.status <> 'Paused'
       AND n.delivery_id <> ALL($4::text[])
   )
   RETURNING d.delivery_id`,
);

interface Settling {
  readonly conversationId: string;
  /** All deliveries that are in the conversation. */
  readonly all: readonly string[];
  /** Those that were due, with their warnings. */
  readonly due: ReadonlyMap<string, readonly string[]>;
}

/** False if there are more deliveries of the call, so that it remains due. */
export async function settle(
  tx: Tx,
  { businessId }: Business,
  { conversationId, all, due }: Settling,
): Promise<boolean> {
  const byWarnings = Map.groupBy(due, ([, warnings]) => JSON.stringify(warnings));
  for (const [text, entries] of byWarnings) {
    const ids = entries.map(([id]) => id);
    const warnings = text === '[]' ? null : text;
    const values = [businessId, conversationId, ids, all, warnings];
    if ((await tx.rows(SETTLE, values)).length === 0) return false;
  }
  return true;
}

const FAIL = statement(
  'connectors.fail',
  `UPDATE connection_deliveries SET status = 'Failed', error = $3, failures = failures + 1, due_at = $4
   WHERE business_id = $1 AND delivery_id = ANY($2::text[])`,
);

export interface Failure {
  readonly error: string;
  /** Null: not before it is retried on request. */
  readonly nextAttemptAt: number | null;
}

export async function fail(
  db: Db,
  { businessId }: Business,
  ids: readonly string[],
  { error, nextAttemptAt }: Failure,
): Promise<void> {
  const due = nextAttemptAt === null ? null : new Date(nextAttemptAt).toISOString();
  if (ids.length > 0) await db.rows(FAIL, [businessId, ids, error, due]);
}

const REMOVE_OF_CALL = statement(
  'connectors.remove-of-conversation',
  'DELETE FROM connection_deliveries WHERE business_id = $1 AND conversation_id = $2 RETURNING delivery_id',
);
const COUNT_ERASED = statement(
  'connectors.count-erased',
  `UPDATE connections SET erased_deliveries = erased_deliveries + $3
   WHERE business_id = $1 AND connection_id = $2`,
);

/** Of a conversation that was erased while they came. */
export async function removeErased(
  tx: Tx,
  { businessId }: Business,
  { connectionId, conversationId }: { connectionId: string; conversationId: string },
): Promise<void> {
  const removed = await tx.rows(REMOVE_OF_CALL, [businessId, conversationId]);
  await tx.rows(COUNT_ERASED, [businessId, connectionId, removed.length]);
}

const MAX_END_REASONS = 200;
const KNOWS_END_REASON = statement(
  'connectors.count-end-reasons',
  `SELECT count(*) AS n, coalesce(bool_or(e.end_reason = $3), false) AS "isKnown"
   FROM connection_end_reasons e WHERE e.business_id = $1 AND e.connection_id = $2`,
);
const COUNT_END_REASON = statement(
  'connectors.count-end-reason',
  `INSERT INTO connection_end_reasons AS e (business_id, connection_id, end_reason, conversations)
   VALUES ($1, $2, $3, 1)
   ON CONFLICT (business_id, connection_id, end_reason)
   DO UPDATE SET conversations = e.conversations + 1`,
);
const NOTE_END_REASON = statement(
  'connectors.note-end-reason',
  `UPDATE connection_deliveries SET unknown_end_reason = $3
   WHERE business_id = $1 AND delivery_id = $2`,
);

/** A source of free text does not fill the table. */
export async function countEndReason(
  tx: Tx,
  { businessId }: Business,
  { id, connectionId }: Pick<CallRow, 'id' | 'connectionId'>,
  endReason: string,
): Promise<void> {
  await tx.rows(NOTE_END_REASON, [businessId, id, endReason]);
  const values = [businessId, connectionId, endReason];
  const known = await tx.row<{ n: number; isKnown: boolean }>(KNOWS_END_REASON, values);
  const isFull = (known?.n ?? 0) >= MAX_END_REASONS && !known?.isKnown;
  if (!isFull) await tx.rows(COUNT_END_REASON, values);
}

const FIND_RESUMED = statement(
  'connectors.find-resumed',
  `SELECT c.connection_id AS id FROM connections c
   WHERE c.business_id = $1 AND NOT c.is_paused AND EXISTS (
     SELECT FROM connection_deliveries d
     WHERE d.business_id = $1 AND d.connection_id = c.connection_id AND d.status = 'Paused'
   )`,
);
const RESUME = statement(
  'connectors.resume',
  `UPDATE connection_deliveries SET status = 'Pending', due_at = $3
   WHERE business_id = $1 AND delivery_id IN (
     SELECT d.delivery_id FROM connection_deliveries d
     WHERE d.business_id = $1 AND d.connection_id = $2 AND d.status = 'Paused'
     LIMIT $4 FOR UPDATE SKIP LOCKED
   )
   RETURNING delivery_id`,
);
const RESUME_BATCH = 1_000;

/** Makes deliveries due that came while their connection was paused. */
export async function resumePaused(db: Db, { businessId }: Business, now: number): Promise<void> {
  const at = new Date(now).toISOString();
  for (const { id } of await db.rows<{ id: string }>(FIND_RESUMED, [businessId])) {
    const values = [businessId, id, at, RESUME_BATCH];
    while ((await db.rows(RESUME, values)).length === RESUME_BATCH);
  }
}
