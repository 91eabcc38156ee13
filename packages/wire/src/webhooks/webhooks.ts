import Type from 'typebox';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams, inBusiness, parameter } from '../parameters.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import { about, count, Id, maybe, optional, strict, Timestamp } from '../types.ts';
import {
  DELIVERY_STATUSES,
  DELIVERY_TYPES,
  NewWebhook,
  Webhook,
  WebhookChange,
  WebhookDelivery,
} from './webhook-schemas.ts';

const EXAMPLE_WEBHOOK = {
  WebhookId: 'webhook_01k0n5wq7mfd3c8v2t1b9xz4ae',
  Url: 'https://crm.example.com/colloquy',
  Events: ['conversation.completed' as const, 'recording.ready' as const],
  Description: 'CRM',
  HeaderNames: ['Authorization'],
  IsEnabled: true,
  DisabledReason: null,
  IncludeUnredacted: false,
  FailingSince: null,
  CreatedAt: '2026-03-02T09:15:00Z',
  CreatedBy: 'user_01j9z6v3k8q4w2e5r7t9y1m3n5',
};
const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
const EXAMPLE_DELIVERY = {
  DeliveryId: 'delivery_01k0n62m5p7r9t1w3y5a7c9e1g',
  MessageId: 'msg_01k0n62m5p7r9t1w3y5a7c9e1f',
  Type: 'conversation.completed' as const,
  ConversationId: 'session_abc123',
  Status: 'Delivered' as const,
  CreatedAt: '2026-03-02T09:31:00Z',
  NextAttemptAt: null,
  Body: '{"type":"conversation.completed","timestamp":"2026-03-02T09:31:00Z","data":{"Id":"session_abc123"}}',
  Attempts: [
    { At: '2026-03-02T09:31:00Z', HttpStatus: 204, Error: null, DurationMs: 38, Body: '' },
  ],
};

const Secret = Type.String({
  description:
    'The secret that signs the requests, shown only in this answer: `whsec_` and 32 bytes in base64',
});
const webhookParams = inBusiness({
  webhookId: parameter(Id, 'The id of the webhook', EXAMPLE_WEBHOOK.WebhookId),
});
const webhooks = { tag: 'Webhooks' } as const;

export const createWebhook = op({
  ...webhooks,
  ...ADDS,
  name: 'CreateWebhook',
  method: 'POST',
  path: '/business/{businessId}/webhooks',
  title: 'Create a webhook',
  summary: 'Send events of a business to an address',
  description: `The server sends each event as a \`POST\` that follows [Standard Webhooks](https://www.standardwebhooks.com): the body is \`{"type", "timestamp", "data"}\`, and the headers \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\` let the receiver verify it. A webhook receives the events that happen after its creation, at least once, and those of one conversation in their order.`,
  permission: mayChangeSettings,
  params: businessParams,
  body: NewWebhook,
  output: Type.Object({
    WebhookId: Type.String({ description: 'The id of the webhook' }),
    Secret,
  }),
  statuses: [201],
  errors: ['CONFLICT'],
  examples: {
    body: { Url: EXAMPLE_WEBHOOK.Url, Events: EXAMPLE_WEBHOOK.Events, Description: 'CRM' },
    output: { WebhookId: EXAMPLE_WEBHOOK.WebhookId, Secret: EXAMPLE_SECRET },
  },
});

export const getWebhooks = op({
  ...webhooks,
  ...READS,
  name: 'GetWebhooks',
  method: 'GET',
  path: '/business/{businessId}/webhooks',
  title: 'List webhooks',
  summary: 'List the webhooks of a business',
  description: 'The order is by creation time. Secrets and values of headers are never shown.',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object(collectionKeys),
  output: collection(Webhook),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_WEBHOOK], NextCursor: null } },
});

export const getWebhook = op({
  ...webhooks,
  ...READS,
  name: 'GetWebhook',
  method: 'GET',
  path: '/business/{businessId}/webhooks/{webhookId}',
  summary: 'Get a webhook',
  description: 'The answer shows whether the webhook is failing, and why it was disabled.',
  permission: maySeeSettings,
  params: webhookParams,
  output: Webhook,
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_WEBHOOK },
});

export const updateWebhook = op({
  ...webhooks,
  ...CHANGES,
  name: 'UpdateWebhook',
  method: 'PATCH',
  path: '/business/{businessId}/webhooks/{webhookId}',
  title: 'Update a webhook',
  summary: 'Change, enable or disable a webhook',
  description:
    'Keys that are left out are unchanged. If a webhook is disabled, its pending deliveries are parked and later events are not kept for it; `ReplayWebhook` sends parked ones after it was enabled again. To change the `Url` or the `Headers` of a webhook with `IncludeUnredacted`, the key needs `Conversations.Unredacted`.',
  permission: mayChangeSettings,
  params: webhookParams,
  body: WebhookChange,
  output: Webhook,
  errors: ['NOT_FOUND'],
  examples: { body: { IsEnabled: true }, output: EXAMPLE_WEBHOOK },
});

