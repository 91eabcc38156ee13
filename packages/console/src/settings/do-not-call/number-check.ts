import {
  CsvRefusal,
  type CsvRow,
  cellsOf,
  isNumberName,
  layoutOf,
  type NumberCell,
  type NumberLayout,
  readCsv,
  writeCsv,
} from '@colloquy/csv';
import type { CountryCode } from '@colloquy/phone-numbers';
import { MAX_CSV_ROWS } from '@colloquy/wire';
import { findSizeProblem, streamChunks } from '../../ui/browser/file-bytes.ts';
import { findListedNumberProblem } from '../../ui/forms/number-check.ts';
import { formatCount } from '../../ui/text/count.ts';

export interface BadNumber {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

export interface NumberCheck {
  readonly problem: string | null;
  readonly columns: readonly string[];
  readonly numberColumns: readonly number[];
  /** The numbers to send, in order; `csv` is the same as a file. */
  readonly numbers: readonly NumberCell[];
  readonly csv: Uint8Array<ArrayBuffer>;
  readonly good: number;
  /** Numbers that the server would reject, and rows without one. */
  readonly bad: readonly BadNumber[];
}

export const NO_NUMBERS: NumberCheck = {
  problem: null,
  columns: [],
  numberColumns: [],
  numbers: [],
  csv: new Uint8Array(),
  good: 0,
  bad: [],
};

export const NO_COLUMN = 'Choose the column that holds the phone numbers.';

export interface NumberRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly country: CountryCode | null;
  readonly column: number | null;
}

export async function checkNumbers(request: NumberRequest): Promise<NumberCheck> {
  const tooLarge = findSizeProblem(request.bytes);
  if (tooLarge !== null) return { ...NO_NUMBERS, problem: tooLarge };
  try {
    const rows = readCsv(streamChunks(request.bytes), { isKnown: isNumberName });
    return checkRows(await Array.fromAsync(rows), request);
  } catch (error) {
    if (error instanceof CsvRefusal) return { ...NO_NUMBERS, problem: error.message };
    throw error;
  }
}

function checkRows(rows: readonly CsvRow[], { country, column }: NumberRequest): NumberCheck {
  const [top] = rows;
  if (!top) return NO_NUMBERS;
  const isNumber = (text: string) => findListedNumberProblem(text, country) === null;
  const layout: NumberLayout | null =
    column === null ? layoutOf(rows, isNumber) : { header: top, columns: [column], isBare: false };
  const columns = layout && !layout.header ? [] : top.values.map((name) => name.trim());
  if (!layout) return { ...NO_NUMBERS, columns, problem: NO_COLUMN };
  const below = layout.header ? rows.slice(1) : rows;
  if (below.length > MAX_CSV_ROWS) {
    const problem = `There are more than ${formatCount(MAX_CSV_ROWS)} rows; add them in parts.`;
    return { ...NO_NUMBERS, columns, problem };
  }
  const cells = below.flatMap((row, index) => cellsOf(row, layout, index));
  const numbers = cells.filter(({ fault }) => fault === null);
  const bad = cells.flatMap(({ line, text, fault }) => {
    const why = fault ?? findListedNumberProblem(text, country);
    return why === null ? [] : [{ line, text, why }];
  });
  return {
    problem: null,
    columns,
    numberColumns: layout.columns,
    numbers,
    csv: new TextEncoder().encode(
      writeCsv([['RecipientNumber'], ...numbers.map(({ text }) => [text])]),
    ),
    good: cells.length - bad.length,
    bad,
  };
}
