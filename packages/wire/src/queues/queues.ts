import Type, { type TObject, type TSchema } from 'typebox';
import {
  EXAMPLE_HISTORY,
  EXAMPLE_INBOUND_HISTORY,
  EXAMPLE_INBOUND_QUEUE,
  EXAMPLE_OUTBOUND_QUEUE,
} from '../examples.ts';
import { MEBIBYTE, op } from '../op.ts';
import { page, pageKeys } from '../page.ts';
import { mayRead } from '../permissions.ts';
import { maybe, strict } from '../types.ts';
import {
  businessParams,
  HistoryEntry,
  InboundFilter,
  InboundQueue,
  OutboundFilter,
  OutboundQueue,
  queueParams,
} from './queue-schemas.ts';

const reading = {
  tag: 'Queues',
  permission: mayRead,
  query: Type.Object({}),
  statuses: [200],
  idempotent: true,
} as const;

const listing = <Filter extends TObject, Item extends TSchema>(
  filter: Filter,
  item: Item,
  title: string,
) =>
  ({
    ...reading,
    method: 'POST',
    description:
      'Order: newest `EnqueuedAt` first, then `QueueId` descending. A cursor carries its filter; a `Filter` beside a cursor must mean the same.',
    params: businessParams,
    body: strict({ ...pageKeys, Filter: maybe(filter) }),
    bodyOptional: true,
    bodyLimit: MEBIBYTE,
    output: page(item, title),
    errors: ['INVALID_CURSOR'],
  }) as const;

const counting = <Filter extends TObject>(filter: Filter) =>
  ({
    ...reading,
    method: 'POST',
    description: 'Takes the keys of the filter of the list at the top level.',
    params: businessParams,
    body: filter,
    bodyOptional: true,
    bodyLimit: MEBIBYTE,
    output: Type.Integer({ description: 'The exact number that matches now' }),
    errors: [],
    examples: { body: { QueueStatusTypes: ['Queued'] }, output: 17 },
  }) as const;

const one = {
  ...reading,
  method: 'GET',
  alsoMethods: ['POST'],
  params: queueParams,
  body: null,
  bodyLimit: 0,
  errors: ['NOT_FOUND'],
} as const;

const onePage = <Item>(item: Item) => ({
  Items: [item],
  NextCursor: null,
  PreviousCursor: null,
  HasNextPage: false,
  HasPreviousPage: false,
  PageSize: 10,
  TotalCount: 1,
});

export const getOutboundQueues = op({
  ...listing(OutboundFilter, OutboundQueue, 'OutboundQueuePage'),
  name: 'GetOutboundQueues',
  path: '/business/{businessId}/queues/outbound',
  summary: 'List the outbound calls of the queue, newest first',
  examples: {
    body: { Limit: 10, Filter: { QueueStatusTypes: ['Completed'] } },
    output: onePage(EXAMPLE_OUTBOUND_QUEUE),
  },
});
export const countOutboundQueues = op({
  ...counting(OutboundFilter),
  name: 'CountOutboundQueues',
  path: '/business/{businessId}/queues/outbound/count',
  summary: 'Count the outbound calls of the queue',
});
export const getOutboundQueue = op({
  ...one,
  name: 'GetOutboundQueue',
  path: '/business/{businessId}/queues/outbound/{queueId}',
  summary: 'Get an outbound call of the queue and what became of it',
  output: OutboundQueue,
  examples: { output: EXAMPLE_OUTBOUND_QUEUE },
});
export const getOutboundQueueHistory = op({
  ...one,
  name: 'GetOutboundQueueHistory',
  path: '/business/{businessId}/queues/outbound/{queueId}/history',
  summary: 'Get every decision that was taken about an outbound call',
  description:
    'In order, from `Enqueued` on. What holds a whole campaign (`CAMPAIGN_PAUSED`, `NO_SLOT`) stands among them once for each time that the call waited for it.',
  output: Type.Object({ Entries: Type.Array(HistoryEntry) }),
  examples: { output: EXAMPLE_HISTORY },
});

export const getInboundQueues = op({
  ...listing(InboundFilter, InboundQueue, 'InboundQueuePage'),
  name: 'GetInboundQueues',
  path: '/business/{businessId}/queues/inbound',
  summary: 'List the inbound calls of the queue, newest first',
  examples: {
    body: { Limit: 10, Filter: { QueueStatusTypes: ['Completed'] } },
    output: onePage(EXAMPLE_INBOUND_QUEUE),
  },
});
export const countInboundQueues = op({
  ...counting(InboundFilter),
  name: 'CountInboundQueues',
  path: '/business/{businessId}/queues/inbound/count',
  summary: 'Count the inbound calls of the queue',
});
export const getInboundQueue = op({
  ...one,
  name: 'GetInboundQueue',
  path: '/business/{businessId}/queues/inbound/{queueId}',
  summary: 'Get an inbound call of the queue and what became of it',
  output: InboundQueue,
  examples: { output: EXAMPLE_INBOUND_QUEUE },
});
export const getInboundQueueHistory = op({
  ...one,
  name: 'GetInboundQueueHistory',
  path: '/business/{businessId}/queues/inbound/{queueId}/history',
  summary: 'Get every decision that was taken about an inbound call',
  description: 'In order, from `Enqueued` on.',
  output: Type.Object({ Entries: Type.Array(HistoryEntry) }),
  examples: { output: EXAMPLE_INBOUND_HISTORY },
});
