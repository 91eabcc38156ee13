import type { AudioType } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { addJobText } from '../../kernel/jobs/jobs.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { NotDecoded } from './decode.ts';

export const MAKE_PEAKS = 'make-peaks';

export type PeaksState = 'Made' | NotDecoded;

const PAYLOAD = `json_build_object('businessId', $1::bigint, 'blobKey', blob_key)`;
// Sequential on all nodes: decoding takes a CPU.
const JOB = addJobText(MAKE_PEAKS, PAYLOAD, {
  queue: "'peaks'",
  key: `'${MAKE_PEAKS}:' || blob_key`,
});

const ADD = statement(
  'recordings.addPeaksJobs',
  `SELECT ${JOB} FROM unnest($2::text[]) AS blob_key`,
);

export async function addPeaksJobs(tx: Db, scope: Scope, blobKeys: readonly string[]) {
  if (blobKeys.length > 0) await tx.rows(ADD, [scope.businessId, blobKeys]);
}

export const WITHOUT_PEAKS = businessesWith('recordings.businessesWithoutPeaks', {
  table: 'recordings',
  where: "(peaks_state IS NULL OR peaks_state = 'NoDecoder')",
  due: 'uploaded_at < $1',
  by: 'uploaded_at',
});

// Apart from adding jobs, because a cluster has jobs on the coordinator and recordings elsewhere.
const FIND_MISSING = statement(
  'recordings.findMissingPeaks',
  `SELECT blob_key AS "blobKey" FROM recordings
   WHERE business_id = $1 AND uploaded_at < $2
     AND (peaks_state IS NULL OR ($3 AND peaks_state = 'NoDecoder'))
   ORDER BY uploaded_at DESC LIMIT $4`,
);

const MAX_PEAKS_JOBS = 20;

/** For the newest recordings without an attempt. */
export async function addMissingPeaksJobs(
  db: Db,
  scope: Scope,
  uploadedBefore: number,
  hasDecoder: boolean,
): Promise<void> {
  const before = new Date(uploadedBefore).toISOString();
  const values = [scope.businessId, before, hasDecoder, MAX_PEAKS_JOBS];
  const missing = await db.rows<{ blobKey: string }>(FIND_MISSING, values);
  await addPeaksJobs(
    db,
    scope,
    missing.map(({ blobKey }) => blobKey),
  );
}

export interface PeaksOf {
  readonly blobKey: string;
  readonly contentType: AudioType;
  readonly bytes: number;
  readonly durationMs: number | null;
  readonly peaksKey: string | null;
  readonly state: PeaksState | null;
}

const FIND = statement(
  'recordings.findPeaks',
  `SELECT blob_key AS "blobKey", content_type AS "contentType", bytes, duration_ms AS "durationMs",
     peaks_key AS "peaksKey", peaks_state AS state
   FROM recordings WHERE business_id = $1 AND conversation_id = $2 AND participant_id = $3`,
);

export function findPeaks(
  db: Db,
  scope: Scope,
  conversationId: string,
  participantId: string,
): Promise<PeaksOf | undefined> {
  return db.row(FIND, [scope.businessId, conversationId, participantId]);
}

const CLEAR_PEAKS = statement(
  'recordings.clearPeaks',
  `UPDATE recordings SET peaks_key = NULL, peaks_state = NULL
   WHERE business_id = $1 AND blob_key = $2 AND peaks_key = $3`,
);

export async function clearPeaks(
  db: Db,
  scope: Scope,
  blobKey: string,
  peaksKey: string,
): Promise<void> {
  await db.rows(CLEAR_PEAKS, [scope.businessId, blobKey, peaksKey]);
}

export interface RecordingOfBlob {
  readonly conversationId: string;
  readonly participantId: string;
  readonly contentType: AudioType;
  readonly durationMs: number | null;
  readonly peaksKey: string | null;
  readonly peaksState: PeaksState | null;
  readonly startTime: number | null;
}

const FIND_OF = statement(
  'recordings.findOfBlob',
  `SELECT conversation_id AS "conversationId", participant_id AS "participantId",
     content_type AS "contentType", peaks_key AS "peaksKey", duration_ms AS "durationMs",
     peaks_state AS "peaksState", start_time AS "startTime"
   FROM recordings WHERE business_id = $1 AND blob_key = $2`,
);

export function findRecordingOf(
  db: Db,
  scope: Scope,
  blobKey: string,
): Promise<RecordingOfBlob | undefined> {
  return db.row(FIND_OF, [scope.businessId, blobKey]);
}

const SET = statement(
  'recordings.setPeaks',
  `UPDATE recordings SET peaks_key = $3, peaks_state = $4, duration_ms = coalesce($5, duration_ms)
   WHERE business_id = $1 AND blob_key = $2 AND peaks_key IS NULL
   RETURNING 1`,
);

/** False if the recording was replaced or already has peaks. */
export async function setPeaks(
  tx: Db,
  scope: Scope,
  blobKey: string,
  { peaksKey, state, durationMs }: Pick<PeaksOf, 'peaksKey' | 'state' | 'durationMs'>,
): Promise<boolean> {
  const values = [scope.businessId, blobKey, peaksKey, state, durationMs];
  return (await tx.row(SET, values)) !== undefined;
}
