import { eraseSubjectIds } from '../access/audit/chain-store.ts';
import type { Scope } from '../access/authorization/scope.ts';
import { forgetChanges } from '../changes/pending-store.ts';
import { LARGE_BYTES } from '../kernel/fair-share/fair-share.ts';
import { businessesWith } from '../kernel/jobs/businesses-with.ts';
import { createBatcher } from '../kernel/postgres/batcher.ts';
import { type Database, type Db, statement, type Tx } from '../kernel/postgres/database.ts';
import type { Secrets } from '../kernel/secrets.ts';
import { addTombstones, hasTombstone, idHash } from '../tombstones/tombstone-store.ts';
import type { Header } from './model/conversation.ts';
import { durationClass } from './model/counts.ts';
import type { ReadableDocument, RecordingCopy, WritableDocument } from './model/document.ts';
import type { StoredEvents } from './model/stored-events.ts';
import type { Whole, WrittenEvent } from './model/transcript.ts';
import { transcriptHash, transcriptValues } from './write/sealed-store.ts';

interface LiveDocument<Text> extends Pick<ReadableDocument, 'head' | 'recordings'> {
  readonly events: Text;
}

export type StoredConversation<Text = string> =
  | { readonly kind: 'erased' }
  | ({ readonly kind: 'sealed' } & ReadableDocument<Text>)
  | ({ readonly kind: 'live' } & LiveDocument<Text>);

export type PresentConversation = Exclude<StoredConversation, { kind: 'erased' }>;

export const TRANSCRIPT_HASH = `encode(c.transcript_hash, 'hex') AS "transcriptHash"`;
const SEALED_BYTES = 'octet_length(c.messages) + octet_length(c.logs)';
// Of one table without subqueries, so a cluster needs no new plan for it.
const SEALED = statement(
  'conversations.find-sealed',
  `SELECT c.id, c.head, c.recordings, ${TRANSCRIPT_HASH}, ${SEALED_BYTES} AS bytes,
     CASE WHEN ${SEALED_BYTES} <= ${LARGE_BYTES} THEN c.messages END AS messages,
     CASE WHEN ${SEALED_BYTES} <= ${LARGE_BYTES} THEN c.logs END AS logs
   FROM conversations c WHERE c.business_id = $1 AND c.id = ANY($2::text[])`,
);
const EVENTS = `(
      SELECT string_agg(e.payloads, E'\\x01' ORDER BY e.seq) FROM conversation_events e
      WHERE e.business_id = $1 AND e.conversation_id = $2
    )`;
// One snapshot of a row and its events. The head of a deleted conversation is empty.
const DOCUMENT = `SELECT c.head, c.recordings, c.messages, c.logs,
    CASE WHEN c.messages IS NULL THEN ${EVENTS} END AS events
  FROM conversations c
  WHERE c.business_id = $1 AND c.id = $2`;
// Sealed meanwhile, it has no live row.
const LIVE = statement(
  'conversations.find-live-document',
  `SELECT c.head, c.recordings, c.messages, c.logs, l.bytes,
    CASE WHEN l.bytes <= ${LARGE_BYTES} THEN ${EVENTS} END AS events
  FROM conversations c
  LEFT JOIN live_conversations l ON l.business_id = $1 AND l.conversation_id = $2
  WHERE c.business_id = $1 AND c.id = $2`,
);
const FIND = statement('conversations.find', DOCUMENT);
const TO_CHANGE = statement('conversations.find-to-change', `${DOCUMENT} FOR NO KEY UPDATE OF c`);

interface DocumentRow {
  readonly head: string;
  readonly recordings: string | null;
  readonly messages: string | null;
  readonly logs: string | null;
  readonly events?: StoredEvents | null;
  readonly transcriptHash?: string | null;
}

interface SealedRow extends DocumentRow {
  readonly id: string;
  /** null: it is live. */
  readonly bytes: number | null;
}

export const READS = { most: 8, atOnce: 8 };
const findSealed = createBatcher(READS, async (db, businessId, ids: readonly string[]) => {
  const rows = await db.rows<SealedRow>(SEALED, [businessId, ids]);
  const byId = new Map(rows.map((row): [string, SealedRow] => [row.id, row]));
  return ids.map((id) => byId.get(id));
});

function readDocument(row: DocumentRow | undefined): StoredConversation | null {
  if (!row) return null;
  const { head } = row;
  if (head === '') return { kind: 'erased' };
  const recordings = readRecordings(row.recordings);
  if (row.messages !== null && row.logs !== null) {
    const { messages, logs, transcriptHash = null } = row;
    return { kind: 'sealed', head, recordings, messages, logs, transcriptHash };
  }
  return { kind: 'live', head, recordings, events: row.events ?? '' };
}

