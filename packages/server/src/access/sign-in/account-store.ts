import { newId } from '../../kernel/ids.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import type { User } from '../store.ts';

export interface Person
  extends Pick<User, 'userId' | 'email' | 'name' | 'isAdmin' | 'isDisabled' | 'isEmailProven'> {
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

export const findPerson = (db: Db, userId: string) => db.row<Person>(byId, [userId]);

export const findPersonByEmail = (db: Db, email: string) => db.row<Person>(byEmail, [email]);

const setPassword = statement(
  'access.set_password',
  `INSERT INTO accounts (account_id, user_id, provider, subject, password_hash, created_at, updated_at)
   VALUES ($1, $2, 'credential', $2, $3, $4, $4)
   ON CONFLICT (provider, subject) DO UPDATE
   SET password_hash = excluded.password_hash, updated_at = excluded.updated_at`,
);

export async function putPassword(
  db: Db,
  userId: string,
  passwordHash: string,
  now: number,
): Promise<void> {
  // The id is used only if the user has no account yet.
  const accountId = newId('account', now);
  await db.rows(setPassword, [accountId, userId, passwordHash, new Date(now).toISOString()]);
}

const hashNow = statement(
  'access.password_hash',
  `SELECT password_hash AS "passwordHash" FROM accounts
   WHERE provider = 'credential' AND subject = $1 FOR SHARE`,
);

/** Waits for concurrent changes. */
export const isPasswordHash = async (db: Db, userId: string, hash: string) =>
  (await db.row<{ passwordHash: string }>(hashNow, [userId]))?.passwordHash === hash;

const prove = [
  statement('access.prove_email', 'UPDATE users SET is_email_proven = true WHERE user_id = $1'),
  statement(
    'access.drop_password',
    "DELETE FROM accounts WHERE provider = 'credential' AND subject = $1",
  ),
  statement('access.end_all_sessions', 'DELETE FROM sessions WHERE user_id = $1'),
  statement('access.drop_sign_in_links', 'DELETE FROM sign_in_links WHERE user_id = $1'),
];

/** Another person may have set the password before, so it ends, with all sessions and links. */
export async function proveEmail(tx: Tx, userId: string): Promise<void> {
  for (const step of prove) await tx.rows(step, [userId]);
}

const setProfile = statement(
  'access.set_profile',
  'UPDATE users SET name = coalesce($2, name), email = coalesce($3, email) WHERE user_id = $1',
);

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

export async function endSessionsOf(db: Db, userId: string, exceptSessionId: string | null) {
  await db.rows(endSessions, [userId, exceptSessionId]);
}

const anyAccount = statement(
  'access.has_admin_account',
  `SELECT EXISTS (
     SELECT FROM users u JOIN accounts a ON a.user_id = u.user_id
     WHERE u.is_admin AND NOT u.is_disabled) AS "isThere"`,
);

export const canAdminSignIn = async (db: Db) =>
  (await db.row<{ isThere: boolean }>(anyAccount, []))?.isThere ?? false;

const sweep = [
  statement('access.sweep_sessions', 'DELETE FROM sessions WHERE expires_at < $1'),
  statement('access.sweep_failures', 'DELETE FROM sign_in_failures WHERE failed_at < $1'),
];

export async function sweepSignIns(db: Db, before: number): Promise<void> {
  for (const step of sweep) await db.rows(step, [new Date(before).toISOString()]);
}
