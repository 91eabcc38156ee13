import Type, { type Static } from 'typebox';
import {
  about,
  count,
  maybe,
  nullable,
  ShownId,
  ShownText,
  strict,
  Text,
  Timestamp,
} from '../types.ts';

export const WEBHOOK_EVENTS = [
  'conversation.started',
  'conversation.ended',
  'conversation.completed',
  'conversation.updated',
  'conversation.purged',
  'conversation.erased',
  'recording.ready',
  'queue.enqueued',
  'queue.completed',
  'queue.failed',
  'queue.canceled',
  'webhook.disabled',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Sent by `TestWebhook`, whatever is subscribed. */
export const TEST_EVENT = 'webhook.test';
export const DELIVERY_TYPES = [...WEBHOOK_EVENTS, TEST_EVENT] as const;
export type DeliveryType = (typeof DELIVERY_TYPES)[number];

export const DELIVERY_STATUSES = ['Pending', 'Delivered', 'Parked', 'Canceled'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

const Url = Type.String({ minLength: 1, maxLength: 2048 });
const URL =
  'The address that receives the requests; `https:` and public, unless the server runs with `ALLOW_PRIVATE_TARGETS=1`';
const Events = Type.Array(Type.Enum([...WEBHOOK_EVENTS]), {
  minItems: 1,
  maxItems: WEBHOOK_EVENTS.length,
});
const EVENTS = 'The types of events to send';
const DESCRIPTION = 'A description of your own';
export const MAX_HEADERS = 20;
const Headers = Type.Record(Type.String(), Type.String({ maxLength: 4096 }), {
  'x-maxBytes': 16 * 1024,
});
const HEADERS = `Up to ${MAX_HEADERS} further headers of each request, such as \`Authorization\`. Their values are stored encrypted and never shown.`;
const ENABLED = 'False if nothing is sent';
const UNREDACTED =
  'True to send original data although redaction is on. It takes `Conversations.Unredacted`; if the user who set it loses that, masked data is sent.';

export const Webhook = Type.Object(
  {
    WebhookId: Type.String({ description: 'The id of the webhook' }),
    Url: about(Type.String(), 'The address that receives the requests'),
    Events: about(Events, EVENTS),
    Description: about(ShownText, DESCRIPTION),
    HeaderNames: Type.Array(Type.String(), {
      description: 'The names of the further headers; their values are never shown',
    }),
    IsEnabled: Type.Boolean({ description: ENABLED }),
    DisabledReason: nullable(
      Type.String(),
      'Why the server has disabled the webhook; null if it did not',
    ),
    IncludeUnredacted: Type.Boolean({ description: UNREDACTED }),
    FailingSince: nullable(
      Timestamp,
      'Since when all requests have failed; null if the last one succeeded',
    ),
    CreatedAt: about(Timestamp, 'When the webhook was created'),
    CreatedBy: Type.String({ description: 'The `UserId` of the user who created the webhook' }),
  },
  { title: 'Webhook', description: 'An address that receives events as HTTP requests' },
);

export const NewWebhook = strict({
  Url: about(Url, URL),
  Events: about(Events, EVENTS),
  Description: maybe(Text, DESCRIPTION),
  Headers: maybe(Headers, HEADERS),
  IsEnabled: maybe(Type.Boolean({ default: true }), ENABLED),
  IncludeUnredacted: maybe(Type.Boolean({ default: false }), UNREDACTED),
});

export const WebhookChange = strict({
  Url: maybe(Url, URL),
  Events: maybe(Events, EVENTS),
  Description: maybe(Text, DESCRIPTION),
  Headers: maybe(Headers, `${HEADERS} They replace all earlier ones; \`{}\` removes them.`),
  IsEnabled: maybe(
    Type.Boolean(),
    `${ENABLED}. True also enables a webhook that the server has disabled.`,
  ),
  IncludeUnredacted: maybe(Type.Boolean(), UNREDACTED),
});
export type WebhookChange = Static<typeof WebhookChange>;

const Attempt = Type.Object({
  At: about(Timestamp, 'When the request was sent'),
  HttpStatus: nullable(Type.Integer(), 'The status of the answer; null without an answer'),
  Error: nullable(Type.String(), 'Why the attempt failed; null if it succeeded'),
  DurationMs: count('How long the attempt took, in milliseconds'),
  Body: nullable(
    Type.String(),
    'The first 64 KiB of the answer; null without one, without permission to read conversations, or after an erasure',
  ),
});

export const WebhookDelivery = Type.Object(
  {
    DeliveryId: Type.String({ description: 'The id of the delivery' }),
    MessageId: Type.String({
      description:
        'The `webhook-id` of its requests; the same for all webhooks that receive the event',
    }),
    Type: Type.Enum([...DELIVERY_TYPES], { description: 'The type of the event' }),
    ConversationId: nullable(
      ShownId,
      'The conversation of the event; null if it has none, or if it was erased',
    ),
    Status: Type.Enum([...DELIVERY_STATUSES], {
      description:
        '`Pending`: it is being sent, or waits for a retry or for an earlier delivery of its conversation. `Parked`: all attempts failed, or the webhook was disabled. `Canceled`: its conversation or call was erased.',
    }),
    CreatedAt: about(Timestamp, 'When the delivery was created'),
    NextAttemptAt: nullable(
      Timestamp,
      'When it is sent next; null if it is not `Pending`, or waits for an earlier delivery',
    ),
    Body: nullable(
      Type.String(),
      'What was or will be sent, as text; null without permission to read conversations, if it was rendered for readers of original data only, or after an erasure',
    ),
    Attempts: Type.Array(Attempt, { description: 'The attempts, the oldest first; the last 20' }),
  },
  { title: 'WebhookDelivery', description: 'An event on its way to a webhook' },
);
