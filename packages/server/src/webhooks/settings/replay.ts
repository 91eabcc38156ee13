import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { hasTombstone, idHash } from '../../tombstones/tombstone-store.ts';
import {
  type DeliveryFilter,
  findDelivery,
  listDeliveryIds,
  replayDeliveries,
} from '../delivery-store.ts';
import type { WebhookContext } from '../sending/send-context.ts';
import { webhooksTopic } from '../webhook.ts';
import { findWebhook } from '../webhook-store.ts';
import { requireWebhook } from './manage.ts';

const BATCH_SIZE = 500;

export interface ReplayRequest {
  readonly deliveryId: string | null;
  readonly conversationId: string | null;
  readonly from: number | null;
  readonly to: number | null;
}

/** Returns how many deliveries are sent again. INVALID_REQUEST, NOT_FOUND, CONFLICT, GONE. */
export async function replay(
  ctx: WebhookContext,
  scope: Scope,
  webhookId: string,
  request: ReplayRequest,
): Promise<number> {
  checkRequest(request);
  const webhook = requireWebhook(await findWebhook(ctx.db, scope, webhookId));
  if (!webhook.isEnabled) {
    throw new Fault('CONFLICT', 'The webhook is disabled; set IsEnabled to true first.');
  }
  const now = ctx.clock.now();
  const replayed = await replayFound(ctx, scope, webhookId, request);
  const details = { Deliveries: replayed };
  const event = { action: 'WebhookReplayed', kind: 'Webhook', id: webhookId, details } as const;
  await ctx.db.transaction((tx) => audit(tx, ctx, { ...scope, now }, event));
  ctx.notifier.publish(webhooksTopic(scope.businessId));
  return replayed;
}

function checkRequest({ deliveryId, conversationId, from, to }: ReplayRequest): void {
  const isRange = from !== null || to !== null;
  const given = [deliveryId !== null, conversationId !== null, isRange].filter(Boolean);
  if (given.length === 1 && (!isRange || (from !== null && to !== null))) return;
  throw new Fault('INVALID_REQUEST', 'Give either DeliveryId, ConversationId, or From and To.');
}

async function replayFound(
  ctx: WebhookContext,
  scope: Scope,
  webhookId: string,
  { deliveryId, conversationId, from, to }: ReplayRequest,
): Promise<number> {
  const now = ctx.clock.now();
  if (deliveryId !== null) {
    const delivery = await findDelivery(ctx.db, scope, webhookId, deliveryId);
    if (!delivery) throw new Fault('NOT_FOUND', 'There is no such delivery of this webhook.');
    const hasSubject = /^(conversation|recording|queue)\./.test(delivery.type);
    if (hasSubject && delivery.subjectId === null) throw erased();
    return replayDeliveries(ctx.db, scope, now, [deliveryId]);
  }
  if (conversationId !== null) {
    const subject = { kind: 'conversation', id: conversationId } as const;
    if (await hasTombstone(ctx.db, ctx.secrets, scope.businessId, subject)) throw erased();
    const subjectHash = idHash(ctx.secrets, scope.businessId, 'conversation', conversationId);
    const replayed = await replayAll(ctx, scope, webhookId, { subjectHash });
    if (replayed > 0) return replayed;
    const message = 'The webhook has no deliveries about this conversation.';
    throw new Fault('NOT_FOUND', message);
  }
  return replayAll(ctx, scope, webhookId, {
    ...(from !== null && { from }),
    ...(to !== null && { to }),
  });
}

const erased = () => new Fault('GONE', 'The conversation or call of the delivery was erased.');

async function replayAll(
  ctx: WebhookContext,
  scope: Scope,
  webhookId: string,
  filter: DeliveryFilter,
): Promise<number> {
  let replayed = 0;
  for (let after = 0; ; ) {
    const page = { webhookId, filter, limit: BATCH_SIZE };
    const found = await listDeliveryIds(ctx.db, scope, page, after);
    const ids = found.map(({ id }) => id);
    replayed += await replayDeliveries(ctx.db, scope, ctx.clock.now(), ids);
    if (found.length < BATCH_SIZE) return replayed;
    after = found.at(-1)?.seq ?? after;
  }
}
