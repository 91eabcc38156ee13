import Type, { type Static, type TSchema } from 'typebox';
import {
  AnyNumber,
  about,
  Country,
  Id,
  Metadata,
  maybe,
  nullable,
  optional,
  ShownId,
  ShownText,
  strict,
  Text,
  Timestamp,
  TimeZone,
} from '../types.ts';
import { END_TYPE, QUEUE_STATUS, taken } from '../value-sets.ts';
import {
  BACKOFFS,
  PRIORITY_TEXT,
  Priority,
  Retry,
  Schedule,
  WINDOWS_TEXT,
  Window,
  Windows,
} from './timing-schemas.ts';

export const MAX_RECIPIENTS = 10_000;
export const MAX_CSV_ROWS = 100_000;

export const REJECTIONS = ['INVALID_NUMBER', 'INVALID_ROW', 'DO_NOT_CALL', 'DUPLICATE'] as const;
export type Rejection = (typeof REJECTIONS)[number];

export const DEFAULT_ABANDON_SECONDS = 900;

const ResourceName = Type.String({ minLength: 1, maxLength: 128, 'x-masked': 'own-name' });

const TEXTS = {
  campaign: 'The campaign of the calls, whose windows, retry policy and limits then apply',
  number: 'Your id of the number from which the calls are made',
  provider: 'The provider of that number',
  country:
    'The country of numbers without a country code, such as `DE`; without it, such numbers are refused',
  zone: 'The time zone of recipients for whom none is given',
  variables: 'Variables for the agent that makes the call',
  metadata: 'A JSON object of your own, stored and returned unchanged',
} as const;

const initiateKeys = {
  CampaignId: maybe(Id, TEXTS.campaign),
  NumberId: about(ResourceName, TEXTS.number),
  NumberProvider: maybe(ResourceName, TEXTS.provider),
  DefaultCountry: maybe(Country, TEXTS.country),
  Priority: maybe(Priority, PRIORITY_TEXT),
};
const ADDED =
  'merged with the object of the request; a key of the recipient overrides one of the request';
export const Recipient = strict(
  {
    RecipientNumber: about(AnyNumber, 'The number to call, in any usual spelling; stored in E.164'),
    DynamicVariables: maybe(Metadata, `Variables for this call, ${ADDED}`),
    Metadata: maybe(Metadata, `Metadata of this call, ${ADDED}`),
    TimeZone: maybe(TimeZone, 'The time zone of the recipient; that of the request by default'),
  },
  { title: 'Recipient', description: 'A person to call' },
);
export const InitiateCallBody = strict({
  ...initiateKeys,
  RecipientNumber: maybe(
    AnyNumber,
    'The number to call, for a request with one recipient; in any usual spelling',
  ),
  Recipients: maybe(
    Type.Array(Recipient, { minItems: 1, maxItems: MAX_RECIPIENTS }),
    'The people to call, for a request with several recipients',
  ),
  Schedule: maybe(Schedule, 'When the calls may be made; immediately by default'),
  Windows: maybe(Windows, WINDOWS_TEXT),
  Retry: maybe(Retry, 'The retry policy; that of the campaign by default, or else no retry'),
  TimeZone: maybe(TimeZone, TEXTS.zone),
  DynamicVariables: maybe(Metadata, TEXTS.variables),
  Metadata: maybe(Metadata, TEXTS.metadata),
});
export type InitiateCallBody = Static<typeof InitiateCallBody>;

/** As JSON text; the handler receives the value. */
const jsonText = <S extends TSchema>(schema: S, description: string) =>
  Type.Optional(
    Type.Unsafe<Static<S>>({
      type: 'string',
      contentMediaType: 'application/json',
      contentSchema: schema,
      description: `${description}. JSON text, as in the JSON body; the URL and the headers have at most 16 KiB together.`,
    }),
  );
/** Of a request with rows: the keys of the JSON body next to the recipients. */
export const InitiateCallQuery = strict({
  CampaignId: optional(Id, TEXTS.campaign),
  NumberId: about(ResourceName, TEXTS.number),
  NumberProvider: optional(ResourceName, TEXTS.provider),
  DefaultCountry: optional(Country, TEXTS.country),
  Priority: optional(Priority, PRIORITY_TEXT),
  TimeZone: optional(TimeZone, TEXTS.zone),
  ScheduleDateTimeUTC: optional(
    Timestamp,
    'The earliest time of the calls; immediately by default',
  ),
  ScheduleMaxDateTimeUTC: optional(
    Timestamp,
    'The time at which calls that are still queued become `Expired`; never by default',
  ),
  Windows: jsonText(Windows, 'When calls may be made'),
  RetryMaxAttempts: optional(
    Retry.properties.MaxAttempts,
    'The maximum number of attempts, including the first; required with the other `Retry` parameters',
  ),
  RetryOn: optional(Text, 'The end types after which another attempt is made, separated by commas'),
  RetryDelaySeconds: optional(
    Retry.properties.DelaySeconds,
    'The time between attempts, in seconds; 0 by default',
  ),
  RetryBackoff: optional(
    Type.Enum([...BACKOFFS]),
    '`Exponential` doubles the delay after each attempt, up to a day; `Constant` is the default',
  ),
  DynamicVariables: jsonText(Metadata, TEXTS.variables),
  Metadata: jsonText(Metadata, TEXTS.metadata),
  AllOrNothing: optional(
    Type.Boolean(),
    '`true`: if a row is rejected, no call is added to the queue',
  ),
});
export type InitiateCallQuery = Static<typeof InitiateCallQuery>;

