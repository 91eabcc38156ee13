import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { registerReleased } from '../storage/unclaimed-store.ts';
import { addPeaksJobs, type RecordingOfBlob } from './peaks-store.ts';

export interface MeasuredRecording extends Omit<RecordingOfBlob, 'startTime'> {
  readonly blobKey: string;
}

const LIST = statement(
  'recordings.list-measured',
  `SELECT conversation_id AS "conversationId", participant_id AS "participantId",
     blob_key AS "blobKey", content_type AS "contentType", duration_ms AS "durationMs",
     peaks_key AS "peaksKey", peaks_state AS "peaksState"
   FROM recordings WHERE business_id = $1 AND (conversation_id, participant_id) > ($2, $3)
   ORDER BY conversation_id, participant_id LIMIT $4`,
);

export function listMeasured(
  db: Db,
  scope: Scope,
  [conversationId, participantId]: readonly [string, string],
  limit: number,
): Promise<MeasuredRecording[]> {
  return db.rows(LIST, [scope.businessId, conversationId, participantId, limit]);
}

const CORRECT = statement(
  'recordings.correct-duration',
  `UPDATE recordings SET duration_ms = $5
   WHERE business_id = $1 AND blob_key = $2 AND duration_ms IS NOT DISTINCT FROM $3
     AND peaks_key IS NOT DISTINCT FROM $4
   RETURNING 1`,
);

/** False if the recording has changed since it was read. */
export async function correctDuration(
  tx: Db,
  scope: Scope,
  { blobKey, durationMs, peaksKey }: MeasuredRecording,
  corrected: number | null,
): Promise<boolean> {
  const values = [scope.businessId, blobKey, durationMs, peaksKey, corrected];
  return (await tx.row(CORRECT, values)) !== undefined;
}

const DROP_PEAKS = statement(
  'recordings.drop-peaks',
  `UPDATE recordings SET peaks_key = NULL, peaks_state = NULL
   WHERE business_id = $1 AND blob_key = $2 AND peaks_key IS NOT DISTINCT FROM $3
   RETURNING 1`,
);

export async function remakePeaks(
  tx: Tx,
  scope: Scope,
  { blobKey, peaksKey }: MeasuredRecording,
  now: number,
): Promise<void> {
  if (!(await tx.row(DROP_PEAKS, [scope.businessId, blobKey, peaksKey]))) return;
  await registerReleased(tx, scope, peaksKey === null ? [] : [peaksKey], now);
  await addPeaksJobs(tx, scope, [blobKey]);
}
