import { pagedFinder } from '../citus/find-businesses.ts';
import { Fault } from '../fault.ts';
import { type Database, type Db, statement, type Tx } from '../postgres/database.ts';
import { addJobText } from './jobs.ts';

export const RUN_BACKFILLS = 'run-backfills';

/** The key of a row within its business, in the order of the index. */
export type RowKey = readonly (string | number)[];

/** Times are milliseconds since 1970. */
export interface BackfillProgress {
  readonly name: string;
  readonly businessId: number;
  readonly position: RowKey | null;
  readonly rowsDone: number;
  /** Counted at the start; null before it, or if counting failed. */
  readonly rowsEstimated: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly failures: number;
  readonly lastError: string | null;
  readonly retryAt: number | null;
}

const PROGRESS = `business_id AS "businessId", name, position, rows_done AS "rowsDone",
  rows_estimated AS "rowsEstimated", started_at AS "startedAt", finished_at AS "finishedAt", failures,
  last_error AS "lastError", retry_at AS "retryAt"`;

const FIND_REGISTERED = statement(
  'jobs.find-registered-backfills',
  'SELECT name FROM backfill_registrations WHERE name = ANY($1::text[])',
);
const REGISTER = statement(
  'jobs.register-backfill',
  `INSERT INTO backfill_registrations (name, registered_at) VALUES ($1, $2)
   ON CONFLICT DO NOTHING RETURNING name`,
);
const ADD_TO_BUSINESSES = statement(
  'jobs.add-backfill-to-businesses',
  `INSERT INTO backfills (business_id, name) SELECT business_id, $1 FROM businesses
   ON CONFLICT DO NOTHING`,
);

/** Adds backfills that this database does not know yet to every existing business. */
export async function registerBackfills(
  db: Pick<Database, 'rows' | 'transaction'>,
  names: readonly string[],
  now: number,
): Promise<void> {
  const rows = await db.rows<{ name: string }>(FIND_REGISTERED, [names]);
  const known = new Set(rows.map(({ name }) => name));
  for (const name of names) {
    if (known.has(name)) continue;
    await db.transaction(async (tx) => {
      const registered = await tx.rows(REGISTER, [name, new Date(now)]);
      if (registered.length > 0) await tx.rows(ADD_TO_BUSINESSES, [name]);
    });
  }
}

const IS_DUE = `finished_at IS NULL AND (retry_at IS NULL OR retry_at <=`;
const FIND_NEXT = statement(
  'jobs.find-next-backfill',
  `SELECT ${PROGRESS} FROM backfills
   WHERE ${IS_DUE} $2) AND name = ANY($1::text[])
   ORDER BY batches, business_id, name LIMIT 1`,
);
const FIND_NEXT_OF_BUSINESS = statement(
  'jobs.find-next-backfill-of-business',
  `SELECT ${PROGRESS} FROM backfills
   WHERE business_id = $1 AND ${IS_DUE} $3) AND name = ANY($2::text[])
   ORDER BY batches, name LIMIT 1`,
);
const findWithBackfills = pagedFinder(
  statement(
    'jobs.has-backfills',
    `SELECT EXISTS (SELECT FROM backfills
       WHERE business_id = $1 AND ${IS_DUE} $3) AND name = ANY($2::text[])) AS has`,
  ),
);

/** Undefined also if the node of the business is lost: its turn comes again. */
async function findIn(db: Database, businessId: number, names: readonly string[], at: Date) {
  try {
    return await db.row<BackfillProgress>(FIND_NEXT_OF_BUSINESS, [businessId, names, at]);
  } catch (error) {
    if (error instanceof Fault && error.code === 'UNAVAILABLE') return undefined;
    throw error;
  }
}

/**
 * Finds the backfill that had the fewest batches. On a cluster, the businesses of a page take
 * turns, and it returns undefined also at the end of the page.
 */
export function backfillFinder(names: readonly string[]) {
  let businesses: number[] = [];
  return async (db: Database, now: number): Promise<BackfillProgress | undefined> => {
    const at = new Date(now);
    if (!(await db.isDistributed())) return db.row<BackfillProgress>(FIND_NEXT, [names, at]);
    if (businesses.length === 0) businesses = await findWithBackfills(db, names, at);
    for (const businessId of businesses) {
      const next = await findIn(db, businessId, names, at);
      businesses = businesses.filter((id) => id !== businessId);
      if (!next) continue;
      businesses.push(businessId);
      return next;
    }
    return undefined;
  };
}

