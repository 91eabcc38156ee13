import { parse } from 'csv-parse/browser/esm/sync';

export const NUMBER_COLUMN = 'RecipientNumber';
export const MAX_ROWS = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;
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
  readonly rows: number;
  readonly first: readonly (readonly string[])[];
  readonly bad: readonly BadRow[];
}

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Looks at rows of CSV as the server will, before they are sent: the columns, and which rows it would
 * refuse. Whether a number is on the do-not-call list, or waits already, only the server knows.
 */
export function checkCsv(text: string, hasCountry: boolean): CsvCheck {
  const nothing = { columns: [], rows: 0, first: [], bad: [] };
  if (text.length > MOST_BYTES) {
    return { ...nothing, problem: 'The file is larger than 64 MiB; send it in parts.' };
  }
  let parsed: Row[];
  try {
    parsed = parse(text, {
      ...{ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true },
    }) as unknown as Row[];
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return { ...nothing, problem: `This is no CSV: ${why}.` };
  }
  const [head, ...rows] = parsed;
  const columns = head?.record ?? [];
  const at = columns.indexOf(NUMBER_COLUMN);
  if (at < 0) {
    const problem = `There is no column ${NUMBER_COLUMN}; the first line has to name the columns.`;
    return { ...nothing, columns, problem };
  }
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  const problem =
    twice !== undefined
      ? `The column ${twice} comes twice.`
      : rows.length === 0
        ? 'There are no rows below the line of the columns.'
        : rows.length > MAX_ROWS
          ? `There are more than ${MAX_ROWS.toLocaleString()} rows; send them in parts.`
          : null;
  const bad = rows.flatMap(({ record, info }): BadRow[] => {
    const why = wrongWith(record, columns.length, record[at] ?? '', hasCountry);
    return why === null ? [] : [{ line: info.lines, text: record.join(', '), why }];
  });
  const first = rows.slice(0, SHOWN).map(({ record }) => record);
  return { problem, columns, rows: rows.length, first, bad };
}

function wrongWith(
  record: readonly string[],
  columns: number,
  number: string,
  hasCountry: boolean,
): string | null {
  if (record.length !== columns) {
    return `It has ${record.length} values for ${columns} columns.`;
  }
  const digits = number.replaceAll(/[\s().\-/]/g, '');
  if (/^\+[1-9]\d{5,14}$/.test(digits)) return null;
  if (number === '') return 'The number is missing.';
  if (!digits.startsWith('+') && /^\d{3,15}$/.test(digits)) {
    return hasCountry ? null : 'The number has no country: begin it with +, or name a country.';
  }
  return 'This is no telephone number.';
}

/** Rows as CSV again, for whoever mends them. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const cell = (value: string) =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return `${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
