import { stringify } from 'csv-stringify/browser/esm/sync';

/** Rows as CSV. A row of one empty value is quoted: a line without anything is no row. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { record_delimiter: '\r\n', quoted_match: /^$|[\r\n]/ },
  );
}
