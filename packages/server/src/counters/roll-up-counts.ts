import { type Database, type Statement, statement } from '../kernel/postgres/database.ts';

export interface RollUp {
  readonly choose: Statement;
  readonly lock: Statement;
  /** They add the deltas that `CHOSEN` selects to other tables. */
  readonly add: readonly Statement[];
  readonly remove: Statement;
}

/** A fixed list of deltas, because lower ids may be committed meanwhile. */
export const CHOSEN = 'business_id = $1 AND delta_id = ANY($2::bigint[])';
/** Limits a statement if many deltas have accumulated. */
const BATCH = 10_000;

interface RollUpOptions extends Pick<RollUp, 'add'> {
  readonly name: string;
  readonly deltas: string;
  /** The table to which the deltas are added. */
  readonly lock: string;
}

export const rollUpOf = ({ name, deltas, lock, add }: RollUpOptions): RollUp => ({
  choose: statement(
    `counts.choose-${name}`,
    `SELECT array_agg(delta_id)::text AS ids, count(*)::integer AS n FROM (
     SELECT delta_id FROM ${deltas} WHERE business_id = $1
     ORDER BY delta_id LIMIT ${BATCH}) chosen`,
  ),
  lock: statement(
    `counts.lock-${name}`,
    `SELECT pg_try_advisory_xact_lock(hashtextextended('${lock}', $1)) AS mine`,
  ),
  add,
  remove: statement(`counts.drop-${name}`, `DELETE FROM ${deltas} WHERE ${CHOSEN}`),
});

type Pool = Pick<Database, 'row' | 'transaction'>;

export async function rollUp(db: Pool, statements: RollUp, businessId: number): Promise<void> {
  let moved = BATCH;
  while (moved === BATCH) moved = await rollUpBatch(db, statements, businessId);
}

/** Readers use one statement, so they see each delta once. Of two concurrent roll-ups, one does nothing. */
async function rollUpBatch(db: Pool, statements: RollUp, businessId: number): Promise<number> {
  const chosen = await db.row<{ ids: string; n: number }>(statements.choose, [businessId]);
  if (!chosen || chosen.n === 0) return 0;
  const values = [businessId, chosen.ids];
  return db.transaction(async (tx) => {
    // Only the holder of the lock removes deltas; those that are gone by now are counted.
    const lock = await tx.row<{ mine: boolean }>(statements.lock, [businessId]);
    if (!lock?.mine) return 0;
    for (const add of statements.add) await tx.rows(add, values);
    await tx.rows(statements.remove, values);
    return chosen.n;
  });
}
