import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import type { User } from '../store.ts';

/** A user as one who signs in. */
export interface Person
  extends Pick<User, 'userId' | 'email' | 'name' | 'isAdmin' | 'isDisabled' | 'isEmailProven'> {
  /** null: none yet. */
  readonly passwordHash: string | null;
}

const PERSON = `SELECT u.user_id AS "userId", u.email, u.name, u.is_admin AS "isAdmin",
    u.is_disabled AS "isDisabled", u.is_email_proven AS "isEmailProven", a.password_hash AS "passwordHash"
  FROM users u
  LEFT JOIN accounts a ON a.provider = 'credential' AND a.subject = u.user_id`;

const byId = statement('access.find_person', `${PERSON} WHERE u.user_id = $1`);
const byEmail = statement(
  'access.find_person_by_email',
  `${PERSON} WHERE lower(u.email) = lower($1)`,
);

export function findPerson(db: Db, userId: string): Promise<Person | undefined> {
  return db.row(byId, [userId]);
}

/** Whatever the case of the address. */
export function findPersonByEmail(db: Db, email: string): Promise<Person | undefined> {
  return db.row(byEmail, [email]);
}

const setPassword = statement(
  'access.set_password',
  `INSERT INTO accounts (account_id, user_id, provider, subject, password_hash, created_at, updated_at)
   VALUES ($1, $2, 'credential', $2, $3, $4, $4)
   ON CONFLICT (provider, subject) DO UPDATE
   SET password_hash = excluded.password_hash, updated_at = excluded.updated_at`,
);

/** `accountId` is for a user who has none yet. */
export async function putPassword(
  db: Db,
  accountId: string,
  userId: string,
  passwordHash: string,
  now: number,
): Promise<void> {
  await db.rows(setPassword, [accountId, userId, passwordHash, new Date(now).toISOString()]);
}

const hashNow = statement(
  'access.password_hash',
  `SELECT password_hash AS "passwordHash" FROM accounts
   WHERE provider = 'credential' AND subject = $1 FOR SHARE`,
);

/** Whether a hash is that of the user's password still, once every change that is under way is over. */
export async function isPasswordHash(db: Db, userId: string, hash: string): Promise<boolean> {
  return (await db.row<{ passwordHash: string }>(hashNow, [userId]))?.passwordHash === hash;
}

const prove = [
  statement('access.prove_email', 'UPDATE users SET is_email_proven = true WHERE user_id = $1'),
  statement(
    'access.drop_password',
    "DELETE FROM accounts WHERE provider = 'credential' AND subject = $1",
  ),
  statement('access.end_all_sessions', 'DELETE FROM sessions WHERE user_id = $1'),
  statement('access.drop_sign_in_links', 'DELETE FROM sign_in_links WHERE user_id = $1'),
];

/**
 * Gives a user to whom their address belongs, as has been proven now: whoever had set the password before
 * may have been somebody else.
 */
export async function proveEmail(tx: Tx, userId: string): Promise<void> {
  for (const one of prove) await tx.rows(one, [userId]);
}

const setProfile = statement(
  'access.set_profile',
  'UPDATE users SET name = coalesce($2, name), email = coalesce($3, email) WHERE user_id = $1',
);

/** What is null stays. */
export async function setUserProfile(
  db: Db,
  userId: string,
  name: string | null,
  email: string | null,
): Promise<void> {
  await db.rows(setProfile, [userId, name, email]);
}

const endSessions = statement(
  'access.end_sessions',
  'DELETE FROM sessions WHERE user_id = $1 AND session_id IS DISTINCT FROM $2',
);

/** All of a user's, but for the one that is named. */
export async function endSessionsOf(
  db: Db,
  userId: string,
  exceptSessionId: string | null,
): Promise<void> {
  await db.rows(endSessions, [userId, exceptSessionId]);
}

const anyAccount = statement(
  'access.has_admin_account',
  `SELECT EXISTS (
     SELECT FROM users u JOIN accounts a ON a.user_id = u.user_id
     WHERE u.is_admin AND NOT u.is_disabled) AS "isThere"`,
);

/** Whether any admin has a way to sign in. */
export async function canAdminSignIn(db: Db): Promise<boolean> {
  return (await db.row<{ isThere: boolean }>(anyAccount, []))?.isThere ?? false;
}

const sweep = [
  statement('access.sweep_sessions', 'DELETE FROM sessions WHERE expires_at < $1'),
  statement('access.sweep_failures', 'DELETE FROM sign_in_failures WHERE failed_at < $1'),
];

/** Lets go of what has been over since before an instant. */
export async function sweepSignIns(db: Db, before: number): Promise<void> {
  for (const one of sweep) await db.rows(one, [new Date(before).toISOString()]);
}
