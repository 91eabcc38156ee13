import type { Context } from '../../context.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Database, type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { columnTexts, type Element } from '../../kernel/postgres/sql-text.ts';
import { type Actor, type AuditEvent, type AuditRow, rowsOf } from './entry.ts';

const COLUMNS = 8;
const ADD = statement('access.add-audit', 'SELECT add_audit($1, $2, $3, $4, $5, $6, $7, $8, $9)');

/** In the order of the parameters of `add_audit`. */
export function auditValues(row: AuditRow): Element[] {
  const { at, userId, apiKeyId, action, kind, hash, isHidden, id, details } = row;
  const subject = [kind, hash, isHidden ? null : id];
  return [new Date(at).toISOString(), userId, apiKeyId, action, ...subject, details];
}

async function add(db: Db, businessId: number, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.rows(ADD, [businessId, ...columnTexts(rows.map(auditValues), COLUMNS)]);
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
    await add(db, businessId, calls.flat());
    return calls.map(() => undefined);
  },
);
