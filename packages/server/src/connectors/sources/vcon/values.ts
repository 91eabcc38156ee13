import {
  type Fields,
  fieldsOf,
  instantOf,
  jsonOrText,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';

/** RFC 3339, or without a zone, which the first libraries wrote. */
export function vconInstantOf(value: unknown, warnings: Warnings): number | null {
  if (typeof value !== 'string') return null;
  const text = value.trim().replace(/^(\d{4}-\d\d-\d\d) /, '$1T');
  if (!/^[\d-]+T[\d:.]+$/.test(text)) return instantOf(text);
  const instant = instantOf(`${text}Z`);
  if (instant !== null) warnings.add('A time has no zone; UTC was assumed.');
  return instant;
}

/** A duration in seconds. */
export function millisecondsOf(value: unknown): number | null {
  const seconds = numberOf(value);
  return seconds === null || seconds < 0 ? null : Math.round(seconds * 1000);
}

/** An index, or nested lists of them, in their order. */
export function indicesOf(value: unknown): number[] {
  if (Array.isArray(value)) return value.slice(0, 1000).flatMap(indexOrList);
  return isIndex(value) ? [value] : [];
}

const indexOrList = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter(isIndex) : isIndex(value) ? [value] : [];

export const isIndex = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** The content of an entry: a text, or JSON. Null if there is none. */
export function bodyOf({ body, encoding }: Fields, warnings: Warnings): unknown {
  if (body === undefined || body === null || body === '') return null;
  switch (encoding) {
    case 'base64url':
    case 'base64':
      // Node reads both alphabets.
      return typeof body === 'string' ? Buffer.from(body, 'base64url').toString('utf8') : body;
    case 'json':
      return jsonOrText(body);
    case 'none':
    case undefined:
    case null:
      return body;
    default:
      warnings.unknownValue('encoding', encoding);
      return body;
  }
}

/** The first of the fields that has a text. */
export function firstText(fields: Fields, names: readonly string[]): string | null {
  for (const name of names) {
    const text = textOf(fields[name]);
    if (text !== null && text.trim() !== '') return text;
  }
  return null;
}

/** Extra values that software adds to entries, under one of two names. */
export const metaOf = (fields: Fields): Fields => ({
  ...fieldsOf(fields.metadata),
  ...fieldsOf(fields.meta),
});
