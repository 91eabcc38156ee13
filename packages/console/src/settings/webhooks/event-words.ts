import {
  DELIVERY_STATUSES,
  DELIVERY_TYPES,
  type DeliveryStatus,
  type DeliveryType,
  type WebhookEvent,
} from '@colloquy/wire';
import type { Tone } from '../../ui/badge.tsx';

export type { DeliveryStatus, DeliveryType, WebhookEvent };

export const EVENT_WORDS: Readonly<Record<WebhookEvent, string>> = {
  'conversation.started': 'A conversation has started.',
  'conversation.ended': 'A conversation has ended; more events of it may still arrive.',
  'conversation.completed': 'A conversation is complete and does not change any more.',
  'conversation.updated':
    'A conversation was replaced or has got events after its end; not sent for each message.',
  'conversation.purged': 'A conversation was deleted, or a retention rule removed parts of it.',
  'conversation.erased': 'A conversation was erased together with its person.',
  'recording.ready': 'A recording is stored and can be played.',
  'queue.enqueued': 'A call was added to a queue.',
  'queue.completed': 'A call of a queue is completed.',
  'queue.failed': 'A call of a queue has failed or expired.',
  'queue.canceled': 'A call of a queue was canceled.',
  'webhook.disabled': 'Another webhook was disabled because its receiver does not work.',
};

export const EVENT_GROUPS: Readonly<Record<string, RegExp>> = {
  Conversations: /^(conversation|recording)\./,
  Queues: /^queue\./,
  Webhooks: /^webhook\./,
};

export const STATUS_WORDS: Readonly<
  Record<DeliveryStatus, { readonly tone: Tone; readonly reason?: string }>
> = {
  Pending: { tone: 'info' },
  Delivered: { tone: 'good' },
  Parked: { tone: 'bad', reason: 'all attempts failed, or the webhook was disabled' },
  Canceled: { tone: 'neutral', reason: 'its conversation or call was erased' },
};

export const parseStatus = (text: string | undefined): DeliveryStatus | undefined =>
  DELIVERY_STATUSES.find((one) => one === text);

export const parseType = (text: string | undefined): DeliveryType | undefined =>
  DELIVERY_TYPES.find((one) => one === text);
