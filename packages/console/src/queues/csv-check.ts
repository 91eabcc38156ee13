import { MAX_CSV_ROWS } from '@colloquy/wire';
import { parse } from 'csv-parse/browser/esm/sync';
import { countText } from '../ui/count.ts';
import { digitsOf, wrongWithNumber } from '../ui/number-check.ts';

export const NUMBER_COLUMN = 'RecipientNumber';
/** The problem of a file that somebody has yet to say where its numbers are. */
export const NO_NUMBER_COLUMN = 'Choose the column that holds the phone numbers.';
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
  /** The column of the numbers; null where none looks like it. */
  readonly numberColumn: string | null;
  /** Its rows in their order, without the line of the columns. */
  readonly rows: readonly (readonly string[])[];
  /** The line of the file on which each of them begins. */
  readonly lines: readonly number[];
  /** The file as the server takes it, where it is written in another way; null: as it is. */
  readonly rewritten: Uint8Array<ArrayBuffer> | null;
  readonly first: readonly (readonly string[])[];
  readonly bad: readonly BadRow[];
}

interface Row {
  readonly record: readonly string[];
  /** How many lines there were up to its end, and how many of them were empty. */
  readonly info: { readonly lines: number; readonly empty_lines: number };
}

export const NO_CHECK: CsvCheck = {
  problem: null,
  columns: [],
  numberColumn: null,
  rows: [],
  lines: [],
  rewritten: null,
  first: [],
  bad: [],
};

/** The columns that a file of refused rows has before the others. */
export const REFUSED_COLUMNS = ['Line', 'Why'] as const;

/**
 * Looks at rows of CSV as the server will, before they are sent: the columns, and which rows it would
 * refuse. Whether a number waits already only the server knows. `chosen` names the column of the numbers
 * where none is called so.
 */
export function checkCsv(
  bytes: Uint8Array,
  hasCountry: boolean,
  chosen: string | null = null,
): CsvCheck {
  if (bytes.length > MOST_BYTES) {
    return { ...NO_CHECK, problem: 'The file is larger than 64 MiB; send it in parts.' };
  }
  const read = readRows(bytes);
  if (typeof read === 'string') return { ...NO_CHECK, problem: read };
  const names = read.rows[0]?.record.map((name) => name.trim()) ?? [];
  const passed = REFUSED_COLUMNS.every((name, at) => names[at] === name)
    ? REFUSED_COLUMNS.length
    : 0;
  const columns = names.slice(passed);
  const numberColumn = numberColumnOf(columns, chosen);
  const rows = read.rows.slice(1).map(({ record, info }) => ({
    record: record.slice(passed),
    info,
  }));
  const problem = wrongWithAll(columns, numberColumn, rows.length);
  if (problem !== null) return { ...NO_CHECK, columns, numberColumn, problem };
  const records = rows.map(({ record }) => record);
  const lines = linesOf(rows);
  const isAsSent = read.delimiter === ',' && passed === 0 && numberColumn === NUMBER_COLUMN;
  const head = columns.map((name) => (name === numberColumn ? NUMBER_COLUMN : name));
  return {
    problem: null,
    columns,
    numberColumn,
    rows: records,
    lines,
    rewritten: isAsSent ? null : new TextEncoder().encode(toCsv([head, ...records])),
    first: records.slice(0, SHOWN),
    bad: badRows(records, lines, columns, columns.indexOf(numberColumn ?? ''), hasCountry),
  };
}

/** A check that also names the rows whose number is on the do-not-call list. */
export function withDoNotCall(check: CsvCheck, numbers: ReadonlySet<string>): CsvCheck {
  const at = check.columns.indexOf(check.numberColumn ?? '');
  if (numbers.size === 0 || at < 0) return check;
  const refused = new Set(check.bad.map(({ line }) => line));
  const bad = check.rows.flatMap((record, index): BadRow[] => {
    const line = check.lines[index] ?? 0;
    return refused.has(line) || !numbers.has(digitsOf(record[at] ?? ''))
      ? []
      : [{ line, text: record.join(', '), why: 'The number is on the do-not-call list.' }];
  });
  return { ...check, bad: [...check.bad, ...bad].sort((a, b) => a.line - b.line) };
}

