import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import type { MemberRole } from '../authorization/roles.ts';
import type { Permissions, Scope, Session } from '../authorization/scope.ts';
import type { Quotas } from '../businesses/quotas.ts';

export interface ApiKey {
  readonly apiKeyId: string;
  readonly userId: string;
  readonly name: string;
  readonly businessIds: readonly number[] | null;
  readonly permissions: Permissions;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly isBootstrap: boolean;
  /** Replaced by another configured bootstrap key. */
  readonly isReplaced: boolean;
  readonly createdAt: number;
}

// float8, because the driver returns bigint arrays as text. Ids are below 2^53.
export const API_KEY = `api_key_id AS "apiKeyId", user_id AS "userId", name,
  business_ids::float8[] AS "businessIds", permissions, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", is_bootstrap AS "isBootstrap", is_replaced AS "isReplaced",
  created_at AS "createdAt"`;
/** True if user `u` may use business `b`, apart from limits of the key. */
export const MAY_USE = `(u.is_admin OR b.owner_user_id = u.user_id OR EXISTS (
  SELECT FROM business_members m WHERE m.business_id = b.business_id AND m.user_id = u.user_id))`;

/** The role of user `u` in business `b`; NULL without access. */
export const ROLE_IN = `CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END`;

export interface Standing {
  readonly apiKeyId: string;
  readonly userId: string;
  readonly isAdmin: boolean;
  readonly isUserDisabled: boolean;
  readonly businessIds: readonly number[] | null;
  readonly permissions: Permissions;
  readonly expiresAt: number | null;
  /** null from here on if the key may not use the business, or no business was given. */
  readonly businessId: number | null;
  readonly role: MemberRole | null;
  readonly redaction: readonly string[] | null;
  readonly redactionCountry: string | null;
  readonly isBusinessDisabled: boolean | null;
  readonly isEditingEnabled: boolean | null;
  readonly isReadLogged: boolean | null;
  readonly quotas: Quotas | null;
}

const STANDING = `u.user_id AS "userId", u.is_admin AS "isAdmin",
  u.is_disabled AS "isUserDisabled", b.business_id AS "businessId",
  CASE WHEN b.business_id IS NULL THEN NULL ELSE ${ROLE_IN} END AS role,
  b.redaction::json AS redaction, b.redaction_country AS "redactionCountry",
  b.is_disabled AS "isBusinessDisabled",
  b.is_editing_enabled AS "isEditingEnabled", b.is_read_logged AS "isReadLogged",
  b.quotas::json AS quotas`;

const standingStatement = statement(
  'access.standing',
  `SELECT k.api_key_id AS "apiKeyId", k.business_ids::float8[] AS "businessIds", k.permissions,
     k.expires_at AS "expiresAt", ${STANDING}
   FROM api_keys k
   JOIN users u ON u.user_id = k.user_id
   LEFT JOIN businesses b ON b.business_id = $2
     AND (k.business_ids IS NULL OR b.business_id = ANY (k.business_ids)) AND ${MAY_USE}
   WHERE k.key_hash = decode($1, 'base64') AND k.revoked_at IS NULL`,
);

/** `keyHash`: SHA-256, base64. Undefined if no unrevoked key has it. */
export const findStanding = (db: Db, keyHash: string, businessId: number | null) =>
  db.row<Standing>(standingStatement, [keyHash, businessId]);

const userStandingStatement = statement(
  'access.user_standing',
  `SELECT ${STANDING}
   FROM users u LEFT JOIN businesses b ON b.business_id = $2 AND ${MAY_USE}
   WHERE u.user_id = $1`,
);

/** The standing of a session, which has the limits of its user and no others. */
export async function findUserStanding(
  db: Db,
  { userId, sessionId, expiresAt }: Omit<Session, 'token'>,
  businessId: number | null,
): Promise<Standing | undefined> {
  const row = await db.row<Standing>(userStandingStatement, [userId, businessId]);
  return row && { ...row, apiKeyId: sessionId, businessIds: null, permissions: null, expiresAt };
}

const keyEndStatement = statement(
  'access.key_end',
  'SELECT expires_at AS "expiresAt" FROM api_keys WHERE api_key_id = $1',
);

/** null if the key does not expire, or if the id is a session's. */
export const findKeyEnd = async (db: Db, apiKeyId: string) =>
  (await db.row<{ expiresAt: number | null }>(keyEndStatement, [apiKeyId]))?.expiresAt ?? null;

const unusableBusinessStatement = statement(
  'access.unusable_business',
  `SELECT wanted AS "businessId" FROM unnest($2::bigint[]) AS wanted
   WHERE NOT EXISTS (
     SELECT FROM businesses b JOIN users u ON u.user_id = $1
     WHERE b.business_id = wanted AND ${MAY_USE})
   LIMIT 1`,
);

export async function findUnusableBusiness(db: Db, userId: string, businessIds: readonly number[]) {
  const row = await db.row<{ businessId: number }>(unusableBusinessStatement, [
    userId,
    businessIds,
  ]);
  return row?.businessId;
}

