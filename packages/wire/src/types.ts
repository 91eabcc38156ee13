import Type, { type Static, type TSchema } from 'typebox';

/** The same schema with a description of its own, as a field of an object has one. */
export function about<S extends TSchema>(schema: S, description: string): S {
  // The library marks a schema with properties that a spread would lose.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as S;
  return Object.assign(copy, { description });
}

/** A key that may be left out. */
export const optional = <S extends TSchema>(schema: S, description?: string) =>
  Type.Optional(description === undefined ? schema : about(schema, description));

/** A key that may be left out or be null, which mean the same. */
export const maybe = <S extends TSchema>(schema: S, description?: string) =>
  Type.Optional(nullable(schema, description));

export const nullable = <S extends TSchema>(schema: S, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });

/** An object that a client sends: a key that is not declared is an error, not a shrug. */
export const strict = <P extends Record<string, TSchema>>(properties: P, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

const KIBIBYTE = 1024;
export const Text = Type.String({ maxLength: 1024 });
export const Name = Type.String({ minLength: 1, maxLength: 1024 });
/** `x-maxBytes` bounds the UTF-8 bytes of a string, or of any other value's JSON text. */
export const LongText = Type.String({ 'x-maxBytes': 1024 * KIBIBYTE });
export const AnyJson = Type.Unknown({ 'x-maxBytes': 1024 * KIBIBYTE, description: 'Any JSON' });
export const Metadata = Type.Record(Type.String(), Type.Unknown(), {
  title: 'Metadata',
  'x-maxBytes': 64 * KIBIBYTE,
  description: "The caller's own keys, kept and returned as they are; at most 64 KiB",
});
export const Timestamp = Type.String({
  title: 'Timestamp',
  format: 'date-time',
  description:
    'RFC 3339. Given in UTC with `Z`, milliseconds only where they are not zero; taken with any offset.',
  examples: ['2024-01-15T14:30:00Z'],
});
/**
 * Not `.` or `..`, which no URL can carry as a segment. A key that reads masked data gives an opaque id
 * (`masked_…`) in place of one that contains a number; `x-masked` says how it is translated.
 */
export const Id = Type.String({
  title: 'Id',
  'x-masked': 'id',
  pattern: '^(?!\\.{1,2}$)(?:[A-Za-z0-9_.:-]{1,128}|masked_[A-Za-z0-9_-]{22,200})$',
  description: '1 to 128 of `A-Z a-z 0-9 _ . : -`',
});
export const ParticipantId = Type.String({
  title: 'ParticipantId',
  'x-masked': 'participant',
  pattern: '^(?!\\.{1,2}$|_mixed$)[A-Za-z0-9_.:+@-]{1,128}$',
  description: '1 to 128 of `A-Z a-z 0-9 _ . : - + @`; not `_mixed`',
});
/** `x-expected` follows "must be" in the message of a value that a pattern refuses. */
export const COUNTRY_CODE = 'an ISO 3166 country code in capital letters, such as `DE`';
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
/** A number in any usual spelling, which is read as E.164: with `DefaultCountry` if it has no country code. */
export const AnyNumber = Type.String({
  minLength: 1,
  maxLength: 1_024,
  description:
    'In any usual spelling: separators, brackets, `00`, `tel:` and `sip:` are read; a number with decimals or an exponent is refused',
});
/** Whatever a provider says of the caller. */
export const CallerId = Type.String({
  maxLength: 1_024,
  description:
    'Any caller id: a number in any spelling, a short code, a SIP URI, `anonymous`, or an empty text if it is withheld. It is returned as given, with its E.164 form as `CallerE164`',
});
export const PhoneNumber = Type.String({
  title: 'PhoneNumber',
  minLength: 1,
  maxLength: 1_024,
  description:
    'A number with its country code in any usual spelling, kept in E.164, such as `+15551234567`',
});

/** Of answers: an id, a name of a number or route, and free text, which a masked reader sees masked. */
export const ShownId = Type.String({ 'x-masked': 'id' });
export const ShownName = Type.String({ 'x-masked': 'name' });
export const ShownText = Type.String({ 'x-masked': 'text' });
export const ShownJson = Type.Record(Type.String(), Type.Unknown(), { 'x-masked': 'json' });

export const limit = (byDefault: number) =>
  Type.Integer({ minimum: 1, maximum: 100, default: byDefault });

export type Timestamp = Static<typeof Timestamp>;
