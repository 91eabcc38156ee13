import type { Context } from '../../context.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import type { Database, Db, Tx } from '../../kernel/postgres/database.ts';
import { fitsOneStatement, insertRows } from '../../kernel/postgres/insert-rows.ts';
import type { Element } from '../../kernel/postgres/sql-text.ts';
import { type Actor, type AuditEvent, type AuditRow, rowsOf } from './entry.ts';

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

/** Of the columns above. */
export function auditValues(row: AuditRow): Element[] {
  const { at, userId, apiKeyId, action, kind, hash, isHidden, id, details } = row;
  const subject = [kind, hash, isHidden ? null : id];
  return [new Date(at).toISOString(), userId, apiKeyId, action, ...subject, details];
}

const add = (db: Db, businessId: number, rows: readonly AuditRow[]) =>
  addRows(db, businessId, rows.map(auditValues));

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
