import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { MAX_CSV_ROWS } from '@colloquy/wire';
import { CsvError, parse } from 'csv-parse';
import { Fault } from '../base/fault.ts';
import { type Recipient, RecipientBounds } from './recipients.ts';

const NUMBER = 'RecipientNumber';
/** In bytes of what a row becomes; a longer one is rejected, and one far longer is a broken file. */
const LONGEST_ROW = 64 * 1024;
const LONGEST_RECORD = 1024 * 1024;

export interface RowDefaults {
  readonly dynamicVariables: Readonly<Record<string, unknown>>;
  /** JSON. */
  readonly metadata: string;
  readonly timeZone: string | null;
}

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: {
    /** So far, those without anything included. */
    readonly lines: number;
    readonly empty_lines: number;
    readonly columns: readonly { name: string }[];
    /** Where the row has more or fewer values. */
    readonly error?: CsvError;
  };
}

/**
 * Reads rows of recipients as they arrive: the first names the columns, `RecipientNumber` is the number
 * and the others become dynamic variables. Also gives the SHA-256 of the bytes, which can be added to. Faults:
 * INVALID_REQUEST where it is not CSV in UTF-8, has no such column or too many rows.
 */
export async function readRecipientRows(
  bytes: AsyncIterable<Uint8Array>,
  defaults: RowDefaults,
): Promise<{ recipients: Recipient[]; hash: Hash }> {
  const hash = createHash('sha256');
  const parser = parse({
    bom: true,
    columns: (header: string[]) => checkHeader(header.map((name) => name.trim())),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    // A quote in the midst of a value is that quote.
    relax_quotes: true,
    max_record_size: LONGEST_RECORD,
  });
  // What goes wrong in the source is thrown where the rows are read.
  const source = Readable.from(decode(bytes, hash)).on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  const recipients: Recipient[] = [];
  const bounds = new RecipientBounds();
  // A row may go over several lines, and is named by its first.
  let before: Parsed['info'] | null = null;
  try {
    for await (const parsed of parser as AsyncIterable<Parsed>) {
      if (recipients.length === MAX_CSV_ROWS) refuse('A request has at most 100,000 rows.');
      const empty: number = parsed.info.empty_lines - (before?.empty_lines ?? 0);
      const line: number = (before?.lines ?? 1) + empty + 1;
      before = parsed.info;
      recipients.push(bounds.take(recipientOf(parsed, line, defaults)));
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    refuse(`The body is not CSV that can be read: ${error.message.replace(/\.?$/, '.')}`);
  } finally {
    source.destroy();
  }
  if (recipients.length === 0) refuse('The body has no rows.');
  return { recipients, hash };
}

function refuse(message: string): never {
  throw new Fault('INVALID_REQUEST', message);
}

async function* decode(bytes: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const text = (chunk?: Uint8Array) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      return refuse('The body is not text in UTF-8.');
    }
  };
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield text(chunk);
  }
  yield text();
}

function checkHeader(names: readonly string[]): string[] {
  if (!names.includes(NUMBER)) refuse(`The first line must name the column ${NUMBER}.`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) refuse(`The column ${JSON.stringify(twice.slice(0, 64))} stands twice.`);
  return [...names];
}

function recipientOf({ record, info }: Parsed, line: number, defaults: RowDefaults): Recipient {
  const { [NUMBER]: number = '', ...others } = record;
  const dynamicVariables = JSON.stringify({ ...defaults.dynamicVariables, ...others });
  const fault = info.error
    ? `The row does not have ${info.columns.length} values, one for each column.`
    : Object.values(record).some((value) => value.includes('\0'))
      ? 'The row holds a NUL character.'
      : Buffer.byteLength(dynamicVariables) > LONGEST_ROW
        ? 'The row has more than 64 KiB.'
        : undefined;
  return {
    number,
    dynamicVariables: fault === undefined ? dynamicVariables : '{}',
    metadata: defaults.metadata,
    timeZone: defaults.timeZone,
    line,
    ...(fault !== undefined && { fault }),
  };
}
