import { hash } from 'node:crypto';
import { type Db, statement } from '../kernel/postgres/database.ts';

const SELECT_TAG = statement(
  'recordings.selectMediaTag',
  `SELECT
     EXISTS (SELECT FROM unclaimed_blobs
              WHERE business_id = $1 AND blob_key = $2 AND released) AS released,
     (SELECT encode(sha256, 'hex') FROM recordings
       WHERE business_id = $1 AND blob_key = $2 LIMIT 1) AS sha256`,
);

/**
 * The strong ETag of a blob: the SHA-256 of a recording, so that equal bytes keep their tag after another
 * upload. For a muted copy it is derived from its key, because no hash is stored and keys are never reused.
 * `released` if nothing claims the blob any more.
 */
export async function findMediaTag(
  db: Db,
  businessId: number,
  key: string,
): Promise<string | 'released'> {
  const row = await db.row<{ released: boolean; sha256: string | null }>(SELECT_TAG, [
    businessId,
    key,
  ]);
  if (row?.released) return 'released';
  return `"${row?.sha256 ?? hash('sha256', `blob ${key}`)}"`;
}
