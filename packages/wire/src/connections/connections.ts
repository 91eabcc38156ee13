import Type from 'typebox';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams, inBusiness, parameter } from '../parameters.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import { about, Id, optional, Timestamp } from '../types.ts';
import {
  Connection,
  ConnectionChange,
  ConnectionDelivery,
  NewConnection,
  NewSecrets,
  RawDelivery,
} from './connection-schemas.ts';

const EXAMPLE_CONNECTION = {
  ConnectionId: 'connection_01k0n5wq7mfd3c8v2t1b9xz4ae',
  Source: 'vapi' as const,
  Name: 'Vapi, production',
  Url: 'https://colloquy.example.com/connect/vapi/12345/connection_01k0n5wq7mfd3c8v2t1b9xz4ae',
  Options: { Signing: 'hmac' },
  SecretNames: ['Secret'],
  PreviousSecretsExpireAt: null,
  IsPaused: false,
  LastReceivedAt: '2026-03-02T09:31:00Z',
  ErasedDeliveries: 0,
  UnknownEndReasons: [],
  CreatedAt: '2026-03-02T09:15:00Z',
  CreatedBy: 'user_01j9z6v3k8q4w2e5r7t9y1m3n5',
};
const EXAMPLE_DELIVERY = {
  DeliveryId: 'delivery_01k0n62m5p7r9t1w3y5a7c9e1g',
  EventType: 'end-of-call-report',
  ReceivedAt: '2026-03-02T09:31:00Z',
  Repeats: 0,
  Status: 'Assembled' as const,
  ConversationId: 'vapi_5b8d2c1e',
  Error: null,
  NextAttemptAt: null,
  Warnings: [],
  Bytes: 20_480,
};

const connectionParams = inBusiness({
  connectionId: parameter(Id, 'The id of the connection', EXAMPLE_CONNECTION.ConnectionId),
});
const deliveryParams = inBusiness({
  connectionId: parameter(Id, 'The id of the connection', EXAMPLE_CONNECTION.ConnectionId),
  deliveryId: parameter(Id, 'The id of the delivery', EXAMPLE_DELIVERY.DeliveryId),
});
const ConnectionId = Type.String({ description: 'The id of the connection' });
const connections = { tag: 'Connections' } as const;

export const createConnection = op({
  ...connections,
  ...ADDS,
  name: 'CreateConnection',
  method: 'POST',
  path: '/business/{businessId}/connections',
  title: 'Create a connection',
  summary: 'Take in the calls of another engine',
  description:
    'The answer has the `Url` to paste at the source. Each request that the source sends there is verified, stored as it is, and becomes part of the conversation of its call. The id of the conversation is `<source>_<id of the call>`.',
  permission: mayChangeSettings,
  params: businessParams,
  body: NewConnection,
  output: Type.Object({
    ConnectionId,
    Url: Type.String({ description: 'The address to paste at the source' }),
  }),
  statuses: [201],
  errors: ['CONFLICT'],
  examples: {
    body: { Source: 'vapi', Name: EXAMPLE_CONNECTION.Name, Secrets: { Secret: 'a long secret' } },
    output: { ConnectionId: EXAMPLE_CONNECTION.ConnectionId, Url: EXAMPLE_CONNECTION.Url },
  },
});

export const getConnections = op({
  ...connections,
  ...READS,
  name: 'GetConnections',
  method: 'GET',
  path: '/business/{businessId}/connections',
  title: 'List connections',
  summary: 'List the connections of a business',
  description: 'The order is by creation time. Secrets are never shown.',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object(collectionKeys),
  output: collection(Connection),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_CONNECTION], NextCursor: null } },
});

export const getConnection = op({
  ...connections,
  ...READS,
  name: 'GetConnection',
  method: 'GET',
  path: '/business/{businessId}/connections/{connectionId}',
  summary: 'Get a connection',
  description:
    'The answer shows when the last request came, and the end reasons that the server does not know.',
  permission: maySeeSettings,
  params: connectionParams,
  output: Connection,
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_CONNECTION },
});

