import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';

export interface SignInLink {
  readonly userId: string;
  /** null: valid until used. */
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
}

const timestamp = (instant: number | null) =>
  instant === null ? null : new Date(instant).toISOString();

const insert = statement(
  'access.insert_sign_in_link',
  `INSERT INTO sign_in_links (token_hash, user_id, expires_at, created_at)
   VALUES (decode($1, 'base64'), $2, $3, $4)`,
);

export async function insertLink(
  db: Db,
  tokenHash: string,
  { userId, expiresAt }: Omit<SignInLink, 'usedAt'>,
  now: number,
): Promise<void> {
  await db.rows(insert, [tokenHash, userId, timestamp(expiresAt), timestamp(now)]);
}

const LINK = 'user_id AS "userId", expires_at AS "expiresAt", used_at AS "usedAt"';
const find = statement(
  'access.find_sign_in_link',
  `SELECT ${LINK} FROM sign_in_links WHERE token_hash = decode($1, 'base64')`,
);

export const findLink = (db: Db, tokenHash: string) => db.row<SignInLink>(find, [tokenHash]);

// Also ends the other links of the user, who needs no other after setting a password.
const use = statement(
  'access.use_sign_in_link',
  `UPDATE sign_in_links SET used_at = $2
   WHERE used_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
     AND user_id = (SELECT user_id FROM sign_in_links WHERE token_hash = decode($1, 'base64')
       AND used_at IS NULL AND (expires_at IS NULL OR expires_at > $2) FOR UPDATE)
   RETURNING ${LINK}`,
);

/** Undefined if the link is used or expired. Only one of several concurrent calls gets it. */
export const useLink = (tx: Tx, tokenHash: string, now: number) =>
  tx.row<SignInLink>(use, [tokenHash, timestamp(now)]);

const useAll = statement(
  'access.use_sign_in_links_of',
  'UPDATE sign_in_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL',
);

export async function useLinksOf(tx: Tx, userId: string, now: number): Promise<void> {
  await tx.rows(useAll, [userId, timestamp(now)]);
}

const trim = statement(
  'access.trim_sign_in_links',
  `DELETE FROM sign_in_links WHERE user_id = $1 AND token_hash NOT IN (
     SELECT token_hash FROM sign_in_links WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2)`,
);

export async function trimLinks(db: Db, userId: string, limit: number): Promise<void> {
  await db.rows(trim, [userId, limit]);
}
