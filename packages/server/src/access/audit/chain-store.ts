import type { AuditAction, AuditSubject } from '@colloquy/wire';
import { businessFinder } from '../../kernel/citus/find-businesses.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { findTombstones } from '../../tombstones/tombstone-store.ts';

// Erasing updates both tables (shared lock); it must not run while events move (exclusive lock).
const LOCK = 'pg_advisory_xact_lock';
const NAME = `hashtextextended('audit', $1)`;
const MOVE = statement('access.lock-audit', `SELECT ${LOCK}(${NAME})`);
const TRY = statement('access.try-lock-audit', `SELECT pg_try_advisory_xact_lock(${NAME}) AS mine`);
const SHARE = statement('access.share-audit', `SELECT ${LOCK}_shared(${NAME})`);

/** Held until the transaction ends. `try` returns false if another transaction holds it. */
export async function lockChain(tx: Db, businessId: number, mode: 'wait' | 'try') {
  if (mode === 'try') return (await tx.row<{ mine: boolean }>(TRY, [businessId]))?.mine ?? false;
  await tx.rows(MOVE, [businessId]);
  return true;
}

const HASHES = `business_id = $1 AND subject_hash = ANY($2::text[]) AND subject_id IS NOT NULL`;
const ERASE_PENDING = statement(
  'access.forget-pending-subjects',
  `UPDATE audit_pending SET subject_id = NULL WHERE ${HASHES}`,
);
const ERASE = statement(
  'access.forget-subjects',
  `UPDATE audit_entries SET subject_id = NULL WHERE ${HASHES}`,
);

/** The hashes stay. */
export async function eraseSubjectIds(tx: Tx, businessId: number, hashes: readonly string[]) {
  if (hashes.length === 0) return;
  await tx.rows(SHARE, [businessId]);
  await tx.rows(ERASE_PENDING, [businessId, hashes]);
  await tx.rows(ERASE, [businessId, hashes]);
}

/** `number` is 0 for an empty chain. */
export interface ChainEnd {
  readonly number: number;
  readonly hash: string;
}

// The signed head says where the chain continues, so removed entries show as a gap.
// If all heads were removed, it continues after its last entry.
const END = statement(
  'access.find-chain-end',
  `SELECT number, encode(hash, 'hex') AS hash FROM (
     (SELECT chain_no AS number, hash, 1 AS rank FROM audit_heads
      WHERE business_id = $1 ORDER BY chain_no DESC LIMIT 1)
     UNION ALL
     (SELECT chain_no, hash, 2 FROM audit_entries
      WHERE business_id = $1 ORDER BY chain_no DESC LIMIT 1)
   ) AS ends ORDER BY number DESC, rank LIMIT 1`,
);

export const FIRST_HASH = '0'.repeat(64);

export const findChainEnd = async (tx: Db, businessId: number) =>
  (await tx.row<ChainEnd>(END, [businessId])) ?? { number: 0, hash: FIRST_HASH };

export interface AuditEntry {
  readonly at: number;
  readonly userId: string;
  readonly apiKeyId: string;
  readonly action: AuditAction;
  readonly kind: AuditSubject;
  readonly subjectHash: string;
  readonly subjectId: string | null;
  readonly details: string | null;
}

export interface ChainedEntry extends AuditEntry {
  readonly number: number;
  readonly hash: string;
}

export const ENTRY = `e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details`;

const PENDING = statement(
  'access.find-pending-audit',
  `SELECT e.seq::text AS seq, ${ENTRY}, e.subject_id AS "subjectId" FROM audit_pending e
   WHERE business_id = $1 ORDER BY e.seq LIMIT $2`,
);

/** An event that is not in the chain yet. */
export interface PendingEntry extends AuditEntry {
  /** A text, because on a cluster it has the number of a node in its highest bits. */
  readonly seq: string;
}

/** Oldest first. The caller holds the lock, so an erasure that commits meanwhile follows. */
export const findPending = (tx: Db, businessId: number, limit: number) =>
  tx.rows<PendingEntry>(PENDING, [businessId, limit]);

const CHAIN = statement('access.chain-audit', 'SELECT chain_audit($1, $2, $3, $4, $5)');
const PUT_HEAD = statement(
  'access.put-audit-head',
  `INSERT INTO audit_heads (business_id, hour, chain_no, hash, at, signature)
   VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (business_id, hour) DO UPDATE SET chain_no = excluded.chain_no,
     hash = excluded.hash, at = excluded.at, signature = excluded.signature`,
);

export interface Head extends ChainEnd {
  readonly at: number;
  /** A compact JWS of the other fields. */
  readonly signature: string;
}

const HOUR = 3_600_000;
const instant = (at: number) => new Date(at).toISOString();
const bytes = (hash: string) => Buffer.from(hash, 'hex');

export interface Chained {
  readonly entries: readonly PendingEntry[];
  /** One for each entry, in the same order. */
  readonly hashes: readonly string[];
  /** The end of the chain before these entries. */
  readonly last: ChainEnd;
  readonly head: Head;
}

/** Moves the entries to the chain. The head replaces the last one of the same hour. */
export async function addChained(
  tx: Tx,
  businessId: number,
  { entries, hashes, last, head }: Chained,
): Promise<void> {
  // A read that began before an erasure may commit its event after it, so erased ids are removed here.
  const named = entries.filter(({ subjectId }) => subjectId !== null);
  const subjects = [...new Set(named.map(({ subjectHash }) => subjectHash))];
  const erased = [...(await findTombstones(tx, businessId, subjects))];
  const seqs = entries.map(({ seq }) => seq);
  await tx.rows(CHAIN, [businessId, seqs, last.number, bytes(hashes.join('')), erased]);
  const { at, number, hash, signature } = head;
  const hour = instant(Math.floor(at / HOUR) * HOUR);
  await tx.rows(PUT_HEAD, [businessId, hour, number, bytes(hash), instant(at), signature]);
}

const WITH_PENDING = businessesWith('access.businesses-with-pending-audit', {
  table: 'audit_pending',
});

export const findWithPending = businessFinder({
  across: WITH_PENDING,
  ofOne: statement(
    'access.has-pending-audit',
    'SELECT EXISTS (SELECT FROM audit_pending WHERE business_id = $1) AS has',
  ),
});
