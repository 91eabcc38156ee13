import { type Db, statement, type Tx } from '../kernel/postgres/database.ts';
import { insertRows } from '../kernel/postgres/insert-rows.ts';
import type { Secrets } from '../kernel/secrets.ts';

export type ErasedKind = 'conversation' | 'call';

interface ErasedSubject {
  readonly kind: ErasedKind;
  readonly id: string;
}

/** Remains of an erased id, which cannot be reused. Keyed, because ids may be phone numbers. */
export const idHash = (secrets: Secrets, businessId: number, kind: string, id: string) =>
  secrets.sign('erased', `${businessId} ${kind} ${id}`);

const FIND = statement(
  'base.find-erased-id',
  'SELECT 1 FROM erased_ids WHERE business_id = $1 AND id_hash = $2',
);

export async function hasTombstone(
  db: Db,
  secrets: Secrets,
  businessId: number,
  { kind, id }: ErasedSubject,
): Promise<boolean> {
  const hash = idHash(secrets, businessId, kind, id);
  return (await db.row(FIND, [businessId, hash])) !== undefined;
}

const FIND_ALL = statement(
  'base.find-erased-ids',
  'SELECT id_hash AS hash FROM erased_ids WHERE business_id = $1 AND id_hash = ANY($2::text[])',
);

/** Those of the hashes that belong to erased ids. */
export async function findTombstones(
  db: Db,
  businessId: number,
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  if (hashes.length === 0) return new Set();
  const rows = await db.rows<{ hash: string }>(FIND_ALL, [businessId, hashes]);
  return new Set(rows.map(({ hash }) => hash));
}

/** Rows of hash and time. They need no line in the ledger if they come from there. */
export const rememberErased = insertRows(
  'base.remember-erased-ids',
  'erased_ids',
  ['id_hash', 'erased_at'],
  'ON CONFLICT DO NOTHING',
);
const FORGET_PARTS = statement(
  'base.forget-purged-parts',
  'DELETE FROM purged_parts WHERE business_id = $1 AND id_hash = ANY($2::text[])',
);
const addToLedger = insertRows('base.add-to-ledger', 'ledger_pending', ['id_hash', 'parts', 'at']);

/** In the erasure's transaction. The ledger must be written after the commit. */
export async function addTombstones(
  tx: Tx,
  businessId: number,
  hashes: readonly string[],
  now: number,
): Promise<void> {
  const at = new Date(now).toISOString();
  await rememberErased(
    tx,
    businessId,
    hashes.map((hash) => [hash, at]),
  );
  await tx.rows(FORGET_PARTS, [businessId, hashes]);
  await addToLedger(
    tx,
    businessId,
    hashes.map((hash) => [hash, 'Record', at]),
  );
}

interface PartTombstone {
  readonly idHash: string;
  readonly parts: readonly ('Transcript' | 'Logs' | 'Recordings')[];
}

const rememberParts = insertRows(
  'base.remember-purged-parts',
  'purged_parts',
  ['id_hash', 'parts', 'purged_at'],
  'ON CONFLICT (business_id, id_hash, purged_at) DO UPDATE SET parts = excluded.parts',
);

export async function addPartTombstones(
  tx: Tx,
  businessId: number,
  purged: readonly PartTombstone[],
  now: number,
): Promise<void> {
  const at = new Date(now).toISOString();
  const rows = purged.map(({ idHash, parts }) => [idHash, parts.join(), at]);
  await rememberParts(tx, businessId, rows);
  await addToLedger(tx, businessId, rows);
}
