/** A record that is far longer than any row may be has a quotation mark that is never closed. */
const MAX_RECORD = 1024 * 1024;

/**
 * How csv-parse reads records, in the server and in a browser; each line may end in another way. `onRecord`
 * says what becomes of each, null leaves it out.
 */
export const recordOptions = (
  delimiter: string,
  onRecord: (record: readonly string[]) => unknown = (record) => record,
) => ({
  delimiter,
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  // A quote in the midst of a value is that quote.
  relax_quotes: true,
  max_record_size: MAX_RECORD,
  // The library's types let only a record become of a record.
  on_record: onRecord as (record: string[]) => string[] | null,
});
