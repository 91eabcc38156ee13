import type { OutputOf } from '@colloquy/wire';
import type { Handlers } from '../access/authorization/call.ts';
import { holds, isMasked, type Scope } from '../access/authorization/scope.ts';
import { auditRead } from '../conversations/masking/masked.ts';
import { formatInstant, parseInstant } from '../kernel/instant.ts';
import { readAscending } from '../kernel/page.ts';
import { idHash } from '../tombstones/tombstone-store.ts';
import { type DeliveryFilter, findAttempts, listDeliveries } from './delivery-store.ts';
import { isOfCall } from './events/happenings.ts';
import type { WebhookContext } from './sending/send-context.ts';
import {
  createWebhook,
  deleteWebhook,
  requireWebhook,
  rotateSecret,
  sendTest,
  updateWebhook,
} from './settings/manage.ts';
import { replay } from './settings/replay.ts';
import type { Attempt, Delivery, Webhook } from './webhook.ts';
import { findWebhook, listWebhooks } from './webhook-store.ts';

const CONVERSATIONS = 'Conversations.ConversationPermissions';

export const webhookHandlers = (ctx: WebhookContext) => ({
  ...settingsHandlers(ctx),
  ...deliveryHandlers(ctx),
});

type SettingsNames =
  | 'CreateWebhook'
  | 'GetWebhooks'
  | 'GetWebhook'
  | 'UpdateWebhook'
  | 'DeleteWebhook'
  | 'RotateWebhookSecret';

