import type { Scope } from '../../access/authorization/scope.ts';
import { addJobText } from '../../kernel/jobs/jobs.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import { registerReleased } from '../storage/unclaimed-blobs.ts';

/** The job that makes a copy of a recording without what is masked. */
export const SILENCE_RECORDING = 'silence-recording';

/** `Impossible`: it is not known what to silence, or it cannot be decoded. */
export type SilencedState = 'Same' | 'Made' | 'NoDecoder' | 'Impossible';

/** What those are given who may not hear all. */
export interface SilencedCopy {
  /** For what it was silenced. */
  readonly for: string;
  /** null: there is nothing to silence in the recording. */
  readonly blobKey: string | null;
  readonly bytes: number;
}

/** From and to, in seconds from the start of the file. */
export type SilentStretch = readonly [number, number];

/** What an UPDATE sets where a recording has no copy any more. */
export const NOT_SILENCED = `silenced_for = '', silenced_state = NULL, silenced_key = NULL,
  silenced_bytes = NULL, silenced_stretches = NULL`;

// A queue of its own: one after the other, on whichever node, and beside the waveforms.
const JOB = addJobText(
  SILENCE_RECORDING,
  `json_build_object('businessId', r.business_id, 'blobKey', r.blob_key)`,
  { queue: 'silence', key: `'${SILENCE_RECORDING}:' || r.blob_key` },
);

const ADD = statement(
  'recordings.add-silence-jobs',
  `SELECT ${JOB} FROM recordings r
   WHERE r.business_id = $1 AND r.conversation_id = $2 AND r.silenced_for <> $3`,
);

/** Has copies made of the recordings of a conversation, once this transaction is committed. */
export async function addSilenceJobs(
  tx: Db,
  scope: Scope,
  conversationId: string,
  wish: string,
): Promise<void> {
  await tx.rows(ADD, [scope.businessId, conversationId, wish]);
}

const missing = (condition: string) => `(SELECT r.business_id, r.blob_key FROM recordings r
    WHERE r.business_id = $1 AND ${condition} AND EXISTS (
      SELECT FROM sealed_conversations s
      WHERE s.business_id = $1 AND s.conversation_id = r.conversation_id)
    LIMIT $4)`;
const ADD_MISSING = statement(
  'recordings.add-missing-silence-jobs',
  `SELECT ${JOB} FROM (
     ${missing('r.silenced_for < $2')} UNION ALL ${missing('r.silenced_for > $2')}
     UNION ALL ${missing(`$3 AND r.silenced_state = 'NoDecoder'`)}
     LIMIT $4
   ) AS r`,
);

/** The same for some recordings of sealed conversations that have no right copy. */
export async function addMissingSilenceJobs(
  db: Db,
  scope: Scope,
  wish: string,
  hasDecoder: boolean,
  limit: number,
): Promise<void> {
  await db.rows(ADD_MISSING, [scope.businessId, wish, hasDecoder, limit]);
}

export interface Silenced {
  readonly for: string;
  readonly state: SilencedState | null;
  readonly blobKey: string | null;
  readonly bytes: number | null;
  readonly stretches: readonly SilentStretch[] | null;
}

const FIND = statement(
  'recordings.find-silenced',
  `SELECT silenced_for AS "for", silenced_state AS state, silenced_key AS "blobKey",
     silenced_bytes AS bytes, silenced_stretches::json AS stretches
   FROM recordings WHERE business_id = $1 AND blob_key = $2`,
);

/** What there is of the copy of a recording; absent where that is not there. */
export function findSilenced(db: Db, scope: Scope, blobKey: string): Promise<Silenced | undefined> {
  return db.row(FIND, [scope.businessId, blobKey]);
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

/** Gives the key of the copy that was there, or null; 'gone' where the recording is. */
export async function setSilenced(
  tx: Db,
  scope: Scope,
  blobKey: string,
  { for: wish, state, blobKey: key, bytes, stretches }: Silenced,
  now: number,
): Promise<string[] | 'gone'> {
  const values = [wish, state, key, bytes, JSON.stringify(stretches)];
  const row = await tx.row<{ key: string | null }>(SET, [scope.businessId, blobKey, ...values]);
  if (!row) return 'gone';
  const released = row.key === null ? [] : [row.key];
  await registerReleased(tx, scope, released, now);
  return released;
}

const DROP = statement(
  'recordings.drop-silenced',
  `WITH old AS (
     SELECT blob_key, silenced_key FROM recordings
     WHERE business_id = $1 AND conversation_id = $2 AND silenced_for <> '' FOR UPDATE
   )
   UPDATE recordings r SET ${NOT_SILENCED} FROM old
   WHERE r.business_id = $1 AND r.conversation_id = $2 AND r.blob_key = old.blob_key
   RETURNING old.silenced_key AS key`,
);

/** Lets go of the copies of a conversation; the keys of their blobs, for `removeReleased`. */
export async function dropSilenced(
  tx: Db,
  scope: Scope,
  conversationId: string,
  now: number,
): Promise<string[]> {
  const rows = await tx.rows<{ key: string | null }>(DROP, [scope.businessId, conversationId]);
  const keys = rows.flatMap(({ key }) => key ?? []);
  await registerReleased(tx, scope, keys, now);
  return keys;
}
