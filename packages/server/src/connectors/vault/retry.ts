import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AssemblyRequests } from '../assembly/request.ts';
import { requireConnection } from '../settings/connection.ts';
import { lockConnection } from '../settings/connection-store.ts';
import type { Delivery } from './delivery.ts';
import { type DeliveryKey, findDelivery, findRaw, retryRow } from './delivery-store.ts';

type RetryContext = Pick<Context, 'db' | 'clock' | 'secrets'> & {
  readonly assembly: AssemblyRequests;
};

export function requireDelivery(delivery: Delivery | undefined): Delivery {
  if (!delivery) throw new Fault('NOT_FOUND', 'There is no such delivery of this connection.');
  return delivery;
}

/** NOT_FOUND, CONFLICT. */
export async function retryDelivery(
  ctx: RetryContext,
  scope: Scope,
  key: DeliveryKey,
): Promise<Delivery> {
  const now = ctx.clock.now();
  const retried = await ctx.db.transaction(async (tx) => {
    const connection = requireConnection(await lockConnection(tx, scope, key.connectionId));
    if (connection.isPaused) throw conflict('The connection is paused; set IsPaused to false.');
    const delivery = requireDelivery(await findDelivery(tx, scope, key, 'lock'));
    if (delivery.conversationId === null) throw conflict('The delivery is about no call.');
    const raw = (await findRaw(tx, scope, [delivery.id])).get(delivery.id);
    if (!raw?.body) throw conflict('The body was removed by an erasure or a purge.');
    await retryRow(tx, scope, delivery.id, now);
    const event = { action: 'ConnectionDeliveryRetried', kind: 'Connection' } as const;
    const details = { DeliveryId: delivery.id };
    await audit(tx, ctx, { ...scope, now }, { ...event, id: key.connectionId, details });
    return { ...delivery, status: 'Pending' as const, error: null, dueAt: now };
  });
  ctx.assembly.request(scope.businessId);
  return retried;
}

const conflict = (message: string) => new Fault('CONFLICT', message);
