import {
  CsvRefusal,
  type CsvRow,
  headerOf,
  isNumberColumn,
  isRecipientColumn,
  NUMBER_COLUMN,
  numberColumnOf,
  plainReaders,
  RecipientColumns,
  readCsv,
  writeCsv,
} from '@colloquy/csv';
import { type CountryCode, toE164 } from '@colloquy/phone-numbers';
import { MAX_CSV_ROWS } from '@colloquy/wire';
import { findSizeProblem, streamChunks } from '../../ui/browser/file-bytes.ts';
import { findNumberProblem } from '../../ui/forms/number-check.ts';
import { formatCount } from '../../ui/text/count.ts';

export const NO_NUMBER_COLUMN = 'Choose the column that holds the phone numbers.';
const SAMPLE_ROWS = 5;

/** A row that the server would reject; `line` counts from 1 and includes the header. */
export interface BadRow {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

export interface CsvCheck {
  readonly problem: string | null;
  readonly columns: readonly string[];
  /** null if no column looks like phone numbers. */
  readonly numberColumn: string | null;
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly number[];
  /** The file in the form that the server accepts; null if it already is. */
  readonly rewritten: Uint8Array<ArrayBuffer> | null;
  readonly first: readonly (readonly string[])[];
  readonly bad: readonly BadRow[];
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

export const REFUSED_COLUMNS = ['Line', 'Why'] as const;

/** Checks a file as the server will, without the queue; `chosen` is the column of numbers. */
export async function checkCsv(
  bytes: Uint8Array,
  country: CountryCode | null,
  chosen: string | null = null,
): Promise<CsvCheck> {
  const tooLarge = findSizeProblem(bytes);
  if (tooLarge !== null) return { ...NO_CHECK, problem: tooLarge };
  try {
    const rows = await Array.fromAsync(
      readCsv(streamChunks(bytes), { isKnown: isRecipientColumn }),
    );
    return checkRows(rows, country, chosen);
  } catch (error) {
    if (error instanceof CsvRefusal) return { ...NO_CHECK, problem: error.message };
    throw error;
  }
}

function checkRows(
  all: readonly CsvRow[],
  country: CountryCode | null,
  chosen: string | null,
): CsvCheck {
  const [first] = all;
  if (!first) return { ...NO_CHECK, problem: 'The file is empty.' };
  const { header, isInFile } = headerOf(first, (text) => toE164(text, country) !== null);
  const names = header.values.map((name) => name.trim());
  const wasRefused = REFUSED_COLUMNS.every((name, at) => names[at] === name);
  const passed = wasRefused ? REFUSED_COLUMNS.length : 0;
  const columns = names.slice(passed, names.findLastIndex((name) => name !== '') + 1);
  const at = numberColumnOf(columns, chosen);
  const numberColumn = columns[at] ?? null;
  const head = names.slice(passed).map((name, column) => (column === at ? NUMBER_COLUMN : name));
  const rows = all
    .slice(isInFile ? 1 : 0)
    .map(({ line, values }) => ({ line, values: values.slice(passed) }));
  const problem = findFileProblem(numberColumn, rows.length);
  if (problem !== null) return { ...NO_CHECK, columns, numberColumn, problem };
  const records = rows.map(({ values }) => values);
  const isAsSent = passed === 0 && numberColumn !== null && isNumberColumn(numberColumn);
  return {
    problem: null,
    columns,
    numberColumn,
    rows: records,
    lines: rows.map(({ line }) => line),
    rewritten: isAsSent ? null : new TextEncoder().encode(writeCsv([head, ...records])),
    first: records.slice(0, SAMPLE_ROWS),
    bad: badRows(rows, new RecipientColumns({ line: header.line, values: head }), country),
  };
}

export function withDoNotCall(
  check: CsvCheck,
  numbers: ReadonlySet<string>,
  country: CountryCode | null,
): CsvCheck {
  const at = check.columns.indexOf(check.numberColumn ?? '');
  if (numbers.size === 0 || at < 0) return check;
  const refused = new Set(check.bad.map(({ line }) => line));
  const bad = check.rows.flatMap((record, index): BadRow[] => {
    const line = check.lines[index] ?? 0;
    return refused.has(line) || !numbers.has(toE164(record[at] ?? '', country) ?? '')
      ? []
      : [{ line, text: shownRow(record), why: 'The number is on the do-not-call list.' }];
  });
  return { ...check, bad: [...check.bad, ...bad].sort((a, b) => a.line - b.line) };
}

function findFileProblem(numberColumn: string | null, rows: number): string | null {
  if (rows === 0) return 'There are no rows below the line with the column names.';
  if (rows > MAX_CSV_ROWS) {
    return `There are more than ${formatCount(MAX_CSV_ROWS)} rows; send them in parts.`;
  }
  return numberColumn === null ? NO_NUMBER_COLUMN : null;
}

function badRows(
  rows: readonly CsvRow[],
  columns: RecipientColumns,
  country: CountryCode | null,
): readonly BadRow[] {
  const seen = new Set<string>();
  const bad: BadRow[] = [];
  for (const row of rows) {
    const { number, fault } = columns.read(row, plainReaders);
    const e164 = toE164(number, country) ?? '';
    const why =
      fault ?? findNumberProblem(number, country) ?? (seen.has(e164) ? 'Duplicate number.' : null);
    if (why === null) seen.add(e164);
    else bad.push({ line: row.line, text: shownRow(row.values), why });
  }
  return bad;
}

const shownRow = (values: readonly string[]): string =>
  values.slice(0, values.findLastIndex((value) => value.trim() !== '') + 1).join(', ');
