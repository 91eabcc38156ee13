import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';
import { addJobText } from '../base/jobs/jobs.ts';
import type { Counts } from './erasure-store.ts';

/** The job that finds what an erasure would erase. */
export const PREVIEW_ERASURE = 'preview-erasure';

export interface NamedPreview {
  readonly businessId: number;
  readonly previewId: string;
}

export type MentionPlace = 'Messages' | 'Logs' | 'Metadata' | 'ToolCalls';

export interface Mention {
  readonly id: string;
  readonly places: readonly MentionPlace[];
}

export interface ErasurePreview {
  /** Enciphered. */
  readonly subject: string;
  readonly completedAt: number | null;
  readonly position: string;
  readonly done: number;
  readonly total: number;
  readonly counts: Counts | null;
  readonly mentions: readonly Mention[];
}

const INSERT = statement(
  'retention.insert-preview',
  `WITH inserted AS (
     INSERT INTO erasure_previews (business_id, id, subject, requested_at)
     SELECT $1, $2, $3, $4 WHERE NOT EXISTS (
       SELECT FROM erasure_previews
       WHERE business_id = $1 AND completed_at IS NULL AND requested_at > $5
     )
     RETURNING business_id, id
   )
   SELECT ${addJobText(PREVIEW_ERASURE, "json_build_object('businessId', business_id, 'previewId', id)", { queue: 'erasure-previews', key: `'${PREVIEW_ERASURE}:' || id` })}
   FROM inserted`,
);

/** Adds a preview and its job; false if one runs that was requested after `runningSince`. */
export async function insertPreview(
  db: Db,
  scope: Scope,
  preview: { readonly id: string; readonly subject: string; readonly requestedAt: number },
  runningSince: number,
): Promise<boolean> {
  const { id, subject, requestedAt } = preview;
  const values = [scope.businessId, id, subject, new Date(requestedAt), new Date(runningSince)];
  return (await db.rows(INSERT, values)).length > 0;
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
   WHERE business_id = $1 AND id = $2`,
);

/** Saves how far a preview is, so that it resumes there. */
export async function savePreview(
  db: Db,
  scope: Scope,
  id: string,
  preview: ErasurePreview,
): Promise<void> {
  const { completedAt, position, done, total, counts, mentions } = preview;
  await db.rows(SAVE, [
    ...[scope.businessId, id, completedAt === null ? null : new Date(completedAt), position],
    ...[done, total, JSON.stringify(counts), JSON.stringify(mentions)],
  ]);
}

const EXPIRE = statement(
  'retention.expire-previews',
  'DELETE FROM erasure_previews WHERE business_id = $1 AND requested_at <= $2',
);

/** Deletes the previews that were requested until an instant. */
export async function expirePreviews(db: Db, scope: Scope, until: number): Promise<void> {
  await db.rows(EXPIRE, [scope.businessId, new Date(until)]);
}
