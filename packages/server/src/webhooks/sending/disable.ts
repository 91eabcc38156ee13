import { audit } from '../../access/audit/pending-store.ts';
import { systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Notifier } from '../../kernel/postgres/notifier.ts';
import { addDeliveries } from '../delivery-store.ts';
import { MAX_WEBHOOKS } from '../events/dispatch.ts';
import { renderMessage } from '../events/render.ts';
import { webhooksTopic } from '../webhook.ts';
import { findWebhook, listWebhooks, lockPosition, updateWebhookRow } from '../webhook-store.ts';

type DisableContext = Pick<Context, 'db' | 'clock' | 'secrets' | 'log'> & {
  readonly notifier: Notifier;
};

/** Disables a webhook whose receiver does not work, and tells the other webhooks. */
export async function disableWebhook(
  ctx: DisableContext,
  businessId: number,
  id: string,
  reason: string,
): Promise<void> {
  const now = ctx.clock.now();
  const scope = { ...systemScope(businessId), now };
  const isDisabled = await ctx.db.transaction(async (tx) => {
    await lockPosition(tx, scope);
    const webhook = await findWebhook(tx, scope, id, 'lock');
    if (!webhook?.isEnabled) return false;
    const disabled = { ...webhook, isEnabled: false, disabledReason: reason };
    await updateWebhookRow(tx, scope, disabled);
    await audit(tx, ctx, scope, { action: 'WebhookDisabled', kind: 'Webhook', id });
    const messageId = newId('msg', now);
    const happening = {
      type: 'webhook.disabled',
      subjectId: null,
      details: null,
      at: now,
    } as const;
    const data = { WebhookId: id, Description: webhook.description, DisabledReason: reason };
    const body = renderMessage(happening, data);
    const others = await listWebhooks(tx, scope, '', MAX_WEBHOOKS);
    const deliveries = others
      .filter((one) => one.id !== id && one.isEnabled && one.events.includes(happening.type))
      .map((one) => {
        const own = { id: newId('delivery', now), webhookId: one.id, masking: '', body };
        return { ...happening, ...own, messageId, subjectHash: messageId };
      });
    if (deliveries.length > 0) await addDeliveries(tx, scope, { reached: 0, now }, deliveries);
    return true;
  });
  if (!isDisabled) return;
  ctx.log.warn({ businessId, webhookId: id, reason }, 'a webhook was disabled');
  ctx.notifier.publish(webhooksTopic(businessId));
}
