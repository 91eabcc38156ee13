import type pg from 'pg';
import { type Db, statement } from '../kernel/postgres/database.ts';

/** What went of something, as a line of the ledger says it. */
export interface LedgerEntry {
  readonly businessId: number;
  /** A keyed hash of the id of a conversation or call. */
  readonly idHash: string;
  /** `Record`, or parts of a conversation with commas between them. */
  readonly parts: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface PendingEntry extends LedgerEntry {
  readonly seq: number;
}

/**
 * Has all that is known to have gone written to a ledger that begins anew in another place, or where
 * there is none any more. May take long, so on a connection without a limit of time.
 */
export async function writeAnew(client: pg.ClientBase, place: string): Promise<void> {
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

/** The place of the ledger at the last start; null before the first. */
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

/** One node at a time writes, so that lines never end up in each other; until the transaction ends. */
export async function lockLedger(tx: Db): Promise<void> {
  await tx.rows(LOCK, []);
}

const FIND = statement(
  'base.find-pending-ledger',
  `SELECT business_id AS "businessId", seq, id_hash AS "idHash", parts, at FROM ledger_pending
   ORDER BY business_id, seq LIMIT $1`,
);

/** Entries that are not in the ledger yet, of all businesses. */
export function findPending(db: Db, limit: number): Promise<PendingEntry[]> {
  return db.rows(FIND, [limit]);
}

const FORGET = statement(
  'base.forget-pending-ledger',
  `DELETE FROM ledger_pending p USING unnest($1::bigint[], $2::bigint[]) AS done(business_id, seq)
   WHERE p.business_id = done.business_id AND p.seq = done.seq`,
);

/** They are in the ledger now. */
export async function forgetPending(db: Db, entries: readonly PendingEntry[]): Promise<void> {
  await db.rows(FORGET, [
    entries.map(({ businessId }) => businessId),
    entries.map(({ seq }) => seq),
  ]);
}
