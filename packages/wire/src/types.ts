import Type, { type Static, type TSchema } from 'typebox';

/** A closed set of names, with the other spellings that a request may use for them. */
export interface NameSet<Name extends string = string> {
  readonly names: readonly Name[];
  readonly aliases: Readonly<Record<string, readonly Name[]>>;
}

function nameSet<const Name extends string>(
  names: readonly Name[],
  aliases: Readonly<Record<string, readonly Name[]>> = {},
): NameSet<Name> {
  return { names, aliases };
}

export const STATUS = nameSet(
  [
    'Created',
    'WaitingForPrimaryClient',
    'Starting',
    'Active',
    'Paused',
    'Ending',
    'Completed',
    'Failed',
  ],
  { Ended: ['Completed'], Error: ['Failed'] },
);
export const INITIATION_TYPE = nameSet(['Inbound', 'Outbound', 'Web']);
/** In a filter a caller may also ask for every kind of phone call at once. */
export const INITIATION_TYPE_FILTER: NameSet<InitiationType> = {
  names: INITIATION_TYPE.names,
  aliases: { Telephony: ['Inbound', 'Outbound'] },
};
export const END_TYPE = nameSet(
  [
    'Normal',
    'UserEndedCall',
    'AgentEndedCall',
    'UserDeclinedOrBusy',
    'UserNoAnswer',
    'VoicemailDetected',
    'UserSilenceTimeoutReached',
    'MaxConversationDurationReached',
    'MidSessionFailure',
    'InitializeError',
    'ExpiredWaitingForInitialize',
    'Transferred',
    'Canceled',
  ],
  {
    InitalizeError: ['InitializeError'],
    ExpiredWaitingForInitalize: ['ExpiredWaitingForInitialize'],
  },
);
export const CLIENT_TYPE = nameSet(['Phone', 'Web', 'Observer', 'Unknown'], {
  Telephony: ['Phone'],
});
export const AGENT_TYPE = nameSet(['AI', 'Human', 'Unknown']);
export const ROLE = nameSet(['User', 'Agent', 'System', 'Tool'], { Client: ['User'] });
export const LEVEL = nameSet(['Trace', 'Debug', 'Info', 'Warning', 'Error', 'Critical'], {
  Information: ['Info'],
});

export const QUEUE_STATUS = nameSet(
  ['Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'],
  {
    ProcessingProxy: ['Processing'],
    ProcessedProxy: ['Processing'],
    ProcessingBackend: ['Processing'],
    ProcessedBackend: ['Completed'],
  },
);

type NameOf<S> = S extends NameSet<infer Name> ? Name : never;
export type Status = NameOf<typeof STATUS>;
export type InitiationType = NameOf<typeof INITIATION_TYPE>;
export type EndType = NameOf<typeof END_TYPE>;
export type ClientType = NameOf<typeof CLIENT_TYPE>;
export type AgentType = NameOf<typeof AGENT_TYPE>;
export type Role = NameOf<typeof ROLE>;
export type Level = NameOf<typeof LEVEL>;
export type QueueStatus = NameOf<typeof QUEUE_STATUS>;

/** The statuses after which nothing follows. */
export const FINAL_STATUSES: readonly Status[] = ['Completed', 'Failed'];

/** What a spelling stands for; a name that is no spelling of the set is returned as it is. */
export function canonicalNames<Name extends string>(set: NameSet<Name>, spelling: string): Name[] {
  return [...(set.aliases[spelling] ?? [spelling as Name])];
}

/** The first name that a spelling stands for; for sets whose aliases all mean one name. */
export function canonicalName<Name extends string>(set: NameSet<Name>, spelling: string): Name {
  return set.aliases[spelling]?.[0] ?? (spelling as Name);
}

/** How long conversations are told apart by: the seconds from which on each class of durations is. */
export const DURATION_CLASSES = [0, 10, 30, 60, 120, 300, 600, 1800] as const;

/** The schema of a name that we give. */
export const given = <Name extends string>(set: NameSet<Name>) => Type.Enum([...set.names]);

/** The schema of a name that we take: every spelling of the set. */
export const taken = (set: NameSet) => Type.Enum([...set.names, ...Object.keys(set.aliases)]);

/** A key that may be left out or be null, which mean the same. */
export const maybe = <S extends TSchema>(schema: S) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

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
  'x-maxBytes': 64 * KIBIBYTE,
  description: "The caller's own keys, kept and returned as they are; at most 64 KiB",
});
export const Timestamp = Type.String({
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
  'x-masked': 'id',
  pattern: '^(?!\\.{1,2}$)(?:[A-Za-z0-9_.:-]{1,128}|masked_[A-Za-z0-9_-]{22,200})$',
  description: '1 to 128 of `A-Z a-z 0-9 _ . : -`',
});
export const ParticipantId = Type.String({
  'x-masked': 'participant',
  pattern: '^(?!\\.{1,2}$|_mixed$)[A-Za-z0-9_.:+@-]{1,128}$',
  description: '1 to 128 of `A-Z a-z 0-9 _ . : - + @`; not `_mixed`',
});
/** `x-expected` follows "must be" in the message of a value that a pattern refuses. */
export const COUNTRY_CODE = 'an ISO 3166 country code in capital letters, such as `DE`';
export const BusinessId = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'A positive integer',
});
export const TimeZone = Type.String({
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
