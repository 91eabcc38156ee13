import Type, { type TSchema } from 'typebox';
import { EXAMPLE_INBOUND_QUEUE, EXAMPLE_LEASED, EXAMPLE_OUTBOUND_QUEUE } from '../examples.ts';
import { MEBIBYTE, op } from '../op.ts';
import { mayWork } from '../permissions.ts';
import {
  businessParams,
  CompleteBody,
  FailBody,
  HeartbeatBody,
  InboundQueue,
  LeaseBody,
  LeasedInboundCall,
  LeasedOutboundCall,
  OutboundQueue,
  queueParams,
  ReceiveCallBody,
} from './queue-schemas.ts';

const working = {
  tag: 'Queues',
  method: 'POST',
  permission: mayWork,
  query: Type.Object({}),
  bodyLimit: MEBIBYTE,
  statuses: [200],
} as const;

const leasing = <Call extends TSchema>(call: Call) =>
  ({
    ...working,
    description:
      'Highest priority first; within one, campaigns take turns, and each gives its oldest due call first. Where nothing is due it waits up to `WaitSeconds`; a request that loses its access meanwhile gets no call and fails as a new one would. A lease that runs out gives the call back, unless a conversation names it by then.',
    params: businessParams,
    body: LeaseBody,
    output: Type.Object({ Calls: Type.Array(call) }),
    errors: [],
    // Sent again, it would lease others.
    idempotent: false,
  }) as const;

const reporting = <Call extends TSchema>(output: Call) =>
  ({
    ...working,
    params: queueParams,
    output,
    errors: ['NOT_FOUND', 'CONFLICT'],
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
  summary: 'Keep a call for longer',
  description:
    'The answer says what became of the call; once the attempt has ended, a heartbeat changes nothing.',
  body: HeartbeatBody,
  examples: { body: { LeaseToken: TOKEN, LeaseSeconds: 60 } },
} as const;
const LATE =
  'A report that comes after the attempt was ended for silence (`AbandonAfterSeconds`) replaces `MidSessionFailure`, unless the conversation reported before: then nothing changes, and it is a 409 once the next attempt has begun or the call was canceled.';
const COMPLETE = {
  summary: 'Report that a call was made',
  description:
    'The attempt ends. Without an `EndType`, and while a conversation that names the call goes on, it ends with that. Where the retry policy names the end type and attempts are left, the call is queued again.',
  body: CompleteBody,
  examples: { body: { LeaseToken: TOKEN, SessionId: 'session_abc123', EndType: 'Normal' } },
} as const;
const FAIL = {
  summary: 'Report that a call could not be made',
  description:
    'The attempt ends; where the retry policy names the `EndType` and attempts are left, the call is queued again.',
  body: FailBody,
  examples: { body: { LeaseToken: TOKEN, EndType: 'UserNoAnswer' } },
} as const;

export const leaseOutboundCalls = op({
  ...leasing(LeasedOutboundCall),
  name: 'LeaseOutboundCalls',
  path: '/business/{businessId}/queues/outbound/lease',
  summary: 'Take outbound calls that are due',
  examples: { body: LEASE, output: { Calls: [EXAMPLE_LEASED] } },
});
export const heartbeatOutboundCall = op({
  ...reporting(OutboundQueue),
  ...HEARTBEAT,
  name: 'HeartbeatOutboundCall',
  path: '/business/{businessId}/queues/outbound/{queueId}/heartbeat',
  examples: { ...HEARTBEAT.examples, output: UNDER_WAY },
});
export const completeOutboundCall = op({
  ...reporting(OutboundQueue),
  ...COMPLETE,
  name: 'CompleteOutboundCall',
  description: `${COMPLETE.description} ${LATE}`,
  path: '/business/{businessId}/queues/outbound/{queueId}/complete',
  examples: { ...COMPLETE.examples, output: EXAMPLE_OUTBOUND_QUEUE },
});
export const failOutboundCall = op({
  ...reporting(OutboundQueue),
  ...FAIL,
  name: 'FailOutboundCall',
  description: `${FAIL.description} ${LATE}`,
  path: '/business/{businessId}/queues/outbound/{queueId}/fail',
  examples: { ...FAIL.examples, output: FAILED },
});

export const receiveCall = op({
  ...working,
  name: 'ReceiveCall',
  path: '/business/{businessId}/call/receive',
  summary: 'Put a call that comes in into the queue',
  description:
    'The same `Provider` and `ProviderCallId` are one call, however often it is told of.',
  params: businessParams,
  body: ReceiveCallBody,
  output: Type.Object({ QueueId: Type.String() }),
  statuses: [201, 200],
  errors: [],
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
  summary: 'Take inbound calls that wait',
  description:
    'Oldest first. Where none waits it waits up to `WaitSeconds`; a request that loses its access meanwhile gets no call and fails as a new one would. A lease that runs out gives the call back, unless a conversation names it by then.',
  examples: { body: LEASE, output: { Calls: [] } },
});
export const heartbeatInboundCall = op({
  ...reporting(InboundQueue),
  ...HEARTBEAT,
  name: 'HeartbeatInboundCall',
  path: '/business/{businessId}/queues/inbound/{queueId}/heartbeat',
  examples: { ...HEARTBEAT.examples, output: EXAMPLE_INBOUND_QUEUE },
});
export const completeInboundCall = op({
  ...reporting(InboundQueue),
  ...COMPLETE,
  name: 'CompleteInboundCall',
  path: '/business/{businessId}/queues/inbound/{queueId}/complete',
  examples: { ...COMPLETE.examples, output: EXAMPLE_INBOUND_QUEUE },
});
export const failInboundCall = op({
  ...reporting(InboundQueue),
  ...FAIL,
  name: 'FailInboundCall',
  path: '/business/{businessId}/queues/inbound/{queueId}/fail',
  examples: { ...FAIL.examples, output: EXAMPLE_INBOUND_QUEUE },
});
