import { type Db, statement } from '../kernel/postgres/database.ts';
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

const REMEMBER = statement(
  'base.remember-erased-ids',
  `WITH remembered AS (
     INSERT INTO erased_ids (business_id, id_hash, erased_at)
     SELECT $1, hash, $3 FROM unnest($2::text[]) AS hash
     ON CONFLICT DO NOTHING
   ), parts AS (
     DELETE FROM purged_parts WHERE business_id = $1 AND id_hash = ANY($2::text[])
   )
   INSERT INTO ledger_pending (business_id, id_hash, parts, at)
   SELECT $1, hash, 'Record', $3 FROM unnest($2::text[]) AS hash`,
);

/** In the erasure's transaction. The ledger must be written after the commit. */
export async function addTombstones(
  tx: Db,
  businessId: number,
  hashes: readonly string[],
  now: number,
): Promise<void> {
  await tx.rows(REMEMBER, [businessId, hashes, new Date(now).toISOString()]);
}

interface PartTombstone {
  readonly idHash: string;
  readonly parts: readonly ('Transcript' | 'Logs' | 'Recordings')[];
}

const REMEMBER_PARTS = statement(
  'base.remember-purged-parts',
  `WITH purged AS (
     SELECT * FROM unnest($2::text[], $3::text[]) AS p(id_hash, parts)
   ), remembered AS (
     INSERT INTO purged_parts (business_id, id_hash, purged_at, parts)
     SELECT $1, id_hash, $4, parts FROM purged
     ON CONFLICT (business_id, id_hash, purged_at) DO UPDATE SET parts = excluded.parts
   )
   INSERT INTO ledger_pending (business_id, id_hash, parts, at)
   SELECT $1, id_hash, parts, $4::timestamptz FROM purged`,
);

export async function addPartTombstones(
  tx: Db,
  businessId: number,
  purged: readonly PartTombstone[],
  now: number,
): Promise<void> {
  const hashes = purged.map(({ idHash }) => idHash);
  const parts = purged.map(({ parts }) => parts.join());
  await tx.rows(REMEMBER_PARTS, [businessId, hashes, parts, new Date(now).toISOString()]);
}
