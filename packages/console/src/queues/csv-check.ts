import { MAX_CSV_ROWS } from '@colloquy/wire';
import { parse } from 'csv-parse/browser/esm/sync';
import { countText } from '../ui/count.ts';
import { digitsOf, wrongWithNumber } from './number-check.ts';

export const NUMBER_COLUMN = 'RecipientNumber';
const MOST_BYTES = 64 * 1024 * 1024;
/** What a row may come to, in bytes; one far longer is a broken file. */
const LONGEST_ROW = 64 * 1024;
const LONGEST_RECORD = 1024 * 1024;
/** How many of the rows are shown before they are sent. */
const SHOWN = 5;

/** A row that the server would refuse; `line` counts from 1, the line of the columns included. */
export interface BadRow {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

export interface CsvCheck {
  /** null: nothing is wrong with the file as a whole. */
  readonly problem: string | null;
  readonly columns: readonly string[];
  /** Its rows in their order, without the line of the columns. */
  readonly rows: readonly (readonly string[])[];
  readonly first: readonly (readonly string[])[];
  readonly bad: readonly BadRow[];
}

interface Row {
  readonly record: readonly string[];
  /** How many lines there were up to its end, and how many of them were empty. */
  readonly info: { readonly lines: number; readonly empty_lines: number };
}

/**
 * Looks at rows of CSV as the server will, before they are sent: the columns, and which rows it would
 * refuse. Whether a number is on the do-not-call list, or waits already, only the server knows.
 */
export function checkCsv(bytes: Uint8Array, hasCountry: boolean): CsvCheck {
  const nothing = { columns: [], rows: [], first: [], bad: [] };
  if (bytes.length > MOST_BYTES) {
    return { ...nothing, problem: 'The file is larger than 64 MiB; send it in parts.' };
  }
  const read = readRows(bytes);
  if (typeof read === 'string') return { ...nothing, problem: read };
  const [head, ...rows] = read;
  const columns = head?.record.map((name) => name.trim()) ?? [];
  const problem = wrongWithAll(columns, rows.length);
  if (problem !== null) return { ...nothing, columns, problem };
  const records = rows.map(({ record }) => record);
  const bad = badRows(columns, rows, hasCountry);
  return { problem: null, columns, rows: records, first: records.slice(0, SHOWN), bad };
}

/** All records, the one of the columns included; or what is wrong with the file. */
function readRows(bytes: Uint8Array): Row[] | string {
  let text: string;
  try {
    // Bytes that are no text would be sent as other letters than they stand for.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'The file is not text in UTF-8. Save it as "CSV UTF-8" and choose it again.';
  }
  try {
    return parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD,
    }) as unknown as Row[];
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return `This is no CSV: ${why.replace(/\.?$/, '.')}`;
  }
}

function wrongWithAll(columns: readonly string[], rows: number): string | null {
  if (!columns.includes(NUMBER_COLUMN)) {
    return `There is no column ${NUMBER_COLUMN}; ${insteadOf(columns)}`;
  }
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) return `The column ${twice} comes twice.`;
  if (rows === 0) return 'There are no rows below the line of the columns.';
  return rows > MAX_CSV_ROWS
    ? `There are more than ${countText(MAX_CSV_ROWS)} rows; send them in parts.`
    : null;
}

/** What to do where the column of the numbers is not found. */
function insteadOf(columns: readonly string[]): string {
  const parted = [';', '\t'].find((mark) => columns[0]?.includes(mark));
  if (parted !== undefined) {
    return `the columns are parted by ${parted === ';' ? 'semicolons' : 'tabs'}: save the file with commas between them.`;
  }
  const alike = columns.find((name) => name.toLowerCase() === NUMBER_COLUMN.toLowerCase());
  return alike === undefined
    ? 'the first line has to name the columns.'
    : `capital letters count, so ${alike} is another one.`;
}

function badRows(
  columns: readonly string[],
  rows: readonly Row[],
  hasCountry: boolean,
): readonly BadRow[] {
  const at = columns.indexOf(NUMBER_COLUMN);
  const seen = new Set<string>();
  const bad: BadRow[] = [];
  let before: Row['info'] | null = null;
  for (const { record, info } of rows) {
    // A row may go over several lines, and is named by its first.
    const empty = info.empty_lines - (before?.empty_lines ?? 0);
    const line = (before?.lines ?? 1) + empty + 1;
    before = info;
    const number = record[at] ?? '';
    const digits = digitsOf(number);
    const why =
      wrongWithRow(record, columns.length) ??
      wrongWithNumber(number, hasCountry) ??
      (seen.has(digits) ? 'The number stands in the file already.' : null);
    if (why === null) seen.add(digits);
    else bad.push({ line, text: record.join(', '), why });
  }
  return bad;
}

const bytesOf = new TextEncoder();

function wrongWithRow(record: readonly string[], columns: number): string | null {
  if (record.length !== columns) return `It has ${record.length} values for ${columns} columns.`;
  const text = record.join('');
  if (text.includes('\0')) return 'It holds a NUL character.';
  // Most rows are so short that nobody has to count.
  const isLong = text.length * 3 > LONGEST_ROW && bytesOf.encode(text).length > LONGEST_ROW;
  return isLong ? 'It has more than 64 KiB.' : null;
}

/** Rows as CSV again, for whoever mends them. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const cell = (value: string) =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return `${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
