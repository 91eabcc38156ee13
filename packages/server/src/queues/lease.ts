import { type Scope, systemScope } from '../access/scope.ts';
import type { Database, Db } from '../base/db.ts';
import { together } from '../base/together.ts';
import type { Call, Direction } from './call.ts';
import type { QueueContext } from './enqueue.ts';
import { type Answer, type Ask, handOut, type LeaseRequest } from './hand-out.ts';
import { topicOf } from './tell-workers.ts';

/**
 * Hands calls that are due to a worker: none of them to two, none outside of its windows, above its
 * campaign's limits or on the do-not-call list. Waits up to `waitSeconds` for the first.
 */
export async function leaseCalls(
  ctx: QueueContext,
  scope: Scope,
  direction: Direction,
  request: LeaseRequest,
  waiting: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<readonly Call[]> {
  const { signal } = waiting;
  const ask = { ...request, clock: ctx.clock, signal };
  const look = async () => {
    const answer = await LOOKS[direction](ctx.db, scope.businessId, ask);
    if (answer.calls.length > 0) ctx.counting.touched(scope);
    return answer;
  };
  const until = performance.now() + waiting.seconds * 1000;
  for (;;) {
    const left = until - performance.now();
    if (left <= 0) return (await look()).calls;
    // Before the look, so that what is told of while it is under way is not missed.
    const stopping = new AbortController();
    const stopped = AbortSignal.any([signal, stopping.signal]);
    const told = ctx.wake.wait(topicOf(scope, direction), left, stopped);
    try {
      const { calls, nextDueAt } = await look();
      if (calls.length > 0 || signal.aborted || ctx.wake.isClosed) return calls;
      const due = nextDueAt === null ? Number.POSITIVE_INFINITY : nextDueAt - ctx.clock.now();
      const pause = Math.max(1, Math.min(due, ctx.wake.lookAgainMs));
      const timer = setTimeout(() => stopping.abort(), pause);
      await told;
      clearTimeout(timer);
    } finally {
      stopping.abort();
    }
  }
}

type Look = (db: Db, businessId: number, ask: Ask) => Promise<Answer>;

/** Calls are handed out one transaction after the other; workers that ask meanwhile share the next. */
const SHARING = { most: 64, atOnce: 1, patience: Infinity };
const LOOKS: Readonly<Record<Direction, Look>> = {
  outbound: together(SHARING, (db, businessId, asks: readonly Ask[]) =>
    handOut(db as Database, systemScope(businessId), 'outbound', asks),
  ),
  inbound: together(SHARING, (db, businessId, asks: readonly Ask[]) =>
    handOut(db as Database, systemScope(businessId), 'inbound', asks),
  ),
};
