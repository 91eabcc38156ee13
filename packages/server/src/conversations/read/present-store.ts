import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

const FIND_PRESENT = statement(
  'conversations.find-present',
  `SELECT id FROM conversations
   WHERE business_id = $1 AND id = ANY($2::text[]) AND erased_at IS NULL`,
);

export async function findPresent(
  db: Db,
  scope: Scope,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.rows<{ id: string }>(FIND_PRESENT, [scope.businessId, ids]);
  return new Set(rows.map(({ id }) => id));
}
