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
 * The ETag is the hash of a recording, so equal bytes keep it after another upload. Muted
 * copies have no stored hash, and their keys are never reused.
 */
export async function findMediaTag(
  db: Db,
  businessId: number,
  key: string,
): Promise<string | 'released'> {
  type Row = { readonly released: boolean; readonly sha256: string | null };
  const row = await db.row<Row>(SELECT_TAG, [businessId, key]);
  if (row?.released) return 'released';
  return `"${row?.sha256 ?? hash('sha256', `blob ${key}`)}"`;
}
