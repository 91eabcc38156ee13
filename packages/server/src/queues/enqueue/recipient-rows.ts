import { createHash, type Hash } from 'node:crypto';
import {
  type Charset,
  CsvRefusal,
  type CsvRow,
  headerOf,
  isNumberName,
  isRecipientColumn,
  MAX_ROW_BYTES,
  RecipientColumns,
  type RecipientRow,
  readCsv,
  readNumbers,
  type ValueReaders,
} from '@colloquy/csv';
import { type CountryCode, toE164 } from '@colloquy/phone-numbers';
import { MAX_CSV_ROWS } from '@colloquy/wire';
import { Breather } from '../../kernel/fair-share/breather.ts';
import { Fault } from '../../kernel/fault.ts';
import { parseStrictJson } from '../../kernel/json/strict-json.ts';
import { zoneName } from '../../kernel/time-zone.ts';
import type { GivenNumber } from '../lists/do-not-call.ts';
import { type Recipient, RecipientBounds } from './recipients.ts';

export interface RowBytes {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly charset: Charset | null;
}

type Keys = Readonly<Record<string, unknown>>;

export interface RowDefaults {
  readonly dynamicVariables: Keys;
  readonly metadata: Keys;
  readonly timeZone: string | null;
  readonly country: CountryCode | null;
}

/**
 * The first row names the columns: keys of a recipient, or else dynamic variables. Numbers alone
 * need no header. `hash` is a SHA-256 that can be continued. INVALID_REQUEST if it is not CSV, has
 * no column of numbers, no rows or too many; PAYLOAD_TOO_LARGE.
 */
export async function readRecipientRows(
  { bytes, charset }: RowBytes,
  defaults: RowDefaults,
): Promise<{ recipients: Recipient[]; hash: Hash }> {
  const hash = createHash('sha256');
  const rows = readCsv(hashed(bytes, hash), { charset, isKnown: isRecipientColumn });
  const recipients: Recipient[] = [];
  const bounds = new RecipientBounds();
  const shared = { ...defaults, metadataJson: JSON.stringify(defaults.metadata) };
  const readers = readersOf();
  const isNumber = (text: string) => toE164(text, defaults.country) !== null;
  let columns: RecipientColumns | null = null;
  try {
    for await (const row of boundedRows(rows)) {
      if (!columns) {
        const { header, isInFile } = headerOf(row, isNumber);
        columns = new RecipientColumns(header);
        if (isInFile) continue;
      }
      recipients.push(bounds.take(recipientOf(columns.read(row, readers), shared)));
    }
  } catch (error) {
    throw refusalOf(error);
  }
  if (recipients.length === 0) throw noRows();
  return { recipients, hash };
}

/** In turns with other requests. INVALID_REQUEST for too many rows. */
async function* boundedRows(rows: AsyncIterable<CsvRow>): AsyncGenerator<CsvRow> {
  let count = 0;
  const breather = new Breather();
  for await (const row of rows) {
    if (count > MAX_CSV_ROWS) {
      throw new Fault('INVALID_REQUEST', 'A request has at most 100,000 rows; send them in parts.');
    }
    count += 1;
    yield row;
    if (breather.isDue()) await breather.breathe();
  }
}

const noRows = () => new Fault('INVALID_REQUEST', 'The body has no rows.');

const refusalOf = (error: unknown): unknown =>
  error instanceof CsvRefusal
    ? new Fault('INVALID_REQUEST', error.message, { cause: error })
    : error;

async function* hashed(bytes: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

function readersOf(): ValueReaders {
  const zones = new Map<string, string>();
  return {
    zoneName(text) {
      const name = zones.get(text) ?? zoneName(text);
      if (name !== null) zones.set(text, name);
      return name;
    },
    parseJson: (text, column) => parseStrictJson(Buffer.from(text), column),
  };
}

/** A header and other columns are optional. INVALID_REQUEST for no CSV, no rows or too many. */
export async function readNumberRows(
  { bytes, charset }: RowBytes,
  country: CountryCode | null,
): Promise<GivenNumber[]> {
  const isNumber = (text: string) => toE164(text, country) !== null;
  const rows = boundedRows(readCsv(bytes, { charset, isKnown: isNumberName }));
  try {
    const cells = await Array.fromAsync(readNumbers(rows, isNumber));
    if (cells.length === 0) throw noRows();
    return cells.map(({ fault, ...cell }) => (fault === null ? cell : { ...cell, fault }));
  } catch (error) {
    throw refusalOf(error);
  }
}

type Shared = RowDefaults & { readonly metadataJson: string };
const NO_VALUES = { dynamicVariables: '{}', metadata: '{}', timeZone: null };

function recipientOf(row: RecipientRow, shared: Shared): Recipient {
  const { line, number } = row;
  const refused = (fault: string): Recipient => ({ ...NO_VALUES, number, line, fault });
  if (row.fault !== null) return refused(row.fault);
  const dynamicVariables = JSON.stringify({
    ...shared.dynamicVariables,
    ...row.dynamicVariables,
    ...row.variables,
  });
  const metadata =
    row.metadata === null
      ? shared.metadataJson
      : JSON.stringify({ ...shared.metadata, ...row.metadata });
  const longest = Math.max(Buffer.byteLength(dynamicVariables), Buffer.byteLength(metadata));
  if (longest > MAX_ROW_BYTES) {
    return refused('The row, together with the values of the request, has more than 64 KiB.');
  }
  const timeZone = row.timeZone ?? shared.timeZone;
  return { number, dynamicVariables, metadata, timeZone, line };
}
