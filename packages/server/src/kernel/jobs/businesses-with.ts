import { statement } from '../postgres/database.ts';

interface Rows {
  readonly table: string;
  /** The rows of an index that begins with `business_id`; all rows by default. */
  readonly where?: string;
  /** What a row must also match; $1 is the first value of the statement. */
  readonly due?: string;
  /** What the index has after `business_id`: the look-up of a due row then reads one row, whatever the statistics. */
  readonly by?: string;
}

/** A loose index scan: one look-up per business with such rows, whatever the number of rows and of other businesses. */
export const businessesText = ({ table, where = 'true', due, by }: Rows) =>
  `WITH RECURSIVE found AS (
     (SELECT t.business_id FROM ${table} t WHERE ${where} ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM ${table} t WHERE t.business_id > f.business_id AND ${where}
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f${
     due === undefined
       ? ''
       : ` WHERE EXISTS (
     SELECT FROM ${table} t WHERE t.business_id = f.business_id AND ${where} AND ${due}${
       by === undefined
         ? ''
         : `
     ORDER BY ${by} LIMIT 1`
     }
   )`
   }`;

/** Finds the businesses with rows of any of the kinds. */
export const businessesWith = (name: string, ...kinds: readonly Rows[]) =>
  statement(
    name,
    kinds.length === 1
      ? kinds.map(businessesText).join()
      : kinds.map((rows) => `(${businessesText(rows)})`).join(' UNION '),
  );