const BEGIN = statement(
  'jobs.begin-backfill',
  `UPDATE backfills SET started_at = $3, rows_estimated = $4
   WHERE business_id = $1 AND name = $2 AND started_at IS NULL`,
);

export async function beginBackfill(
  db: Db,
  { businessId, name }: BackfillProgress,
  now: number,
  rowsEstimated: number | null,
): Promise<void> {
  await db.rows(BEGIN, [businessId, name, new Date(now), rowsEstimated]);
}

const LOCK = statement(
  'jobs.lock-backfill',
  `SELECT FROM backfills
   WHERE business_id = $1 AND name = $2 AND finished_at IS NULL
     AND position IS NOT DISTINCT FROM $3::jsonb
   FOR UPDATE SKIP LOCKED`,
);

/** False if another node has locked or advanced the backfill. */
export async function lockBackfill(tx: Tx, { businessId, name, position }: BackfillProgress) {
  const value = position === null ? null : JSON.stringify(position);
  return (await tx.rows(LOCK, [businessId, name, value])).length > 0;
}

const SAVE_BATCH = statement(
  'jobs.save-backfill-batch',
  `UPDATE backfills
   SET position = coalesce($3::jsonb, position), rows_done = rows_done + $4, batches = batches + 1,
     finished_at = CASE WHEN $3::jsonb IS NULL THEN $5::timestamptz END,
     failures = 0, last_error = NULL, retry_at = NULL
   WHERE business_id = $1 AND name = $2`,
);

/** Saves the position in the transaction of the batch; null as last key finishes the backfill. */
export async function saveBatch(
  tx: Tx,
  { businessId, name }: BackfillProgress,
  { last, rows }: { readonly last: RowKey | null; readonly rows: number },
  now: number,
): Promise<void> {
  const position = last === null ? null : JSON.stringify(last);
  await tx.rows(SAVE_BATCH, [businessId, name, position, rows, new Date(now)]);
}

const REOPEN = statement(
  'jobs.reopen-backfill',
  `INSERT INTO backfills AS b (business_id, name) VALUES ($1, $2)
   ON CONFLICT (business_id, name) DO UPDATE
     SET position = NULL, rows_done = 0, rows_estimated = NULL, started_at = NULL, finished_at = NULL
     WHERE b.finished_at IS NOT NULL`,
);

/** Restarts a finished backfill in a business that has new rows for it. A running one continues. */
export async function reopenBackfill(db: Db, businessId: number, name: string): Promise<void> {
  await db.rows(REOPEN, [businessId, name]);
}

const SAVE_FAILURE = statement(
  'jobs.save-backfill-failure',
  `UPDATE backfills
   SET batches = batches + 1, failures = failures + 1, last_error = $3, retry_at = $4
   WHERE business_id = $1 AND name = $2 AND finished_at IS NULL`,
);

export async function saveFailure(
  db: Db,
  { businessId, name }: BackfillProgress,
  error: string,
  retryAt: number,
): Promise<void> {
  await db.rows(SAVE_FAILURE, [businessId, name, error, new Date(retryAt)]);
}

const LIST_OF_BUSINESS = statement(
  'jobs.list-backfills-of-business',
  `SELECT ${PROGRESS} FROM backfills WHERE business_id = $1 AND name = ANY($2::text[])
   ORDER BY name`,
);

export function listBackfills(db: Db, businessId: number, names: readonly string[]) {
  return db.rows<BackfillProgress>(LIST_OF_BUSINESS, [businessId, names]);
}

interface BackfillSum {
  readonly name: string;
  readonly rowsDone: number;
  readonly remaining: number;
  readonly failing: number;
}

const SUM = statement(
  'jobs.sum-backfills',
  `SELECT n.name, coalesce(sum(b.rows_done), 0)::bigint AS "rowsDone",
     count(b.name) FILTER (WHERE b.finished_at IS NULL) AS remaining,
     count(b.name) FILTER (WHERE b.finished_at IS NULL AND b.failures > 0) AS failing
   FROM unnest($1::text[]) AS n(name) LEFT JOIN backfills b ON b.name = n.name
   GROUP BY n.name`,
);

export function sumBackfills(db: Db, names: readonly string[]): Promise<BackfillSum[]> {
  return db.rows(SUM, [names]);
}

const ADD_JOB = statement(
  'jobs.add-backfills',
  `SELECT ${addJobText(RUN_BACKFILLS, "'{}'::json", { queue: "'backfills'", key: `'${RUN_BACKFILLS}'` })}`,
);

export async function addBackfillJob(db: Db): Promise<void> {
  await db.rows(ADD_JOB, []);
}
