import type { AuditEvent } from '../../access/audit/entry.ts';
import { audit } from '../../access/audit/pending-store.ts';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { addCampaign, lockCampaign } from '../campaigns/campaign-store.ts';
import { Planner } from '../campaigns/plan.ts';
import { addQueue, readQueue } from '../campaigns/queue-store.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import { findDoNotCall } from '../lists/do-not-call-store.ts';
import type { QueueContext } from '../queue-context.ts';
import { CallWriter, type Writing } from './call-writer.ts';
import { claimKey, saveAnswer } from './idempotent-store.ts';
import { type ReadRecipients, readRecipients } from './read-recipients.ts';
import {
  type Enqueued,
  type EnqueueRequest,
  refuseLateSchedule,
  refuseRejected,
} from './request.ts';

/**
 * All or nothing if it throws. INVALID_REQUEST if the only recipient is rejected, or one with
 * `allOrNothing`; CONFLICT if another request used the idempotency key.
 */
export async function enqueueCalls(
  ctx: QueueContext,
  scope: Scope,
  request: EnqueueRequest,
): Promise<Enqueued> {
  const now = ctx.clock.now();
  const { idempotency, campaignId } = request;
  const read = await readRecipients(request);
  await addQueue(ctx.db, scope, 'outbound');
  if (campaignId !== null) await addCampaign(ctx.db, scope, campaignId, now);
  const answer = await ctx.db.transaction(async (tx): Promise<Enqueued> => {
    if (!idempotency) return enqueueAll(tx, ctx, scope, { request, read, now });
    const first = await claimKey(tx, scope, idempotency, now);
    if (first.kind === 'same') return JSON.parse(first.answer);
    if (first.kind === 'other') {
      throw new Fault(
        'CONFLICT',
        'This Idempotency-Key was used for another request; use a different key for each request.',
      );
    }
    const answer = await enqueueAll(tx, ctx, scope, { request, read, now });
    await saveAnswer(tx, scope, idempotency.key, JSON.stringify(answer));
    return answer;
  });
  ctx.committed(scope);
  notifyWorkers(ctx, scope, 'outbound');
  return answer;
}

type Enqueuing = Pick<Writing, 'request' | 'now'> & { readonly read: ReadRecipients };

async function enqueueAll(
  tx: Tx,
  ctx: Pick<QueueContext, 'secrets'>,
  scope: Scope,
  { request, read, now }: Enqueuing,
): Promise<Enqueued> {
  refuseLateSchedule({ from: request.scheduledFor, until: request.expiresAt }, now);
  const isHidden = isMasked(scope);
  const planner = await lockPlanner(tx, scope, request.campaignId);
  const writer = new CallWriter({ tx, scope, request, planner, now }, read.rejected);
  // Rows are in the order of numbers, so requests with the same numbers cannot deadlock.
  const identified = read.dialable.map((one) => ({ ...one, id: newId('queue', now) }));
  identified.sort((a, b) => (a.number < b.number ? -1 : 1));
  // Calls of masked keys to listed numbers wait, so the keys do not learn which are listed.
  const numbers = isHidden ? [] : identified.map(({ number }) => number);
  const forbidden = await findDoNotCall(tx, scope, numbers);
  // Before the check for numbers that already wait, so a refusal does not reveal them.
  if (isHidden && request.allOrNothing) refuseRejected(request, writer.rejected);
  await writer.writeAll(identified, forbidden);
  const { queueIds } = writer;
  const rejected = writer.rejected.toSorted((a, b) => a.index - b.index);
  refuseRejected(isHidden ? { ...request, allOrNothing: false } : request, rejected);
  await audit(tx, ctx, { ...scope, now }, ...auditEventOf(scope, request.campaignId, queueIds));
  return { queueIds, rejected };
}

/** The lock lets a change of windows find all calls. */
async function lockPlanner(tx: Tx, scope: Scope, campaignId: string | null): Promise<Planner> {
  const campaign = campaignId === null ? null : await lockCampaign(tx, scope, campaignId, 'share');
  const { plan, businessZone } = await readQueue(tx, scope, 'outbound');
  const campaigns = new Map(campaign ? [[campaign.id, campaign]] : []);
  return new Planner({ plan, businessZone, campaigns });
}

/** One event suffices, because each call has a history. */
function auditEventOf(
  { businessId }: Scope,
  campaignId: string | null,
  queueIds: readonly (string | null)[],
): AuditEvent[] {
  const [one, ...others] = queueIds.filter((id) => id !== null);
  if (one === undefined) return [];
  const event = { action: 'CallEnqueued', details: { Calls: 1 + others.length } } as const;
  if (others.length === 0) return [{ ...event, kind: 'QueueEntry', id: one }];
  if (campaignId !== null) return [{ ...event, kind: 'Campaign', id: campaignId }];
  return [{ ...event, kind: 'Business', id: String(businessId) }];
}
