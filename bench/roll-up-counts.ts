import type pg from 'pg';
import type { CountTable } from '../packages/server/src/counters/counts.ts';
import type { Statement, Tx } from '../packages/server/src/kernel/postgres/database.ts';

/**
 * Counts the loaded rows of a business like the server: `deltas` inserts rows of
 * `<name>_count_deltas`, which the store's statements roll up. Uses one transaction, because a server
 * could roll them up meanwhile.
 */
export async function countLoaded(
  sql: pg.Pool,
  businessId: number,
  deltas: string,
  table: CountTable,
): Promise<void> {
  const client = await sql.connect();
  try {
    const rows = async ({ text }: Statement, values: readonly unknown[]) =>
      (await client.query(text, [...values])).rows;
    await client.query('BEGIN');
    await client.query(deltas, [businessId]);
    const tx: Tx = { isTransaction: true, rows, row: async (...of) => (await rows(...of))[0] };
    await table.rollUp({ ...tx, transaction: (work) => work(tx) }, businessId);
    await client.query('COMMIT');
  } finally {
    // After an error, the transaction ends with its connection.
    client.release(true);
  }
}
