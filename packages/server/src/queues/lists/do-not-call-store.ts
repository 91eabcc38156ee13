import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';
import { time } from '../calls/call-rows.ts';

const FIND = statement(
  'queues.find-do-not-call',
  `SELECT number FROM do_not_call WHERE business_id = $1 AND number = ANY($2::text[])`,
);

export async function findDoNotCall(
  db: Db,
  scope: Scope,
  numbers: readonly string[],
): Promise<Set<string>> {
  if (numbers.length === 0) return new Set();
  const rows = await db.rows<{ number: string }>(FIND, [scope.businessId, numbers]);
  return new Set(rows.map(({ number }) => number));
}

const add = insertRows(
  'queues.add-do-not-call',
  'do_not_call',
  ['number', 'added_at'],
  'ON CONFLICT DO NOTHING RETURNING number',
);

export async function addDoNotCall(
  tx: Tx,
  scope: Scope,
  numbers: readonly string[],
  now: number,
): Promise<string[]> {
  const values = numbers.map((number) => [number, time(now)]);
  const rows = await add<{ number: string }>(tx, scope.businessId, values);
  return rows.map(({ number }) => number);
}

const REMOVE = statement(
  'queues.remove-do-not-call',
  `DELETE FROM do_not_call WHERE business_id = $1 AND number = $2 RETURNING 1`,
);

export async function removeDoNotCall(tx: Db, scope: Scope, number: string): Promise<boolean> {
  return (await tx.rows(REMOVE, [scope.businessId, number])).length > 0;
}

const LIST = statement(
  'queues.list-do-not-call',
  `SELECT number, added_at AS "addedAt" FROM do_not_call
   WHERE business_id = $1 AND number > $2 AND number >= $3 AND number < $3 || ':'
   ORDER BY number LIMIT $4`,
);

export interface DoNotCall {
  readonly number: string;
  readonly addedAt: number;
}

interface DoNotCallPage {
  readonly after: string;
  readonly start: string;
  readonly limit: number;
}

/** In SQL, `:` is the character after 9. */
export function listDoNotCall(
  db: Db,
  scope: Scope,
  { after, start, limit }: DoNotCallPage,
): Promise<DoNotCall[]> {
  return db.rows(LIST, [scope.businessId, after, start, limit]);
}

const FIND_DEFERRED = statement(
  'queues.find-held-by-do-not-call',
  `SELECT c.id FROM outbound_calls c
   WHERE c.business_id = $1 AND c.recipient_number = $2 AND c.status = 'Queued'
     AND c.last_reason = 'DO_NOT_CALL'`,
);

export async function findDeferred(db: Db, scope: Scope, number: string): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(FIND_DEFERRED, [scope.businessId, number]);
  return rows.map(({ id }) => id);
}