export const updateConnection = op({
  ...connections,
  ...CHANGES,
  name: 'UpdateConnection',
  method: 'PATCH',
  path: '/business/{businessId}/connections/{connectionId}',
  title: 'Update a connection',
  summary: 'Rename, pause, resume or change a connection',
  description:
    'Keys that are left out are unchanged. A paused connection answers and stores requests; their conversations are written when it is resumed.',
  permission: mayChangeSettings,
  params: connectionParams,
  body: ConnectionChange,
  output: Connection,
  errors: ['NOT_FOUND'],
  examples: { body: { IsPaused: true }, output: { ...EXAMPLE_CONNECTION, IsPaused: true } },
});

export const deleteConnection = op({
  ...connections,
  ...CHANGES,
  name: 'DeleteConnection',
  method: 'DELETE',
  path: '/business/{businessId}/connections/{connectionId}',
  summary: 'Delete a connection',
  description:
    'Further requests of the source are refused. Conversations and what they were made of stay; requests that are in no conversation are deleted.',
  permission: mayChangeSettings,
  params: connectionParams,
  output: Type.Object({ ConnectionId }),
  errors: ['NOT_FOUND'],
  examples: { output: { ConnectionId: EXAMPLE_CONNECTION.ConnectionId } },
});

export const rotateConnectionSecret = op({
  ...connections,
  ...CHANGES,
  name: 'RotateConnectionSecret',
  method: 'POST',
  path: '/business/{businessId}/connections/{connectionId}/rotate-secret',
  title: 'Rotate the secrets of a connection',
  summary: 'Replace the secrets of a connection',
  description:
    'For 24 hours, requests with the previous secrets are accepted too, so the source can change over without losing a call. Secrets before those stop at once.',
  permission: mayChangeSettings,
  params: connectionParams,
  body: NewSecrets,
  output: Type.Object({
    PreviousSecretsExpireAt: about(Timestamp, 'Until when the previous secrets are accepted'),
  }),
  errors: ['NOT_FOUND'],
  examples: {
    body: { Secrets: { Secret: 'another long secret' } },
    output: { PreviousSecretsExpireAt: '2026-03-03T09:15:00Z' },
  },
});

export const getConnectionDeliveries = op({
  ...connections,
  ...READS,
  name: 'GetConnectionDeliveries',
  method: 'GET',
  path: '/business/{businessId}/connections/{connectionId}/deliveries',
  title: 'List what was received',
  summary: 'List the requests that a connection received, newest first',
  description:
    'Each delivery shows which conversation it became, with warnings, or why it did not. Deliveries are deleted with their conversation; those in no conversation after 30 days.',
  permission: maySeeSettings,
  params: connectionParams,
  query: Type.Object({
    ...collectionKeys,
    Status: optional(
      Type.Enum(['Pending', 'Failed', 'Ignored', 'Paused']),
      'Deliveries with this status, which are in no conversation',
    ),
  }),
  output: collection(ConnectionDelivery),
  errors: ['NOT_FOUND', 'INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_DELIVERY], NextCursor: null } },
});

export const getConnectionDelivery = op({
  ...connections,
  ...READS,
  name: 'GetConnectionDelivery',
  method: 'GET',
  path: '/business/{businessId}/connections/{connectionId}/deliveries/{deliveryId}',
  title: 'Get what was received',
  summary: 'Get a request that a connection received, with its body',
  description:
    'Headers and body need `Retrieving` of the module `Conversations`. Without `Conversations.Unredacted`, they are masked as the conversation is.',
  permission: maySeeSettings,
  params: deliveryParams,
  output: RawDelivery,
  errors: ['NOT_FOUND'],
  examples: {
    output: {
      ...EXAMPLE_DELIVERY,
      Headers: { 'content-type': 'application/json' },
      Body: '{"message":{"type":"end-of-call-report","call":{"id":"5b8d2c1e"}}}',
    },
  },
});

export const retryConnectionDelivery = op({
  ...connections,
  ...CHANGES,
  name: 'RetryConnectionDelivery',
  method: 'POST',
  path: '/business/{businessId}/connections/{connectionId}/deliveries/{deliveryId}/retry',
  title: 'Retry a delivery',
  summary: 'Write the conversation of a delivery again',
  description:
    'The conversation is made again from everything that was received about its call. `CONFLICT`: the delivery is about no call, its connection is paused, or its body was removed.',
  permission: mayChangeSettings,
  params: deliveryParams,
  output: ConnectionDelivery,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { output: { ...EXAMPLE_DELIVERY, Status: 'Pending' } },
});
