import type { DeliveryStatus, DeliveryType, WebhookEvent } from '@colloquy/wire';

/** Instants are milliseconds since 1970. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly description: string;
  /** Encrypted. */
  readonly headers: string;
  /** Encrypted. */
  readonly secrets: string;
  readonly isEnabled: boolean;
  readonly disabledReason: string | null;
  /** The user who may read original data and had them sent; null: masked data are sent. */
  readonly unredactedBy: string | null;
  /** Its position in the change log when it was created or enabled. */
  readonly startsAfter: number;
  readonly failingSince: number | null;
  readonly createdAt: number;
  readonly createdBy: string;
}

/** What happened, and to what. */
export interface Happening {
  readonly type: DeliveryType;
  /** The id of a conversation or call; encrypted for an erasure; null: none, or erased since. */
  readonly subjectId: string | null;
  readonly details: HappeningDetails | null;
  readonly at: number;
}

export interface HappeningDetails {
  readonly BlobKey?: string;
  readonly Parts?: string | readonly string[];
}

export interface NewDelivery extends Happening {
  readonly id: string;
  readonly webhookId: string;
  readonly messageId: string;
  /** A keyed hash; deliveries with the same one are sent one after the other. */
  readonly subjectHash: string;
  /** What is masked in the body; empty: nothing. */
  readonly masking: string;
  /** null: rendered when it is sent. */
  readonly body: string | null;
}

export interface Delivery extends NewDelivery {
  readonly seq: number;
  readonly createdAt: number;
  readonly status: DeliveryStatus;
  readonly nextAttemptAt: number | null;
  readonly failures: number;
  /** How often it was replayed. */
  readonly replays: number;
}

export interface Attempt {
  readonly at: number;
  readonly httpStatus: number | null;
  readonly error: string | null;
  readonly durationMs: number;
  readonly answer: string | null;
}

/** Readers of webhooks and deliveries of a business wait for it, on all nodes. */
export const webhooksTopic = (businessId: number) => `webhooks ${businessId}`;

/** Published when a business gets its first webhook. */
export const RUNNER_TOPIC = 'webhook runners';
