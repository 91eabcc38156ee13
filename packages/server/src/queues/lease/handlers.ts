import type { Call, Handlers } from '../../access/authorization/call.ts';
import type { Direction } from '../calls/call.ts';
import { noteCalls } from '../calls/masked.ts';
import type { QueueHandlerContext } from '../queue-context.ts';
import { leasedToWire } from '../to-wire.ts';
import { leaseCalls, type Worker } from './lease.ts';

type Names = 'LeaseOutboundCalls' | 'LeaseInboundCalls';

export const leaseHandlers = (ctx: QueueHandlerContext): Handlers<Names> => ({
  LeaseOutboundCalls: (call) => lease(ctx, 'outbound', call),
  LeaseInboundCalls: (call) => lease(ctx, 'inbound', call),
});

async function lease<D extends Direction>(
  ctx: QueueHandlerContext,
  direction: D,
  call: Call<Names>,
) {
  const { body, signal } = call;
  const { WorkerId: workerId, Max: max, LeaseSeconds: leaseSeconds } = body;
  const request = { workerId, max, leaseSeconds, waitSeconds: body.WaitSeconds ?? 0, signal };
  const worker = direction === 'outbound' ? withinQuotas(ctx, call) : call;
  const { calls, scope } = await leaseCalls(ctx, worker, direction, request);
  const operation = direction === 'outbound' ? 'LeaseOutboundCalls' : 'LeaseInboundCalls';
  await noteCalls(ctx, scope, operation, calls);
  return { data: { Calls: calls.map((leased) => leasedToWire(direction, leased)) } };
}

/** A call that cannot be recorded is not made. Inbound calls were refused or accepted when they were received. */
const withinQuotas = ({ quotas }: QueueHandlerContext, call: Call<Names>): Worker => ({
  isOutdated: () => call.isOutdated(),
  async authorize() {
    const scope = await call.authorize();
    const overQuota = await quotas.refuseCall(scope);
    if (overQuota) throw overQuota;
    return scope;
  },
});
