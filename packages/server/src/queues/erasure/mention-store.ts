import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

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
const REPLACE_CALLERS = statement(
  'queues.replace-callers',
  `WITH given AS MATERIALIZED (
     SELECT c.id, g.number, g.replaced, g.shown, g.shown_replaced
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
       AS g(id, number, replaced, shown, shown_replaced)
     JOIN inbound_calls c ON c.business_id = $1 AND c.id = g.id AND c.caller_number = g.number
     ORDER BY c.id FOR NO KEY UPDATE OF c
   ), history AS (
     UPDATE inbound_decisions d SET details = replace(d.details, given.shown, given.shown_replaced)
     FROM given
     WHERE d.business_id = $1 AND d.call_id = given.id AND strpos(d.details, given.shown) > 0
   )
   UPDATE inbound_calls c SET caller_number = given.replaced
   FROM given WHERE c.business_id = $1 AND c.id = given.id RETURNING c.id`,
);

/** Skips caller ids that have changed. Returns the ids of changed calls. */
export async function replaceCallers(
  tx: Db,
  scope: Scope,
  callers: readonly ReplacedCaller[],
): Promise<string[]> {
  if (callers.length === 0) return [];
  const rows = await tx.rows<{ id: string }>(REPLACE_CALLERS, [
    scope.businessId,
    callers.map(({ id }) => id),
    callers.map(({ number }) => number),
    callers.map(({ replaced }) => replaced),
    callers.map(({ number }) => number.trim()),
    callers.map(({ replaced }) => replaced.trim()),
  ]);
  return rows.map(({ id }) => id);
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
