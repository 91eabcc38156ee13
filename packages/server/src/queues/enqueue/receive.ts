import { toE164 } from '@colloquy/phone-numbers';
import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { QuotaGuard } from '../../conversations/usage/quotas.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { type InboundCall, UNDECIDED } from '../calls/call.ts';
import { enqueue } from '../calls/call-decisions.ts';
import { NO_RULES } from '../campaigns/plan.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import type { QueueContext } from '../queue-context.ts';
import { addCalls, findReceived } from './add-store.ts';

export type ReceivedCall = Pick<
  InboundCall,
  'numberId' | 'routeId' | 'callerNumber' | 'provider' | 'providerCallId'
>;

/** Once for each call id of its provider, even if the caller id is not a number. */
export async function receiveCall(
  ctx: QueueContext & { readonly quotas: QuotaGuard },
  scope: Scope,
  received: ReceivedCall,
): Promise<{ id: string; created: boolean }> {
  const overQuota = await ctx.quotas.refuseCall(scope);
  if (overQuota) {
    const known = await findReceived(ctx.db, scope, received);
    if (known === null) throw overQuota;
    return { id: known, created: false };
  }
  const now = ctx.clock.now();
  const callerE164 = toE164(received.callerNumber);
  const call: InboundCall = {
    direction: 'inbound',
    ...UNDECIDED,
    id: newId('queue', now),
    enqueuedAt: now,
    priority: 0,
    ...received,
    callerE164,
  };
  const caller = callerE164 ?? (received.callerNumber.trim() || 'a withheld number');
  const added = enqueue(call, NO_RULES, `as a call from ${caller} to ${received.numberId}`);
  const known = await ctx.db.transaction(async (tx) => {
    const existing = await addCalls(tx, scope, 'inbound', [added]);
    const event = { action: 'CallReceived', kind: 'QueueEntry', id: call.id } as const;
    if (existing.size === 0) await audit(tx, ctx, { ...scope, now }, event);
    return existing;
  });
  const created = known.size === 0;
  if (created) {
    ctx.committed(scope);
    notifyWorkers(ctx, scope, 'inbound');
    return { id: call.id, created };
  }
  const id = await findReceived(ctx.db, scope, received);
  // The call can have been erased since.
  if (id === null) throw new Fault('UNAVAILABLE', 'The call was just removed; try again.', {});
  return { id, created };
}
