import type { Scope } from '../../access/authorization/scope.ts';
import { addJobText } from '../../kernel/jobs/jobs.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { registerReleased } from '../storage/unclaimed-store.ts';

export const MUTE_RECORDING = 'silence-recording';

/** `Impossible`: the ranges are unknown, or the recording cannot be decoded. */
export type MutedState = 'Same' | 'Made' | 'NoDecoder' | 'Impossible';

export interface MutedCopy {
  readonly for: string;
  /** null: nothing to mute. */
  readonly blobKey: string | null;
  readonly bytes: number;
}

/** Seconds from the start of the file. */
export type MutedRange = readonly [number, number];

export const NOT_MUTED = `silenced_for = '', silenced_state = NULL, silenced_key = NULL,
  silenced_bytes = NULL, silenced_stretches = NULL`;

// A separate queue from waveforms; sequential on all nodes.
const JOB = addJobText(
  MUTE_RECORDING,
  `json_build_object('businessId', $1::bigint, 'blobKey', blob_key)`,
  { queue: "'silence'", key: `'${MUTE_RECORDING}:' || blob_key` },
);
const ADD_JOBS = statement(
  'recordings.add-silence-jobs',
  `SELECT ${JOB} FROM unnest($2::text[]) AS blob_key`,
);

async function addJobs(db: Db, { businessId }: Scope, found: readonly { blobKey: string }[]) {
  const blobKeys = found.map(({ blobKey }) => blobKey);
  if (blobKeys.length > 0) await db.rows(ADD_JOBS, [businessId, blobKeys]);
}

// Apart from adding jobs, because a cluster has jobs on the coordinator and recordings elsewhere.
const FIND_OTHERS = statement(
  'recordings.find-to-silence',
  `SELECT r.blob_key AS "blobKey" FROM recordings r
   WHERE r.business_id = $1 AND r.conversation_id = $2 AND r.silenced_for <> $3`,
);

export async function addMuteJobs(
  tx: Db,
  scope: Scope,
  conversationId: string,
  settings: string,
): Promise<void> {
  await addJobs(
    tx,
    scope,
    await tx.rows(FIND_OTHERS, [scope.businessId, conversationId, settings]),
  );
}

const missing = (condition: string) => `(SELECT r.business_id, r.blob_key FROM recordings r
    WHERE r.business_id = $1 AND ${condition} AND EXISTS (
      SELECT FROM sealed_conversations s
      WHERE s.business_id = $1 AND s.conversation_id = r.conversation_id)
    LIMIT $4)`;
const FIND_MISSING = statement(
  'recordings.find-missing-silence',
  `SELECT r.blob_key AS "blobKey" FROM (
     ${missing('r.silenced_for < $2')} UNION ALL ${missing('r.silenced_for > $2')}
     UNION ALL ${missing(`$3 AND r.silenced_state = 'NoDecoder'`)}
     LIMIT $4
   ) AS r`,
);

const MAX_MUTE_JOBS = 200;

/** For recordings of sealed conversations without a current copy. */
export async function addMissingMuteJobs(
  db: Db,
  scope: Scope,
  settings: string,
  hasDecoder: boolean,
): Promise<void> {
  const values = [scope.businessId, settings, hasDecoder, MAX_MUTE_JOBS];
  await addJobs(db, scope, await db.rows(FIND_MISSING, values));
}

export interface StoredMutedCopy extends Pick<MutedCopy, 'for' | 'blobKey'> {
  readonly state: MutedState | null;
  readonly bytes: number | null;
  readonly ranges: readonly MutedRange[] | null;
}

const FIND = statement(
  'recordings.find-silenced',
  `SELECT silenced_for AS "for", silenced_state AS state, silenced_key AS "blobKey",
     silenced_bytes AS bytes, silenced_stretches::json AS ranges
   FROM recordings WHERE business_id = $1 AND blob_key = $2`,
);

export function findMutedCopy(
  db: Db,
  scope: Scope,
  blobKey: string,
): Promise<StoredMutedCopy | undefined> {
  return db.row(FIND, [scope.businessId, blobKey]);
}

interface NewMutedCopy extends StoredMutedCopy {
  readonly madeAt: number;
}

const SET = statement(
  'recordings.set-silenced',
  `WITH old AS (
     SELECT silenced_key FROM recordings WHERE business_id = $1 AND blob_key = $2 FOR UPDATE
   )
   UPDATE recordings r SET silenced_for = $3, silenced_state = $4, silenced_key = $5,
     silenced_bytes = $6, silenced_stretches = $7
   FROM old WHERE r.business_id = $1 AND r.blob_key = $2
   RETURNING old.silenced_key AS key`,
);

/** Returns the key of the replaced copy; `gone` if the recording no longer exists. */
export async function setMutedCopy(
  tx: Tx,
  scope: Scope,
  blobKey: string,
  { for: settings, state, blobKey: key, bytes, ranges, madeAt }: NewMutedCopy,
): Promise<string[] | 'gone'> {
  const values = [settings, state, key, bytes, JSON.stringify(ranges)];
  const row = await tx.row<{ key: string | null }>(SET, [scope.businessId, blobKey, ...values]);
  if (!row) return 'gone';
  const released = row.key === null ? [] : [row.key];
  await registerReleased(tx, scope, released, madeAt);
  return released;
}

const DELETE_COPIES = statement(
  'recordings.drop-silenced',
  `WITH old AS (
     SELECT blob_key, silenced_key FROM recordings
     WHERE business_id = $1 AND conversation_id = $2 AND silenced_for <> '' FOR UPDATE
   )
   UPDATE recordings r SET ${NOT_MUTED} FROM old
   WHERE r.business_id = $1 AND r.conversation_id = $2 AND r.blob_key = old.blob_key
   RETURNING old.silenced_key AS key`,
);

/** Returns the blob keys for `removeReleased`. */
export async function deleteMutedCopies(
  tx: Tx,
  scope: Scope,
  conversationId: string,
  now: number,
): Promise<string[]> {
  const values = [scope.businessId, conversationId];
  const rows = await tx.rows<{ key: string | null }>(DELETE_COPIES, values);
  const keys = rows.flatMap(({ key }) => key ?? []);
  await registerReleased(tx, scope, keys, now);
  return keys;
}
