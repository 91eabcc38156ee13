import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import type { Database, Db } from '../../kernel/postgres/database.ts';
import type { Call, CallOf, Direction } from '../calls/call.ts';
import type { QueueContext } from '../enqueue/enqueue.ts';
import { giveBack } from './give-back.ts';
import { type Answer, type Ask, handOut, type LeaseRequest } from './hand-out.ts';
import { topicOf } from './notify-workers.ts';

/** The worker that asks, as far as what it may do can change while it waits. */
export interface Worker {
  /** The scope as it is now. Faults if the worker may take no calls any more. */
  authorize(): Promise<Scope>;
  /** True if `authorize` has to be called again. */
  isOutdated(): boolean;
}

interface Leased<D extends Direction> {
  readonly calls: readonly CallOf<D>[];
  /** What the worker may do, as found after its calls were taken. */
  readonly scope: Scope;
}

/**
 * Hands calls that are due to a worker: none of them to two, none outside of its windows, above its
 * campaign's limits or on the do-not-call list. Waits up to `waitSeconds` for the first. Each look
 * authorizes the worker again; the Faults are those of `authorize`.
 */
export async function leaseCalls<D extends Direction>(
  ctx: QueueContext,
  worker: Worker,
  direction: D,
  request: LeaseRequest,
  waiting: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<Leased<D>> {
  const { signal } = waiting;
  const ask = { ...request, clock: ctx.clock, signal, isOutdated: () => worker.isOutdated() };
  const look = async () => {
    for (;;) {
      const scope = await worker.authorize();
      const found = await LOOKS[direction](ctx.db, scope.businessId, ask);
      const { isOutdated, ...answer } = { ...found, calls: found.calls as CallOf<D>[] };
      if (isOutdated && !signal.aborted) continue;
      if (answer.calls.length === 0) return { ...answer, scope };
      ctx.counting.touched(scope);
      return {
        ...answer,
        scope: await authorizeOrGiveBack(ctx, worker, scope, direction, answer.calls),
      };
    }
  };
  const { businessId } = await worker.authorize();
  const until = performance.now() + waiting.seconds * 1000;
  for (;;) {
    const left = until - performance.now();
    if (left <= 0) return look();
    // Before the look, so that what is told of while it is under way is not missed.
    const stopping = new AbortController();
    const stopped = AbortSignal.any([signal, stopping.signal]);
    const told = ctx.notifier.wait(topicOf({ businessId }, direction), left, stopped);
    try {
      const { calls, nextDueAt, scope } = await look();
      if (calls.length > 0 || signal.aborted || ctx.notifier.isClosed) return { calls, scope };
      const due = nextDueAt === null ? Number.POSITIVE_INFINITY : nextDueAt - ctx.clock.now();
      const pause = Math.max(1, Math.min(due, ctx.notifier.lookAgainMs));
      const timer = setTimeout(() => stopping.abort(), pause);
      await told;
      clearTimeout(timer);
    } finally {
      stopping.abort();
    }
  }
}

/** The check after the commit: access can change between the one under the lock and the commit. */
async function authorizeOrGiveBack(
  ctx: QueueContext,
  worker: Worker,
  scope: Scope,
  direction: Direction,
  calls: readonly Call[],
): Promise<Scope> {
  try {
    return await worker.authorize();
  } catch (refusal) {
    // If that fails too, the leases run out by themselves.
    await giveBack(ctx, scope, direction, calls).catch((error: unknown) =>
      ctx.log.warn({ err: error }, 'calls of a refused worker were not returned to the queue'),
    );
    throw refusal;
  }
}

type Look = (db: Db, businessId: number, ask: Ask) => Promise<Answer>;

/** Calls are handed out one transaction after the other; workers that ask meanwhile share the next. */
const SHARING = { most: 64, atOnce: 1, patience: Infinity };
const LOOKS: Readonly<Record<Direction, Look>> = {
  outbound: createBatcher(SHARING, (db, businessId, asks: readonly Ask[]) =>
    handOut(db as Database, systemScope(businessId), 'outbound', asks),
  ),
  inbound: createBatcher(SHARING, (db, businessId, asks: readonly Ask[]) =>
    handOut(db as Database, systemScope(businessId), 'inbound', asks),
  ),
};
