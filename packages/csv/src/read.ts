import { firstRecord, recordsOf } from '#records';
import { type Charset, decodeText, UndecodableByte } from './decode.ts';
import { dialectOf } from './dialect.ts';
import { CsvRefusal } from './refusal.ts';

export interface CsvRow {
  /** From 1. */
  readonly line: number;
  readonly values: readonly string[];
}

export interface CsvReading {
  readonly charset?: Charset | null;
  readonly isKnown?: (name: string) => boolean;
}

const HEAD_CHARACTERS = 64 * 1024;

/** Reads what spreadsheets save, with the header and without empty rows. CsvRefusal for the rest. */
export async function* readCsv(
  bytes: AsyncIterable<Uint8Array>,
  { charset = null, isKnown = () => false }: CsvReading = {},
): AsyncGenerator<CsvRow> {
  const text = decodeText(bytes, charset);
  let head = '';
  let delimiter: string | null = null;
  const counter = { line: 1 };
  try {
    while (head.length < HEAD_CHARACTERS) {
      const { done, value } = await text.next();
      if (done) break;
      head += value;
    }
    const dialect = dialectOf(head, isKnown);
    delimiter = dialect.delimiter;
    if (dialect.passed > 0) counter.line += 1;
    const rest = prepend(head.slice(dialect.passed), text);
    const onRecord = (record: readonly string[]) => rowOf(record, counter);
    yield* dropEndMark(recordsOf(rest, delimiter, onRecord));
  } catch (error) {
    if (error instanceof UndecodableByte) {
      const known = delimiter ?? dialectOf(head, isKnown).delimiter;
      throw error.refusal(firstRecord(error.before, known).length || 1);
    }
    throw refusalOf(error, counter.line);
  } finally {
    await text.return(undefined);
  }
}

async function* prepend(head: string, text: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* text;
}

/** Old programs end a file with Ctrl-Z. */
const END_MARK = '\x1a';
const LINE_BREAK = /\r\n?|\n/g;
/** Excel keeps `="0041"` as the text 0041. */
const AS_TEXT = /^="((?:[^"]|"")*)"$/;

/** null for a row without values. A value may contain line breaks. */
function rowOf(record: readonly string[], counter: { line: number }): CsvRow | null {
  const { line } = counter;
  counter.line += 1;
  let isBlank = true;
  for (const value of record) {
    if (value.includes('\n') || value.includes('\r')) {
      counter.line += value.match(LINE_BREAK)?.length ?? 0;
    }
    if (isBlank) isBlank = isEmpty(value);
  }
  if (isBlank || (record.length === 1 && OTHER_SEPARATORS.test(record[0] ?? ''))) return null;
  const values = record.map((value) =>
    value.startsWith('="')
      ? value.replace(AS_TEXT, (_all, text: string) => unescaped(text))
      : value,
  );
  // Concatenated files have several byte order marks.
  if (values[0]?.startsWith('\ufeff')) values[0] = values[0].slice(1);
  return { line, values };
}

const unescaped = (text: string) => text.replaceAll('""', '"');

/** White space, zero-width characters, Ctrl-Z, and `=""`, Excel's form of an empty text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Ctrl-Z is one.
const NO_VALUE = /^(?:[\s\u00ad\u200b-\u200f\u2060\ufeff\u001a]*|="")$/;
/** The `sep=` line of a file that was appended to this one. */
const OTHER_SEPARATORS = /^[;,\t| ]+$/;

const isEmpty = (value: string) => value === '' || NO_VALUE.test(value);

async function* dropEndMark(rows: AsyncIterable<CsvRow>): AsyncGenerator<CsvRow> {
  let held: CsvRow | null = null;
  for await (const row of rows) {
    if (held) yield held;
    held = row;
  }
  if (!held) return;
  const last = held.values.at(-1) ?? '';
  yield last.endsWith(END_MARK)
    ? { ...held, values: [...held.values.slice(0, -1), last.replaceAll(END_MARK, '')] }
    : held;
}

function refusalOf(error: unknown, line: number): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const place = `Line ${line}${'column' in error ? `, column ${Number(error.column) + 1}` : ''}`;
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new CsvRefusal(
      `This is not CSV: ${place} begins with a quotation mark that is never closed; remove it, or close it after the value.`,
    );
  }
  if (error.code === 'CSV_MAX_RECORD_SIZE') {
    return new CsvRefusal(
      `This is not CSV: the row on line ${line} has more than 1 MiB; look there for a quotation mark that is never closed.`,
    );
  }
  return error;
}
