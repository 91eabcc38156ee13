import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findLastHeard, findNaming } from '../../conversations/write/queue-links-store.ts';
import { type Outbox, openOutbox } from '../../kernel/outbox.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Call, Direction } from '../calls/call.ts';
import { abandonAttempt, expire, expireLease, replan } from '../calls/call-decisions.ts';
import { lockCalls, saveChanges } from '../calls/call-store.ts';
import { CallTransition } from '../calls/call-transition.ts';
import { applyConversations } from '../calls/follow.ts';
import { abandonSecondsOf } from '../calls/watch.ts';
import { findToWatch, listToWatch } from '../calls/watch-store.ts';
import { findOutdated, lockQueue, setPlanned } from '../campaigns/queue-store.ts';
import { plannerOf, readPlanner } from '../campaigns/rules.ts';
import type { QueueContext } from '../queue-context.ts';
import { findClosed, findExpired, findExpiredLeases } from './due-store.ts';
import { notifyWorkers } from './notify-workers.ts';

const CALLS_PER_TRANSACTION = 500;

/**
 * Ends expired call leases. If a conversation names the call, the conversation decides when the attempt
 * ends; otherwise the call is queued again. Returns how many call leases had expired.
 */
export async function expireLeases(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  now: number,
): Promise<number> {
  const ids = await findExpiredLeases(tx, scope, direction, now, CALLS_PER_TRANSACTION);
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
    if (transition.after === call) expireLease(transition, planner);
    changes.push(transition.change);
  }
  await saveChanges(tx, scope, direction, changes);
  return ids.length;
}

export async function expireAllLeases(ctx: QueueContext, scope: Scope): Promise<void> {
  for (const direction of ['outbound', 'inbound'] as const) {
    let count = CALLS_PER_TRANSACTION;
    while (count === CALLS_PER_TRANSACTION) {
      count = await ctx.db.transaction((tx) => expireLeases(tx, scope, direction, ctx.clock.now()));
      if (count === 0) continue;
      ctx.counting.touched(scope);
      notifyWorkers(ctx, scope, direction);
    }
  }
}

/** Ends the attempts whose worker and conversation are silent. Returns how many calls were checked. */
export async function endSilentCalls(tx: Tx, scope: Scope, now: number): Promise<number> {
  const ids = await findToWatch(tx, scope, now, CALLS_PER_TRANSACTION);
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
      else abandonAttempt(transition, seconds);
    }
    changes.push(transition.change);
  }
  await saveChanges(tx, scope, 'outbound', changes);
  return ids.length;
}

/** Ends the silent attempts of all businesses; logs failures, which a later run retries. */
export async function endAllSilent(ctx: QueueContext): Promise<void> {
  for (const businessId of await listToWatch(ctx.db, ctx.clock.now())) {
    const scope = systemScope(businessId);
    try {
      for (let count = CALLS_PER_TRANSACTION; count === CALLS_PER_TRANSACTION; ) {
        count = await ctx.db.transaction((tx) => endSilentCalls(tx, scope, ctx.clock.now()));
      }
      ctx.counting.touched(scope);
      notifyWorkers(ctx, scope, 'outbound');
    } catch (error) {
      ctx.log.warn(
        { err: error, businessId },
        'cannot end silent calls; retrying in a few seconds',
      );
    }
  }
}

/** A lease of any worker checks too; the interval is for queues without waiting workers. */
export const LOOK_MILLISECONDS = 5_000;

/** Ends silent attempts every few seconds. Several nodes may do this at the same time. */
export const startWatching = (ctx: QueueContext): Outbox =>
  openOutbox({
    work: () => endAllSilent(ctx),
    everyMs: LOOK_MILLISECONDS,
    onError: (error) =>
      ctx.log.warn({ err: error }, 'cannot end silent calls; retrying in a few seconds'),
  });

export async function expireCalls(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  for (let count = CALLS_PER_TRANSACTION; count === CALLS_PER_TRANSACTION; ) {
    count = await ctx.db.transaction(async (tx) => {
      const ids = await findExpired(tx, scope, now, CALLS_PER_TRANSACTION);
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

/** Computes new due times for waiting calls with outdated rules or a window that has closed. */
export async function replanCalls(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  for (let isDone = false; !isDone; ) {
    const count = await ctx.db.transaction(async (tx) => {
      const queue = await lockQueue(tx, scope, 'outbound');
      const outdated = await findOutdated(tx, scope, queue, CALLS_PER_TRANSACTION);
      const ids = outdated ?? (await findClosed(tx, scope, now, CALLS_PER_TRANSACTION));
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
      const isLast = ids.length < CALLS_PER_TRANSACTION;
      if (outdated) await setPlanned(tx, scope, 'outbound', isLast ? null : (ids.at(-1) ?? null));
      isDone = isLast && outdated === null;
      return ids.length;
    });
    if (count > 0) notifyWorkers(ctx, scope, 'outbound');
  }
}
