import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';

const BATCH = 10_000;

const FIND = statement(
  'conversations.find-mentions',
  `WITH batch AS MATERIALIZED (
     SELECT id, head, queue_id FROM conversations
     WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT ${BATCH}
   )
   SELECT (SELECT max(id) FROM batch) AS last, ARRAY(
     SELECT id FROM batch b WHERE b.queue_id = ANY($4::text[])
       OR EXISTS (SELECT FROM unnest($3::text[]) AS n(needle) WHERE strpos(b.head, n.needle) > 0)
   ) AS ids`,
);

/**
 * The ids of conversations whose head holds one of some texts, or that name one of some calls. Reads
 * all conversations of the business, so it is for jobs; there is no index of persons on purpose, since
 * that would be one more place where they stand.
 */
export async function findMentions(
  db: Db,
  scope: Scope,
  texts: readonly string[],
  queueIds: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const row: { last: string | null; ids: string[] } | undefined = await db.row(FIND, [
      scope.businessId,
      after,
      texts,
      queueIds,
    ]);
    found.push(...(row?.ids ?? []));
    after = row?.last ?? null;
  }
  return found;
}
