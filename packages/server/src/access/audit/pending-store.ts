import type { Context } from '../../context.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import { type Actor, type AuditRow, type Deed, rowsOf } from './entry.ts';

const TYPES = ['text', 'boolean', 'timestamptz', 'text', 'text', 'text', 'text', 'text', 'text'];
/** How many parameters `auditValues` gives. */
export const AUDIT_PARAMETERS = TYPES.length;

/**
 * The text that adds entries in a statement whose $1 is the business: `first` is the number of the
 * first of the parameters that `auditValues` gives, `join` takes away those of some `id`.
 */
export function auditText(first: number, join = ''): string {
  const arrays = TYPES.map((type, at) => `$${first + at}::${type}[]`).join(', ');
  return `INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action, subject_kind,
      subject_hash, subject_id, details)
    SELECT $1, a.at, a.user_id, a.api_key_id, a.action, a.kind, a.hash,
      CASE WHEN NOT a.is_hidden THEN a.id END, a.details
    FROM unnest(${arrays}) WITH ORDINALITY
      AS a(id, is_hidden, at, user_id, api_key_id, action, kind, hash, details, n) ${join}
    ORDER BY a.n`;
}

export function auditValues(rows: readonly AuditRow[]): unknown[] {
  return [
    rows.map(({ id }) => id),
    rows.map(({ isHidden }) => isHidden),
    rows.map(({ at }) => new Date(at).toISOString()),
    rows.map(({ userId }) => userId),
    rows.map(({ apiKeyId }) => apiKeyId),
    rows.map(({ action }) => action),
    rows.map(({ kind }) => kind),
    rows.map(({ hash }) => hash),
    rows.map(({ details }) => details),
  ];
}

const ADD = statement('access.add-audit', auditText(2));

/** Adds an entry for each deed, in the transaction in which it is done; `now` as milliseconds. */
export async function audit(
  tx: Db,
  { secrets }: Pick<Context, 'secrets'>,
  actor: Actor,
  now: number,
  ...deeds: readonly Deed[]
): Promise<void> {
  if (deeds.length === 0) return;
  const rows = rowsOf(secrets, actor, now, deeds);
  await tx.rows(ADD, [actor.businessId, ...auditValues(rows)]);
}

/** A read adds no more than a page of entries. */
const SHARING = { most: 32, atOnce: 2 };

/** Adds entries of their own; those that come at once share a statement, and with it a commit. */
export const batchAuditEvents = createBatcher(
  SHARING,
  async (db, businessId, asked: readonly (readonly AuditRow[])[]) => {
    await db.rows(ADD, [businessId, ...auditValues(asked.flat())]);
    return asked.map(() => undefined);
  },
);
