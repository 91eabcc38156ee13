import { Fault } from '../kernel/fault.ts';
import { type Db, statement, type Tx } from '../kernel/postgres/database.ts';
import { brokenConstraint } from '../kernel/postgres/errors.ts';
import { NO_QUOTAS, type Quotas, quotasOrNull } from './businesses/quotas.ts';
import { type Retention, rulesOf, type ShortRetention } from './businesses/retention-rules.ts';

export interface User {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly isDisabled: boolean;
  /** Accepting an invitation proves nothing. */
  readonly isEmailProven: boolean;
  readonly createdAt: number;
}

export interface Business {
  readonly businessId: number;
  readonly name: string;
  readonly ownerUserId: string | null;
  readonly isDisabled: boolean;
  readonly isEditingEnabled: boolean;
  readonly retention: Retention;
  /** IANA name. */
  readonly timeZone: string | null;
  readonly quotas: Quotas;
  readonly createdAt: number;
}

const USER = `user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt"`;
const BUSINESS = `business_id AS "businessId", name, owner_user_id AS "ownerUserId",
  is_disabled AS "isDisabled", is_editing_enabled AS "isEditingEnabled",
  coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused", time_zone AS "timeZone", created_at AS "createdAt",
  quotas::json AS quotas`;

type BusinessRow = Omit<Business, 'retention' | 'quotas'> &
  Retention & { readonly quotas: Quotas | null };

function businessOf(row: BusinessRow | undefined): Business | undefined {
  if (!row) return undefined;
  const { rules, plan, isPaused, quotas, ...business } = row;
  return { ...business, retention: { rules, plan, isPaused }, quotas: quotas ?? NO_QUOTAS };
}

const insertUserStatement = statement(
  'access.insert_user',
  `INSERT INTO users (user_id, email, name, is_admin, is_email_proven, created_at)
   VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (lower(email)) DO NOTHING RETURNING ${USER}`,
);

export const insertUser = (db: Db, user: Omit<User, 'isDisabled'>) =>
  db.row<User>(insertUserStatement, [
    user.userId,
    user.email,
    user.name,
    user.isAdmin,
    user.isEmailProven,
    new Date(user.createdAt).toISOString(),
  ]);

const getUserStatement = statement(
  'access.get_user',
  `SELECT ${USER} FROM users WHERE user_id = $1`,
);

export const getUser = (db: Db, userId: string) => db.row<User>(getUserStatement, [userId]);

const userByEmailStatement = statement(
  'access.user_by_email',
  `SELECT ${USER} FROM users WHERE lower(email) = lower($1)`,
);

export const findUserByEmail = (db: Db, email: string) =>
  db.row<User>(userByEmailStatement, [email]);

const updateUserStatement = statement(
  'access.update_user',
  `UPDATE users SET name = $2, is_disabled = $3, is_admin = $4 WHERE user_id = $1
   RETURNING ${USER}`,
);

export function updateUser(tx: Tx, user: Pick<User, 'userId' | 'name' | 'isDisabled' | 'isAdmin'>) {
  return tx.row<User>(updateUserStatement, [user.userId, user.name, user.isDisabled, user.isAdmin]);
}

const firstAdminStatement = statement(
  'access.first_admin',
  `SELECT ${USER} FROM users
   WHERE is_admin AND NOT is_disabled AND user_id IS DISTINCT FROM $1 ORDER BY user_id LIMIT 1`,
);

/** The oldest. */
export const firstAdmin = (db: Db, exceptUserId: string | null) =>
  db.row<User>(firstAdminStatement, [exceptUserId]);

const restoreAdminStatement = statement(
  'access.restore_admin',
  `UPDATE users SET is_admin = true, is_disabled = false WHERE lower(email) = lower($1)
   RETURNING ${USER}`,
);

export const restoreAdmin = (tx: Tx, email: string) => tx.row<User>(restoreAdminStatement, [email]);

