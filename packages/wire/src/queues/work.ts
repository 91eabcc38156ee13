import Type, { type TSchema } from 'typebox';
import { EXAMPLE_INBOUND_QUEUE, EXAMPLE_LEASED, EXAMPLE_OUTBOUND_QUEUE } from '../examples.ts';
import { ADDS, op } from '../op.ts';
import { businessParams, queueParams } from '../parameters.ts';
import { mayWork } from '../permissions.ts';
import {
  InboundQueue,
  LeasedInboundCall,
  LeasedOutboundCall,
  OutboundQueue,
} from './call-schemas.ts';
import {
  CompleteBody,
  FailBody,
  HeartbeatBody,
  LeaseBody,
  ReceiveCallBody,
} from './queue-schemas.ts';

const working = { ...ADDS, tag: 'Queues', method: 'POST', permission: mayWork } as const;

const LEASING =
  'If no call is available, the request waits up to `WaitSeconds`. A request that loses its permission while it waits gets no call and fails like a new request. When a lease expires, the call returns to the queue, unless a conversation names it by then.';
const leasing = <Call extends TSchema>(call: Call) =>
  ({
    ...working,
    params: businessParams,
    body: LeaseBody,
    output: Type.Object({
      Calls: Type.Array(call, { description: 'The leased calls; empty if none was available' }),
    }),
  }) as const;

const reporting = <Call extends TSchema>(output: Call) =>
  ({
    ...working,
    params: queueParams,
    output,
    errors: ['NOT_FOUND', 'GONE', 'CONFLICT'],
    messages: {
      NOT_FOUND: 'There is no such call in the queue of this business.',
      CONFLICT: 'The lease of this call has expired; the call was returned to the queue.',
    },
    idempotent: true,
  }) as const;

const { LeaseToken: TOKEN, LeaseExpiresAt: _until, ...UNDER_WAY } = EXAMPLE_LEASED;
const FAILED = {
  ...EXAMPLE_OUTBOUND_QUEUE,
  Status: 'Failed',
  SessionId: null,
  SessionStatus: null,
  SessionEndType: 'UserNoAnswer',
  LastReason: 'UserNoAnswer',
} as const;
const LEASE = { WorkerId: 'dialer-1', Max: 10, LeaseSeconds: 60, WaitSeconds: 20 };
const HEARTBEAT = {
  description:
    'The answer shows the state of the call. After the attempt has ended, a heartbeat changes nothing.',
  body: HeartbeatBody,
  examples: { body: { LeaseToken: TOKEN, LeaseSeconds: 60 } },
} as const;
const LATE =
  'If the attempt was ended because of missing signs of life (`AbandonAfterSeconds`), a later report replaces `MidSessionFailure`. If the conversation reported first, the report changes nothing; it is a `CONFLICT` if the next attempt has begun or the call was canceled.';
const COMPLETE = {
  description:
    'The attempt ends. Without an `EndType`, it ends together with the conversation that names the call, if that is still in progress. If the retry policy names the end type and attempts are left, the call is queued again.',
  body: CompleteBody,
  examples: { body: { LeaseToken: TOKEN, SessionId: 'session_abc123', EndType: 'Normal' } },
} as const;
const FAIL = {
  description:
    'The attempt ends. If the retry policy names the `EndType` and attempts are left, the call is queued again.',
  body: FailBody,
  examples: { body: { LeaseToken: TOKEN, EndType: 'UserNoAnswer' } },
} as const;