/** What a column of numbers is called in other files. */
const ALSO_NUMBER =
  /^(recipient|phone|tele?phone|tel|mobile|mobilephone|cell|cellphone|number|msisdn)(number|no|nr)?$/;

function numberColumnOf(columns: readonly string[], chosen: string | null): string | null {
  if (columns.includes(NUMBER_COLUMN)) return NUMBER_COLUMN;
  if (chosen !== null && columns.includes(chosen)) return chosen;
  const isNumber = (name: string) =>
    ALSO_NUMBER.test(name.toLowerCase().replaceAll(/[\s._-]/g, ''));
  return columns.find(isNumber) ?? null;
}

/** All records, the one of the columns included, and what parts them; or what is wrong with the file. */
function readRows(bytes: Uint8Array): { rows: Row[]; delimiter: string } | string {
  let text: string;
  try {
    // Bytes that are no text would be sent as other letters than they stand for.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'The file is not text in UTF-8. Save it as "CSV UTF-8" and choose it again.';
  }
  const delimiter = delimiterOf(text);
  try {
    const rows = parse(text, {
      delimiter,
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD,
    }) as unknown as Row[];
    return { rows, delimiter };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return `This is not a CSV file: ${why.replace(/\.?$/, '.')}`;
  }
}

const DELIMITERS = [',', ';', '\t'] as const;

/** What parts the columns of the first line: spreadsheets of many countries write semicolons. */
function delimiterOf(text: string): string {
  const head = /^\s*(.*)$/m.exec(text)?.[1]?.replaceAll(/"[^"]*"/g, '') ?? '';
  const counts = DELIMITERS.map((mark) => head.split(mark).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

function wrongWithAll(
  columns: readonly string[],
  numberColumn: string | null,
  rows: number,
): string | null {
  if (columns.length === 0) return 'The file is empty.';
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) return `The column ${twice} appears twice.`;
  if (rows === 0) return 'There are no rows below the line with the column names.';
  if (rows > MAX_CSV_ROWS) {
    return `There are more than ${countText(MAX_CSV_ROWS)} rows; send them in parts.`;
  }
  return numberColumn === null ? NO_NUMBER_COLUMN : null;
}

/** A row may go over several lines, and is named by its first. */
function linesOf(rows: readonly Row[]): number[] {
  let before: Row['info'] | null = null;
  return rows.map(({ info }) => {
    const empty = info.empty_lines - (before?.empty_lines ?? 0);
    const line = (before?.lines ?? 1) + empty + 1;
    before = info;
    return line;
  });
}

function badRows(
  records: readonly (readonly string[])[],
  lines: readonly number[],
  columns: readonly string[],
  at: number,
  hasCountry: boolean,
): readonly BadRow[] {
  const seen = new Set<string>();
  const bad: BadRow[] = [];
  for (const [index, record] of records.entries()) {
    const number = record[at] ?? '';
    const digits = digitsOf(number);
    const why =
      wrongWithRow(record, columns.length) ??
      wrongWithNumber(number, hasCountry) ??
      (seen.has(digits) ? 'Duplicate number.' : null);
    if (why === null) seen.add(digits);
    else bad.push({ line: lines[index] ?? 0, text: record.join(', '), why });
  }
  return bad;
}

const bytesOf = new TextEncoder();

function wrongWithRow(record: readonly string[], columns: number): string | null {
  if (record.length !== columns) return `${record.length} values for ${columns} columns.`;
  const text = record.join('');
  if (text.includes('\0')) return 'The row contains a NUL character.';
  // Most rows are so short that nobody has to count.
  const isLong = text.length * 3 > LONGEST_ROW && bytesOf.encode(text).length > LONGEST_ROW;
  return isLong ? 'The row is longer than 64 KiB.' : null;
}

/** Rows as CSV again. A row of one empty value is quoted: a line without anything is no row. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const cell = (value: string) =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const line = (row: readonly string[]) => row.map(cell).join(',') || '""';
  return `${rows.map(line).join('\r\n')}\r\n`;
}
