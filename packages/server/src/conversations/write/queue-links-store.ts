import type { Scope } from '../../access/authorization/scope.ts';
import { addJobText } from '../../kernel/jobs/jobs.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Header } from '../model/conversation.ts';

/** The job that updates a queue after a conversation that names one of its calls has changed. */
export const FOLLOW_CONVERSATION = 'follow-conversation';

export interface NamedCall {
  readonly businessId: number;
  readonly queueId: string;
}

const ADD_QUEUE_JOBS = statement(
  'conversations.tell-queue',
  `SELECT ${addJobText(FOLLOW_CONVERSATION, "json_build_object('businessId', business_id, 'queueId', queue_id)")}
   FROM unnest($2::text[]) AS n(queue_id), (SELECT $1::bigint AS business_id) b`,
);

export async function addQueueJobs(tx: Db, scope: Scope, queueIds: readonly (string | null)[]) {
  const named = [...new Set(queueIds.filter((id) => id !== null))];
  if (named.length > 0) await tx.rows(ADD_QUEUE_JOBS, [scope.businessId, named]);
}

export const END_CONVERSATION = 'end-conversation';

export interface NamedConversation {
  readonly businessId: number;
  readonly conversationId: string;
}

const END = statement(
  'conversations.add-ending',
  `SELECT ${addJobText(END_CONVERSATION, "json_build_object('businessId', business_id, 'conversationId', $2::text)")}
   FROM (SELECT $1::bigint AS business_id) b`,
);

export async function addEnding(tx: Db, scope: Scope, conversationId: string): Promise<void> {
  await tx.rows(END, [scope.businessId, conversationId]);
}

const LAST_HEARD = statement(
  'conversations.find-last-heard',
  `SELECT l.conversation_id AS id, l.may_abandon AS "mayAbandon", greatest(l.received_at, l.audio_at, (
     SELECT max(r.uploaded_at) FROM recordings r
     WHERE r.business_id = $1 AND r.conversation_id = l.conversation_id
   )) AS "heardAt"
   FROM live_conversations l WHERE l.business_id = $1 AND l.conversation_id = ANY($2::text[])`,
);

/** When a live conversation last received an event or audio. */
export interface LastHeard {
  readonly id: string;
  readonly heardAt: number;
  readonly mayAbandon: boolean;
}

/** Omits conversations that are not live. */
export async function findLastHeard(db: Db, scope: Scope, ids: readonly string[]) {
  const rows = await db.rows<LastHeard>(LAST_HEARD, [scope.businessId, ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

// SKIP LOCKED: an upload must never wait for this note.
const NOTE_AUDIO = statement(
  'conversations.note-audio',
  `UPDATE live_conversations l SET audio_at = $3 FROM (
     SELECT o.conversation_id FROM live_conversations o
     WHERE o.business_id = $1 AND o.conversation_id = $2 AND o.ended_received_at IS NULL
       AND (o.audio_at IS NULL OR o.audio_at < $3)
     FOR NO KEY UPDATE SKIP LOCKED
   ) open WHERE l.business_id = $1 AND l.conversation_id = open.conversation_id`,
);

export async function noteAudio(db: Db, scope: Scope, id: string, now: number): Promise<void> {
  await db.rows(NOTE_AUDIO, [scope.businessId, id, new Date(now)]);
}

export interface NamingConversation
  extends Pick<Header, 'id' | 'startTime' | 'status' | 'endType'> {
  readonly queueId: string;
}

const FIND = statement(
  'conversations.find-naming',
  `SELECT id, queue_id AS "queueId", start_time AS "startTime", status, end_type AS "endType"
   FROM conversations WHERE business_id = $1 AND queue_id = ANY($2::text[]) AND erased_at IS NULL
   ORDER BY start_time, id`,
);

/** Oldest first. */
export function findNaming(db: Db, scope: Scope, queueIds: readonly string[]) {
  return db.rows<NamingConversation>(FIND, [scope.businessId, queueIds]);
}
