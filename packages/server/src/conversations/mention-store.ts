import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';

const BATCH = 200;

const FIND = statement(
  'conversations.find-texts',
  `WITH batch AS MATERIALIZED (
     SELECT id, head, messages, logs FROM conversations
     WHERE business_id = $1 AND id > $2 AND erased_at IS NULL ORDER BY id LIMIT ${BATCH}
   )
   SELECT (SELECT max(id) FROM batch) AS last, (SELECT count(*) FROM batch) AS n, ARRAY(
     SELECT id FROM batch b WHERE b.head ~ $3 OR b.messages ~ $3 OR b.logs ~ $3 OR EXISTS (
       SELECT FROM conversation_events e
       WHERE e.business_id = $1 AND e.conversation_id = b.id AND e.payload ~ $3
     ) ORDER BY id
   ) AS ids`,
);

export interface TextBatch {
  /** The last conversation of the batch; null after all of them. */
  readonly last: string | null;
  readonly n: number;
  readonly ids: string[];
}

/** The conversations of a batch after one whose stored texts match a regular expression. For jobs. */
export async function findMatching(
  db: Db,
  scope: Scope,
  after: string,
  pattern: string,
): Promise<TextBatch> {
  const row = await db.row<TextBatch>(FIND, [scope.businessId, after, pattern]);
  return row ?? { last: null, n: 0, ids: [] };
}

const COUNT = statement(
  'conversations.count-all',
  'SELECT count(*) AS n FROM conversations WHERE business_id = $1 AND erased_at IS NULL',
);

/** Reads an index of all conversations of the business, so it is for jobs. */
export async function countConversations(db: Db, scope: Scope): Promise<number> {
  return (await db.row<{ n: number }>(COUNT, [scope.businessId]))?.n ?? 0;
}
