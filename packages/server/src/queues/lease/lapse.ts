import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findLastHeard, findNaming } from '../../conversations/write/named-calls-store.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Call, Direction } from '../calls/call.ts';
import { abandon, expire, loseLease, replan } from '../calls/call-decisions.ts';
import { lockCalls, saveChanges } from '../calls/call-store.ts';
import { CallTransition } from '../calls/call-transition.ts';
import { applyConversations } from '../calls/follow.ts';
import { abandonSecondsOf } from '../calls/watch.ts';
import { findToWatch, listToWatch } from '../calls/watch-store.ts';
import { findOutdated, lockQueue, setPlanned } from '../campaigns/queue-store.ts';
import { plannerOf, readPlanner } from '../campaigns/rules.ts';
import type { QueueContext } from '../enqueue/enqueue.ts';
import { findClosed, findExpired, findLapsed } from './due-store.ts';
import { notifyWorkers } from './notify-workers.ts';

/** Calls of one transaction. */
const CHUNK = 500;

/**
 * Takes back the calls whose lease has run out, unless a conversation names them: those wait for it.
 * Gives how many leases had run out.
 */
export async function returnLapsed(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  now: number,
): Promise<number> {
  const ids = await findLapsed(tx, scope, direction, now, CHUNK);
  if (ids.length === 0) return 0;
  const calls: Call[] = [...(await lockCalls(tx, scope, direction, ids)).values()].filter(
    ({ status, leaseExpiresAt }) =>
      status === 'Processing' && leaseExpiresAt !== null && leaseExpiresAt <= now,
  );
  const planner = await readPlanner(tx, scope, direction, calls);
  const naming = Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
  const changes = [];
  for (const call of calls) {
    const transition = new CallTransition<Call>(call, now);
    await applyConversations(tx, scope, transition, planner, naming.get(call.id) ?? []);
    if (transition.after === call) loseLease(transition, planner);
    changes.push(transition.change);
  }
  await saveChanges(tx, scope, direction, changes);
  return ids.length;
}

/** Takes back all calls of a business whose lease has run out. */
export async function returnAllLapsed(ctx: QueueContext, scope: Scope): Promise<void> {
  for (const direction of ['outbound', 'inbound'] as const) {
    let returned = CHUNK;
    while (returned === CHUNK) {
      returned = await ctx.db.transaction((tx) =>
        returnLapsed(tx, scope, direction, ctx.clock.now()),
      );
      if (returned === 0) continue;
      ctx.counting.touched(scope);
      notifyWorkers(ctx, scope, direction);
    }
  }
}

/**
 * Ends the attempts whose worker and conversation have both fallen silent. Gives how many calls were looked
 * at, of which some may go on.
 */
export async function endSilent(tx: Tx, scope: Scope, now: number): Promise<number> {
  const ids = await findToWatch(tx, scope, now, CHUNK);
  if (ids.length === 0) return 0;
  const calls = [...(await lockCalls(tx, scope, 'outbound', ids)).values()].filter(
    ({ status, sessionId, leaseExpiresAt, watchAt }) =>
      status === 'Processing' &&
      sessionId !== null &&
      leaseExpiresAt === null &&
      (watchAt ?? 0) <= now,
  );
  const planner = await readPlanner(tx, scope, 'outbound', calls);
  const naming = Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
  const sessions = calls.flatMap(({ sessionId }) => sessionId ?? []);
  const heard = await findLastHeard(tx, scope, sessions);
  const changes = [];
  for (const call of calls) {
    const transition = new CallTransition<Call>(call, now);
    await applyConversations(tx, scope, transition, planner, naming.get(call.id) ?? []);
    if (transition.after.status === 'Processing') {
      const seconds = abandonSecondsOf(planner, call);
      const last = heard.get(call.sessionId ?? '');
      const lastAt = last?.mayAbandon === false ? now : (last?.heardAt ?? 0);
      const watchAt = Math.max(call.leaseUntil ?? 0, lastAt + seconds * 1000);
      if (watchAt > now) transition.set({ watchAt });
      else abandon(transition, seconds);
    }
    changes.push(transition.change);
  }
  await saveChanges(tx, scope, 'outbound', changes);
  return ids.length;
}

/** Ends the silent attempts of all businesses; what fails in one is logged and tried again later. */
export async function endAllSilent(ctx: QueueContext): Promise<void> {
  for (const businessId of await listToWatch(ctx.db, ctx.clock.now())) {
    const scope = systemScope(businessId);
    try {
      for (let count = CHUNK; count === CHUNK; ) {
        count = await ctx.db.transaction((tx) => endSilent(tx, scope, ctx.clock.now()));
      }
      ctx.counting.touched(scope);
      notifyWorkers(ctx, scope, 'outbound');
    } catch (error) {
      ctx.log.warn({ err: error, businessId }, 'silent calls were not ended');
    }
  }
}

/** Workers that ask look too; this is for queues at which none asks. */
export const LOOK_MILLISECONDS = 5_000;

/** Ends silent attempts every few seconds; any number of nodes may. */
export function startWatching(ctx: QueueContext): { close(): Promise<void> } {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= endAllSilent(ctx)
      .catch((error: unknown) => ctx.log.warn({ err: error }, 'silent calls were not ended'))
      .finally(() => {
        running = null;
      });
  }, LOOK_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Ends the calls of a business that waited until they expired. */
export async function expireCalls(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  for (let count = CHUNK; count === CHUNK; ) {
    count = await ctx.db.transaction(async (tx) => {
      const ids = await findExpired(tx, scope, now, CHUNK);
      const calls = [...(await lockCalls(tx, scope, 'outbound', ids)).values()].filter(
        ({ status, expiresAt }) => status === 'Queued' && expiresAt !== null && expiresAt <= now,
      );
      const changes = calls.map((call) => {
        const transition = new CallTransition(call, now);
        expire(transition);
        return transition.change;
      });
      await saveChanges(tx, scope, 'outbound', changes);
      return ids.length;
    });
  }
  ctx.counting.touched(scope);
}

/**
 * Finds new due times for the calls of a business that wait by rules which have changed since, or for a
 * window that has closed.
 */
export async function planAnew(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  for (let isDone = false; !isDone; ) {
    const count = await ctx.db.transaction(async (tx) => {
      const queue = await lockQueue(tx, scope, 'outbound');
      const outdated = await findOutdated(tx, scope, queue, CHUNK);
      const ids = outdated ?? (await findClosed(tx, scope, now, CHUNK));
      const calls = [...(await lockCalls(tx, scope, 'outbound', ids)).values()].filter(
        ({ status }) => status === 'Queued',
      );
      const planner = await plannerOf(tx, scope, queue, calls);
      const changes = calls.map((call) => {
        const transition = new CallTransition(call, now);
        replan(transition, planner);
        return transition.change;
      });
      await saveChanges(tx, scope, 'outbound', changes);
      const isLast = ids.length < CHUNK;
      if (outdated) await setPlanned(tx, scope, 'outbound', isLast ? null : (ids.at(-1) ?? null));
      isDone = isLast && outdated === null;
      return ids.length;
    });
    if (count > 0) notifyWorkers(ctx, scope, 'outbound');
  }
}
