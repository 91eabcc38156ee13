import { numberNameRank, plainName } from './names.ts';
import type { CsvRow } from './read.ts';
import { NUMBER_COLUMN } from './recipients.ts';
import { quoted } from './refusal.ts';

const LOOKED_AT = 50;

export interface NumberCell {
  /** Of the row, from 0, without the header. */
  readonly index: number;
  readonly line: number;
  readonly text: string;
  readonly fault: string | null;
}

export interface NumberLayout {
  readonly header: CsvRow | null;
  readonly columns: readonly number[];
  /** True if every value is a number; rows may differ in length. */
  readonly isBare: boolean;
}

/** Finds columns of numbers by their names or values; null if neither identifies them. */
export function layoutOf(
  first: readonly CsvRow[],
  isNumber: (text: string) => boolean,
): NumberLayout | null {
  const [top, ...others] = first.slice(0, LOOKED_AT);
  if (!top) return null;
  const names = top.values;
  const columnsWhere = (test: (value: string) => boolean) =>
    names.flatMap((value, at) => (test(value) ? [at] : []));
  const exact = columnsWhere((name) => plainName(name) === plainName(NUMBER_COLUMN));
  const sure = columnsWhere((name) => numberNameRank(name) === 2);
  const likely = columnsWhere((name) => numberNameRank(name) === 1);
  const named = [exact.slice(0, 1), sure, likely].find(({ length }) => length > 0);
  if (named) return { header: top, columns: named, isBare: false };
  const inTop = columnsWhere(isNumber);
  if (inTop.length > 0) {
    const filled = columnsWhere((value) => value.trim() !== '');
    return { header: null, columns: inTop, isBare: inTop.length === filled.length };
  }
  const column = columnWithMostNumbers(others, isNumber);
  if (column !== null) {
    const isName = !/\p{Nd}/u.test(names[column] ?? '');
    const isBare = !isName && names.length === 1;
    return { header: isName ? top : null, columns: [column], isBare };
  }
  const isList = first.every(({ values }) => values.length === 1);
  return isList ? { header: null, columns: [0], isBare: true } : null;
}

function columnWithMostNumbers(rows: readonly CsvRow[], isNumber: (text: string) => boolean) {
  const counts = new Map<number, number>();
  for (const { values } of rows) {
    for (const [at, value] of values.entries()) {
      if (isNumber(value)) counts.set(at, (counts.get(at) ?? 0) + 1);
    }
  }
  const [best, second] = [...counts].sort(([, a], [, b]) => b - a);
  return best === undefined || best[1] === second?.[1] ? null : best[0];
}

export function cellsOf(
  row: CsvRow,
  { header, columns, isBare }: NumberLayout,
  index: number,
): NumberCell[] {
  const { line, values } = row;
  const given = values.findLastIndex((value) => value.trim() !== '') + 1;
  if (header && given > header.values.length) {
    const fault = `The row has ${given} values for ${header.values.length} columns, so its number cannot be identified; write a value that contains the separator in quotation marks.`;
    return [{ index, line, text: '', fault }];
  }
  const texts = isBare ? values : columns.map((at) => values[at] ?? '');
  const numbers = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (numbers.length > 0) return numbers.map((text) => ({ index, line, text, fault: null }));
  const where = columns.map((at) => `column ${at + 1}`).join(' or ');
  return [{ index, line, text: '', fault: `The row has no number in ${where}.` }];
}

/** Each row has a fault if the column is unknown. */
export async function* readNumbers(
  rows: AsyncIterable<CsvRow>,
  isNumber: (text: string) => boolean,
): AsyncGenerator<NumberCell> {
  let waiting: CsvRow[] | null = [];
  let cellsIn: ReturnType<typeof cellsWithin> | null = null;
  let index = 0;
  function* numbersIn(some: readonly CsvRow[]) {
    for (const row of some) {
      const cells = cellsIn?.(row, index) ?? [];
      yield* cells;
      if (cells.length > 0) index += 1;
    }
  }
  for await (const row of rows) {
    if (waiting) {
      waiting.push(row);
      if (waiting.length < LOOKED_AT) continue;
      cellsIn = cellsWithin(waiting, isNumber);
      yield* numbersIn(waiting);
      waiting = null;
    } else yield* numbersIn([row]);
  }
  if (!waiting || waiting.length === 0) return;
  cellsIn = cellsWithin(waiting, isNumber);
  yield* numbersIn(waiting);
}

function cellsWithin(first: readonly CsvRow[], isNumber: (text: string) => boolean) {
  const layout = layoutOf(first, isNumber);
  const fault = layout ? null : missingColumnMessage(first);
  return (row: CsvRow, index: number): NumberCell[] => {
    if (!layout) return [{ index, line: row.line, text: '', fault }];
    return row === layout.header ? [] : cellsOf(row, layout, index);
  };
}

export function missingColumnMessage([top]: readonly CsvRow[]): string {
  const names = (top?.values ?? []).slice(0, 5).map(quoted).join(', ');
  return `No column holds phone numbers: line ${top?.line ?? 1} has ${names}; name the column with the numbers ${NUMBER_COLUMN}.`;
}
