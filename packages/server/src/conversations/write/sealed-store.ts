import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { textParameter } from '../../kernel/threads/text-bytes.ts';
import type { Header } from '../model/conversation.ts';
import type { StoredDocument, WritableDocument } from '../model/document.ts';

const COLUMNS = `start_time, end_time, status, initiation_type, end_type, queue_id, metadata,
  has_transcript, has_logs, recordings, counted_bytes`;
/** Of the transcript of a conversation c; its size is known without reading it. */
const BYTES = 'octet_length(c.messages) + octet_length(c.logs)';

export interface SealedFacts {
  readonly header: Header;
  readonly messageCount: number;
  readonly logCount: number;
}

function sealedValues({ header, messageCount, logCount }: SealedFacts): unknown[] {
  const { startTime, endTime, status, initiationType, endType, queueId, metadata } = header;
  return [
    new Date(startTime).toISOString(),
    new Date(endTime ?? startTime).toISOString(),
    status,
    initiationType,
    endType,
    queueId,
    JSON.stringify(metadata),
    // The analysis is purged as a part of it.
    messageCount > 0 || header.analysis !== undefined,
    logCount > 0,
  ];
}

/** SQL of `transcript_hash`; NULL if a part is. */
export const transcriptHash = (messages: string, logs: string) =>
  `sha256(sha256(convert_to(${messages}, 'UTF8')) || sha256(convert_to(${logs}, 'UTF8')))`;

export const transcriptValues = ({ messages, logs, bytes }: WritableDocument) =>
  Promise.all([textParameter(messages, bytes?.messages), textParameter(logs, bytes?.logs)]);

const NOTE = statement(
  'conversations.note-sealed',
  `INSERT INTO sealed_conversations (business_id, conversation_id, ${COLUMNS})
   SELECT c.business_id, c.id, $3, $4, $5, $6, $7, $8, $9, $10, $11,
     coalesce(json_array_length(c.recordings::json), 0), ${BYTES}
   FROM conversations c WHERE c.business_id = $1 AND c.id = $2
   ON CONFLICT (business_id, conversation_id) DO UPDATE
     SET (${COLUMNS}, purge_at, purge_plan, is_held, detector)
       = ROW(${COLUMNS.replaceAll(/\w+/g, 'excluded.$&')}, NULL, 0, false, 0)
   RETURNING counted_bytes AS bytes`,
);

/** Returns the bytes of the transcript. */
export async function putSealedRow(tx: Db, scope: Scope, sealed: SealedFacts): Promise<number> {
  const values = [scope.businessId, sealed.header.id, ...sealedValues(sealed)];
  return (await tx.row<{ bytes: number }>(NOTE, values))?.bytes ?? 0;
}

const FIND_BYTES = statement(
  'conversations.find-counted-bytes',
  `SELECT conversation_id AS id, counted_bytes AS bytes FROM sealed_conversations
   WHERE business_id = $1 AND conversation_id = ANY($2::text[])`,
);

/** Of the sealed conversations among `ids`; null: not counted yet. */
export async function findCountedBytes(tx: Tx, scope: Scope, ids: readonly string[]) {
  const rows = await tx.rows<{ id: string; bytes: number | null }>(FIND_BYTES, [
    scope.businessId,
    ids,
  ]);
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
}

const COUNT = statement(
  'conversations.count-sealed',
  'SELECT count(*)::integer AS n FROM sealed_conversations WHERE business_id = $1',
);

export async function countSealed(db: Db, scope: Scope): Promise<number> {
  return (await db.row<{ n: number }>(COUNT, [scope.businessId]))?.n ?? 0;
}

const DELETE = statement(
  'conversations.forget-sealed',
  'DELETE FROM sealed_conversations WHERE business_id = $1 AND conversation_id = $2',
);

export async function deleteSealedRow(tx: Db, scope: Scope, id: string): Promise<void> {
  await tx.rows(DELETE, [scope.businessId, id]);
}

const LOCK = statement(
  'conversations.lock-sealed',
  `SELECT id, head, recordings FROM conversations
   WHERE business_id = $1 AND id = ANY($2::text[]) AND erased_at IS NULL AND messages IS NOT NULL
   ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`,
);

export interface LockedHead {
  readonly id: string;
  readonly head: string;
  readonly recordings: string | null;
}

