import { randomBytes } from 'node:crypto';
import type { Scope } from '../../access/authorization/scope.ts';
import { businessFinder } from '../../kernel/citus/find-businesses.ts';
import { type Database, type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';

const INSERT_UPLOAD = statement(
  'recordings.insertUpload',
  `INSERT INTO unclaimed_blobs (business_id, blob_key, since, conversation_hash)
   VALUES ($1, $2, $3, $4)`,
);

/**
 * Registers and returns a new key. The sweep removes its blob unless `takeUpload` takes it.
 * `conversationHash` is set for a recording that a client uploads.
 */
export async function registerUpload(
  db: Db,
  scope: Scope,
  now: number,
  conversationHash?: string,
): Promise<string> {
  const key = `${scope.businessId}/${randomBytes(16).toString('hex')}`;
  await db.rows(INSERT_UPLOAD, [scope.businessId, key, new Date(now), conversationHash ?? null]);
  return key;
}

const FIND_UPLOADING = statement(
  'recordings.findUploading',
  `SELECT DISTINCT conversation_hash AS hash FROM unclaimed_blobs
    WHERE business_id = $1 AND conversation_hash = ANY ($2::text[]) AND NOT released
      AND since > $3`,
);

/** Those of the conversations, given by their hashes, whose uploads began after `since`. */
export async function findUploading(
  db: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  hashes: readonly string[],
  since: number,
): Promise<ReadonlySet<string>> {
  const values = [businessId, hashes, new Date(since)];
  const rows = await db.rows<{ hash: string }>(FIND_UPLOADING, values);
  return new Set(rows.map(({ hash }) => hash));
}

const DELETE_UPLOAD = statement(
  'recordings.deleteUpload',
  `DELETE FROM unclaimed_blobs
    WHERE business_id = $1 AND blob_key = $2 AND NOT released
   RETURNING blob_key`,
);

/** False if the upload is not registered or has expired. */
export async function takeUpload(db: Db, scope: Scope, key: string): Promise<boolean> {
  return (await db.row(DELETE_UPLOAD, [scope.businessId, key])) !== undefined;
}

const RELEASE_UPLOADS = statement(
  'recordings.releaseUploads',
  `UPDATE unclaimed_blobs SET released = true
    WHERE business_id = $1 AND NOT released
      AND (blob_key = $2 OR since < $3)`,
);

export async function releaseUpload(db: Db, scope: Scope, key: string): Promise<void> {
  await db.rows(RELEASE_UPLOADS, [scope.businessId, key, null]);
}

export async function releaseUploadsBefore(db: Db, scope: Scope, instant: number): Promise<void> {
  await db.rows(RELEASE_UPLOADS, [scope.businessId, null, new Date(instant)]);
}

const insertReleased = insertRows('recordings.insertReleased', 'unclaimed_blobs', [
  'blob_key',
  'since',
  'released',
]);

export async function registerReleased(
  tx: Tx,
  scope: Scope,
  keys: readonly string[],
  now: number,
): Promise<void> {
  const since = new Date(now);
  const rows = keys.map((key) => [key, since, true]);
  await insertReleased(tx, scope.businessId, rows);
}

const SELECT_RELEASED = statement(
  'recordings.selectReleased',
  `SELECT blob_key AS key FROM unclaimed_blobs
    WHERE business_id = $1 AND released
      AND ($2::text[] IS NULL OR blob_key = ANY ($2))
      AND blob_key > $3
    ORDER BY blob_key
    LIMIT 500`,
);

/** Up to 500 after `after`, of `keys` or all (null). */
export async function findReleased(
  db: Db,
  scope: Scope,
  keys: readonly string[] | null,
  after: string,
): Promise<string[]> {
  const values = [scope.businessId, keys, after];
  return (await db.rows<{ key: string }>(SELECT_RELEASED, values)).map(({ key }) => key);
}

const DELETE_RELEASED = statement(
  'recordings.deleteReleased',
  `DELETE FROM unclaimed_blobs
    WHERE business_id = $1 AND released AND blob_key = ANY ($2::text[])`,
);

export async function unregisterReleased(
  db: Db,
  scope: Scope,
  keys: readonly string[],
): Promise<void> {
  await db.rows(DELETE_RELEASED, [scope.businessId, keys]);
}

const SELECT_BUSINESSES = statement(
  'recordings.selectBusinessesToSweep',
  'SELECT DISTINCT business_id AS "businessId" FROM unclaimed_blobs WHERE released OR since < $1',
);

const findToSweep = businessFinder({
  across: SELECT_BUSINESSES,
  ofOne: statement(
    'recordings.has-blobs-to-sweep',
    `SELECT EXISTS (SELECT FROM unclaimed_blobs WHERE business_id = $1 AND (released OR since < $2))
       AS has`,
  ),
});

/** With released blobs, or with uploads from before `instant`. */
export const findBusinessesToSweep = (db: Database, instant: number) =>
  findToSweep(db, new Date(instant));
