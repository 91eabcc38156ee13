import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

/** The purpose of a blob. A blob without a claim is an orphan. */
export interface Claim {
  readonly blobKey: string;
  /** In hex; null for derived, unfinished or released blobs. */
  readonly sha256: string | null;
  readonly contentType: string | null;
}

// One statement, so a claim that moves between tables is seen in one of them. Every table that
// refers to blobs must be named here.
const SELECT_CLAIMS = statement(
  'recordings.selectClaims',
  `SELECT key AS "blobKey", sha256, content_type AS "contentType" FROM unnest($2::text[]) AS key
    CROSS JOIN LATERAL (
      SELECT encode(sha256, 'hex') AS sha256, content_type FROM recordings
       WHERE business_id = $1 AND blob_key = key LIMIT 1) AS recording
   UNION ALL
   SELECT key, NULL, 'application/json' FROM unnest($2::text[]) AS key
    CROSS JOIN LATERAL (
      SELECT FROM recordings WHERE business_id = $1 AND peaks_key = key LIMIT 1) AS peaks
   UNION ALL
   SELECT key, NULL, 'audio/wav' FROM unnest($2::text[]) AS key
    CROSS JOIN LATERAL (
      SELECT FROM recordings WHERE business_id = $1 AND silenced_key = key LIMIT 1) AS silenced
   UNION ALL
   SELECT key, NULL, NULL FROM unnest($2::text[]) AS key
    CROSS JOIN LATERAL (
      SELECT FROM unclaimed_blobs WHERE business_id = $1 AND blob_key = key LIMIT 1) AS unclaimed`,
);

export async function findClaims(
  db: Db,
  scope: Scope,
  keys: readonly string[],
): Promise<Map<string, Claim>> {
  const claims = await db.rows<Claim>(SELECT_CLAIMS, [scope.businessId, keys]);
  return new Map(claims.map((claim) => [claim.blobKey, claim]));
}

export interface StoredRecording {
  readonly conversationId: string;
  readonly participantId: string;
  readonly blobKey: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly derivedKeys: readonly string[];
}

const SELECT_AFTER = statement(
  'recordings.selectAfter',
  `SELECT conversation_id AS "conversationId", participant_id AS "participantId",
     blob_key AS "blobKey", bytes, encode(sha256, 'hex') AS sha256,
     array_remove(ARRAY[peaks_key, silenced_key], NULL) AS "derivedKeys" FROM recordings
    WHERE business_id = $1 AND (conversation_id, participant_id) > ($2, $3)
    ORDER BY conversation_id, participant_id
    LIMIT $4`,
);

export function listRecordings(
  db: Db,
  scope: Scope,
  [conversationId, participantId]: readonly [string, string],
  limit: number,
): Promise<StoredRecording[]> {
  return db.rows(SELECT_AFTER, [scope.businessId, conversationId, participantId, limit]);
}

const COUNT = statement(
  'recordings.count',
  'SELECT count(*)::integer AS n FROM recordings WHERE business_id = $1',
);

export async function countRecordings(db: Db, scope: Scope): Promise<number> {
  return (await db.row<{ n: number }>(COUNT, [scope.businessId]))?.n ?? 0;
}
