import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

const COUNT = statement(
  'queues.count-callers',
  'SELECT count(*)::integer AS count FROM inbound_calls WHERE business_id = $1',
);

export async function countCallers(db: Db, scope: Scope): Promise<number> {
  return (await db.row<{ count: number }>(COUNT, [scope.businessId]))?.count ?? 0;
}

export interface Caller {
  readonly id: string;
  readonly number: string;
  readonly e164: string | null;
}

const LIST = statement(
  'queues.list-callers',
  `SELECT id, caller_number AS number, caller_e164 AS e164 FROM inbound_calls
   WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
);

export function listCallers(db: Db, scope: Scope, after: string, limit: number): Promise<Caller[]> {
  return db.rows(LIST, [scope.businessId, after, limit]);
}

const SET = statement(
  'queues.set-caller-numbers',
  `WITH given AS MATERIALIZED (
     SELECT c.id, g.e164 FROM unnest($2::text[], $3::text[], $4::text[]) AS g(id, number, e164)
     JOIN inbound_calls c ON c.business_id = $1 AND c.id = g.id AND c.caller_number = g.number
     WHERE c.caller_e164 IS NULL ORDER BY c.id FOR NO KEY UPDATE OF c
   )
   UPDATE inbound_calls c SET caller_e164 = given.e164
   FROM given WHERE c.business_id = $1 AND c.id = given.id`,
);

export async function setCallerNumbers(
  tx: Db,
  scope: Scope,
  callers: readonly Caller[],
): Promise<void> {
  if (callers.length === 0) return;
  const column = (name: keyof Caller) => callers.map((caller) => caller[name]);
  await tx.rows(SET, [scope.businessId, column('id'), column('number'), column('e164')]);
}
