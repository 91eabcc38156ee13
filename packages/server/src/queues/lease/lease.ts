import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import type { Database, Db } from '../../kernel/postgres/database.ts';
import type { Call, CallOf, Direction } from '../calls/call.ts';
import type { QueueContext } from '../queue-context.ts';
import { handOut, type LeaseRequest, type LeaseResult, type PendingLease } from './hand-out.ts';
import { topicOf } from './notify-workers.ts';
import { returnToQueue } from './return-to-queue.ts';

/** The access of a worker, which can change while it waits for calls. */
export interface Worker {
  /** The current scope. Throws a Fault if the worker may no longer lease calls. */
  authorize(): Promise<Scope>;
  /** True if `authorize` has to be called again. */
  isOutdated(): boolean;
}

interface Leased<D extends Direction> {
  readonly calls: readonly CallOf<D>[];
  readonly scope: Scope;
}

/**
 * Leases due calls to a worker: each call to one worker, inside its windows, within the limits of its
 * campaign and never to a number on the do-not-call list. Waits up to `waiting.seconds` for the first
 * call. Authorizes the worker again for each try, and throws the Faults of `authorize`.
 */
export async function leaseCalls<D extends Direction>(
  ctx: QueueContext,
  worker: Worker,
  direction: D,
  request: LeaseRequest,
  waiting: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<Leased<D>> {
  const { signal } = waiting;
  const pending = { ...request, clock: ctx.clock, signal, isOutdated: () => worker.isOutdated() };
  const tryLease = async () => {
    for (;;) {
      const scope = await worker.authorize();
      const found = await LEASE_BATCHERS[direction](ctx.db, scope.businessId, pending);
      const { isOutdated, ...result } = { ...found, calls: found.calls as CallOf<D>[] };
      if (isOutdated && !signal.aborted) continue;
      if (result.calls.length === 0) return { ...result, scope };
      ctx.counting.touched(scope);
      return {
        ...result,
        scope: await authorizeOrReturn(ctx, worker, scope, direction, result.calls),
      };
    }
  };
  const { businessId } = await worker.authorize();
  const until = performance.now() + waiting.seconds * 1000;
  for (;;) {
    const left = until - performance.now();
    if (left <= 0) return tryLease();
    // Subscribes before the try, so that no notification during it is missed.
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

/** Authorizes again after the commit, because access can change between the first check and the commit. */
async function authorizeOrReturn(
  ctx: QueueContext,
  worker: Worker,
  scope: Scope,
  direction: Direction,
  calls: readonly Call[],
): Promise<Scope> {
  try {
    return await worker.authorize();
  } catch (refusal) {
    await returnToQueue(ctx, scope, direction, calls).catch((error: unknown) =>
      ctx.log.warn(
        { err: error },
        'cannot return the calls of a refused worker to the queue; their call leases will expire',
      ),
    );
    throw refusal;
  }
}

type TryLease = (db: Db, businessId: number, request: PendingLease) => Promise<LeaseResult>;

/** One transaction at a time leases the calls of a queue; workers that arrive during it share the next. */
const BATCHING = { most: 64, atOnce: 1, patience: Infinity };
const LEASE_BATCHERS: Readonly<Record<Direction, TryLease>> = {
  outbound: createBatcher(BATCHING, (db, businessId, requests: readonly PendingLease[]) =>
    handOut(db as Database, systemScope(businessId), 'outbound', requests),
  ),
  inbound: createBatcher(BATCHING, (db, businessId, requests: readonly PendingLease[]) =>
    handOut(db as Database, systemScope(businessId), 'inbound', requests),
  ),
};
