import type { Call, Handlers } from '../../access/authorization/call.ts';
import type { Direction } from '../calls/call.ts';
import { noteCalls } from '../calls/masked.ts';
import type { QueueHandlerContext } from '../queue-context.ts';
import { leasedToWire } from '../to-wire.ts';
import { leaseCalls } from './lease.ts';

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
  const { calls, scope } = await leaseCalls(ctx, call, direction, request);
  const operation = direction === 'outbound' ? 'LeaseOutboundCalls' : 'LeaseInboundCalls';
  await noteCalls(ctx, scope, operation, calls);
  return { data: { Calls: calls.map((leased) => leasedToWire(direction, leased)) } };
}
