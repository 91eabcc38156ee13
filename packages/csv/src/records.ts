import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { recordOptions } from './record-options.ts';

/** What `onRecord` makes of each record, as the text arrives; null: the record is left out. */
export async function* recordsOf<Row>(
  text: AsyncIterable<string>,
  delimiter: string,
  onRecord: (record: readonly string[]) => Row | null,
): AsyncGenerator<Row> {
  const parser = parse(recordOptions(delimiter, onRecord));
  // What goes wrong in the source is thrown where the records are read.
  const source = Readable.from(text).on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    yield* parser;
  } finally {
    source.destroy();
  }
}

/** The values of the first record of a text, of which the rest may be cut off. */
export function firstRecord(text: string, delimiter: string): string[] {
  const read = (quote: string | false) =>
    (parseSync(text, { ...recordOptions(delimiter), to: 1, quote }) as string[][])[0] ?? [];
  try {
    return read('"');
  } catch {
    // It ends within quotes.
    return read(false);
  }
}
