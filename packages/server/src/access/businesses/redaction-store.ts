import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Scope } from '../authorization/scope.ts';

const find = statement(
  'access.find_redaction',
  `SELECT coalesce(redaction, '[]')::json AS categories, redaction_country AS country
   FROM businesses WHERE business_id = $1`,
);

export interface Redaction {
  readonly categories: readonly string[];
  /** National phone numbers of this country are masked. */
  readonly country: string | null;
}

export async function findRedaction(db: Db, scope: Scope): Promise<Redaction> {
  const row = await db.row<Redaction>(find, [scope.businessId]);
  return row ?? { categories: [], country: null };
}

const set = statement(
  'access.set_redaction',
  'UPDATE businesses SET redaction = $2, redaction_country = $3 WHERE business_id = $1',
);

export async function setRedaction(tx: Db, scope: Scope, { categories, country }: Redaction) {
  const text = categories.length === 0 ? null : JSON.stringify(categories);
  await tx.rows(set, [scope.businessId, text, country]);
}

const findRedacting = statement(
  'access.businesses_with_redaction',
  `SELECT business_id AS "businessId" FROM businesses
   WHERE business_id > $1 AND redaction IS NOT NULL ORDER BY business_id LIMIT $2`,
);

export const listWithRedaction = (db: Db, after: number, limit: number) =>
  db.rows<{ businessId: number }>(findRedacting, [after, limit]);
