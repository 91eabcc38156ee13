import { audit } from '../access/audit/pending-store.ts';
import type { Scope } from '../access/scope.ts';
import { Fault } from '../base/fault.ts';
import { newId } from '../base/ids.ts';
import { addCalls, findReceived } from './add-store.ts';
import { type InboundCall, UNDECIDED } from './call.ts';
import { enqueue } from './decide.ts';
import type { QueueContext } from './enqueue.ts';
import { normalizeNumber } from './phone-number.ts';
import { NO_RULES } from './rules.ts';
import { tellWorkers } from './tell-workers.ts';

export type ReceivedCall = Pick<
  InboundCall,
  'numberId' | 'routeId' | 'callerNumber' | 'provider' | 'providerCallId'
>;

/**
 * Puts a call that came in into the queue, once for each call of its provider. A caller whose number
 * is withheld, or is none, is kept as it was told.
 */
export async function receiveCall(
  ctx: QueueContext,
  scope: Scope,
  received: ReceivedCall,
): Promise<{ id: string; created: boolean }> {
  const now = ctx.clock.now();
  const callerNumber = normalizeNumber(received.callerNumber, null) ?? received.callerNumber;
  const call: InboundCall = {
    direction: 'inbound',
    ...UNDECIDED,
    id: newId('queue', now),
    enqueuedAt: now,
    priority: 0,
    ...received,
    callerNumber,
  };
  const added = enqueue(call, NO_RULES, `as a call from ${callerNumber} to ${received.numberId}`);
  const known = await ctx.db.transaction(async (tx) => {
    const there = await addCalls(tx, scope, 'inbound', [added]);
    const deed = { action: 'CallReceived', kind: 'QueueEntry', id: call.id } as const;
    if (there.size === 0) await audit(tx, ctx, scope, now, deed);
    return there;
  });
  const created = known.size === 0;
  if (created) {
    ctx.counting.touched(scope);
    tellWorkers(ctx, scope, 'inbound');
    return { id: call.id, created };
  }
  const id = await findReceived(ctx.db, scope, received);
  if (id === null) throw new Fault('UNAVAILABLE', 'The call was not there; try again.', {});
  return { id, created };
}