const listUsersStatement = statement(
  'access.list_users',
  `SELECT ${USER} FROM users WHERE user_id > $1 ORDER BY user_id LIMIT $2`,
);

export const listUsers = (db: Db, after: string, limit: number) =>
  db.rows<User>(listUsersStatement, [after, limit]);

const insertBusinessStatement = statement(
  'access.insert_business',
  `INSERT INTO businesses (business_id, name, owner_user_id, time_zone, created_at)
   VALUES (coalesce($1, nextval('business_numbers')), $2, $3, $4, $5)
   ON CONFLICT (business_id) DO NOTHING RETURNING ${BUSINESS}`,
);

export type NewBusinessRow = Pick<Business, 'name' | 'ownerUserId' | 'timeZone' | 'createdAt'> & {
  readonly businessId: number | null;
};

/** Undefined if the number is taken. Fault: INVALID_REQUEST if the owner is unknown. */
export async function insertBusiness(db: Db, business: NewBusinessRow) {
  const { businessId, name, ownerUserId, timeZone, createdAt } = business;
  const values = [businessId, name, ownerUserId, timeZone, new Date(createdAt).toISOString()];
  try {
    return businessOf(await db.row<BusinessRow>(insertBusinessStatement, values));
  } catch (error) {
    if (brokenConstraint(error) !== 'businesses_owner_exists') throw error;
    throw new Fault('INVALID_REQUEST', `OwnerUserId names no user: ${ownerUserId}.`, {
      cause: error,
    });
  }
}

const getBusinessStatement = statement(
  'access.get_business',
  `SELECT ${BUSINESS} FROM businesses WHERE business_id = $1`,
);

export const getBusiness = async (db: Db, businessId: number) =>
  businessOf(await db.row<BusinessRow>(getBusinessStatement, [businessId]));

const updateBusinessStatement = statement(
  'access.update_business',
  `UPDATE businesses SET
     name = coalesce($2, name), is_disabled = coalesce($3, is_disabled),
     is_editing_enabled = coalesce($4, is_editing_enabled),
     retention_rules = coalesce($5, retention_rules),
     retention_plan = retention_plan + CASE WHEN $5::text IS NULL THEN 0 ELSE 1 END,
     time_zone = coalesce($6, time_zone),
     quotas = CASE WHEN $7::text IS NULL THEN quotas ELSE nullif($7, '') END
   WHERE business_id = $1 RETURNING ${BUSINESS}`,
);

/** Absent and null keys change nothing. */
export interface BusinessChange {
  readonly name?: string | null;
  readonly isDisabled?: boolean | null;
  readonly isEditingEnabled?: boolean | null;
  readonly timeZone?: string | null;
  readonly retention?: ShortRetention | null | undefined;
  readonly quotas?: Quotas | null | undefined;
}

export async function updateBusiness(
  tx: Tx,
  businessId: number,
  { name, isDisabled, isEditingEnabled, timeZone, retention, quotas }: BusinessChange,
): Promise<Business | undefined> {
  const values = [businessId, name, isDisabled, isEditingEnabled];
  const rules = retention && JSON.stringify(rulesOf(retention));
  const limits = quotas && quotasOrNull(quotas);
  const quotasText = quotas == null ? null : limits == null ? '' : JSON.stringify(limits);
  const others = [rules, timeZone ?? null, quotasText];
  return businessOf(await tx.row(updateBusinessStatement, [...values, ...others]));
}

const listBusinessesStatement = statement(
  'access.list_businesses',
  `SELECT ${BUSINESS} FROM businesses WHERE business_id > $1 ORDER BY business_id LIMIT $2`,
);

export async function listBusinesses(db: Db, after: number, limit: number): Promise<Business[]> {
  const rows = await db.rows<BusinessRow>(listBusinessesStatement, [after, limit]);
  return rows.flatMap((row) => businessOf(row) ?? []);
}
