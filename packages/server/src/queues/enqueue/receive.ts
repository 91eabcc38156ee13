import { toE164 } from '@colloquy/phone-numbers';
import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { type InboundCall, UNDECIDED } from '../calls/call.ts';
import { enqueue } from '../calls/call-decisions.ts';
import { NO_RULES } from '../campaigns/rules.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import { addCalls, findReceived } from './add-store.ts';
import type { QueueContext } from './enqueue.ts';

export type ReceivedCall = Pick<
  InboundCall,
  'numberId' | 'routeId' | 'callerNumber' | 'provider' | 'providerCallId'
>;

/**
 * Puts a call that came in into the queue, once for each call of its provider. The caller id is kept as
 * the provider gave it, whether or not it is a number.
 */
export async function receiveCall(
  ctx: QueueContext,
  scope: Scope,
  received: ReceivedCall,
): Promise<{ id: string; created: boolean }> {
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
    const there = await addCalls(tx, scope, 'inbound', [added]);
    const deed = { action: 'CallReceived', kind: 'QueueEntry', id: call.id } as const;
    if (there.size === 0) await audit(tx, ctx, scope, now, deed);
    return there;
  });
  const created = known.size === 0;
  if (created) {
    ctx.counting.touched(scope);
    notifyWorkers(ctx, scope, 'inbound');
    return { id: call.id, created };
  }
  const id = await findReceived(ctx.db, scope, received);
  if (id === null) throw new Fault('UNAVAILABLE', 'The call was not there; try again.', {});
  return { id, created };
}
