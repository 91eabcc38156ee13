/** Longer records have a quotation mark that is never closed. */
const MAX_RECORD = 1024 * 1024;

/** For server and browser. `onRecord` maps each record, and drops it by returning null. */
export const recordOptions = (
  delimiter: string,
  onRecord: (record: readonly string[]) => unknown = (record) => record,
) => ({
  delimiter,
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  relax_quotes: true,
  max_record_size: MAX_RECORD,
  // The library's types allow only records as results.
  on_record: onRecord as (record: string[]) => string[] | null,
});