/** Locks sealed conversations until the transaction ends; skips rows that are already locked. */
export function lockSealed(tx: Db, scope: Scope, ids: readonly string[]): Promise<LockedHead[]> {
  return tx.rows(LOCK, [scope.businessId, ids]);
}

/** Of a transcript; null: not counted yet. */
export interface PurgedBytes {
  readonly before: number | null;
  readonly after: number;
}

export interface PurgedParts {
  readonly id: string;
  readonly head: string;
  readonly isWithout: Readonly<Record<'transcript' | 'logs' | 'recordings', boolean>>;
}

const WITHOUT_TRANSCRIPT = "CASE WHEN t.transcript THEN '[]' ELSE c.messages END";
const WITHOUT_LOGS = "CASE WHEN t.logs THEN '[]' ELSE c.logs END";
const PURGE_PARTS = statement(
  'conversations.thin',
  `UPDATE conversations c SET head = t.head,
     messages = ${WITHOUT_TRANSCRIPT}, logs = ${WITHOUT_LOGS},
     recordings = CASE WHEN t.recordings THEN NULL ELSE c.recordings END,
     transcript_hash = ${transcriptHash(WITHOUT_TRANSCRIPT, WITHOUT_LOGS)}
   FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::text[])
     AS t(id, transcript, logs, recordings, head)
   WHERE c.business_id = $1 AND c.id = ANY($2::text[]) AND c.id = t.id`,
);
// The earlier bytes come from the row before the update.
const NOTE_PURGED = statement(
  'conversations.note-purged',
  `UPDATE sealed_conversations s SET purge_plan = 0,
     has_transcript = s.has_transcript AND NOT t.transcript,
     has_logs = s.has_logs AND NOT t.logs,
     recordings = CASE WHEN t.recordings THEN 0 ELSE s.recordings END,
     counted_bytes = ${BYTES}
   FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[])
     AS t(id, transcript, logs, recordings), conversations c, sealed_conversations earlier
   WHERE s.business_id = $1 AND s.conversation_id = ANY($2::text[]) AND s.conversation_id = t.id
     AND c.business_id = $1 AND c.id = ANY($2::text[]) AND c.id = t.id
     AND earlier.business_id = $1 AND earlier.conversation_id = ANY($2::text[])
     AND earlier.conversation_id = t.id
   RETURNING s.conversation_id AS id, earlier.counted_bytes AS before, s.counted_bytes AS after`,
);

/** The caller has locked the conversations. Returns the bytes of the transcripts by id. */
export async function purgeParts(
  tx: Tx,
  scope: Scope,
  purged: readonly PurgedParts[],
): Promise<Map<string, PurgedBytes>> {
  const parts = [
    purged.map(({ id }) => id),
    purged.map(({ isWithout }) => isWithout.transcript),
    purged.map(({ isWithout }) => isWithout.logs),
    purged.map(({ isWithout }) => isWithout.recordings),
  ];
  await tx.rows(PURGE_PARTS, [scope.businessId, ...parts, purged.map(({ head }) => head)]);
  const values = [scope.businessId, ...parts];
  const rows = await tx.rows<PurgedBytes & { readonly id: string }>(NOTE_PURGED, values);
  return new Map(rows.map(({ id, ...bytes }) => [id, bytes]));
}

const FIND_UNSEARCHED = statement(
  'conversations.find-unsearched',
  `SELECT conversation_id AS id FROM sealed_conversations
   WHERE business_id = $1 AND (detector < $2 OR detector > $2) LIMIT $3`,
);

export async function findUnsearched(db: Db, scope: Scope, detector: number, limit: number) {
  const values = [scope.businessId, detector, limit];
  return (await db.rows<{ id: string }>(FIND_UNSEARCHED, values)).map(({ id }) => id);
}

const COUNT_UNSEARCHED = statement(
  'conversations.count-unsearched',
  `SELECT count(*)::integer AS count FROM sealed_conversations
   WHERE business_id = $1 AND (detector < $2 OR detector > $2)`,
);

export async function countUnsearched(db: Db, scope: Scope, detector: number): Promise<number> {
  const row = await db.row<{ count: number }>(COUNT_UNSEARCHED, [scope.businessId, detector]);
  return row?.count ?? 0;
}

