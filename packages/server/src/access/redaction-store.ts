import { type Db, statement } from '../base/db.ts';
import type { Scope } from './scope.ts';

const find = statement(
  'access.find_redaction',
  `SELECT coalesce(redaction, '[]')::json AS categories FROM businesses WHERE business_id = $1`,
);

/** The categories that are masked, in the order in which they were given. */
export async function findRedaction(db: Db, scope: Scope): Promise<readonly string[]> {
  return (await db.row<{ categories: string[] }>(find, [scope.businessId]))?.categories ?? [];
}

const set = statement(
  'access.set_redaction',
  'UPDATE businesses SET redaction = $2 WHERE business_id = $1',
);

/** Without a category nothing is masked. */
export async function setRedaction(
  tx: Db,
  scope: Scope,
  categories: readonly string[],
): Promise<void> {
  const text = categories.length === 0 ? null : JSON.stringify(categories);
  await tx.rows(set, [scope.businessId, text]);
}

const findRedacting = statement(
  'access.businesses_with_redaction',
  `SELECT business_id AS "businessId" FROM businesses
   WHERE business_id > $1 AND redaction IS NOT NULL ORDER BY business_id LIMIT $2`,
);

/** The businesses that mask something: by number, those after one. */
export async function listWithRedaction(db: Db, after: number, limit: number): Promise<number[]> {
  const rows = await db.rows<{ businessId: number }>(findRedacting, [after, limit]);
  return rows.map(({ businessId }) => businessId);
}
