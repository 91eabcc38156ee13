import Type, { type Static, type TSchema } from 'typebox';
import {
  AnyNumber,
  BusinessId,
  CallerId,
  COUNTRY_CODE,
  Id,
  Metadata,
  maybe,
  nullable,
  ShownId,
  ShownName,
  ShownText,
  strict,
  Text,
  Timestamp,
  TimeZone,
} from '../types.ts';
import { END_TYPE, given, QUEUE_STATUS, STATUS, taken } from '../value-sets.ts';

export const MAX_RECIPIENTS = 10_000;
export const MAX_CSV_ROWS = 100_000;

/** What was decided about a call. */
export const DECISIONS = [
  'Enqueued',
  'HeldBack',
  'Leased',
  'LeaseExpired',
  'AttemptEnded',
  'RetryScheduled',
  'Rescheduled',
  'Canceled',
  'Expired',
  'Completed',
  'Failed',
] as const;
export type Decision = (typeof DECISIONS)[number];

/** Why a call that could be due is not handed to a worker. */
export const HOLD_REASONS = [
  'OUTSIDE_WINDOW',
  'NUMBER_CAPPED',
  'DO_NOT_CALL',
  'DUPLICATE',
  'NO_SLOT',
  'CAMPAIGN_PAUSED',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export const REJECTIONS = ['INVALID_NUMBER', 'INVALID_ROW', 'DO_NOT_CALL', 'DUPLICATE'] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** The calls that are named as the occupants of a campaign's slots. */
export const MAX_OCCUPANTS = 10;
export const DEFAULT_ABANDON_SECONDS = 900;

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Day = (typeof DAYS)[number];

export const BACKOFFS = ['Constant', 'Exponential'] as const;

export const ResourceName = Type.String({ minLength: 1, maxLength: 128, 'x-masked': 'own-name' });
/** In a filter, where it may also be the longer opaque form that a masked reader sees. */
const filterText = (masked: 'id' | 'name') =>
  Type.String({ minLength: 1, maxLength: 720, 'x-masked': masked });

const TimeOfDay = Type.String({
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  description: 'a time of day, such as `09:00`',
});

export const Window = strict(
  {
    Days: Type.Array(Type.Enum([...DAYS]), { minItems: 1, maxItems: 7 }),
    From: TimeOfDay,
    To: Type.String({
      pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
      description: 'a time of day, such as `17:30`, or `24:00`',
    }),
    TimeZone: maybe(TimeZone),
  },
  { title: 'Window' },
);
export const Windows = Type.Array(Window, {
  maxItems: 50,
  description:
    "When calls may be made, in the recipient's local time: `From` inclusive, `To` exclusive; a window that crosses midnight belongs to the day on which it began. The zone is the recipient's, else the window's, else the business's, else UTC.",
});
export type Windows = Static<typeof Windows>;

export const Retry = strict(
  {
    MaxAttempts: Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'Counts the first attempt',
    }),
    On: Type.Array(taken(END_TYPE), {
      maxItems: 100,
      description: 'The end types after which there is another attempt',
    }),
    DelaySeconds: Type.Integer({ minimum: 0, maximum: 30 * 86_400 }),
    Backoff: maybe(
      Type.Enum([...BACKOFFS], {
        description:
          '`Exponential` doubles the delay each time, up to a day; `Constant` by default',
      }),
    ),
  },
  { title: 'Retry', description: 'When an attempt that ended is followed by another' },
);
export type Retry = Static<typeof Retry>;

export const Schedule = strict(
  {
    DateTimeUTC: maybe(Timestamp),
    MaxDateTimeUTC: maybe(Timestamp),
  },
  { title: 'Schedule' },
);
export type Schedule = Static<typeof Schedule>;

export const Priority = Type.Integer({
  minimum: -100,
  maximum: 100,
  description: 'Larger first; 0 by default',
});

const sessionKeys = {
  SessionId: nullable(ShownId),
  SessionStatus: nullable(given(STATUS)),
  SessionEndType: nullable(given(END_TYPE)),
};
const startKeys = {
  QueueId: ShownId,
  Status: given(QUEUE_STATUS),
  EnqueuedAt: Timestamp,
  ProcessingStartedAt: nullable(Timestamp),
  CompletedAt: nullable(Timestamp),
};
const workKeys = {
  Attempts: Type.Integer({ description: 'Attempts so far, the one under way included' }),
  NextAttemptAt: nullable(Timestamp),
  ScheduledFor: nullable(Timestamp),
  ExpiresAt: nullable(Timestamp),
  Priority: Type.Integer(),
  LastReason: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it waits, or why it ended so: a reason of its history',
  }),
};
const outboundKeys = {
  ...startKeys,
  DynamicVariables: Metadata,
  Metadata,
  CampaignId: nullable(ShownId),
  NumberId: nullable(ShownName),
  RecipientNumber: Type.String(),
  ...sessionKeys,
  ...workKeys,
};
const inboundKeys = {
  ...startKeys,
  NumberId: nullable(ShownName),
  RouteId: nullable(ShownName),
  CallerNumber: Type.String({ description: 'The caller id as the provider gave it' }),
  CallerE164: nullable(Type.String({ description: 'In E.164; null if it is not a number' })),
  ...sessionKeys,
  ...workKeys,
};
export const OutboundQueue = Type.Object(outboundKeys, { title: 'OutboundQueue' });
export const InboundQueue = Type.Object(inboundKeys, { title: 'InboundQueue' });

