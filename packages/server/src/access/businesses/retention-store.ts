import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Scope } from '../authorization/scope.ts';
import type { Retention, RetentionRule } from './retention-rules.ts';

const RETENTION = `coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused"`;

const find = statement(
  'access.find_retention',
  `SELECT ${RETENTION} FROM businesses WHERE business_id = $1`,
);
const lock = statement(
  'access.lock_retention',
  `SELECT ${RETENTION} FROM businesses WHERE business_id = $1 FOR SHARE`,
);

/** With `lock`, the rules cannot change until the transaction ends. */
export const findRetention = async (db: Db, scope: Scope, mode?: 'lock') =>
  db.row<Retention>(mode === 'lock' ? lock : find, [scope.businessId]);

const set = statement(
  'access.set_retention',
  `WITH before AS (
     SELECT coalesce(retention_rules, '[]') AS rules, is_retention_paused AS is_paused
     FROM businesses WHERE business_id = $1 FOR NO KEY UPDATE
   )
   UPDATE businesses SET retention_rules = $2,
     is_retention_paused = coalesce($3, is_retention_paused),
     retention_plan = retention_plan + CASE WHEN before.rules = $2 THEN 0 ELSE 1 END
   FROM before WHERE business_id = $1
   RETURNING ${RETENTION}, before.rules <> $2 OR before.is_paused <> is_retention_paused AS "isChanged"`,
);

/** `isPaused` null leaves it unchanged. A change of the rules invalidates existing purge dates. */
export async function setRetention(
  tx: Db,
  scope: Scope,
  rules: readonly RetentionRule[],
  isPaused: boolean | null,
): Promise<(Retention & { readonly isChanged: boolean }) | undefined> {
  return tx.row(set, [scope.businessId, JSON.stringify(rules), isPaused]);
}

const findKeeping = statement(
  'access.businesses_with_retention',
  `SELECT business_id AS "businessId" FROM businesses
   WHERE business_id > $1 AND retention_plan > 0 ORDER BY business_id LIMIT $2`,
);

export const listWithRetention = (db: Db, after: number, limit: number) =>
  db.rows<{ businessId: number }>(findKeeping, [after, limit]);
