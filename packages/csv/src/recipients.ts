import { isNumberName, numberNameRank, plainName } from './names.ts';
import type { CsvRow } from './read.ts';
import { CsvRefusal, quoted } from './refusal.ts';

export const NUMBER_COLUMN = 'RecipientNumber';
export const RECIPIENT_COLUMNS = [
  NUMBER_COLUMN,
  'TimeZone',
  'Metadata',
  'DynamicVariables',
] as const;
type RecipientColumn = (typeof RECIPIENT_COLUMNS)[number];
export const MAX_ROW_BYTES = 64 * 1024;

type Keys = Readonly<Record<string, unknown>>;

/** With a `fault`, the other values are meaningless. */
export interface RecipientRow {
  readonly line: number;
  readonly number: string;
  /** null, as the next two, without a value. */
  readonly timeZone: string | null;
  readonly metadata: Keys | null;
  readonly dynamicVariables: Keys | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly fault: string | null;
}

/** Exactly the API's name for the number, not only a similar one. */
export const isNumberColumn = (name: string): boolean => keyOf(name) === NUMBER_COLUMN;

function numberPlacesOf(names: readonly string[]): readonly number[] {
  const ranks = names.map(numberNameRank);
  const best = Math.max(0, ...ranks);
  return best === 0 ? [] : ranks.flatMap((rank, at) => (rank === best ? [at] : []));
}

/** From 0: by its name, or else the chosen one; -1 if it is unknown or ambiguous. */
export function numberColumnOf(names: readonly string[], chosen: string | null = null): number {
  const exact = names.findIndex(isNumberColumn);
  if (exact >= 0) return exact;
  if (chosen !== null && names.includes(chosen)) return names.indexOf(chosen);
  const [only = -1, second] = numberPlacesOf(names);
  return second === undefined ? only : -1;
}

/** The server is stricter about JSON than a browser. */
export interface ValueReaders {
  zoneName(text: string): string | null;
  /** Throws an error whose message is a sentence about the column. */
  parseJson(text: string, column: string): unknown;
}

export const plainReaders: ValueReaders = {
  zoneName(text) {
    try {
      // Browsers also accept an offset, such as +01:00.
      return /^[a-z]/i.test(text)
        ? new Intl.DateTimeFormat('en', { timeZone: text }).format() && text
        : null;
    } catch {
      return null;
    }
  },
  parseJson(text, column) {
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${column} is not valid JSON.`);
    }
  },
};

export const isRecipientColumn = (name: string): boolean =>
  keyOf(name) !== null || isNumberName(name);

/** A `top` of a single number is not a header: then the file contains only numbers. */
export function headerOf(
  top: CsvRow,
  isNumber: (text: string) => boolean,
): { readonly header: CsvRow; readonly isInFile: boolean } {
  const [first = '', ...others] = top.values.map((value) => value.trim());
  const isFigure = /\p{Nd}/u.test(first) && !/\p{L}/u.test(first);
  const isList = others.every((value) => value === '') && (isFigure || isNumber(first));
  return isList
    ? { header: { line: top.line, values: [NUMBER_COLUMN] }, isInFile: false }
    : { header: top, isInFile: true };
}

const KEYS = new Map(RECIPIENT_COLUMNS.map((key) => [plainName(key), key]));
/** Accepts `time zone` and `TIMEZONE` too: read as a variable, people could be called at night. */
const keyOf = (name: string): RecipientColumn | null => KEYS.get(plainName(name)) ?? null;

interface Column {
  /** Empty if it has none; rows then have no value in it. */
  readonly name: string;
  readonly key: RecipientColumn | null;
}

export class RecipientColumns {
  readonly #columns: readonly Column[];
  /** The number of columns up to the last one with a name. */
  readonly #length: number;
  readonly #places: ReadonlyMap<RecipientColumn, number>;
  readonly #variables: readonly { readonly name: string; readonly at: number }[];

  constructor(header: CsvRow) {
    this.#columns = columnsOf(header);
    this.#length = this.#columns.findLastIndex(({ name }) => name !== '') + 1;
    refuseNul(this.#columns, header.line);
    refuseDuplicates(this.#columns, header.line);
    const placed = this.#columns.map((column, at) => ({ ...column, at }));
    this.#places = new Map(placed.flatMap(({ key, at }) => (key === null ? [] : [[key, at]])));
    this.#variables = placed.filter(({ name, key }) => key === null && name !== '');
  }

  read({ line, values }: CsvRow, readers: ValueReaders): RecipientRow {
    const cellOf = (key: RecipientColumn) => values[this.#places.get(key) ?? -1] ?? '';
    const number = cellOf(NUMBER_COLUMN);
    const variables = Object.fromEntries(
      this.#variables.map(({ name, at }) => [name, values[at] ?? '']),
    );
    try {
      this.#check(values);
      return {
        line,
        number,
        timeZone: zoneOf(cellOf('TimeZone').trim(), readers),
        metadata: objectOf('Metadata', cellOf('Metadata'), readers),
        dynamicVariables: objectOf('DynamicVariables', cellOf('DynamicVariables'), readers),
        variables,
        fault: null,
      };
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const none = { timeZone: null, metadata: null, dynamicVariables: null };
      return { line, number, ...none, variables, fault: error.message };
    }
  }

  #check(values: readonly string[]): void {
    // Ignores separators at the end of a row.
    const given = values.findLastIndex((value) => value.trim() !== '') + 1;
    const nul = values.findIndex((value) => value.includes('\0'));
    if (nul >= 0) throw new RowFault(`Column ${nul + 1} holds a NUL character; remove it.`);
    const count = (found: number, what: string) => `${found} ${what}${found === 1 ? '' : 's'}`;
    if (given > this.#columns.length) {
      throw new RowFault(
        `The row has ${count(given, 'value')} for ${count(this.#length, 'column')}; write a value that contains the separator in quotation marks.`,
      );
    }
    if (values.length < this.#length) {
      const columns = count(this.#length, 'column');
      throw new RowFault(`The row has ${count(values.length, 'value')} for ${columns}.`);
    }
    const nameless = this.#columns.findIndex(
      ({ name }, at) => name === '' && (values[at] ?? '').trim() !== '',
    );
    if (nameless >= 0) {
      throw new RowFault(
        `Column ${nameless + 1} has no name, but has a value here; name it in the first line, or remove the value.`,
      );
    }
    if (isLong(values)) throw new RowFault('The row has more than 64 KiB.');
  }
}

