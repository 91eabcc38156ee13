import Type from 'typebox';
import { EXAMPLE_OUTBOUND_QUEUE } from './examples.ts';
import { op } from './op.ts';
import { mayRead } from './permissions.ts';
import { BusinessId, END_TYPE, given, Id, Metadata, nullable, STATUS, Timestamp } from './types.ts';

export const QUEUE_STATUSES = [
  'Queued',
  'Processing',
  'Completed',
  'Failed',
  'Canceled',
  'Expired',
] as const;
export type QueueStatus = (typeof QUEUE_STATUSES)[number];

const OutboundQueue = Type.Object({
  QueueId: Type.String(),
  Status: Type.Enum([...QUEUE_STATUSES]),
  EnqueuedAt: Timestamp,
  ProcessingStartedAt: nullable(Timestamp),
  CompletedAt: nullable(Timestamp),
  DynamicVariables: Metadata,
  Metadata,
  CampaignId: nullable(Type.String()),
  NumberId: nullable(Type.String()),
  RecipientNumber: Type.String(),
  SessionId: nullable(Type.String()),
  SessionStatus: nullable(given(STATUS)),
  SessionEndType: nullable(given(END_TYPE)),
});

export const getOutboundQueue = op({
  name: 'GetOutboundQueue',
  method: 'GET',
  alsoMethods: ['POST'],
  path: '/business/{businessId}/queues/outbound/{queueId}',
  tag: 'Queues',
  summary: 'Get an outbound call of the queue and what became of it',
  permission: mayRead,
  params: Type.Object({ businessId: BusinessId, queueId: Id }),
  query: Type.Object({}),
  body: null,
  bodyLimit: 0,
  output: OutboundQueue,
  statuses: [200],
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_OUTBOUND_QUEUE },
  idempotent: true,
});
