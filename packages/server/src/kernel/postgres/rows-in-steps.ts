import { type Db, type Statement, statement } from './database.ts';

/**
 * A query whose rows come in steps. The driver reads all that has come of an answer in one go, however long
 * that takes; between two steps other requests have their turn.
 */
export interface SteppedQuery {
  readonly open: Statement;
  readonly fetch: Statement;
}

/** Declares a query by its room and name; a transaction may read it once. */
export function steppedQuery(
  room: string,
  name: string,
  query: string,
  rowsAtOnce: number,
): SteppedQuery {
  const inSql = name.replaceAll('-', '_');
  return {
    open: statement(`${room}.open-${name}`, `DECLARE ${inSql} NO SCROLL CURSOR FOR ${query}`),
    fetch: statement(`${room}.fetch-${name}`, `FETCH ${rowsAtOnce} FROM ${inSql}`),
  };
}

/** The rows of a query, some at a time. */
export async function* rowsInSteps<Row extends object>(
  tx: Db,
  { open, fetch }: SteppedQuery,
  values: readonly unknown[],
): AsyncGenerator<Row[]> {
  await tx.rows(open, values);
  for (;;) {
    const rows = await tx.rows<Row>(fetch, []);
    if (rows.length === 0) return;
    yield rows;
  }
}