export const names = (kind: 'id' | 'name' = 'name') =>
  maybe(Type.Array(filterText(kind), { maxItems: 100 }));
const ONLY_UNMASKED = 'Refused (403) for a key that reads masked numbers';
const numbers = maybe(Type.Array(AnyNumber, { maxItems: 100, description: ONLY_UNMASKED }));
const dates = {
  StartCreatedDate: maybe(Timestamp),
  EndCreatedDate: maybe(Timestamp),
  StartCompletedAtDate: maybe(Timestamp),
  EndCompletedAtDate: maybe(Timestamp),
};
const IsDue = maybe(Type.Literal(true));
const QueueStatusTypes = maybe(Type.Array(taken(QUEUE_STATUS), { maxItems: 100 }));

export const OutboundFilter = strict(
  {
    ...dates,
    StartScheduledDate: maybe(Timestamp),
    EndScheduledDate: maybe(Timestamp),
    QueueStatusTypes,
    IsDue,
    CampaignIds: names('id'),
    CallingNumberIds: names(),
    CallingNumberProviders: names(),
    RecipientNumbers: numbers,
  },
  { title: 'OutboundQueueFilter' },
);
export type OutboundFilter = Static<typeof OutboundFilter>;
export const InboundFilter = strict(
  {
    ...dates,
    QueueStatusTypes,
    IsDue,
    RouteIds: names(),
    CallingNumbers: numbers,
    RouteNumberProviders: names(),
    RouteNumberIds: names(),
  },
  { title: 'InboundQueueFilter' },
);
export type InboundFilter = Static<typeof InboundFilter>;

export const HistoryEntry = Type.Object(
  {
    At: Timestamp,
    Decision: Type.Enum([...DECISIONS]),
    Reason: Type.Union([Type.String(), Type.Null()], {
      description:
        'Of `HeldBack`: `OUTSIDE_WINDOW`, `NUMBER_CAPPED`, `DO_NOT_CALL`, `DUPLICATE`, `NO_SLOT` or `CAMPAIGN_PAUSED`; of an attempt, its end type',
    }),
    Details: Type.String({ description: 'The decision in a sentence' }),
    OccupiedBy: Type.Optional(
      Type.Array(ShownId, {
        description:
          'Of `NO_SLOT`: the `QueueId` of up to 10 calls, the oldest first: while the call waits, those under way that occupy the slots of the campaign; afterwards the last ones that occupied them while it waited. Erased calls are not named',
      }),
    ),
  },
  { title: 'HistoryEntry' },
);

export const Country = Type.String({
  pattern: '^[A-Z]{2}$',
  'x-expected': COUNTRY_CODE,
  description: 'An ISO 3166 country code, such as `DE`; without it a number needs its `+`',
});

/** What every call of one request has in common. */
export const initiateKeys = {
  CampaignId: maybe(Id),
  NumberId: ResourceName,
  NumberProvider: maybe(ResourceName),
  DefaultCountry: maybe(Country),
  Priority: maybe(Priority),
};
export const Recipient = strict(
  {
    RecipientNumber: AnyNumber,
    DynamicVariables: maybe(Metadata),
    Metadata: maybe(Metadata),
    TimeZone: maybe(TimeZone),
  },
  { title: 'Recipient' },
);
export const InitiateCallBody = strict({
  ...initiateKeys,
  RecipientNumber: maybe(AnyNumber),
  Recipients: maybe(Type.Array(Recipient, { minItems: 1, maxItems: MAX_RECIPIENTS })),
  Schedule: maybe(Schedule),
  Windows: maybe(Windows),
  Retry: maybe(Retry),
  TimeZone: maybe(TimeZone),
  DynamicVariables: maybe(Metadata),
  Metadata: maybe(Metadata),
});
export type InitiateCallBody = Static<typeof InitiateCallBody>;

/** A value of another schema as JSON text; whoever reads the query is given the value. */
const jsonText = <S extends TSchema>(schema: S) =>
  Type.Optional(
    Type.Unsafe<Static<S>>({
      type: 'string',
      contentMediaType: 'application/json',
      contentSchema: schema,
      description: 'JSON, as in the JSON body; URL and headers together have at most 16 KiB',
    }),
  );
