import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { recordOptions } from './record-options.ts';

/** Yields the result of `onRecord` for each record as the text arrives; skips null. */
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

/** The values of the first record of a text that may be cut off. */
export function firstRecord(text: string, delimiter: string): string[] {
  const read = (quote: string | false) =>
    (parseSync(text, { ...recordOptions(delimiter), to: 1, quote }) as string[][])[0] ?? [];
  try {
    return read('"');
  } catch {
    // The text is cut off within quotation marks.
    return read(false);
  }
}
