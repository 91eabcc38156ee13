import type { Context } from '../../context.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import type { Database, Db, Tx } from '../../kernel/postgres/database.ts';
import { fitsOneStatement, insertRows } from '../../kernel/postgres/insert-rows.ts';
import { type Actor, type AuditEvent, type AuditRow, rowsOf } from './entry.ts';

const TYPES = ['text', 'boolean', 'timestamptz', 'text', 'text', 'text', 'text', 'text', 'text'];
export const AUDIT_PARAMETERS = TYPES.length;

/** `first` numbers the parameters of `auditValues`; $1 is the business. `join` may exclude rows. */
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

const addRows = insertRows('access.add-audit', 'audit_pending', [
  'at',
  'user_id',
  'api_key_id',
  'action',
  'subject_kind',
  'subject_hash',
  'subject_id',
  'details',
]);

async function add(db: Db, businessId: number, rows: readonly AuditRow[]): Promise<void> {
  const values = rows.map(({ at, userId, apiKeyId, action, kind, hash, isHidden, id, details }) => {
    const subject = [kind, hash, isHidden ? null : id];
    return [new Date(at).toISOString(), userId, apiKeyId, action, ...subject, details];
  });
  await addRows(db, businessId, values);
}

/** In the transaction of the change itself. */
export async function audit(
  tx: Tx,
  { secrets }: Pick<Context, 'secrets'>,
  actor: Actor & { readonly now: number },
  ...events: readonly AuditEvent[]
): Promise<void> {
  await add(tx, actor.businessId, rowsOf(secrets, actor, actor.now, events));
}

/** Limits a statement; a read adds at most a page of events. */
const SHARING = { most: 32, atOnce: 2 };

type Pool = Pick<Database, 'rows' | 'row' | 'transaction'>;

/** Outside of another transaction; concurrent calls share a commit. */
export const batchAuditEvents = createBatcher(
  SHARING,
  async (db: Pool, businessId, calls: readonly (readonly AuditRow[])[]) => {
    const rows = calls.flat();
    if (fitsOneStatement(rows.length)) await add(db, businessId, rows);
    else await db.transaction((tx) => add(tx, businessId, rows));
    return calls.map(() => undefined);
  },
);
