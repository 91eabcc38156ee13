import type pg from 'pg';
import { businessFinder } from '../kernel/citus/find-businesses.ts';
import { type Db, statement } from '../kernel/postgres/database.ts';

export interface LedgerEntry {
  readonly businessId: number;
  readonly idHash: string;
  /** `Record`, or comma-separated parts of a conversation. */
  readonly parts: string;
  readonly at: number;
}

export interface PendingEntry extends LedgerEntry {
  /** A text, because on a cluster it has the number of a node in its highest bits. */
  readonly seq: string;
}

/** For a lost or moved ledger. Slow: needs a connection without statement timeout. */
export async function queueAllEntries(client: pg.ClientBase, place: string): Promise<void> {
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO ledger_pending (business_id, id_hash, parts, at)
     SELECT business_id, id_hash, 'Record', erased_at FROM erased_ids
     UNION ALL
     SELECT business_id, id_hash, parts, purged_at FROM purged_parts`,
  );
  await client.query('UPDATE installation SET ledger_place = $1', [place]);
  await client.query('COMMIT');
}

/** At the last start; null before the first. */
export async function findPlace(client: pg.ClientBase): Promise<string | null> {
  const { rows } = await client.query<{ place: string | null }>(
    'SELECT ledger_place AS place FROM installation',
  );
  return rows[0]?.place ?? null;
}

const LOCK = statement(
  'base.lock-ledger',
  `SELECT pg_advisory_xact_lock(hashtextextended('ledger', 0))`,
);

/** Keeps nodes from mixing lines, until the transaction ends. */
export async function lockLedger(tx: Db): Promise<void> {
  await tx.rows(LOCK, []);
}

export const findWithPending = businessFinder({
  across: statement(
    'base.businesses-with-pending-ledger',
    'SELECT DISTINCT business_id AS "businessId" FROM ledger_pending',
  ),
  ofOne: statement(
    'base.has-pending-ledger',
    'SELECT EXISTS (SELECT FROM ledger_pending WHERE business_id = $1) AS has',
  ),
});

const FIND = statement(
  'base.find-pending-ledger',
  `SELECT business_id AS "businessId", seq::text AS seq, id_hash AS "idHash", parts, at FROM ledger_pending
   WHERE business_id = $1 ORDER BY ledger_pending.seq LIMIT $2`,
);

export const findPending = (db: Db, businessId: number, limit: number) =>
  db.rows<PendingEntry>(FIND, [businessId, limit]);

const DELETE = statement(
  'base.forget-pending-ledger',
  'DELETE FROM ledger_pending WHERE business_id = $1 AND seq = ANY($2::bigint[])',
);

export async function deletePending(
  db: Db,
  businessId: number,
  entries: readonly PendingEntry[],
): Promise<void> {
  await db.rows(DELETE, [businessId, entries.map(({ seq }) => seq)]);
}
