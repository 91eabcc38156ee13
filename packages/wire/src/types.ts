import Type, { type Static, type TSchema } from 'typebox';

export function about<S extends TSchema>(schema: S, description: string): S {
  // The library marks a schema with properties that a spread would lose.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as S;
  return Object.assign(copy, { description });
}

export const optional = <S extends TSchema>(schema: S, description: string) =>
  Type.Optional(about(schema, description));

/** Absent and null mean the same. */
export const maybe = <S extends TSchema>(schema: S, description: string) =>
  Type.Optional(nullable(schema, description));

export const nullable = <S extends TSchema>(schema: S, description: string) =>
  Type.Union([schema, Type.Null()], { description });

/** An unknown key is an error. */
export const strict = <P extends Record<string, TSchema>>(properties: P, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

const KIBIBYTE = 1024;
/** `x-maxBytes` bounds the UTF-8 bytes of a string, or of any other value's JSON text. */
const MAX_TEXT = { 'x-maxBytes': 1024 * KIBIBYTE };

export const Text = Type.String({ maxLength: 1024 });
export const Name = Type.String({ minLength: 1, maxLength: 1024 });
export const LongText = Type.String(MAX_TEXT);
export const AnyJson = Type.Unknown(MAX_TEXT);
export const count = (description: string) => Type.Integer({ minimum: 0, description });

export const Metadata = Type.Record(Type.String(), Type.Unknown(), {
  title: 'Metadata',
  'x-maxBytes': 64 * KIBIBYTE,
  description: 'A JSON object of your own, stored and returned unchanged; at most 64 KiB',
});
export const Timestamp = Type.String({
  title: 'Timestamp',
  format: 'date-time',
  description:
    'An RFC 3339 timestamp. Requests may use any UTC offset; answers are in UTC with `Z`, with milliseconds only if they are not zero.',
  examples: ['2024-01-15T14:30:00Z'],
});
/**
 * Not `.` or `..`, which URLs cannot carry. `x-masked` says how an opaque id (`masked_…`) is
 * opened, `x-expected` follows "must be" in the message of the pattern.
 */
export const Id = Type.String({
  title: 'Id',
  'x-masked': 'id',
  pattern: '^(?!\\.{1,2}$)(?:[A-Za-z0-9_.:-]{1,128}|masked_[A-Za-z0-9_-]{22,200})$',
  'x-expected': 'an id of 1 to 128 characters from `A-Z a-z 0-9 _ . : -`, but not `.` or `..`',
  description: '1 to 128 characters from `A-Z a-z 0-9 _ . : -`',
});
export const ParticipantId = Type.String({
  title: 'ParticipantId',
  'x-masked': 'participant',
  pattern: '^(?!\\.{1,2}$|_mixed$)[A-Za-z0-9_.:+@-]{1,128}$',
  'x-expected':
    'an id of 1 to 128 characters from `A-Z a-z 0-9 _ . : - + @`, but not `.`, `..` or `_mixed`',
  description: '1 to 128 characters from `A-Z a-z 0-9 _ . : - + @`; not `_mixed`',
});
export const Country = Type.String({
  pattern: '^[A-Z]{2}$',
  'x-expected': 'an ISO 3166 country code in capital letters, such as `DE`',
});
export const BusinessId = Type.Integer({
  title: 'BusinessId',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'A positive integer',
});
export const TimeZone = Type.String({
  title: 'TimeZone',
  minLength: 1,
  maxLength: 64,
  description: 'The IANA name of a time zone, such as `Europe/Berlin`',
});
/** Gets `DefaultCountry` if it has no country code. */
export const AnyNumber = Type.String({
  minLength: 1,
  maxLength: 1_024,
  description:
    'A phone number in any usual spelling, with separators, brackets, `00`, `tel:` or `sip:`; not with decimals or an exponent',
});
export const PhoneNumber = Type.String({
  title: 'PhoneNumber',
  minLength: 1,
  maxLength: 1_024,
  description:
    'A phone number with its country code in any usual spelling, such as `+15551234567`; stored in E.164',
});

/** In answers; masked for some readers. */
export const ShownId = Type.String({ 'x-masked': 'id' });
export const ShownName = Type.String({ 'x-masked': 'name' });
export const ShownText = Type.String({ 'x-masked': 'text' });
export const ShownJson = Type.Record(Type.String(), Type.Unknown(), { 'x-masked': 'json' });

export type Timestamp = Static<typeof Timestamp>;
