import type { AudioType } from '@colloquy/wire';
import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';
import { addJobText } from '../base/jobs.ts';

/** The job that makes the peaks of a recording. */
export const MAKE_PEAKS = 'make-peaks';

export interface NamedRecording {
  readonly businessId: number;
  readonly conversationId: string;
  readonly participantId: string;
  readonly blobKey: string;
}

/** `NoDecoder`: it takes ffmpeg, which was not there. */
export type PeaksState = 'Made' | 'NoDecoder' | 'Undecodable';

const PAYLOAD = `json_build_object('businessId', business_id, 'conversationId', conversation_id,
  'participantId', participant_id, 'blobKey', blob_key)`;
// One after the other, on whichever node: decoding takes a processor.
const JOB = addJobText(MAKE_PEAKS, PAYLOAD, {
  queue: 'peaks',
  key: `'${MAKE_PEAKS}:' || blob_key`,
});

const ADD = statement(
  'recordings.addPeaksJob',
  `SELECT ${JOB} FROM (SELECT $1::bigint AS business_id, $2::text AS conversation_id,
     $3::text AS participant_id, $4::text AS blob_key) AS recording`,
);

/** Has the peaks of a recording made, once this transaction is committed. */
export async function addPeaksJob(
  tx: Db,
  scope: Scope,
  conversationId: string,
  participantId: string,
  blobKey: string,
): Promise<void> {
  await tx.rows(ADD, [scope.businessId, conversationId, participantId, blobKey]);
}

const ADD_MISSING = statement(
  'recordings.addMissingPeaksJobs',
  `SELECT ${JOB} FROM (
     SELECT business_id, conversation_id, participant_id, blob_key FROM recordings
     WHERE business_id = $1 AND uploaded_at < $2
       AND (peaks_state IS NULL OR ($3 AND peaks_state = 'NoDecoder'))
     ORDER BY uploaded_at DESC LIMIT $4
   ) AS recording`,
);

/** The same for some recordings of which nobody has tried, the latest first. */
export async function addMissingPeaksJobs(
  db: Db,
  scope: Scope,
  uploadedBefore: number,
  hasDecoder: boolean,
  limit: number,
): Promise<void> {
  const before = new Date(uploadedBefore).toISOString();
  await db.rows(ADD_MISSING, [scope.businessId, before, hasDecoder, limit]);
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

/** Absent where there is no such recording. */
export function findPeaks(
  db: Db,
  scope: Scope,
  conversationId: string,
  participantId: string,
): Promise<PeaksOf | undefined> {
  return db.row(FIND, [scope.businessId, conversationId, participantId]);
}

const SET = statement(
  'recordings.setPeaks',
  `UPDATE recordings SET peaks_key = $5, peaks_state = $6, duration_ms = coalesce(duration_ms, $7)
   WHERE business_id = $1 AND conversation_id = $2 AND participant_id = $3 AND blob_key = $4
     AND peaks_key IS NULL
   RETURNING 1`,
);

/** False where the recording is another one by now, or has its peaks. */
export async function setPeaks(
  tx: Db,
  { businessId, conversationId, participantId, blobKey }: NamedRecording,
  state: PeaksState,
  peaksKey: string | null,
  durationMs: number | null,
): Promise<boolean> {
  const key = [businessId, conversationId, participantId, blobKey];
  return (await tx.row(SET, [...key, peaksKey, state, durationMs])) !== undefined;
}
