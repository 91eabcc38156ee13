import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';

const BATCH = 2_000;

export interface StoredCaller {
  readonly id: string;
  readonly number: string;
}

// Other characters and escapes may be the digits in another script or encoding.
const FIND_CALLERS = statement(
  'queues.find-callers-with-digits',
  String.raw`WITH batch AS MATERIALIZED (
     SELECT id, caller_number AS number FROM inbound_calls
     WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT ${BATCH}
   )
   SELECT (SELECT max(id) FROM batch) AS last, (
     SELECT coalesce(json_agg(json_build_object('id', id, 'number', number)), '[]')::json FROM batch
     WHERE number !~ '^[+][1-9][0-9]{1,14}$'
       AND (strpos(regexp_replace(number, '[^0-9]', '', 'g'), $3) > 0 OR number ~ '[^ -~]|[\\%]' OR number ~ '[A-Za-z]{3}')
   ) AS callers`,
);

/** Only callers that are not plain numbers and may contain the digits; for jobs. */
export async function findCallers(
  db: Db,
  scope: Scope,
  after: string,
  digits: string,
): Promise<{ last: string | null; callers: StoredCaller[] }> {
  const row = await db.row<{ last: string | null; callers: StoredCaller[] }>(FIND_CALLERS, [
    ...[scope.businessId, after, digits],
  ]);
  return row ?? { last: null, callers: [] };
}

export interface ReplacedCaller extends StoredCaller {
  readonly replaced: string;
}

// The history has caller ids without surrounding space.
const REPLACE_IN_HISTORY = statement(
  'queues.replace-callers-in-history',
  `UPDATE inbound_decisions d SET details = replace(d.details, g.shown, g.replaced)
   FROM unnest($2::text[], $3::text[], $4::text[]) AS g(id, shown, replaced)
   WHERE d.business_id = $1 AND d.call_id = g.id AND strpos(d.details, g.shown) > 0`,
);
const LOCK_CALLERS = statement(
  'queues.lock-callers',
  `SELECT c.id FROM unnest($2::text[], $3::text[]) AS g(id, number)
   JOIN inbound_calls c ON c.business_id = $1 AND c.id = g.id AND c.caller_number = g.number
   ORDER BY c.id FOR NO KEY UPDATE OF c`,
);
const REPLACE_CALLERS = statement(
  'queues.replace-callers',
  `UPDATE inbound_calls c SET caller_number = g.replaced
   FROM unnest($2::text[], $3::text[]) AS g(id, replaced)
   WHERE c.business_id = $1 AND c.id = g.id`,
);

/** Skips caller ids that have changed. Returns the ids of changed calls. */
export async function replaceCallers(
  tx: Tx,
  { businessId }: Scope,
  callers: readonly ReplacedCaller[],
): Promise<string[]> {
  if (callers.length === 0) return [];
  const given = [callers.map(({ id }) => id), callers.map(({ number }) => number)];
  const rows = await tx.rows<{ id: string }>(LOCK_CALLERS, [businessId, ...given]);
  const ids = rows.map(({ id }) => id);
  const byId = new Map(callers.map((caller) => [caller.id, caller]));
  const locked = ids.flatMap((id) => byId.get(id) ?? []);
  if (locked.length === 0) return [];
  const replaced = locked.map((caller) => caller.replaced);
  await tx.rows(REPLACE_IN_HISTORY, [
    businessId,
    ids,
    locked.map(({ number }) => number.trim()),
    replaced.map((text) => text.trim()),
  ]);
  await tx.rows(REPLACE_CALLERS, [businessId, ids, replaced]);
  return ids;
}

const NEXT_ANSWER = statement(
  'queues.next-idempotent-answer',
  `SELECT key, answer FROM idempotent_answers
   WHERE business_id = $1 AND key > $2 ORDER BY key LIMIT 1`,
);
const SET_ANSWER = statement(
  'queues.replace-idempotent-answer',
  `UPDATE idempotent_answers SET answer = $4
   WHERE business_id = $1 AND key = $2 AND answer = $3`,
);

export interface KeptAnswer {
  readonly key: string;
  readonly answer: string;
}

export function nextAnswer(db: Db, scope: Scope, after: string): Promise<KeptAnswer | undefined> {
  return db.row(NEXT_ANSWER, [scope.businessId, after]);
}

export async function replaceAnswer(
  db: Db,
  scope: Scope,
  { key, answer }: KeptAnswer,
  replaced: string,
): Promise<void> {
  await db.rows(SET_ANSWER, [scope.businessId, key, answer, replaced]);
}
