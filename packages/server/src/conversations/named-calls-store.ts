import type { EndType, Status } from '@colloquy/wire';
import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';
import { addJobText } from '../base/jobs/jobs.ts';

/** The job that tells a queue what became of a conversation which names one of its calls. */
export const FOLLOW_CONVERSATION = 'follow-conversation';

/** What that job is given. */
export interface NamedCall {
  readonly businessId: number;
  readonly queueId: string;
}

const TELL = statement(
  'conversations.tell-queue',
  `SELECT ${addJobText(FOLLOW_CONVERSATION, "json_build_object('businessId', business_id, 'queueId', queue_id)")}
   FROM unnest($2::text[]) AS n(queue_id), (SELECT $1::bigint AS business_id) b`,
);

/** Has the queue told of a conversation that names these calls, once this transaction is committed. */
export async function tellQueue(
  tx: Db,
  scope: Scope,
  queueIds: readonly (string | null)[],
): Promise<void> {
  const named = [...new Set(queueIds.filter((id) => id !== null))];
  if (named.length > 0) await tx.rows(TELL, [scope.businessId, named]);
}

/** A conversation as the queue sees it; instants are milliseconds since 1970. */
export interface NamingConversation {
  readonly id: string;
  readonly queueId: string;
  readonly startTime: number;
  readonly status: Status;
  readonly endType: EndType | null;
}

const FIND = statement(
  'conversations.find-naming',
  `SELECT id, queue_id AS "queueId", start_time AS "startTime", status, end_type AS "endType"
   FROM conversations WHERE business_id = $1 AND queue_id = ANY($2::text[]) AND erased_at IS NULL
   ORDER BY start_time, id`,
);

/** The conversations that name these calls of a queue, oldest first. */
export function findNaming(
  db: Db,
  scope: Scope,
  queueIds: readonly string[],
): Promise<NamingConversation[]> {
  return db.rows<NamingConversation>(FIND, [scope.businessId, queueIds]);
}
