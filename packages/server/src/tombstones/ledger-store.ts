import type pg from 'pg';
import { type Db, statement } from '../kernel/postgres/database.ts';

export interface LedgerEntry {
  readonly businessId: number;
  readonly idHash: string;
  /** `Record`, or comma-separated parts of a conversation. */
  readonly parts: string;
  readonly at: number;
}

export interface PendingEntry extends LedgerEntry {
  readonly seq: number;
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

const FIND = statement(
  'base.find-pending-ledger',
  `SELECT business_id AS "businessId", seq, id_hash AS "idHash", parts, at FROM ledger_pending
   ORDER BY business_id, seq LIMIT $1`,
);

export const findPending = (db: Db, limit: number) => db.rows<PendingEntry>(FIND, [limit]);

const DELETE = statement(
  'base.forget-pending-ledger',
  `DELETE FROM ledger_pending p USING unnest($1::bigint[], $2::bigint[]) AS done(business_id, seq)
   WHERE p.business_id = done.business_id AND p.seq = done.seq`,
);

export async function deletePending(db: Db, entries: readonly PendingEntry[]): Promise<void> {
  await db.rows(DELETE, [
    entries.map(({ businessId }) => businessId),
    entries.map(({ seq }) => seq),
  ]);
}
