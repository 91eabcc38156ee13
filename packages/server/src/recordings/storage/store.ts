import type { AudioType } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { timestampText } from '../../kernel/instant.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { type MutedCopy, NOT_MUTED } from '../derived/muted-store.ts';
import { addPeaksJobs } from '../derived/peaks-store.ts';
import {
  findReleased,
  registerReleased,
  releaseUpload,
  takeUpload,
  unregisterReleased,
} from './unclaimed-store.ts';

/** `participantId` is `_mixed` for the recording of all participants. */
export interface Recording {
  readonly participantId: string;
  readonly blobKey: string;
  readonly contentType: AudioType;
  readonly bytes: number;
  readonly sha256: string;
  readonly durationSeconds: number | null;
  /** Of the first sample. */
  readonly startTime: number | null;
  readonly uploadedAt: number;
  readonly silenced?: MutedCopy;
}

export type ReceivedRecording = Omit<Recording, 'participantId' | 'uploadedAt' | 'silenced'>;

export type StoreParts = Pick<Context, 'db' | 'blobs' | 'log'>;

const SELECT_RECORDINGS = statement(
  'recordings.select',
  `SELECT participant_id AS "participantId", blob_key AS "blobKey", content_type AS "contentType",
          bytes, encode(sha256, 'hex') AS sha256, duration_ms, start_time AS "startTime",
          uploaded_at AS "uploadedAt",
          CASE WHEN silenced_state IN ('Same', 'Made') THEN json_build_object('for', silenced_for,
            'blobKey', silenced_key, 'bytes', coalesce(silenced_bytes, bytes)) END AS silenced
     FROM recordings
    WHERE business_id = $1 AND conversation_id = $2
    ORDER BY participant_id`,
);

type RecordingRow = Omit<Recording, 'durationSeconds' | 'silenced'> & {
  readonly duration_ms: number | null;
  readonly silenced: MutedCopy | null;
};

export async function findRecordings(
  db: Db,
  scope: Scope,
  conversationId: string,
): Promise<Recording[]> {
  const values = [scope.businessId, conversationId];
  const rows = await db.rows<RecordingRow>(SELECT_RECORDINGS, values);
  return rows.map(({ duration_ms, silenced, ...row }) => ({
    ...row,
    durationSeconds: duration_ms === null ? null : duration_ms / 1000,
    ...(silenced && { silenced }),
  }));
}

export interface Released {
  /** Blob keys for `removeReleased`. */
  readonly keys: readonly string[];
  /** Of the recordings, as far as usage includes them. */
  readonly bytes: number;
}

const INSERT_RECORDING = statement(
  'recordings.insert',
  `INSERT INTO recordings (business_id, conversation_id, participant_id, blob_key, content_type,
                           bytes, sha256, duration_ms, start_time, uploaded_at, counted_bytes)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $6)
   ON CONFLICT DO NOTHING
   RETURNING blob_key`,
);
const LOCK_RECORDING = statement(
  'recordings.lock',
  `SELECT array_remove(ARRAY[blob_key, peaks_key, silenced_key], NULL) AS keys,
     coalesce(counted_bytes, 0) AS bytes FROM recordings
    WHERE business_id = $1 AND conversation_id = $2 AND participant_id = $3
      FOR UPDATE`,
);
const UPDATE_RECORDING = statement(
  'recordings.update',
  `UPDATE recordings
      SET blob_key = $4, content_type = $5, bytes = $6, sha256 = $7, duration_ms = $8,
          start_time = $9, uploaded_at = $10, counted_bytes = $6, peaks_key = NULL, peaks_state = NULL, ${NOT_MUTED}
    WHERE business_id = $1 AND conversation_id = $2 AND participant_id = $3`,
);