/** What the JSON body says beside its recipients, as the query of a request with rows. */
export const InitiateCallQuery = strict({
  CampaignId: Type.Optional(Id),
  NumberId: ResourceName,
  NumberProvider: Type.Optional(ResourceName),
  DefaultCountry: Type.Optional(Country),
  Priority: Type.Optional(Priority),
  TimeZone: Type.Optional(TimeZone),
  ScheduleDateTimeUTC: Type.Optional(Timestamp),
  ScheduleMaxDateTimeUTC: Type.Optional(Timestamp),
  Windows: jsonText(Windows),
  RetryMaxAttempts: Type.Optional(Retry.properties.MaxAttempts),
  RetryOn: Type.Optional(
    Type.String({ maxLength: 1024, description: 'End types, parted by commas' }),
  ),
  RetryDelaySeconds: Type.Optional(Retry.properties.DelaySeconds),
  RetryBackoff: Type.Optional(Type.Enum([...BACKOFFS])),
  DynamicVariables: jsonText(Metadata),
  Metadata: jsonText(Metadata),
  AllOrNothing: Type.Optional(
    Type.Boolean({ description: '`true`: where a row is rejected, none goes in' }),
  ),
});
export type InitiateCallQuery = Static<typeof InitiateCallQuery>;

export const Campaign = Type.Object(
  {
    CampaignId: ShownId,
    Name: ShownText,
    IsPaused: Type.Boolean(),
    MaxConcurrent: nullable(Type.Integer()),
    Windows: Type.Array(Window),
    Retry: nullable(Retry),
    MaxAttemptsPerNumberPerDay: nullable(Type.Integer()),
    AbandonAfterSeconds: Type.Integer(),
    CreatedAt: Timestamp,
  },
  { title: 'Campaign' },
);
export const QueueCounts = Type.Object(
  Object.fromEntries(QUEUE_STATUS.names.map((name) => [name, Type.Integer()])) as Record<
    (typeof QUEUE_STATUS.names)[number],
    ReturnType<typeof Type.Integer>
  >,
  { title: 'QueueCounts', description: 'Its calls by status, exact' },
);
export const ListedCampaign = Type.Object(
  { ...Campaign.properties, Counts: QueueCounts },
  { title: 'ListedCampaign' },
);
export const PutCampaignBody = strict({
  Name: maybe(Type.String({ minLength: 1, maxLength: 1024 })),
  IsPaused: maybe(Type.Boolean()),
  MaxConcurrent: maybe(Type.Integer({ minimum: 1, maximum: 10_000 })),
  Windows: maybe(Windows),
  Retry: maybe(Retry),
  MaxAttemptsPerNumberPerDay: maybe(Type.Integer({ minimum: 1, maximum: 1_000 })),
  AbandonAfterSeconds: maybe(
    Type.Integer({
      minimum: 1,
      maximum: 86_400,
      default: DEFAULT_ABANDON_SECONDS,
      description:
        'How long a call under way may show no sign of life (a heartbeat of its worker, an event of its conversation, or bytes of its recordings that arrive) after its lease ran out, before its attempt ends with `MidSessionFailure`',
    }),
  ),
});
export type PutCampaignBody = Static<typeof PutCampaignBody>;

const WorkerId = Type.String({ minLength: 1, maxLength: 128 });
export const LeaseSeconds = Type.Integer({ minimum: 1, maximum: 3_600 });
export const LeaseBody = strict({
  WorkerId,
  Max: Type.Integer({ minimum: 1, maximum: 100 }),
  LeaseSeconds,
  WaitSeconds: maybe(Type.Integer({ minimum: 0, maximum: 60 })),
});
const leaseKeys = { LeaseToken: Type.String(), LeaseExpiresAt: Timestamp };
export const LeasedOutboundCall = Type.Object(
  { ...outboundKeys, ...leaseKeys },
  { title: 'LeasedOutboundCall' },
);
export const LeasedInboundCall = Type.Object(
  { ...inboundKeys, ...leaseKeys },
  { title: 'LeasedInboundCall' },
);

const LeaseToken = Type.String({ minLength: 1, maxLength: 128 });
export const HeartbeatBody = strict({ LeaseToken, LeaseSeconds });
export const CompleteBody = strict({
  LeaseToken,
  SessionId: maybe(Id),
  EndType: maybe(taken(END_TYPE)),
});
export const FailBody = strict({
  LeaseToken,
  EndType: taken(END_TYPE),
  Reason: maybe(Text),
  Retryable: maybe(
    Type.Boolean({
      description:
        '`false`: no other attempt. `true`: another one where attempts are left, whatever `On` names',
    }),
  ),
});

export const ReceiveCallBody = strict({
  NumberId: ResourceName,
  RouteId: maybe(ResourceName),
  CallerNumber: CallerId,
  Provider: ResourceName,
  ProviderCallId: Type.String({ minLength: 1, maxLength: 256 }),
});

export const businessParams = Type.Object({ businessId: BusinessId });
export const queueParams = Type.Object({ businessId: BusinessId, queueId: Id });
export const campaignParams = Type.Object({ businessId: BusinessId, campaignId: Id });
export const numberParams = Type.Object({ businessId: BusinessId, number: AnyNumber });
