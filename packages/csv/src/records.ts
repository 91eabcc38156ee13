import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { recordOptions } from './record-options.ts';

/** Skips results that are null. */
export async function* recordsOf<Row>(
  text: AsyncIterable<string>,
  delimiter: string,
  onRecord: (record: readonly string[]) => Row | null,
): AsyncGenerator<Row> {
  const parser = parse(recordOptions(delimiter, onRecord));
  // An error of the source is thrown to the reader of the records.
  const source = Readable.from(text).on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    yield* parser;
  } finally {
    source.destroy();
  }
}

/** Of a text that may be cut off. */
export function firstRecord(text: string, delimiter: string): string[] {
  const read = (quote: string | false) =>
    (parseSync(text, { ...recordOptions(delimiter), to: 1, quote }) as string[][])[0] ?? [];
  try {
    return read('"');
  } catch {
    return read(false);
  }
}
