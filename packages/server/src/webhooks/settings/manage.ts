import type { InputOf, WebhookChange } from '@colloquy/wire';
import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { numberBusiness } from '../../changes/log.ts';
import { findRange } from '../../changes/log-store.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { addDeliveries } from '../delivery-store.ts';
import { MAX_WEBHOOKS } from '../events/dispatch.ts';
import { renderMessage } from '../events/render.ts';
import type { WebhookContext } from '../sending/send-context.ts';
import { decipherSecrets, encipherSecrets, isLive, newSecret } from '../sending/signature.ts';
import { RUNNER_TOPIC, type Webhook, webhooksTopic } from '../webhook.ts';
import {
  countWebhooks,
  deleteWebhookRow,
  findWebhook,
  insertPosition,
  insertWebhook,
  lockPosition,
  updateWebhookRow,
} from '../webhook-store.ts';
import { changeFromWire } from './from-wire.ts';

const OVERLAP_MILLISECONDS = 86_400_000;

export function requireWebhook(webhook: Webhook | undefined): Webhook {
  if (!webhook) throw new Fault('NOT_FOUND', 'There is no such webhook in this business.');
  return webhook;
}

/** The position after everything that was committed before. */
async function endOfLog({ db }: WebhookContext, scope: Scope): Promise<number> {
  await numberBusiness(db, scope.businessId);
  return (await findRange(db, scope)).last;
}

type NewWebhook = Omit<InputOf<'CreateWebhook'>, 'businessId'>;

/** The secret is shown only once. INVALID_REQUEST, PERMISSION_DENIED, CONFLICT. */
export async function createWebhook(ctx: WebhookContext, scope: Scope, body: NewWebhook) {
  const now = ctx.clock.now();
  const secret = newSecret();
  const given = changeFromWire(ctx, scope, body, { unredactedBy: null });
  const startsAfter = await endOfLog(ctx, scope);
  const webhook: Webhook = {
    id: newId('webhook', now),
    url: body.Url,
    events: body.Events,
    description: '',
    headers: ctx.secrets.encipher('{}'),
    secrets: encipherSecrets(ctx.secrets, [{ secret, expiresAt: null }]),
    isEnabled: body.IsEnabled ?? true,
    disabledReason: null,
    unredactedBy: null,
    startsAfter,
    failingSince: null,
    createdAt: now,
    createdBy: scope.userId,
    ...given,
  };
  await ctx.db.transaction(async (tx) => {
    await insertPosition(tx, scope, startsAfter);
    await lockPosition(tx, scope);
    if ((await countWebhooks(tx, scope)) >= MAX_WEBHOOKS) {
      throw new Fault('CONFLICT', `There are ${MAX_WEBHOOKS} webhooks; delete one first.`);
    }
    await insertWebhook(tx, scope, webhook);
    const details = detailsOf(webhook);
    const event = { action: 'WebhookCreated', kind: 'Webhook', id: webhook.id, details } as const;
    await audit(tx, ctx, { ...scope, now }, event);
  });
  ctx.notifier.publish(RUNNER_TOPIC);
  ctx.notifier.publish(webhooksTopic(scope.businessId));
  return { id: webhook.id, secret };
}

const detailsOf = ({ events, isEnabled, unredactedBy }: Webhook) => ({
  Events: events,
  IsEnabled: isEnabled,
  IncludeUnredacted: unredactedBy !== null,
});

async function change(
  ctx: WebhookContext,
  scope: Scope,
  id: string,
  work: (tx: Tx, webhook: Webhook, now: number) => Promise<Webhook>,
): Promise<Webhook> {
  const now = ctx.clock.now();
  const changed = await ctx.db.transaction(async (tx) => {
    await lockPosition(tx, scope);
    const webhook = requireWebhook(await findWebhook(tx, scope, id, 'lock'));
    return work(tx, webhook, now);
  });
  ctx.notifier.publish(webhooksTopic(scope.businessId));
  return changed;
}

/** NOT_FOUND, INVALID_REQUEST, PERMISSION_DENIED. */
export async function updateWebhook(
  ctx: WebhookContext,
  scope: Scope,
  id: string,
  body: WebhookChange,
): Promise<Webhook> {
  const end = body.IsEnabled === true ? await endOfLog(ctx, scope) : 0;
  return change(ctx, scope, id, async (tx, before, now) => {
    const isEnabled = body.IsEnabled ?? before.isEnabled;
    const enabling = isEnabled && !before.isEnabled;
    const after: Webhook = {
      ...before,
      ...changeFromWire(ctx, scope, body, before),
      isEnabled,
      disabledReason: isEnabled ? null : before.disabledReason,
      ...(enabling && { startsAfter: Math.max(end, before.startsAfter), failingSince: null }),
    };
    if (JSON.stringify(after) === JSON.stringify(before)) return before;
    await updateWebhookRow(tx, scope, after);
    const details = detailsOf(after);
    const event = { action: 'WebhookChanged', kind: 'Webhook', id, details } as const;
    await audit(tx, ctx, { ...scope, now }, event);
    return after;
  });
}

/** A job removes the deliveries. NOT_FOUND. */
export async function deleteWebhook(ctx: WebhookContext, scope: Scope, id: string) {
  await change(ctx, scope, id, async (tx, webhook, now) => {
    await deleteWebhookRow(tx, scope, id);
    const event = { action: 'WebhookDeleted', kind: 'Webhook', id } as const;
    await audit(tx, ctx, { ...scope, now }, event);
    return webhook;
  });
}

/** Both secrets sign for a day. NOT_FOUND, CONFLICT. */
export async function rotateSecret(
  ctx: WebhookContext,
  scope: Scope,
  id: string,
  isForced: boolean,
) {
  const secret = newSecret();
  let previousExpiresAt = 0;
  await change(ctx, scope, id, async (tx, webhook, now) => {
    const live = decipherSecrets(ctx.secrets, webhook.secrets).filter((one) => isLive(one, now));
    if (live.length > 1 && !isForced) {
      throw new Fault(
        'CONFLICT',
        'The secret was rotated less than 24 hours ago; set Force to true to drop the oldest secret.',
      );
    }
    previousExpiresAt = now + OVERLAP_MILLISECONDS;
    const previous = live.slice(0, 1).map((one) => ({ ...one, expiresAt: previousExpiresAt }));
    const secrets = encipherSecrets(ctx.secrets, [{ secret, expiresAt: null }, ...previous]);
    const after = { ...webhook, secrets };
    await updateWebhookRow(tx, scope, after);
    const details = { Force: isForced };
    const event = { action: 'WebhookSecretRotated', kind: 'Webhook', id, details } as const;
    await audit(tx, ctx, { ...scope, now }, event);
    return after;
  });
  return { secret, previousExpiresAt };
}

/** NOT_FOUND. */
export async function sendTest(ctx: WebhookContext, scope: Scope, id: string) {
  const messageId = newId('msg', ctx.clock.now());
  const deliveryId = newId('delivery', ctx.clock.now());
  await change(ctx, scope, id, async (tx, webhook, now) => {
    const happening = { type: 'webhook.test', subjectId: null, details: null, at: now } as const;
    const body = renderMessage(happening, { WebhookId: id });
    const own = { id: deliveryId, webhookId: id, messageId, subjectHash: messageId };
    const delivery = { ...happening, ...own, masking: '', body };
    await addDeliveries(tx, scope, { reached: 0, now }, [delivery]);
    return webhook;
  });
  return { deliveryId, messageId };
}
