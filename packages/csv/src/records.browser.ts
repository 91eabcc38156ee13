import { parse } from 'csv-parse/browser/esm/sync';
import { recordOptions } from './record-options.ts';

/** As in `records.ts`, but a browser has the whole file in memory and reads it in a worker. */
export async function* recordsOf<Row>(
  text: AsyncIterable<string>,
  delimiter: string,
  onRecord: (record: readonly string[]) => Row | null,
): AsyncGenerator<Row> {
  const parts: string[] = [];
  for await (const part of text) parts.push(part);
  yield* parse(parts.join(''), recordOptions(delimiter, onRecord)) as unknown as Row[];
}

/** Of a text that may be cut off. */
export function firstRecord(text: string, delimiter: string): string[] {
  const read = (quote: string | false) =>
    (parse(text, { ...recordOptions(delimiter), to: 1, quote }) as string[][])[0] ?? [];
  try {
    return read('"');
  } catch {
    return read(false);
  }
}