function settingsHandlers(ctx: WebhookContext): Handlers<SettingsNames> {
  const toWire = (webhook: Webhook) => webhookToWire(ctx, webhook);
  return {
    async CreateWebhook({ scope, body }) {
      const { id, secret } = await createWebhook(ctx, scope, body);
      return { status: 201, data: { WebhookId: id, Secret: secret } };
    },
    GetWebhooks: ({ scope, query }) =>
      readAscending(ctx, `webhooks ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listWebhooks(ctx.db, scope, after, limit),
        keyOf: ({ id }) => id,
        toWire,
      }),
    async GetWebhook({ scope, params }) {
      return { data: toWire(requireWebhook(await findWebhook(ctx.db, scope, params.webhookId))) };
    },
    async UpdateWebhook({ scope, params, body }) {
      return { data: toWire(await updateWebhook(ctx, scope, params.webhookId, body)) };
    },
    async DeleteWebhook({ scope, params }) {
      await deleteWebhook(ctx, scope, params.webhookId);
      return { data: { WebhookId: params.webhookId } };
    },
    async RotateWebhookSecret({ scope, params, body }) {
      const isForced = body.Force ?? false;
      const rotated = await rotateSecret(ctx, scope, params.webhookId, isForced);
      const { secret, previousExpiresAt } = rotated;
      return { data: { Secret: secret, PreviousExpiresAt: formatInstant(previousExpiresAt) } };
    },
  };
}

type DeliveryNames = 'TestWebhook' | 'GetWebhookDeliveries' | 'ReplayWebhook';

function deliveryHandlers(ctx: WebhookContext): Handlers<DeliveryNames> {
  return {
    async TestWebhook({ scope, params }) {
      const { deliveryId, messageId } = await sendTest(ctx, scope, params.webhookId);
      return { data: { DeliveryId: deliveryId, MessageId: messageId } };
    },
    async GetWebhookDeliveries({ scope, params, query }) {
      const { webhookId } = params;
      requireWebhook(await findWebhook(ctx.db, scope, webhookId));
      const { Status, Type, ConversationId, From, To } = query;
      const hashOf = (id: string) => idHash(ctx.secrets, scope.businessId, 'conversation', id);
      const filter: DeliveryFilter = {
        ...(Status && { status: Status }),
        ...(Type && { type: Type }),
        ...(ConversationId !== undefined && { subjectHash: hashOf(ConversationId) }),
        ...instantOf('from', From),
        ...instantOf('to', To),
      };
      const audience = `deliveries ${scope.businessId} ${webhookId} ${JSON.stringify(filter)}`;
      return readAscending(ctx, audience, query, {
        first: Number.MAX_SAFE_INTEGER,
        read: async (before, limit) => {
          const page = { webhookId, filter, limit };
          return withAttempts(ctx, scope, await listDeliveries(ctx.db, scope, page, before));
        },
        keyOf: ({ delivery }) => delivery.seq,
        toWire: (row) => deliveryToWire(scope, row),
      });
    },
    async ReplayWebhook({ scope, params, body }) {
      const replayed = await replay(ctx, scope, params.webhookId, {
        deliveryId: body.DeliveryId ?? null,
        conversationId: body.ConversationId ?? null,
        from: body.From == null ? null : parseInstant(body.From),
        to: body.To == null ? null : parseInstant(body.To),
      });
      return { data: { Replayed: replayed } };
    },
  };
}

const instantOf = (key: 'from' | 'to', text: string | undefined) => {
  const instant = text === undefined ? null : parseInstant(text);
  return instant === null ? {} : { [key]: instant };
};

interface DeliveryRow {
  readonly delivery: Delivery;
  readonly attempts: readonly Attempt[];
}

async function withAttempts(
  ctx: WebhookContext,
  scope: Scope,
  deliveries: readonly Delivery[],
): Promise<DeliveryRow[]> {
  const ids = deliveries.map(({ id }) => id);
  const attempts = await findAttempts(ctx.db, scope, ids);
  const shown = deliveries.filter((delivery) => isBodyShown(scope, delivery));
  const read = { operation: 'GetWebhookDeliveries', kind: 'Conversation' } as const;
  const subjects = shown.flatMap((one) => (isOfCall(one) ? [] : (one.subjectId ?? [])));
  await auditRead(ctx, scope, { ...read, ids: [...new Set(subjects)] });
  return deliveries.map((delivery) => ({ delivery, attempts: attempts.get(delivery.id) ?? [] }));
}

function isBodyShown(scope: Scope, { masking, subjectId }: Delivery): boolean {
  if (subjectId !== null && isMasked(scope) && !isMaskedFor(scope, masking)) return false;
  return holds(scope.permissions, CONVERSATIONS, 'Retrieving');
}

/** True if everything is masked that the reader must not see; the settings may have changed since. */
function isMaskedFor({ redaction, redactionCountry }: Scope, masking: string): boolean {
  if (masking === '') return false;
  const [categories = '', country = ''] = masking.split(' ');
  const masked = new Set(categories.split(','));
  return country === (redactionCountry ?? '') && (redaction ?? []).every((one) => masked.has(one));
}

function deliveryToWire(
  scope: Scope,
  { delivery, attempts }: DeliveryRow,
): OutputOf<'GetWebhookDeliveries'>['Items'][number] {
  const { type, subjectId, nextAttemptAt } = delivery;
  const isShown = isBodyShown(scope, delivery);
  const hasConversation = !isOfCall(delivery) && type !== 'conversation.erased';
  return {
    DeliveryId: delivery.id,
    MessageId: delivery.messageId,
    Type: type,
    ConversationId: hasConversation ? subjectId : null,
    Status: delivery.status,
    CreatedAt: formatInstant(delivery.createdAt),
    NextAttemptAt: nextAttemptAt === null ? null : formatInstant(nextAttemptAt),
    Body: isShown ? delivery.body : null,
    Attempts: attempts.map(({ at, httpStatus, error, durationMs, answer }) => ({
      At: formatInstant(at),
      HttpStatus: httpStatus,
      Error: error,
      DurationMs: durationMs,
      Body: isShown ? answer : null,
    })),
  };
}

function webhookToWire({ secrets }: WebhookContext, webhook: Webhook): OutputOf<'GetWebhook'> {
  return {
    WebhookId: webhook.id,
    Url: webhook.url,
    Events: [...webhook.events],
    Description: webhook.description,
    HeaderNames: Object.keys(JSON.parse(secrets.decipher(webhook.headers))),
    IsEnabled: webhook.isEnabled,
    DisabledReason: webhook.disabledReason,
    IncludeUnredacted: webhook.unredactedBy !== null,
    FailingSince: webhook.failingSince === null ? null : formatInstant(webhook.failingSince),
    CreatedAt: formatInstant(webhook.createdAt),
    CreatedBy: webhook.createdBy,
  };
}
