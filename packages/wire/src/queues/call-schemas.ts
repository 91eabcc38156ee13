import Type from 'typebox';
import { about, Metadata, nullable, optional, ShownId, ShownName, Timestamp } from '../types.ts';
import { END_TYPE, given, QUEUE_STATUS, STATUS } from '../value-sets.ts';

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

/** Why a call that is due is not handed to a worker. */
export const HOLD_REASONS = [
  'OUTSIDE_WINDOW',
  'NUMBER_CAPPED',
  'DO_NOT_CALL',
  'DUPLICATE',
  'NO_SLOT',
  'CAMPAIGN_PAUSED',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Named as the occupants of a campaign's slots. */
export const MAX_OCCUPANTS = 10;

const sessionKeys = {
  SessionId: nullable(ShownId, 'The conversation of the last attempt; null without one'),
  SessionStatus: nullable(given(STATUS), 'The state of that conversation'),
  SessionEndType: nullable(given(END_TYPE), 'How that conversation or the attempt ended'),
};
const startKeys = {
  QueueId: about(ShownId, 'The id of the call in the queue'),
  Status: about(given(QUEUE_STATUS), 'The state of the call'),
  EnqueuedAt: about(Timestamp, 'When the call was added to the queue'),
  ProcessingStartedAt: nullable(
    Timestamp,
    'When the last attempt began; null before the first attempt',
  ),
  CompletedAt: nullable(Timestamp, 'When the call ended, in any final state; null before that'),
};
const workKeys = {
  Attempts: Type.Integer({
    description: 'The number of attempts, including one that is in progress',
  }),
  NextAttemptAt: nullable(
    Timestamp,
    'When a queued call is due; null if no window or schedule currently allows it',
  ),
  ScheduledFor: nullable(Timestamp, 'The earliest time of the call; null if it has none'),
  ExpiresAt: nullable(
    Timestamp,
    'When the call becomes `Expired` if it is still queued; null if it does not expire',
  ),
  Priority: Type.Integer({ description: 'Calls with a larger priority come first' }),
  LastReason: nullable(
    Type.String(),
    'Why the call waits or how it ended: the last reason in its history',
  ),
};
const outboundKeys = {
  ...startKeys,
  DynamicVariables: about(Metadata, 'The variables for the agent that makes the call'),
  Metadata: about(Metadata, 'A JSON object of your own, stored and returned unchanged'),
  CampaignId: nullable(ShownId, 'The campaign of the call; null if it has none'),
  NumberId: nullable(ShownName, 'The number from which the call is made'),
  RecipientNumber: Type.String({ description: 'The number to call, in E.164' }),
  ...sessionKeys,
  ...workKeys,
};
const inboundKeys = {
  ...startKeys,
  NumberId: nullable(ShownName, 'The number that was called'),
  RouteId: nullable(ShownName, 'The route of the call; null if it has none'),
  CallerNumber: Type.String({ description: 'The caller id as the provider sent it' }),
  CallerE164: nullable(Type.String(), 'The caller id in E.164; null if it is not a phone number'),
  ...sessionKeys,
  ...workKeys,
};
export const OutboundQueue = Type.Object(outboundKeys, {
  title: 'OutboundQueue',
  description: 'A call to a recipient, with its state and result',
});
export const InboundQueue = Type.Object(inboundKeys, {
  title: 'InboundQueue',
  description: 'A received call, with its state and result',
});

const leaseKeys = {
  LeaseToken: Type.String({ description: 'To be sent with every report of this attempt' }),
  LeaseExpiresAt: about(
    Timestamp,
    'When the call returns to the queue, unless a heartbeat extends the lease',
  ),
};
export const LeasedOutboundCall = Type.Object(
  { ...outboundKeys, ...leaseKeys },
  { title: 'LeasedOutboundCall', description: 'An outbound call that was leased to a worker' },
);
export const LeasedInboundCall = Type.Object(
  { ...inboundKeys, ...leaseKeys },
  { title: 'LeasedInboundCall', description: 'An inbound call that was leased to a worker' },
);

export const HistoryEntry = Type.Object(
  {
    At: about(Timestamp, 'When the decision was made'),
    Decision: Type.Enum([...DECISIONS], { description: 'The decision' }),
    Reason: nullable(
      Type.String(),
      'For `HeldBack`: `OUTSIDE_WINDOW`, `NUMBER_CAPPED`, `DO_NOT_CALL`, `DUPLICATE`, `NO_SLOT` or `CAMPAIGN_PAUSED`. For an attempt that ended: its end type.',
    ),
    Details: Type.String({ description: 'The decision as a sentence' }),
    OccupiedBy: optional(
      Type.Array(ShownId),
      'For `NO_SLOT`: the `QueueId` of up to 10 calls, the oldest first. While the call waits, these are the calls in progress that occupy the slots of the campaign; afterwards, the last ones that occupied them. Erased calls are not named.',
    ),
  },
  { title: 'HistoryEntry', description: 'A decision about a call' },
);