/** What was released, if the recording replaces another one. CONFLICT if the upload has expired. */
export async function claimRecording(
  tx: Tx,
  scope: Scope,
  conversationId: string,
  { participantId, uploadedAt, ...received }: Omit<Recording, 'silenced'>,
): Promise<{ replaced: Released | null }> {
  if (!(await takeUpload(tx, scope, received.blobKey))) {
    throw new Fault('CONFLICT', 'The upload took too long and was canceled; send it again.');
  }
  const primaryKey = [scope.businessId, conversationId, participantId];
  const values = [
    ...primaryKey,
    received.blobKey,
    received.contentType,
    received.bytes,
    Buffer.from(received.sha256, 'hex'),
    received.durationSeconds === null ? null : Math.round(received.durationSeconds * 1000),
    received.startTime === null ? null : timestampText(received.startTime),
    new Date(uploadedAt),
  ];
  // DO UPDATE does not return the earlier row, whose blob would be lost.
  for (;;) {
    if (await tx.row(INSERT_RECORDING, values)) {
      await addPeaksJobs(tx, scope, [received.blobKey]);
      return { replaced: null };
    }
    const old = await tx.row<Released>(LOCK_RECORDING, primaryKey);
    if (!old) continue; // deleted between the two statements
    await tx.rows(UPDATE_RECORDING, values);
    await addPeaksJobs(tx, scope, [received.blobKey]);
    await registerReleased(tx, scope, old.keys, uploadedAt);
    return { replaced: old };
  }
}

const DELETE_RECORDINGS = statement(
  'recordings.delete',
  `DELETE FROM recordings
    WHERE business_id = $1 AND conversation_id = ANY ($2::text[])
      AND NOT participant_id = ANY ($3::text[])
   RETURNING array_remove(ARRAY[blob_key, peaks_key, silenced_key], NULL) AS keys,
     coalesce(counted_bytes, 0) AS bytes`,
);

interface Release {
  readonly kept: readonly string[] | 'none';
  readonly now: number;
}

/** Kept participants may include `_mixed`. */
export async function releaseRecordings(
  tx: Tx,
  scope: Scope,
  conversationIds: readonly string[],
  { kept, now }: Release,
): Promise<Released> {
  const values = [scope.businessId, conversationIds, kept === 'none' ? [] : kept];
  const rows = await tx.rows<Released>(DELETE_RECORDINGS, values);
  const keys = rows.flatMap((row) => row.keys);
  await registerReleased(tx, scope, keys, now);
  return { keys, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Ignores keys that are not released, so it is safe after a commit with unknown outcome. */
export async function removeReleased(
  parts: StoreParts,
  scope: Scope,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await removeBlobs(parts, scope, keys).catch((cause: unknown) =>
    logLeftToSweep(parts, scope, cause),
  );
}

/** Keeps a claimed recording, so it is safe after a commit with unknown outcome. */
export async function discardUpload(
  parts: StoreParts,
  scope: Scope,
  { blobKey }: Pick<ReceivedRecording, 'blobKey'>,
): Promise<void> {
  try {
    await releaseUpload(parts.db, scope, blobKey);
    await removeBlobs(parts, scope, [blobKey]);
  } catch (cause) {
    logLeftToSweep(parts, scope, cause);
  }
}

/** Deletes the row last: a blob without a row would stay forever. */
export async function removeBlobs(
  { db, blobs }: StoreParts,
  scope: Scope,
  keys: readonly string[] | null,
): Promise<number> {
  let removed = 0;
  let after = '';
  for (;;) {
    const found = await findReleased(db, scope, keys, after);
    const last = found.at(-1);
    if (last === undefined) return removed;
    for (const key of found) await blobs.remove(key);
    await unregisterReleased(db, scope, found);
    removed += found.length;
    after = last;
  }
}

function logLeftToSweep({ log }: StoreParts, { businessId }: Scope, cause: unknown): void {
  log.warn(
    { err: cause, businessId },
    'could not remove released blobs; the next sweep tries again',
  );
}

const RENAME = statement(
  'recordings.rename-participants',
  `UPDATE recordings r SET participant_id = n.new
   FROM unnest($3::text[], $4::text[]) AS n(old, new)
   WHERE r.business_id = $1 AND r.conversation_id = $2 AND r.participant_id = n.old`,
);

export async function renameParticipants(
  tx: Db,
  scope: Scope,
  conversationId: string,
  renamed: readonly (readonly [from: string, to: string])[],
): Promise<void> {
  const values = [renamed.map(([from]) => from), renamed.map(([, to]) => to)];
  await tx.rows(RENAME, [scope.businessId, conversationId, ...values]);
}
