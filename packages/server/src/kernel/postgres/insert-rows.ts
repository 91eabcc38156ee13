import { type Db, type Statement, statement } from './database.ts';

/** Up to this many rows have a statement of their own; more are added in steps of it, or of `MOST`. */
const EXACT = 16;
const MOST = 64;
/** Rows of few columns are added in larger steps too, because a round trip costs more than they do. */
const LARGE = 512;
const FEW_COLUMNS = 4;

type Values = readonly unknown[];

/** Adds rows, each with the values of `columns`, in their order; returns what `RETURNING` names. */
type InsertRows = <Returned extends object>(
  db: Db,
  businessId: number,
  rows: readonly Values[],
) => Promise<Returned[]>;

/**
 * Adds any number of rows of one business as lists of VALUES, because a cluster sends these to one
 * shard; rows that are selected from arrays need a two-phase commit there. Several statements may
 * be needed, so the caller opens a transaction. `ending` follows the values: ON CONFLICT, RETURNING.
 */
export function insertRows(
  name: string,
  table: string,
  columns: readonly string[],
  ending = '',
): InsertRows {
  const steps = columns.length <= FEW_COLUMNS ? [LARGE, MOST] : [MOST];
  const sizes = [...Array.from({ length: EXACT }, (_, at) => at + 1), ...steps];
  const statements = new Map<number, Statement>(
    sizes.map((size) => [
      size,
      statement(`${name}-${size}`, insertText(table, columns, size, ending)),
    ]),
  );
  return async <Returned extends object>(db: Db, businessId: number, rows: readonly Values[]) => {
    const returned: Returned[] = [];
    let at = 0;
    while (at < rows.length) {
      const left = rows.length - at;
      const size = steps.find((step) => step <= left) ?? Math.min(left, EXACT);
      const values = [businessId, ...rows.slice(at, at + size).flat()];
      returned.push(...(await db.rows<Returned>(statements.get(size) as Statement, values)));
      at += size;
    }
    return returned;
  };
}

function insertText(table: string, columns: readonly string[], size: number, ending: string) {
  const width = columns.length;
  const row = (at: number) =>
    `($1, ${columns.map((_, column) => `$${2 + at * width + column}`).join(', ')})`;
  const values = Array.from({ length: size }, (_, at) => row(at)).join(', ');
  return `INSERT INTO ${table} (business_id, ${columns.join(', ')}) VALUES ${values} ${ending}`;
}