class RowFault extends Error {}

function columnsOf({ line, values }: CsvRow): Column[] {
  const columns = values.map((value) => {
    const name = value.trim();
    return { name, key: keyOf(name) };
  });
  if (columns.some(({ key }) => key === NUMBER_COLUMN)) return columns;
  const names = columns.map(({ name }) => name);
  const [only, second] = numberPlacesOf(names);
  if (only === undefined) throw new CsvRefusal(missingColumnMessage(names, line));
  if (second !== undefined)
    throw new CsvRefusal(ambiguousColumnMessage(names, [only, second], line));
  return columns.map((column, at) => (at === only ? { ...column, key: NUMBER_COLUMN } : column));
}

function refuseNul(columns: readonly Column[], line: number): void {
  const at = columns.findIndex(({ name }) => name.includes('\0'));
  if (at < 0) return;
  throw new CsvRefusal(
    `Line ${line}, column ${at + 1} holds a NUL character. Save the file as "CSV UTF-8" and send it again.`,
  );
}

function refuseDuplicates(columns: readonly Column[], line: number): void {
  const seen = new Map<string, number>();
  for (const [at, { name, key }] of columns.entries()) {
    if (name === '') continue;
    const first = seen.get(key ?? name);
    if (first !== undefined) {
      throw new CsvRefusal(
        `Line ${line} names columns ${first + 1} and ${at + 1} alike: ${quoted(key ?? name)}; rename or remove one of them.`,
      );
    }
    seen.set(key ?? name, at);
  }
}

function missingColumnMessage(names: readonly string[], line: number): string {
  const given = names.slice(0, names.findLastIndex((name) => name !== '') + 1);
  const shown = given.slice(0, 5).map(quoted).join(', ');
  const more = given.length > 5 ? ` and ${given.length - 5} more` : '';
  return `Line ${line} must name the column ${NUMBER_COLUMN}, but names ${shown}${more}; name the column with the phone numbers ${NUMBER_COLUMN}.`;
}

function ambiguousColumnMessage(names: readonly string[], places: readonly number[], line: number) {
  const [first, second] = places.map((at) => `${at + 1} (${quoted(names[at] ?? '')})`);
  return `Line ${line} names columns ${first} and ${second}, which may both hold the phone numbers; name the one that is to be called ${NUMBER_COLUMN}.`;
}

function zoneOf(text: string, readers: ValueReaders): string | null {
  if (text === '') return null;
  const name = readers.zoneName(text);
  if (name !== null) return name;
  throw new RowFault(
    `TimeZone must be the IANA name of a time zone, such as Europe/Berlin, not ${quoted(text)}.`,
  );
}

function objectOf(column: RecipientColumn, text: string, readers: ValueReaders): Keys | null {
  if (text.trim() === '') return null;
  let value: unknown;
  try {
    value = readers.parseJson(text, column);
  } catch (error) {
    throw new RowFault(error instanceof Error ? error.message : `${column} is not valid JSON.`);
  }
  if (value === null) return null;
  if (typeof value === 'object' && !Array.isArray(value)) return value as Keys;
  throw new RowFault(`${column} must be a JSON object, such as {"source": "fair"}.`);
}

const utf8 = new TextEncoder();

function isLong(values: readonly string[]): boolean {
  const characters = values.reduce((sum, { length }) => sum + length, 0);
  // Counts the bytes of long rows only.
  if (characters * 3 <= MAX_ROW_BYTES) return false;
  return utf8.encode(values.join('')).length > MAX_ROW_BYTES;
}
