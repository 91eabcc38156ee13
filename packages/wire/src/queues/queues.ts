import Type, { type TObject, type TSchema } from 'typebox';
import {
  EXAMPLE_HISTORY,
  EXAMPLE_INBOUND_HISTORY,
  EXAMPLE_INBOUND_QUEUE,
  EXAMPLE_OUTBOUND_QUEUE,
} from '../examples.ts';
import { op, READS } from '../op.ts';
import { page, pageKeys } from '../page.ts';
import { businessParams, queueParams } from '../parameters.ts';
import { mayRead } from '../permissions.ts';
import { maybe, strict } from '../types.ts';
import { HistoryEntry, InboundQueue, OutboundQueue } from './call-schemas.ts';
import { InboundFilter, OutboundFilter } from './filter-schemas.ts';

const reading = { ...READS, tag: 'Queues', permission: mayRead } as const;

const listing = <Filter extends TObject, Item extends TSchema>(
  filter: Filter,
  item: Item,
  title: string,
) =>
  ({
    ...reading,
    method: 'POST',
    description:
      'The order is newest `EnqueuedAt` first, then `QueueId` descending. A cursor contains its filter: a `Filter` next to a cursor must have the same meaning as the one that made it.',
    params: businessParams,
    body: strict({ ...pageKeys, Filter: maybe(filter, 'Which calls to list; all by default') }),
    bodyOptional: true,
    output: page(item, title),
    errors: ['INVALID_CURSOR'],
  }) as const;

const counting = <Filter extends TObject>(filter: Filter) =>
  ({
    ...reading,
    method: 'POST',
    description: 'The body has the keys of the `Filter` of the list at its top level.',
    params: businessParams,
    body: filter,
    bodyOptional: true,
    output: Type.Integer({ description: 'The exact number of calls that match the filter now' }),
    examples: { body: { QueueStatusTypes: ['Queued'] }, output: 17 },
  }) as const;

const one = {
  ...reading,
  method: 'GET',
  alsoMethods: ['POST'],
  params: queueParams,
  errors: ['NOT_FOUND', 'GONE'],
  messages: { NOT_FOUND: 'There is no such call in the queue of this business.' },
} as const;
const history = Type.Object({
  Entries: Type.Array(HistoryEntry, { description: 'The decisions in time order' }),
});

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
  title: 'List outbound calls',
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
  title: 'Count outbound calls',
  summary: 'Count the outbound calls of the queue',
});
export const getOutboundQueue = op({
  ...one,
  name: 'GetOutboundQueue',
  path: '/business/{businessId}/queues/outbound/{queueId}',
  title: 'Get an outbound call',
  summary: 'Get an outbound call of the queue, with its state and result',
  description:
    'The answer shows the attempts so far, when the next one is due, and why the call waits. `GetOutboundQueueHistory` returns every decision about it.',
  output: OutboundQueue,
  examples: { output: EXAMPLE_OUTBOUND_QUEUE },
});
export const getOutboundQueueHistory = op({
  ...one,
  name: 'GetOutboundQueueHistory',
  path: '/business/{businessId}/queues/outbound/{queueId}/history',
  title: 'Get the history of an outbound call',
  summary: 'Get every decision about an outbound call',
  description:
    'The decisions are in time order and begin with `Enqueued`. What delays a whole campaign (`CAMPAIGN_PAUSED`, `NO_SLOT`) is listed once for each time that the call waited for it.',
  output: history,
  examples: { output: EXAMPLE_HISTORY },
});

export const getInboundQueues = op({
  ...listing(InboundFilter, InboundQueue, 'InboundQueuePage'),
  name: 'GetInboundQueues',
  path: '/business/{businessId}/queues/inbound',
  title: 'List inbound calls',
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
  title: 'Count inbound calls',
  summary: 'Count the inbound calls of the queue',
});
export const getInboundQueue = op({
  ...one,
  name: 'GetInboundQueue',
  path: '/business/{businessId}/queues/inbound/{queueId}',
  title: 'Get an inbound call',
  summary: 'Get an inbound call of the queue, with its state and result',
  description:
    'The answer shows the caller, the attempts of workers so far, and the conversation of the call. `GetInboundQueueHistory` returns every decision about it.',
  output: InboundQueue,
  examples: { output: EXAMPLE_INBOUND_QUEUE },
});
export const getInboundQueueHistory = op({
  ...one,
  name: 'GetInboundQueueHistory',
  path: '/business/{businessId}/queues/inbound/{queueId}/history',
  title: 'Get the history of an inbound call',
  summary: 'Get every decision about an inbound call',
  description: 'The decisions are in time order and begin with `Enqueued`.',
  output: history,
  examples: { output: EXAMPLE_INBOUND_HISTORY },
});