export function readRecordings(text: string | null): RecordingCopy[] {
  return text === null ? [] : JSON.parse(text);
}

/** Requests wait until this many bytes may be read; jobs do not wait. */
export type AdmitLarge = (bytes: number) => Promise<void>;

export function findConversation(
  db: Db & Partial<Pick<Database, 'patient'>>,
  scope: Scope,
  id: string,
  admitLarge?: AdmitLarge,
): Promise<StoredConversation | null> {
  return findBySize(db, scope, id, async (bytes) => {
    await admitLarge?.(bytes);
    return readDocument(await (db.patient ?? db).row<DocumentRow>(FIND, [scope.businessId, id]));
  });
}

/** Like `findConversation`, but calls `findLarge` with the size of a large one. */
export async function findBySize<Large>(
  db: Db,
  { businessId }: Scope,
  id: string,
  findLarge: (bytes: number) => Promise<Large>,
): Promise<StoredConversation | Large | null> {
  const sealed = await findSealed(db, businessId, id);
  if (sealed === undefined || sealed.head === '') return readDocument(sealed);
  const found =
    sealed.bytes === null ? await db.row<Omit<SealedRow, 'id'>>(LIVE, [businessId, id]) : sealed;
  const bytes = found?.bytes ?? 0;
  return bytes > LARGE_BYTES ? findLarge(bytes) : readDocument(found);
}

/** Locks the row until the transaction ends. Call `lockLive` first: its lock protects the events. */
export async function findToChange(tx: Db, scope: Scope, id: string) {
  return readDocument(await tx.row<DocumentRow>(TO_CHANGE, [scope.businessId, id]));
}

const INSERT = statement(
  'conversations.insert',
  `INSERT INTO conversations
     (business_id, id, start_time, status, initiation_type, end_type, head, messages, logs, queue_id,
      duration_class, transcript_hash)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${transcriptHash('$8::text', '$9::text')})
   ON CONFLICT DO NOTHING
   RETURNING id`,
);
const UNDO_INSERT = statement(
  'conversations.undo-insert',
  'DELETE FROM conversations WHERE business_id = $1 AND id = $2',
);
const REPLACE = statement(
  'conversations.replace',
  `UPDATE conversations SET start_time = $3, status = $4, initiation_type = $5, end_type = $6,
     head = $7, messages = $8, logs = $9, queue_id = $10, duration_class = $11,
     recordings = $12, transcript_hash = ${transcriptHash('$8::text', '$9::text')}
   WHERE business_id = $1 AND id = $2`,
);

interface WritableConversation {
  readonly header: Header;
  readonly document: WritableDocument;
  readonly isSealed: boolean;
}

async function documentValues(
  scope: Scope,
  { header, document, isSealed }: WritableConversation,
): Promise<unknown[]> {
  return [
    scope.businessId,
    header.id,
    new Date(header.startTime).toISOString(),
    header.status,
    header.initiationType,
    header.endType,
    document.head,
    ...(isSealed ? await transcriptValues(document) : [null, null]),
    header.queueId,
    durationClass(header),
  ];
}

/** False if the id is taken or belonged to a deleted conversation. */
export async function insertConversation(
  tx: Tx,
  secrets: Secrets,
  scope: Scope,
  added: WritableConversation,
): Promise<boolean> {
  const { id } = added.header;
  const inserted = await tx.rows(INSERT, await documentValues(scope, added));
  if (inserted.length === 0) return false;
  // After the insert, which waits for a deletion that is under way.
  const subject = { kind: 'conversation', id } as const;
  if (!(await hasTombstone(tx, secrets, scope.businessId, subject))) return true;
  await tx.rows(UNDO_INSERT, [scope.businessId, id]);
  return false;
}

export async function replaceConversation(
  tx: Tx,
  scope: Scope,
  replacement: WritableConversation,
  recordings: readonly RecordingCopy[],
): Promise<void> {
  const values = await documentValues(scope, replacement);
  await tx.rows(REPLACE, [...values, recordingsText(recordings)]);
}

const recordingsText = (recordings: readonly RecordingCopy[]) =>
  recordings.length === 0 ? null : JSON.stringify(recordings);

const SET_RECORDINGS = statement(
  'conversations.set-recordings',
  'UPDATE conversations SET recordings = $3 WHERE business_id = $1 AND id = $2',
);
const COUNT_RECORDINGS = statement(
  'conversations.count-recordings',
  `UPDATE sealed_conversations SET recordings = $3, purge_plan = 0
   WHERE business_id = $1 AND conversation_id = $2`,
);

