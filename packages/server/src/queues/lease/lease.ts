import type { Scope } from '../../access/authorization/scope.ts';
import type { Call, CallOf, Direction } from '../calls/call.ts';
import { createQueueBatchers } from '../enqueue/number-races.ts';
import type { QueueContext } from '../queue-context.ts';
import { handOut, type LeaseRequest } from './hand-out.ts';
import { topicOf } from './notify-workers.ts';
import { returnToQueue } from './return-to-queue.ts';

export interface Worker {
  /** Throws a Fault if the worker may no longer lease calls. */
  authorize(): Promise<Scope>;
  isOutdated(): boolean;
}

interface WaitingRequest extends LeaseRequest {
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * Leases each due call to one worker, inside its windows and the limits of its campaign, and never
 * to a number on the do-not-call list. Waits for the first call. Throws the Faults of `authorize`.
 */
export async function leaseCalls<D extends Direction>(
  ctx: QueueContext,
  worker: Worker,
  direction: D,
  { waitSeconds, ...request }: WaitingRequest,
): Promise<{ readonly calls: readonly CallOf<D>[]; readonly scope: Scope }> {
  const { signal } = request;
  const pending = { ...request, clock: ctx.clock, isOutdated: () => worker.isOutdated() };
  const tryLease = async () => {
    for (;;) {
      const scope = await worker.authorize();
      const found = await LEASE_BATCHERS[direction](ctx.db, scope.businessId, pending);
      if (found.isOutdated && !signal.aborted) continue;
      const result = { calls: found.calls as CallOf<D>[], nextDueAt: found.nextDueAt, scope };
      if (result.calls.length === 0) return result;
      ctx.committed(scope);
      // Access can change between the first check and the commit.
      const newScope = await worker.authorize().catch(async (refusal: unknown) => {
        await returnOrExpire(ctx, scope, direction, result.calls);
        throw refusal;
      });
      return { ...result, scope: newScope };
    }
  };
  const { businessId } = await worker.authorize();
  const until = performance.now() + waitSeconds * 1000;
  for (;;) {
    const left = until - performance.now();
    if (left <= 0) return tryLease();
    // Before the try, so no notification during it is missed.
    const stopping = new AbortController();
    const stopped = AbortSignal.any([signal, stopping.signal]);
    const notified = ctx.notifier.wait(topicOf({ businessId }, direction), left, stopped);
    try {
      const { calls, nextDueAt, scope } = await tryLease();
      if (calls.length > 0 || signal.aborted || ctx.notifier.isClosed) return { calls, scope };
      const due = nextDueAt === null ? Number.POSITIVE_INFINITY : nextDueAt - ctx.clock.now();
      const pause = Math.max(1, Math.min(due, ctx.notifier.lookAgainMs));
      const timer = setTimeout(() => stopping.abort(), pause);
      await notified;
      clearTimeout(timer);
    } finally {
      stopping.abort();
    }
  }
}

async function returnOrExpire(
  ctx: QueueContext,
  scope: Scope,
  direction: Direction,
  calls: readonly Call[],
): Promise<void> {
  await returnToQueue(ctx, scope, direction, calls).catch((error: unknown) =>
    ctx.log.warn(
      { err: error },
      'cannot return the calls of a refused worker to the queue; their call leases will expire',
    ),
  );
}

/** Workers that arrive during the transaction of a queue share the next. */
const BATCHING = { most: 64, atOnce: 1, patience: Infinity };
const LEASE_BATCHERS = createQueueBatchers(BATCHING, handOut);
