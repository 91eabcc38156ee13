import { type Db, statement } from '../../kernel/postgres/database.ts';

const FREE_FAILURES = 5;
const FORGOTTEN_AFTER_MILLISECONDS = 15 * 60_000;
const FIRST_WAIT_SECONDS = 60;
const MAX_WAIT_SECONDS = 60 * 60;

const fail = statement(
  'access.add_sign_in_failure',
  `INSERT INTO sign_in_failures AS f (email_hash, failures, failed_at)
   VALUES ($1, 1, $2)
   ON CONFLICT (email_hash) DO UPDATE SET
     failures = CASE WHEN greatest(f.failed_at, f.locked_until) < $3 THEN 1 ELSE f.failures + 1 END,
     failed_at = $2,
     locked_until = CASE
       WHEN greatest(f.failed_at, f.locked_until) < $3 OR f.failures + 1 < $4 THEN NULL
       ELSE $2::timestamptz + least($6, $5 * 2 ^ least(f.failures + 1 - $4, 20)) * interval '1 second'
     END
   WHERE f.locked_until IS NULL OR f.locked_until <= $2
   RETURNING failures`,
);

/** Checks and counts in one statement. False if the address is locked. */
export async function countFailure(db: Db, emailHash: string, now: number) {
  const rows = await db.rows(fail, [
    emailHash,
    new Date(now).toISOString(),
    new Date(now - FORGOTTEN_AFTER_MILLISECONDS).toISOString(),
    FREE_FAILURES,
    FIRST_WAIT_SECONDS,
    MAX_WAIT_SECONDS,
  ]);
  return rows.length > 0;
}

const find = statement(
  'access.find_lock_out',
  'SELECT locked_until AS "lockedUntil" FROM sign_in_failures WHERE email_hash = $1',
);

export const findLockedUntil = async (db: Db, emailHash: string) =>
  (await db.row<{ lockedUntil: number | null }>(find, [emailHash]))?.lockedUntil ?? null;

const undo = statement(
  'access.take_back_sign_in_failure',
  `UPDATE sign_in_failures SET failures = failures - 1,
     locked_until = CASE WHEN failures <= $2 THEN NULL ELSE locked_until END
   WHERE email_hash = $1`,
);

export async function undoFailure(db: Db, emailHash: string) {
  await db.rows(undo, [emailHash, FREE_FAILURES]);
}

const clear = statement(
  'access.forget_sign_in_failures',
  'DELETE FROM sign_in_failures WHERE email_hash = $1',
);

export async function clearFailures(db: Db, emailHash: string): Promise<void> {
  await db.rows(clear, [emailHash]);
}