const insertKeyStatement = statement(
  'access.insert_key',
  `INSERT INTO api_keys (api_key_id, key_hash, user_id, name, business_ids, permissions,
     expires_at, is_bootstrap, created_at)
   VALUES ($1, decode($2, 'base64'), $3, $4, $5, $6, $7, $8, $9) RETURNING ${API_KEY}`,
);

export async function insertKey(
  db: Db,
  key: Omit<ApiKey, 'revokedAt' | 'isReplaced'> & { readonly keyHash: string },
): Promise<ApiKey> {
  const [row] = await db.rows<ApiKey>(insertKeyStatement, [
    key.apiKeyId,
    key.keyHash,
    key.userId,
    key.name,
    key.businessIds,
    key.permissions === null ? null : JSON.stringify(key.permissions),
    key.expiresAt === null ? null : new Date(key.expiresAt).toISOString(),
    key.isBootstrap,
    new Date(key.createdAt).toISOString(),
  ]);
  if (!row) throw new Error('INSERT … RETURNING gave no row');
  return row;
}

const revokeKeyStatement = statement(
  'access.revoke_key',
  `WITH before AS (
     SELECT revoked_at IS NOT NULL AS was_revoked FROM api_keys WHERE api_key_id = $1
   )
   UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2), is_replaced = false
   WHERE api_key_id = $1
   RETURNING ${API_KEY}, (SELECT was_revoked FROM before) AS "wasRevoked"`,
);

export const revokeKey = (tx: Tx, apiKeyId: string, now: number) =>
  tx.row<ApiKey & { readonly wasRevoked: boolean }>(revokeKeyStatement, [
    apiKeyId,
    new Date(now).toISOString(),
  ]);

const keyByHashStatement = statement(
  'access.key_by_hash',
  `SELECT ${API_KEY} FROM api_keys WHERE key_hash = decode($1, 'base64')`,
);

export const getKeyByHash = (db: Db, keyHash: string) =>
  db.row<ApiKey>(keyByHashStatement, [keyHash]);

const bootstrapKeyStatement = statement(
  'access.bootstrap_key',
  `SELECT ${API_KEY} FROM api_keys WHERE is_bootstrap ORDER BY revoked_at DESC NULLS FIRST LIMIT 1`,
);

export const getBootstrapKey = (db: Db) => db.row<ApiKey>(bootstrapKeyStatement, []);

const replaceKeyStatement = statement(
  'access.replace_key',
  `UPDATE api_keys SET revoked_at = $2, is_replaced = true WHERE api_key_id = $1`,
);

export async function replaceKey(tx: Tx, apiKeyId: string, now: number): Promise<void> {
  await tx.rows(replaceKeyStatement, [apiKeyId, new Date(now).toISOString()]);
}

const restoreKeyStatement = statement(
  'access.restore_key',
  `UPDATE api_keys SET revoked_at = NULL, is_replaced = false, user_id = $2
   WHERE api_key_id = $1 AND is_replaced`,
);

export async function restoreKey(tx: Tx, apiKeyId: string, userId: string): Promise<void> {
  await tx.rows(restoreKeyStatement, [apiKeyId, userId]);
}

const listKeysStatement = statement(
  'access.list_keys',
  `SELECT ${API_KEY} FROM api_keys WHERE api_key_id > $1 ORDER BY api_key_id LIMIT $2`,
);

export const listKeys = (db: Db, after: string, limit: number) =>
  db.rows<ApiKey>(listKeysStatement, [after, limit]);

export interface BusinessKey extends ApiKey {
  readonly userName: string;
}

const BUSINESS_KEY = `k.api_key_id AS "apiKeyId", k.user_id AS "userId", k.name,
  k.business_ids::float8[] AS "businessIds", k.permissions, k.expires_at AS "expiresAt",
  k.revoked_at AS "revokedAt", k.is_bootstrap AS "isBootstrap", k.is_replaced AS "isReplaced",
  k.created_at AS "createdAt", u.name AS "userName"`;
const KEYS = `FROM api_keys k JOIN users u ON u.user_id = k.user_id
  WHERE k.business_ids @> ARRAY[$1::bigint]`;

const listBusinessKeysStatement = statement(
  'access.list_business_keys',
  `SELECT ${BUSINESS_KEY} ${KEYS} AND k.api_key_id > $2 ORDER BY k.api_key_id LIMIT $3`,
);

export const listBusinessKeys = (db: Db, scope: Scope, after: string, limit: number) =>
  db.rows<BusinessKey>(listBusinessKeysStatement, [scope.businessId, after, limit]);

const findBusinessKeyStatement = statement(
  'access.find_business_key',
  `SELECT ${BUSINESS_KEY} ${KEYS} AND k.api_key_id = $2`,
);

export const findBusinessKey = (db: Db, scope: Scope, apiKeyId: string) =>
  db.row<BusinessKey>(findBusinessKeyStatement, [scope.businessId, apiKeyId]);
