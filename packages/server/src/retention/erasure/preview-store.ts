import type { Scope } from '../../access/authorization/scope.ts';
import type { MentionPlace } from '../../conversations/erasure/replace-number.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { addJobText } from '../../kernel/jobs/jobs.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import type { Counts } from './erasure-store.ts';

export const PREVIEW_ERASURE = 'preview-erasure';

export interface NamedPreview {
  readonly businessId: number;
  readonly previewId: string;
}

export interface Mention {
  readonly id: string;
  readonly places: readonly MentionPlace[];
}

export interface ErasurePreview {
  /** Encrypted. */
  readonly subject: string;
  readonly completedAt: number | null;
  readonly position: string;
  readonly done: number;
  readonly total: number;
  readonly counts: Counts | null;
  readonly mentions: readonly Mention[];
}

const PREVIEW_JOB = addJobText(
  PREVIEW_ERASURE,
  "json_build_object('businessId', $1::bigint, 'previewId', id)",
  { queue: "'erasure-previews'", key: `'${PREVIEW_ERASURE}:' || id` },
);

const END_STALE = statement(
  'retention.end-stale-previews',
  `DELETE FROM erasure_previews
   WHERE business_id = $1 AND completed_at IS NULL AND requested_at <= $2`,
);
// A unique index on running previews prevents two at the same time.
const INSERT = statement(
  'retention.insert-preview',
  `INSERT INTO erasure_previews (business_id, id, subject, requested_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (business_id) WHERE completed_at IS NULL DO NOTHING RETURNING 1`,
);
const ADD_JOBS = statement(
  'retention.add-preview-jobs',
  `SELECT ${PREVIEW_JOB} FROM unnest($2::text[]) AS id`,
);

/** Adds a preview and its job; false if another one, requested after `runningSince`, is running. */
export async function insertPreview(
  tx: Tx,
  scope: Scope,
  preview: { readonly id: string; readonly subject: string; readonly requestedAt: number },
  runningSince: number,
): Promise<boolean> {
  const { id, subject, requestedAt } = preview;
  await tx.rows(END_STALE, [scope.businessId, new Date(runningSince)]);
  const values = [scope.businessId, id, subject, new Date(requestedAt)];
  if ((await tx.rows(INSERT, values)).length === 0) return false;
  await tx.rows(ADD_JOBS, [scope.businessId, [id]]);
  return true;
}

export const WITH_RUNNING_PREVIEWS = businessesWith('retention.businesses-with-running-previews', {
  table: 'erasure_previews',
  where: 'completed_at IS NULL',
});
const FIND_RUNNING = statement(
  'retention.find-running-previews',
  'SELECT id FROM erasure_previews WHERE business_id = $1 AND completed_at IS NULL',
);

/** Jobs may have failed too often or be lost. */
export async function addRunningPreviews(db: Db, scope: Scope): Promise<void> {
  const running = await db.rows<{ id: string }>(FIND_RUNNING, [scope.businessId]);
  if (running.length === 0) return;
  await db.rows(ADD_JOBS, [scope.businessId, running.map(({ id }) => id)]);
}

const FIND = statement(
  'retention.find-preview',
  `SELECT subject, completed_at AS "completedAt", position, done, total, counts::json AS counts,
     mentions::json AS mentions
   FROM erasure_previews WHERE business_id = $1 AND id = $2`,
);

export function findPreview(db: Db, scope: Scope, id: string): Promise<ErasurePreview | undefined> {
  return db.row(FIND, [scope.businessId, id]);
}

const SAVE = statement(
  'retention.save-preview',
  `UPDATE erasure_previews SET completed_at = $3, position = $4, done = $5, total = $6, counts = $7,
     mentions = $8
   WHERE business_id = $1 AND id = $2 RETURNING 1`,
);

export async function savePreview(db: Db, scope: Scope, id: string, preview: ErasurePreview) {
  const { position, done, total } = preview;
  const completedAt = preview.completedAt === null ? null : new Date(preview.completedAt);
  const found = [JSON.stringify(preview.counts), JSON.stringify(preview.mentions)];
  const values = [scope.businessId, id, completedAt, position, done, total, ...found];
  return (await db.rows(SAVE, values)).length > 0;
}

export const WITH_OLD_PREVIEWS = businessesWith('retention.businesses-with-old-previews', {
  table: 'erasure_previews',
  due: 'requested_at <= $1',
});
const EXPIRE = statement(
  'retention.expire-previews',
  'DELETE FROM erasure_previews WHERE business_id = $1 AND requested_at <= $2',
);

export async function expirePreviews(db: Db, scope: Scope, until: number): Promise<void> {
  await db.rows(EXPIRE, [scope.businessId, new Date(until)]);
}
