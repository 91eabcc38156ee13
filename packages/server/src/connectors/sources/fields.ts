import { MAX_INSTANT, parseInstant } from '../../kernel/instant.ts';

/** Reads what others have sent: a value of another type counts as absent. */
export type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.filter(isFields) : [];

/** Null if it is empty. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** The fields that have a value; null if none has. */
export function filledOf(fields: Fields): Fields | null {
  const filled = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  return filled.length === 0 ? null : Object.fromEntries(filled);
}

const MIN_MILLISECONDS = 1e11;
const MIN_NANOSECONDS = 1e17;

/** RFC 3339, or a number of seconds, milliseconds or nanoseconds since 1970, which its size tells. */
export function instantOf(value: unknown): number | null {
  if (typeof value === 'string' && /\D/.test(value.replace('.', ''))) return parseInstant(value);
  const number = numberOf(value);
  if (number === null || number <= 0) return null;
  const milliseconds = number >= MIN_MILLISECONDS ? number : number * 1000;
  const instant = Math.floor(number >= MIN_NANOSECONDS ? number / 1e6 : milliseconds);
  return instant <= MAX_INSTANT ? instant : null;
}

/** Throws if the body is not JSON. Keeps what `PutConversation` would refuse; the fold cleans it. */
export const jsonOf = (body: Buffer): Fields => fieldsOf(JSON.parse(body.toString('utf8')));

/** JSON in a text, or the text itself. */
export function jsonOrText(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const MAX_UNKNOWN = 20;

/** Collects what a translator does not know. */
export class Warnings {
  readonly #texts = new Set<string>();

  add(text: string): void {
    if (this.#texts.size < MAX_UNKNOWN) this.#texts.add(text);
  }

  unknownFields(place: string, fields: Fields, known: ReadonlySet<string>): void {
    for (const name of Object.keys(fields)) {
      if (!known.has(name)) this.add(`Unknown field ${place}${nameOf(name)}.`);
    }
  }

  unknownValue(what: string, value: unknown): void {
    this.add(`Unknown ${what} ${nameOf(textOf(value) ?? typeof value)}.`);
  }

  get texts(): string[] {
    return [...this.#texts];
  }
}

/** Names of fields are shown; texts that may be a person's words are not. */
const nameOf = (name: string) => (/^[\w.:-]{1,64}$/.test(name) ? name : '(not a name)');

export const knownFields = (names: string): ReadonlySet<string> =>
  new Set(names.split(/\s+/).filter((name) => name !== ''));

/** The value of a name that was sent, which may be one of every object, such as `constructor`. */
export const entryOf = <Value>(
  table: Readonly<Record<string, Value>>,
  name: string | null,
): Value | undefined => (name !== null && Object.hasOwn(table, name) ? table[name] : undefined);
