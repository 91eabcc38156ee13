import type { AudioType } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { timestampText } from '../../kernel/instant.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { type MutedCopy, type MutedState, NOT_MUTED } from '../derived/muted-store.ts';
import { addPeaksJob } from '../derived/peaks-store.ts';
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
  /** In hex. */
  readonly sha256: string;
  /** To the millisecond; null if unknown. */
  readonly durationSeconds: number | null;
  /** Of the first sample, in milliseconds since 1970; null if not given. */
  readonly startTime: number | null;
  /** Milliseconds since 1970. */
  readonly uploadedAt: number;
  readonly silenced?: MutedCopy;
}

export type ReceivedRecording = Omit<Recording, 'participantId' | 'uploadedAt' | 'silenced'>;

export type StoreParts = Pick<Context, 'db' | 'blobs' | 'log'>;

interface KeysRow {
  blob_key: string;
  peaks_key: string | null;
  silenced_key: string | null;
}

const keysOf = ({ blob_key, peaks_key, silenced_key }: KeysRow) =>
  [blob_key, peaks_key, silenced_key].filter((key) => key !== null);

const SELECT_RECORDINGS = statement(
  'recordings.select',
  `SELECT participant_id, blob_key, content_type, bytes, sha256, duration_ms, start_time,
          uploaded_at, silenced_for, silenced_state, silenced_key, silenced_bytes
     FROM recordings
    WHERE business_id = $1 AND conversation_id = $2
    ORDER BY participant_id`,
);

export async function findRecordings(
  db: Db,
  scope: Scope,
  conversationId: string,
): Promise<Recording[]> {
  const rows = await db.rows<{
    participant_id: string;
    blob_key: string;
    content_type: AudioType;
    bytes: number;
    sha256: Buffer;
    duration_ms: number | null;
    start_time: number | null;
    uploaded_at: number;
    silenced_for: string;
    silenced_state: MutedState | null;
    silenced_key: string | null;
    silenced_bytes: number | null;
  }>(SELECT_RECORDINGS, [scope.businessId, conversationId]);
  return rows.map((row) => ({
    participantId: row.participant_id,
    blobKey: row.blob_key,
    contentType: row.content_type,
    bytes: row.bytes,
    sha256: row.sha256.toString('hex'),
    durationSeconds: row.duration_ms === null ? null : row.duration_ms / 1000,
    startTime: row.start_time,
    uploadedAt: row.uploaded_at,
    ...((row.silenced_state === 'Same' || row.silenced_state === 'Made') && {
      silenced: {
        for: row.silenced_for,
        blobKey: row.silenced_key,
        bytes: row.silenced_bytes ?? row.bytes,
      },
    }),
  }));
}

const INSERT_RECORDING = statement(
  'recordings.insert',
  `INSERT INTO recordings (business_id, conversation_id, participant_id, blob_key, content_type,
                           bytes, sha256, duration_ms, start_time, uploaded_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   ON CONFLICT DO NOTHING
   RETURNING blob_key`,
);
const LOCK_RECORDING = statement(
  'recordings.lock',
  `SELECT blob_key, peaks_key, silenced_key FROM recordings
    WHERE business_id = $1 AND conversation_id = $2 AND participant_id = $3
      FOR UPDATE`,
);
const UPDATE_RECORDING = statement(
  'recordings.update',
  `UPDATE recordings
      SET blob_key = $4, content_type = $5, bytes = $6, sha256 = $7, duration_ms = $8,
          start_time = $9, uploaded_at = $10, peaks_key = NULL, peaks_state = NULL, ${NOT_MUTED}
    WHERE business_id = $1 AND conversation_id = $2 AND participant_id = $3`,
);

/**
 * Claims a received recording for a participant in the caller's transaction. Returns the keys of replaced
 * blobs for `removeReleased` after the commit; `now` in milliseconds since 1970. CONFLICT if the upload
 * has expired.
 */
export async function claimRecording(
  tx: Tx,
  scope: Scope,
  conversationId: string,
  participantId: string,
  received: ReceivedRecording,
  now: number,
): Promise<{ replaced: string[] | null }> {
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
    new Date(now),
  ];
  // ON CONFLICT DO UPDATE does not return the earlier row, whose blob would be lost.
  for (;;) {
    if (await tx.row(INSERT_RECORDING, values)) {
      await addPeaksJob(tx, scope, received.blobKey);
      return { replaced: null };
    }
    const old = await tx.row<KeysRow>(LOCK_RECORDING, primaryKey);
    if (!old) continue; // deleted between the two statements
    await tx.rows(UPDATE_RECORDING, values);
    await addPeaksJob(tx, scope, received.blobKey);
    await registerReleased(tx, scope, keysOf(old), now);
    return { replaced: keysOf(old) };
  }
}

const DELETE_RECORDINGS = statement(
  'recordings.delete',
  `DELETE FROM recordings
    WHERE business_id = $1 AND conversation_id = ANY ($2::text[])
      AND NOT participant_id = ANY ($3::text[])
   RETURNING blob_key, peaks_key, silenced_key`,
);

/**
 * Releases the recordings of conversations except those of `kept` participants, which may include `_mixed`.
 * Returns blob keys for `removeReleased` after the commit.
 */
export async function releaseRecordings(
  tx: Tx,
  scope: Scope,
  conversationIds: readonly string[],
  keepParticipantIds: readonly string[] | 'none',
  now: number,
): Promise<string[]> {
  const kept = keepParticipantIds === 'none' ? [] : keepParticipantIds;
  const values = [scope.businessId, conversationIds, kept];
  const keys = (await tx.rows<KeysRow>(DELETE_RECORDINGS, values)).flatMap(keysOf);
  await registerReleased(tx, scope, keys, now);
  return keys;
}

/**
 * Removes the blobs of released keys and ignores other keys, so it is safe after a commit with unknown
 * outcome. Never throws; the next sweep retries failures.
 */
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

/**
 * Discards a received recording unless it is claimed, so it is safe after a commit with unknown outcome.
 * Never throws.
 */
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

/**
 * Removes released blobs, of `keys` or all (null), and returns their number. Deletes the row last: a blob
 * without a row would stay forever.
 */
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
