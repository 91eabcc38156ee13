import { type Db, statement } from './db.ts';
import type { Secrets } from './secrets.ts';

export type ErasedKind = 'conversation' | 'call';

/**
 * What is left of the id of something that was erased, so that it is GONE and cannot be used again:
 * a keyed hash, since a client may have chosen a person's number as id. Other kinds of ids are hashed
 * likewise where they are to be known again.
 */
export const idHash = (secrets: Secrets, businessId: number, kind: string, id: string) =>
  secrets.sign('erased', `${businessId} ${kind} ${id}`);

const FIND = statement(
  'base.find-erased-id',
  'SELECT 1 FROM erased_ids WHERE business_id = $1 AND id_hash = $2',
);

export async function wasErased(
  db: Db,
  secrets: Secrets,
  businessId: number,
  kind: ErasedKind,
  id: string,
): Promise<boolean> {
  const hash = idHash(secrets, businessId, kind, id);
  return (await db.row(FIND, [businessId, hash])) !== undefined;
}

const REMEMBER = statement(
  'base.remember-erased-ids',
  `INSERT INTO erased_ids (business_id, id_hash, erased_at)
   SELECT $1, hash, $3 FROM unnest($2::text[]) AS hash
   ON CONFLICT DO NOTHING`,
);

/** Remembers ids in the transaction in which they go; `now` in milliseconds since 1970. */
export async function rememberErased(
  tx: Db,
  secrets: Secrets,
  businessId: number,
  kind: ErasedKind,
  ids: readonly string[],
  now: number,
): Promise<void> {
  const hashes = ids.map((id) => idHash(secrets, businessId, kind, id));
  await tx.rows(REMEMBER, [businessId, hashes, new Date(now).toISOString()]);
}
