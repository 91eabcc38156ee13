import { type Db, statement } from './db.ts';

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