export const leaseOutboundCalls = op({
  ...leasing(LeasedOutboundCall),
  name: 'LeaseOutboundCalls',
  path: '/business/{businessId}/queues/outbound/lease',
  title: 'Lease outbound calls',
  summary: 'Take outbound calls that are due',
  description: `Calls with the highest priority come first. Within a priority, campaigns take turns, and each gives its oldest due call first. ${LEASING} No call is handed out while a quota of the business is reached; the calls stay queued.`,
  errors: ['QUOTA_EXCEEDED'],
  examples: { body: LEASE, output: { Calls: [EXAMPLE_LEASED] } },
});
export const heartbeatOutboundCall = op({
  ...reporting(OutboundQueue),
  ...HEARTBEAT,
  name: 'HeartbeatOutboundCall',
  path: '/business/{businessId}/queues/outbound/{queueId}/heartbeat',
  summary: 'Extend the lease of an outbound call',
  examples: { ...HEARTBEAT.examples, output: UNDER_WAY },
});
export const completeOutboundCall = op({
  ...reporting(OutboundQueue),
  ...COMPLETE,
  name: 'CompleteOutboundCall',
  description: `${COMPLETE.description} ${LATE}`,
  path: '/business/{businessId}/queues/outbound/{queueId}/complete',
  title: 'Complete an outbound call',
  summary: 'Report that an outbound call was made',
  examples: { ...COMPLETE.examples, output: EXAMPLE_OUTBOUND_QUEUE },
});
export const failOutboundCall = op({
  ...reporting(OutboundQueue),
  ...FAIL,
  name: 'FailOutboundCall',
  description: `${FAIL.description} ${LATE}`,
  path: '/business/{businessId}/queues/outbound/{queueId}/fail',
  title: 'Fail an outbound call',
  summary: 'Report that an outbound call could not be made',
  examples: { ...FAIL.examples, output: FAILED },
});

export const receiveCall = op({
  ...working,
  name: 'ReceiveCall',
  path: '/business/{businessId}/call/receive',
  title: 'Receive a call',
  summary: 'Add a received call to the inbound queue',
  description:
    'Requests with the same `Provider` and `ProviderCallId` name the same call: the first one adds it (201), and a repeat returns it (200).',
  params: businessParams,
  body: ReceiveCallBody,
  output: Type.Object({ QueueId: Type.String({ description: 'The id of the call in the queue' }) }),
  statuses: [201, 200],
  errors: ['QUOTA_EXCEEDED'],
  examples: {
    body: {
      NumberId: 'number_1',
      RouteId: 'support',
      CallerNumber: '+15557654321',
      Provider: 'twilio',
      ProviderCallId: 'CA1234',
    },
    output: { QueueId: EXAMPLE_INBOUND_QUEUE.QueueId },
  },
  idempotent: true,
});
export const leaseInboundCalls = op({
  ...leasing(LeasedInboundCall),
  name: 'LeaseInboundCalls',
  path: '/business/{businessId}/queues/inbound/lease',
  title: 'Lease inbound calls',
  summary: 'Take inbound calls that wait',
  description: `The oldest call comes first. ${LEASING}`,
  examples: { body: LEASE, output: { Calls: [] } },
});
export const heartbeatInboundCall = op({
  ...reporting(InboundQueue),
  ...HEARTBEAT,
  name: 'HeartbeatInboundCall',
  path: '/business/{businessId}/queues/inbound/{queueId}/heartbeat',
  summary: 'Extend the lease of an inbound call',
  examples: { ...HEARTBEAT.examples, output: EXAMPLE_INBOUND_QUEUE },
});
export const completeInboundCall = op({
  ...reporting(InboundQueue),
  ...COMPLETE,
  name: 'CompleteInboundCall',
  path: '/business/{businessId}/queues/inbound/{queueId}/complete',
  title: 'Complete an inbound call',
  summary: 'Report that an inbound call was answered',
  examples: { ...COMPLETE.examples, output: EXAMPLE_INBOUND_QUEUE },
});
export const failInboundCall = op({
  ...reporting(InboundQueue),
  ...FAIL,
  name: 'FailInboundCall',
  path: '/business/{businessId}/queues/inbound/{queueId}/fail',
  title: 'Fail an inbound call',
  summary: 'Report that an inbound call could not be answered',
  examples: { ...FAIL.examples, output: EXAMPLE_INBOUND_QUEUE },
});
