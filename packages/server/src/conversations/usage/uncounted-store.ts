import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';

// Transcripts and recordings that earlier releases stored. Writers that change one count it in the same transaction.

export interface Counted {
  readonly at: number;
  readonly bytes: number;
}

const PAGE_SEALED = statement(
  'usage.page-sealed',
  `SELECT conversation_id AS id FROM sealed_conversations
   WHERE business_id = $1 AND conversation_id > $2 ORDER BY conversation_id LIMIT $3`,
);
const LOCK_CONVERSATIONS = statement(
  'usage.lock-conversations',
  `SELECT FROM conversations WHERE business_id = $1 AND id = ANY($2::text[])
   ORDER BY id FOR NO KEY UPDATE`,
);
const COUNT_TRANSCRIPTS = statement(
  'usage.count-transcripts',
  `UPDATE sealed_conversations s
   SET counted_bytes = octet_length(c.messages) + octet_length(c.logs)
   FROM conversations c
   WHERE s.business_id = $1 AND s.conversation_id > $2 AND s.conversation_id <= $3
     AND s.counted_bytes IS NULL AND c.business_id = $1 AND c.id = s.conversation_id
     AND c.id > $2 AND c.id <= $3
   RETURNING s.end_time AS at, s.counted_bytes AS bytes`,
);

export async function pageSealed(db: Db, { businessId }: Scope, after: string, limit: number) {
  const rows = await db.rows<{ id: string }>(PAGE_SEALED, [businessId, after, limit]);
  return rows.map(({ id }) => id);
}

/** Writers lock these rows before they read the counted bytes. */
export async function lockConversations(tx: Tx, { businessId }: Scope, ids: readonly string[]) {
  await tx.rows(LOCK_CONVERSATIONS, [businessId, ids]);
}

/** Returns the bytes of each that was not counted yet, and when its conversation ended. */
export const countTranscripts = (tx: Tx, { businessId }: Scope, after: string, last: string) =>
  tx.rows<Counted>(COUNT_TRANSCRIPTS, [businessId, after, last]);

type RecordingKey = readonly [conversationId: string, participantId: string];

const COUNT_RECORDINGS = statement(
  'usage.count-recordings',
  `UPDATE recordings SET counted_bytes = bytes
   WHERE business_id = $1 AND (conversation_id, participant_id) > ($2, $3)
     AND (conversation_id, participant_id) <= ($4, $5) AND counted_bytes IS NULL
   RETURNING uploaded_at AS at, bytes`,
);

/** Returns the bytes of each that was not counted yet, and when it was uploaded. */
export const countRecordingBytes = (
  tx: Tx,
  { businessId }: Scope,
  after: RecordingKey,
  last: RecordingKey,
) => tx.rows<Counted>(COUNT_RECORDINGS, [businessId, ...after, ...last]);
