import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Scope } from '../authorization/scope.ts';
import type { ApiKey } from './key-store.ts';

export interface BusinessKey extends ApiKey {
  readonly userName: string;
}

const KEY = `k.api_key_id AS "apiKeyId", k.user_id AS "userId", k.name,
  k.business_ids::float8[] AS "businessIds", k.permissions, k.expires_at AS "expiresAt",
  k.revoked_at AS "revokedAt", k.is_bootstrap AS "isBootstrap", k.is_replaced AS "isReplaced",
  k.created_at AS "createdAt", u.name AS "userName"`;
const KEYS = `FROM api_keys k JOIN users u ON u.user_id = k.user_id
  WHERE k.business_ids @> ARRAY[$1::bigint]`;

const list = statement(
  'access.list_business_keys',
  `SELECT ${KEY} ${KEYS} AND k.api_key_id > $2 ORDER BY k.api_key_id LIMIT $3`,
);

export function listBusinessKeys(
  db: Db,
  scope: Scope,
  after: string,
  limit: number,
): Promise<BusinessKey[]> {
  return db.rows(list, [scope.businessId, after, limit]);
}

const find = statement('access.find_business_key', `SELECT ${KEY} ${KEYS} AND k.api_key_id = $2`);

export function findBusinessKey(
  db: Db,
  scope: Scope,
  apiKeyId: string,
): Promise<BusinessKey | undefined> {
  return db.row(find, [scope.businessId, apiKeyId]);
}