export const deleteWebhook = op({
  ...webhooks,
  ...CHANGES,
  name: 'DeleteWebhook',
  method: 'DELETE',
  path: '/business/{businessId}/webhooks/{webhookId}',
  summary: 'Delete a webhook',
  description: 'Its deliveries are deleted too. Requests under way may still arrive.',
  permission: mayChangeSettings,
  params: webhookParams,
  output: Type.Object({ WebhookId: Type.String({ description: 'The id of the webhook' }) }),
  errors: ['NOT_FOUND'],
  examples: { output: { WebhookId: EXAMPLE_WEBHOOK.WebhookId } },
});

export const rotateWebhookSecret = op({
  ...webhooks,
  ...ADDS,
  name: 'RotateWebhookSecret',
  method: 'POST',
  path: '/business/{businessId}/webhooks/{webhookId}/rotate-secret',
  title: 'Rotate the secret of a webhook',
  summary: 'Replace the secret of a webhook',
  description:
    'For 24 hours, each request has a signature of both secrets, so the receiver can change over without losing a request. A second rotation within this time is a `CONFLICT` unless `Force` is true.',
  permission: mayChangeSettings,
  params: webhookParams,
  body: strict({
    Force: maybe(
      Type.Boolean({ default: false }),
      'True to rotate although the last rotation was less than 24 hours ago; the oldest secret then stops signing',
    ),
  }),
  bodyOptional: true,
  output: Type.Object({
    Secret,
    PreviousExpiresAt: about(Timestamp, 'Until when the previous secret also signs'),
  }),
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: {
    body: {},
    output: { Secret: EXAMPLE_SECRET, PreviousExpiresAt: '2026-03-03T09:15:00Z' },
  },
});

export const testWebhook = op({
  ...webhooks,
  ...ADDS,
  name: 'TestWebhook',
  method: 'POST',
  path: '/business/{businessId}/webhooks/{webhookId}/test',
  title: 'Test a webhook',
  summary: 'Send a webhook.test event',
  description:
    'The event is sent whatever the webhook subscribes to, also if it is disabled. `GetWebhookDeliveries` shows the result.',
  permission: mayChangeSettings,
  params: webhookParams,
  output: Type.Object({
    DeliveryId: Type.String({ description: 'The id of the delivery' }),
    MessageId: Type.String({ description: 'The `webhook-id` of the request' }),
  }),
  errors: ['NOT_FOUND'],
  examples: {
    output: { DeliveryId: EXAMPLE_DELIVERY.DeliveryId, MessageId: EXAMPLE_DELIVERY.MessageId },
  },
});

export const getWebhookDeliveries = op({
  ...webhooks,
  ...READS,
  name: 'GetWebhookDeliveries',
  method: 'GET',
  path: '/business/{businessId}/webhooks/{webhookId}/deliveries',
  title: 'List deliveries',
  summary: 'List what a webhook sent and will send, newest first',
  description:
    'Each delivery has its attempts with the answers of the receiver. Deliveries are kept as long as the change log (`CHANGE_LOG_SECONDS`, 7 days by default). Bodies are shown only with `Retrieving` of the module `Conversations`.',
  permission: maySeeSettings,
  params: webhookParams,
  query: Type.Object({
    ...collectionKeys,
    Status: optional(Type.Enum([...DELIVERY_STATUSES]), 'Deliveries with this status'),
    Type: optional(Type.Enum([...DELIVERY_TYPES]), 'Deliveries of this type of event'),
    ConversationId: optional(Id, 'Deliveries about this conversation'),
    From: optional(Timestamp, 'Deliveries created at or after this time'),
    To: optional(Timestamp, 'Deliveries created at or before this time'),
  }),
  output: collection(WebhookDelivery),
  errors: ['NOT_FOUND', 'INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_DELIVERY], NextCursor: null } },
});

export const replayWebhook = op({
  ...webhooks,
  ...CHANGES,
  name: 'ReplayWebhook',
  method: 'POST',
  path: '/business/{businessId}/webhooks/{webhookId}/replay',
  title: 'Replay deliveries',
  summary: 'Send deliveries again',
  description:
    'Send `DeliveryId`, or `ConversationId`, or `From` and `To` (the time of creation). The requests have the same `webhook-id` and body as before, a new timestamp, and all retries again. Pending deliveries are sent immediately. An erased conversation is `GONE`.',
  permission: mayChangeSettings,
  params: webhookParams,
  body: strict({
    DeliveryId: maybe(Id, 'The delivery to send again'),
    ConversationId: maybe(Id, 'Send all deliveries about this conversation again'),
    From: maybe(Timestamp, 'Send the deliveries created at or after this time again'),
    To: maybe(Timestamp, 'Send the deliveries created at or before this time again'),
  }),
  output: Type.Object({ Replayed: count('The number of deliveries that are sent again') }),
  errors: ['NOT_FOUND', 'CONFLICT', 'GONE'],
  examples: { body: { ConversationId: 'session_abc123' }, output: { Replayed: 3 } },
});
