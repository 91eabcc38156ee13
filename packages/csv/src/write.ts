import { stringify } from 'csv-stringify/browser/esm/sync';

/** Quotes a row of one empty value, because an empty line is not a row. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { record_delimiter: '\r\n', quoted_match: /^$|[\r\n]/ },
  );
}
