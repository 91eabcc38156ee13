import Type, { type Static } from 'typebox';
import { AnyNumber, maybe, strict, Timestamp } from '../types.ts';
import { QUEUE_STATUS, taken } from '../value-sets.ts';

/** Long enough for the opaque form that a masked reader sees. */
const filterText = (masked: 'id' | 'name') =>
  Type.String({ minLength: 1, maxLength: 720, 'x-masked': masked });

export const ids = (description: string) =>
  maybe(Type.Array(filterText('id'), { maxItems: 100 }), description);
const names = (description: string) =>
  maybe(Type.Array(filterText('name'), { maxItems: 100 }), description);
const numbers = (description: string) =>
  maybe(
    Type.Array(AnyNumber, { maxItems: 100 }),
    `${description}. Refused (403) for a key that reads masked data.`,
  );

const dates = {
  StartCreatedDate: maybe(Timestamp, '`EnqueuedAt` is at or after this time'),
  EndCreatedDate: maybe(Timestamp, '`EnqueuedAt` is at or before this time'),
  StartCompletedAtDate: maybe(Timestamp, '`CompletedAt` is at or after this time'),
  EndCompletedAtDate: maybe(Timestamp, '`CompletedAt` is at or before this time'),
};
const states = {
  QueueStatusTypes: maybe(
    Type.Array(taken(QUEUE_STATUS), { maxItems: 100 }),
    '`Status` is one of these',
  ),
  IsDue: maybe(
    Type.Literal(true),
    'The call is queued, its time has come and its campaign is not paused, as in `Due` of `GetQueueAnalytics`. If more than 10,000 calls are due, only the first ones are listed.',
  ),
};
const MATCHES_ALL = 'A call matches if it matches every key. An empty array matches everything.';

export const OutboundFilter = strict(
  {
    ...dates,
    StartScheduledDate: maybe(Timestamp, '`ScheduledFor` is at or after this time'),
    EndScheduledDate: maybe(Timestamp, '`ScheduledFor` is at or before this time'),
    ...states,
    CampaignIds: ids('`CampaignId` is one of these'),
    CallingNumberIds: names('`NumberId` is one of these'),
    CallingNumberProviders: names('`NumberProvider` of the request was one of these'),
    RecipientNumbers: numbers('`RecipientNumber` is one of these'),
  },
  { title: 'OutboundQueueFilter', description: MATCHES_ALL },
);
export type OutboundFilter = Static<typeof OutboundFilter>;
export const InboundFilter = strict(
  {
    ...dates,
    ...states,
    RouteIds: names('`RouteId` is one of these'),
    CallingNumbers: numbers(
      '`CallerE164`, or `CallerNumber` if that is not a phone number, is one of these',
    ),
    RouteNumberProviders: names('`Provider` of the request was one of these'),
    RouteNumberIds: names('`NumberId` is one of these'),
  },
  { title: 'InboundQueueFilter', description: MATCHES_ALL },
);
export type InboundFilter = Static<typeof InboundFilter>;
