import { eraseSubjectIds } from '../../access/audit/chain-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, type Statement, statement } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { addTombstones, idHash } from '../../tombstones/tombstone-store.ts';
import type { Call, CallOf, Direction } from '../calls/call.ts';
import { TABLES } from '../calls/call-rows.ts';
import { COUNTS, countDeltas } from '../calls/counts.ts';

const both = (make: (direction: Direction) => Statement) => ({
  outbound: make('outbound'),
  inbound: make('inbound'),
});

const FIND = both((direction) =>
  statement(
    `queues.find-of-numbers-${direction}`,
    `SELECT c.id, c.session_id AS "sessionId" FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND ${TABLES[direction].number} = ANY($2::text[])`,
  ),
);

/** The calls from or to exactly these spellings of numbers, with their conversations. */
export function findOfNumbers(
  db: Db,
  scope: Scope,
  direction: Direction,
  numbers: readonly string[],
): Promise<{ id: string; sessionId: string | null }[]> {
  return db.rows(FIND[direction], [scope.businessId, numbers]);
}

const BATCH = 5_000;

const FIND_SPELLINGS = both((direction) => {
  const { calls, number } = TABLES[direction];
  return statement(
    `queues.find-spellings-${direction}`,
    `WITH batch AS MATERIALIZED (
       SELECT DISTINCT ${number} AS number FROM ${calls} c
       WHERE c.business_id = $1 AND ${number} > $2 ORDER BY 1 LIMIT ${BATCH}
     )
     SELECT (SELECT max(number) FROM batch) AS last, ARRAY(
       SELECT number FROM batch WHERE number = $3 OR number !~ '^[+][1-9][0-9]{1,14}$'
     ) AS numbers`,
  );
});

/** The spellings of a number in calls. For jobs: reads all numbers of the business from their index. */
export async function findSpellings(
  db: Db,
  scope: Scope,
  direction: Direction,
  e164: string,
  isNumber: (text: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const row: { last: string | null; numbers: string[] } | undefined = await db.row(
      FIND_SPELLINGS[direction],
      [scope.businessId, after, e164],
    );
    found.push(...(row?.numbers ?? []).filter(isNumber));
    after = row?.last ?? null;
  }
  return found;
}

const REMOVE_SESSIONS = both((direction) => {
  const { calls, decisions } = TABLES[direction];
  return statement(
    `queues.forget-sessions-${direction}`,
    `WITH history AS (
       UPDATE ${decisions} d SET session_id = NULL, details = replace(d.details, d.session_id, 'erased')
       WHERE d.business_id = $1 AND d.call_id = $2 AND d.session_id = ANY($3::text[])
     )
     UPDATE ${calls} SET session_id = NULL
     WHERE business_id = $1 AND id = $2 AND session_id = ANY($3::text[])`,
  );
});

/** Removes the ids of erased conversations from a locked call and its history. */
export async function removeSessionIds(
  tx: Db,
  scope: Scope,
  direction: Direction,
  callId: string,
  sessionIds: readonly string[],
): Promise<void> {
  await tx.rows(REMOVE_SESSIONS[direction], [scope.businessId, callId, sessionIds]);
}

const ERASE = both((direction) => {
  const { calls, decisions } = TABLES[direction];
  const days = 'DELETE FROM number_days WHERE business_id = $1 AND number = ANY($3::text[])';
  const occupied =
    'DELETE FROM slot_occupants WHERE business_id = $1 AND call_id = ANY($2::text[])';
  return statement(
    `queues.erase-${direction}`,
    `WITH history AS (
       DELETE FROM ${decisions} WHERE business_id = $1 AND call_id = ANY($2::text[])
     ), ${direction === 'outbound' ? `occupied AS (${occupied}), ` : ''}days AS (
       ${direction === 'outbound' ? days : 'SELECT cardinality($3::text[])'}
     )
     DELETE FROM ${calls} WHERE business_id = $1 AND id = ANY($2::text[])`,
  );
});

export async function eraseCalls<D extends Direction>(
  tx: Db,
  secrets: Secrets,
  scope: Scope,
  direction: D,
  calls: readonly CallOf<D>[],
  now: number,
): Promise<void> {
  if (calls.length === 0) return;
  const ids = calls.map(({ id }) => id);
  const all: readonly Call[] = calls;
  const numbers = all.map((call) =>
    call.direction === 'outbound' ? call.recipientNumber : call.callerNumber,
  );
  await addTombstones(tx, secrets, scope.businessId, 'call', ids, now);
  await tx.rows(ERASE[direction], [scope.businessId, ids, numbers]);
  const hashes = ids.map((id) => idHash(secrets, scope.businessId, 'call', id));
  await eraseSubjectIds(tx, scope.businessId, hashes);
  const deltas = countDeltas([], calls).map((delta) => ({ ...delta, n: -delta.n }));
  await COUNTS[direction].append(tx, scope.businessId, { id: '', deltas });
}