const MAX_CONCURRENT = 'The maximum number of calls in progress at the same time';
const MAX_PER_DAY = 'The maximum number of attempts on one number in a day of its time zone';
const ABANDON =
  'The time, after the lease of a call expired, without a sign of life (a heartbeat of the worker, an event of the conversation, or bytes of a recording that arrive) after which the attempt ends with `MidSessionFailure`';
export const Campaign = Type.Object(
  {
    CampaignId: about(ShownId, 'The id of the campaign'),
    Name: about(ShownText, 'The display name'),
    IsPaused: Type.Boolean({ description: 'True if its calls are not handed to workers' }),
    MaxConcurrent: nullable(Type.Integer(), `${MAX_CONCURRENT}; null: no limit`),
    Windows: Type.Array(Window, {
      description: 'When calls may be made that were enqueued without `Windows`',
    }),
    Retry: nullable(Retry, 'The retry policy of calls without one; null: no retry'),
    MaxAttemptsPerNumberPerDay: nullable(Type.Integer(), `${MAX_PER_DAY}; null: no limit`),
    AbandonAfterSeconds: Type.Integer({ description: ABANDON }),
    CreatedAt: about(Timestamp, 'When the campaign was created'),
  },
  { title: 'Campaign', description: 'Settings that apply to all calls of a campaign' },
);
export const QueueCounts = Type.Object(
  Object.fromEntries(
    QUEUE_STATUS.names.map((name) => [
      name,
      Type.Integer({ description: `The number of calls in the state \`${name}\`` }),
    ]),
  ) as Record<(typeof QUEUE_STATUS.names)[number], ReturnType<typeof Type.Integer>>,
  { title: 'QueueCounts', description: 'The exact number of calls in each state' },
);
export const ListedCampaign = Type.Object(
  {
    ...Campaign.properties,
    Counts: about(QueueCounts, 'The exact number of its calls in each state'),
  },
  { title: 'ListedCampaign', description: 'A campaign with the number of its calls by state' },
);
export const PutCampaignBody = strict({
  Name: maybe(
    Type.String({ minLength: 1, maxLength: 1024 }),
    'The display name; the id by default',
  ),
  IsPaused: maybe(Type.Boolean(), '`true`: its calls are not handed to workers'),
  MaxConcurrent: maybe(
    Type.Integer({ minimum: 1, maximum: 10_000 }),
    `${MAX_CONCURRENT}; no limit by default`,
  ),
  Windows: maybe(Windows, 'When calls may be made that were enqueued without `Windows`'),
  Retry: maybe(Retry, 'The retry policy of calls without one; no retry by default'),
  MaxAttemptsPerNumberPerDay: maybe(
    Type.Integer({ minimum: 1, maximum: 1_000 }),
    `${MAX_PER_DAY}; no limit by default`,
  ),
  AbandonAfterSeconds: maybe(
    Type.Integer({ minimum: 1, maximum: 86_400, default: DEFAULT_ABANDON_SECONDS }),
    ABANDON,
  ),
});
export type PutCampaignBody = Static<typeof PutCampaignBody>;

const WorkerId = Type.String({ minLength: 1, maxLength: 128 });
const LeaseSeconds = Type.Integer({
  minimum: 1,
  maximum: 3_600,
  description: 'How long the lease lasts from now, in seconds',
});
export const LeaseBody = strict({
  WorkerId: about(WorkerId, 'A name for the worker, which the history of the call shows'),
  Max: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'The maximum number of calls to lease',
  }),
  LeaseSeconds,
  WaitSeconds: maybe(
    Type.Integer({ minimum: 0, maximum: 60 }),
    'How long to wait for a call if none is due, in seconds; 0 by default',
  ),
});

const LeaseToken = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'The `LeaseToken` that the worker received with the call',
});
const SessionId = maybe(Id, 'The conversation of the call');
export const HeartbeatBody = strict({ LeaseToken, LeaseSeconds });
export const CompleteBody = strict({
  LeaseToken,
  SessionId,
  EndType: maybe(
    taken(END_TYPE),
    'How the call ended; by default, the attempt ends with its conversation',
  ),
});
export const FailBody = strict({
  LeaseToken,
  EndType: about(taken(END_TYPE), 'Why the call failed'),
  Reason: maybe(Text, 'The reason in words of your own'),
  Retryable: maybe(
    Type.Boolean(),
    '`false`: no further attempt. `true`: another attempt if attempts are left, even if `On` does not name the end type.',
  ),
});

export const ReceiveCallBody = strict({
  NumberId: about(ResourceName, 'Your id of the number that was called'),
  RouteId: maybe(ResourceName, 'Your id of the route or the agent for the call'),
  CallerNumber: Type.String({
    maxLength: 1_024,
    description:
      'Any caller id: a number in any spelling, a short code, a SIP URI, `anonymous`, or an empty text if it is withheld. It is returned unchanged, with its E.164 form as `CallerE164`.',
  }),
  Provider: about(ResourceName, 'The provider of the call'),
  ProviderCallId: Type.String({
    minLength: 1,
    maxLength: 256,
    description: "The provider's id of the call; a repeat returns the same call",
  }),
});