const NOTE_SEARCHED = statement(
  'conversations.note-searched',
  `UPDATE sealed_conversations SET detector = $3 WHERE business_id = $1 AND conversation_id = $2`,
);

export async function noteSearched(tx: Db, scope: Scope, id: string, detector: number) {
  await tx.rows(NOTE_SEARCHED, [scope.businessId, id, detector]);
}

const CLOSE = statement(
  'conversations.close',
  `DELETE FROM live_conversations
   WHERE business_id = $1 AND conversation_id = $2 AND version = coalesce($3, version)
   RETURNING 1`,
);
// An id that begins with @ is the server's own. Such a row has no other ids.
const KEEP_EVENT_IDS = statement(
  'conversations.keep-event-ids',
  `INSERT INTO earlier_event_ids AS i (business_id, conversation_id, event_ids)
   SELECT e.business_id, e.conversation_id,
     string_to_array(string_agg(e.event_ids, E'\\x01'), E'\\x01')
   FROM conversation_events e
   WHERE e.business_id = $1 AND e.conversation_id = $2 AND e.event_ids NOT LIKE '@%'
   GROUP BY e.business_id, e.conversation_id
   ON CONFLICT (business_id, conversation_id)
     DO UPDATE SET event_ids = i.event_ids || excluded.event_ids`,
);
const DELETE_EVENTS = statement(
  'conversations.drop-events',
  'DELETE FROM conversation_events WHERE business_id = $1 AND conversation_id = $2',
);
const SEAL = statement(
  'conversations.seal',
  `UPDATE conversations SET head = $3, messages = $4, logs = $5,
     transcript_hash = ${transcriptHash('$4::text', '$5::text')}
   WHERE business_id = $1 AND id = $2`,
);

/**
 * Deletes the live row, then the events, and keeps their ids. Appends wait for the live row and find
 * it deleted, so the statements see the same events. False if there is no live row of the version.
 */
async function closeEvents(tx: Tx, scope: Scope, id: string, version: number | null) {
  const key = [scope.businessId, id];
  if ((await tx.rows(CLOSE, [...key, version])).length === 0) return false;
  await tx.rows(KEEP_EVENT_IDS, key);
  await tx.rows(DELETE_EVENTS, key);
  return true;
}

/** False if an append has changed the version; `version` is null if the caller holds the lock. */
export async function replaceEvents(
  tx: Tx,
  scope: Scope,
  { id, document }: { readonly id: string; readonly document: StoredDocument },
  version: number | null,
): Promise<boolean> {
  const transcript = await transcriptValues(document);
  if (!(await closeEvents(tx, scope, id, version))) return false;
  await tx.rows(SEAL, [scope.businessId, id, document.head, ...transcript]);
  return true;
}

/** Keeps the ids of the events. */
export async function deleteEvents(tx: Tx, scope: Scope, id: string): Promise<void> {
  await closeEvents(tx, scope, id, null);
}

export const WITH_ENDED = businessesWith('conversations.businesses-with-ended', {
  table: 'live_conversations',
  where: 'ended_received_at IS NOT NULL',
  due: 'ended_received_at <= $1',
  by: 'ended_received_at',
});
export const WITH_SILENT = businessesWith('conversations.businesses-with-silent', {
  table: 'live_conversations',
  due: 'ended_received_at IS NULL AND received_at <= $1 AND may_abandon',
});

const FIND_ENDED = statement(
  'conversations.find-ended',
  `SELECT conversation_id AS id, version FROM live_conversations
   WHERE business_id = $1 AND ended_received_at <= $2
   ORDER BY ended_received_at LIMIT 500`,
);
const FIND_SILENT = statement(
  'conversations.find-silent',
  `SELECT conversation_id AS id, last_event_at AS "lastEventAt" FROM live_conversations
   WHERE business_id = $1 AND ended_received_at IS NULL AND received_at <= $2 AND may_abandon
   LIMIT 500`,
);

export function findEnded(db: Db, scope: Scope, before: number) {
  const values = [scope.businessId, new Date(before).toISOString()];
  return db.rows<{ id: string; version: number }>(FIND_ENDED, values);
}

export function findSilent(db: Db, scope: Scope, since: number) {
  const values = [scope.businessId, new Date(since).toISOString()];
  return db.rows<{ id: string; lastEventAt: number }>(FIND_SILENT, values);
}
