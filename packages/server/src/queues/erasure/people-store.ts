import { eraseSubjectIds } from '../../access/audit/chain-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { forgetChanges } from '../../changes/pending-store.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { addTombstones, idHash } from '../../tombstones/tombstone-store.ts';
import type { Call, Direction } from '../calls/call.ts';
import { byDirection, TABLES } from '../calls/call-rows.ts';
import { COUNTS, countDeltas } from '../calls/counts.ts';

const FIND = byDirection((direction) =>
  statement(
    `queues.find-of-numbers-${direction}`,
    `SELECT c.id, c.session_id AS "sessionId" FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND ${TABLES[direction].number} = ANY($2::text[])`,
  ),
);

/** For exactly these spellings. */
export function findOfNumbers(
  db: Db,
  scope: Scope,
  direction: Direction,
  numbers: readonly string[],
): Promise<{ id: string; sessionId: string | null }[]> {
  return db.rows(FIND[direction], [scope.businessId, numbers]);
}

const BATCH = 5_000;

const FIND_SPELLINGS = byDirection((direction) => {
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

/** For jobs: reads all numbers of the business from their index. */
export async function findSpellings(
  db: Db,
  scope: Scope,
  direction: Direction,
  { e164, isNumber }: { readonly e164: string; isNumber(text: string): boolean },
): Promise<string[]> {
  const found: string[] = [];
  type Row = { readonly last: string | null; readonly numbers: readonly string[] };
  for (let after = ''; ; ) {
    const values = [scope.businessId, after, e164];
    const row = await db.row<Row>(FIND_SPELLINGS[direction], values);
    found.push(...(row?.numbers ?? []).filter(isNumber));
    if (!row?.last) return found;
    after = row.last;
  }
}

const REMOVE_SESSIONS = byDirection((direction) =>
  statement(
    `queues.forget-sessions-${direction}`,
    `UPDATE ${TABLES[direction].calls} SET session_id = NULL
     WHERE business_id = $1 AND id = $2 AND session_id = ANY($3::text[])`,
  ),
);
const REMOVE_FROM_HISTORY = byDirection((direction) =>
  statement(
    `queues.forget-sessions-in-history-${direction}`,
    `UPDATE ${TABLES[direction].decisions} d
     SET session_id = NULL, details = replace(d.details, d.session_id, 'erased')
     WHERE d.business_id = $1 AND d.call_id = $2 AND d.session_id = ANY($3::text[])`,
  ),
);

/** The call must be locked. */
export async function removeSessionIds(
  tx: Tx,
  scope: Scope,
  { direction, id }: Call,
  sessionIds: readonly string[],
): Promise<void> {
  const values = [scope.businessId, id, sessionIds];
  await tx.rows(REMOVE_SESSIONS[direction], values);
  await tx.rows(REMOVE_FROM_HISTORY[direction], values);
}

const ERASE = byDirection((direction) =>
  statement(
    `queues.erase-${direction}`,
    `DELETE FROM ${TABLES[direction].calls} WHERE business_id = $1 AND id = ANY($2::text[])`,
  ),
);
const ERASE_HISTORY = byDirection((direction) =>
  statement(
    `queues.erase-history-${direction}`,
    `DELETE FROM ${TABLES[direction].decisions}
     WHERE business_id = $1 AND call_id = ANY($2::text[])`,
  ),
);
const ERASE_OCCUPANTS = statement(
  'queues.erase-occupants',
  'DELETE FROM slot_occupants WHERE business_id = $1 AND call_id = ANY($2::text[])',
);
const ERASE_DAYS = statement(
  'queues.erase-number-days',
  'DELETE FROM number_days WHERE business_id = $1 AND number = ANY($2::text[])',
);

/** The calls are of one direction, and locked. */
export async function eraseCalls(
  tx: Tx,
  secrets: Secrets,
  scope: Scope,
  { calls, now }: { readonly calls: readonly Call[]; readonly now: number },
): Promise<void> {
  const [first] = calls;
  if (!first) return;
  const { direction } = first;
  const { businessId } = scope;
  const ids = calls.map(({ id }) => id);
  const numbers = calls.flatMap((call) =>
    call.direction === 'outbound' ? call.recipientNumber : [],
  );
  const hashes = ids.map((id) => idHash(secrets, businessId, 'call', id));
  await addTombstones(tx, businessId, hashes, now);
  await tx.rows(ERASE[direction], [businessId, ids]);
  await tx.rows(ERASE_HISTORY[direction], [businessId, ids]);
  if (direction === 'outbound') {
    await tx.rows(ERASE_OCCUPANTS, [businessId, ids]);
    await tx.rows(ERASE_DAYS, [businessId, numbers]);
  }
  await forgetChanges(tx, scope, { ids, hashes });
  await eraseSubjectIds(tx, businessId, hashes);
  await COUNTS[direction].append(tx, businessId, countDeltas(calls, []));
}