type Copies = readonly RecordingCopy[];

/** The caller has locked the conversation. */
export async function setRecordings(tx: Tx, scope: Scope, id: string, recordings: Copies) {
  await tx.rows(SET_RECORDINGS, [scope.businessId, id, recordingsText(recordings)]);
  await tx.rows(COUNT_RECORDINGS, [scope.businessId, id, recordings.length]);
}

const deleteFrom = (table: string, key = 'conversation_id') =>
  statement(
    `conversations.erase-${table}`,
    `DELETE FROM ${table} WHERE business_id = $1 AND ${key} = ANY($2::text[])`,
  );
// The live row first, as in all writers with several statements.
const DELETE_ROWS = [
  deleteFrom('live_conversations'),
  deleteFrom('conversation_events'),
  deleteFrom('earlier_event_ids'),
  deleteFrom('conversation_spans'),
  deleteFrom('sealed_conversations'),
  deleteFrom('conversations', 'id'),
  // Last: a request that stores one has locked the conversation.
  deleteFrom('connection_deliveries'),
];

export async function deleteConversationRows(
  tx: Tx,
  secrets: Secrets,
  { businessId }: Scope,
  { ids, erasedAt }: { readonly ids: readonly string[]; readonly erasedAt: number },
): Promise<void> {
  const hashes = ids.map((id) => idHash(secrets, businessId, 'conversation', id));
  await addTombstones(tx, businessId, hashes, erasedAt);
  for (const deletion of DELETE_ROWS) await tx.rows(deletion, [businessId, ids]);
  await forgetChanges(tx, { businessId }, { ids, hashes });
  await eraseSubjectIds(tx, businessId, hashes);
}

const FORGET_RAW = statement(
  'conversations.forget-raw',
  `UPDATE connection_deliveries SET headers = NULL, body = NULL
   WHERE business_id = $1 AND conversation_id = ANY($2::text[]) AND body IS NOT NULL`,
);

/** Removes what sources sent about conversations whose texts an erasure or a purge changes. */
export async function forgetRaw(tx: Tx, { businessId }: Scope, ids: readonly string[]) {
  if (ids.length > 0) await tx.rows(FORGET_RAW, [businessId, ids]);
}

export const WITH_EARLIER_DELETIONS = businessesWith('conversations.businesses-to-forget', {
  table: 'conversations',
  where: 'erased_at IS NOT NULL',
});
const FIND_ERASED = statement(
  'conversations.find-to-forget',
  `SELECT id FROM conversations WHERE business_id = $1 AND erased_at IS NOT NULL
   LIMIT 1000 FOR UPDATE SKIP LOCKED`,
);

/** Replaces deleted conversations of earlier releases by tombstones. Returns whether there were any. */
export async function convertEarlierDeletions(tx: Tx, secrets: Secrets, scope: Scope) {
  const rows = await tx.rows<{ id: string }>(FIND_ERASED, [scope.businessId]);
  const ids = rows.map(({ id }) => id);
  // Earlier releases did not store the date that the ledger needs.
  if (ids.length > 0) await deleteConversationRows(tx, secrets, scope, { ids, erasedAt: 0 });
  return ids.length > 0;
}

const OPEN_WRITTEN = statement(
  'conversations.open-written',
  `INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
     log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
   SELECT c.business_id, c.id, $3, 2, $4, $5, $6, $7, $8, NULL, EXISTS (
       SELECT FROM earlier_event_ids i WHERE i.business_id = $1 AND i.conversation_id = $2
     ), $9
   FROM conversations c WHERE c.business_id = $1 AND c.id = $2`,
);
const ADD_WRITTEN = statement(
  'conversations.add-written',
  `INSERT INTO conversation_events (business_id, conversation_id, seq, event_ids, payloads)
   VALUES ($1, $2, 1, $3, $4)`,
);

interface Opening extends WrittenEvent {
  readonly receivedAt: number;
  readonly version: number;
  readonly mayAbandon: boolean;
}

/** The caller has inserted or locked the conversation. */
export async function openWritten(
  tx: Tx,
  scope: Scope,
  { header, transcript }: Whole,
  { eventId, at, payload, receivedAt, version, mayAbandon }: Opening,
): Promise<void> {
  await tx.rows(OPEN_WRITTEN, [
    scope.businessId,
    header.id,
    version,
    transcript.messageCount,
    transcript.logCount,
    Buffer.byteLength(payload),
    new Date(at).toISOString(),
    new Date(receivedAt).toISOString(),
    mayAbandon,
  ]);
  await tx.rows(ADD_WRITTEN, [scope.businessId, header.id, eventId, payload]);
}
