import { type Db, type Statement, statement } from './database.ts';

/** Read in steps, because the driver parses all received rows without a pause for others. */
interface SteppedQuery {
  readonly open: Statement;
  readonly fetch: Statement;
}

export function steppedQuery(room: string, name: string, query: string, rowsAtOnce: number) {
  const inSql = name.replaceAll('-', '_');
  return {
    open: statement(`${room}.open-${name}`, `DECLARE ${inSql} NO SCROLL CURSOR FOR ${query}`),
    fetch: statement(`${room}.fetch-${name}`, `FETCH ${rowsAtOnce} FROM ${inSql}`),
  };
}

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
