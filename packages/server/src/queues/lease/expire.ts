import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findLastHeard } from '../../conversations/write/queue-links-store.ts';
import { type Outbox, openOutbox } from '../../kernel/outbox.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Call, Direction } from '../calls/call.ts';
import { abandonAttempt, expire, expireLease, replan } from '../calls/call-decisions.ts';
import { saveChanges } from '../calls/call-store.ts';
import { applyAllConversations, lockTransitions } from '../calls/follow.ts';
import { findToWatch, listToWatch } from '../calls/watch-store.ts';
import { findOutdated, lockQueue, setPlanned } from '../campaigns/queue-store.ts';
import type { QueueContext } from '../queue-context.ts';
import { FIND_EXPIRED_LEASES, findClosed, findExpired } from './due-store.ts';
import { notifyWorkers } from './notify-workers.ts';

const CALLS_PER_TRANSACTION = 500;

/** A conversation that names the call decides instead. Returns how many had expired. */
export async function expireLeases(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  now: number,
): Promise<number> {
  const ids = await FIND_EXPIRED_LEASES[direction](tx, scope, now, CALLS_PER_TRANSACTION);
  const transitions = await lockTransitions(tx, scope, direction, {
    ids,
    now,
    isWanted: ({ status, leaseExpiresAt }) =>
      status === 'Processing' && leaseExpiresAt !== null && leaseExpiresAt <= now,
  });
  await applyAllConversations(tx, scope, transitions);
  for (const transition of transitions) {
    if (transition.after === transition.before) expireLease(transition);
  }
  await saveChanges(tx, scope, transitions);
  return ids.length;
}

export async function expireAllLeases(ctx: QueueContext, scope: Scope): Promise<void> {
  for (const direction of ['outbound', 'inbound'] as const) {
    for (let count = CALLS_PER_TRANSACTION; count === CALLS_PER_TRANSACTION; ) {
      count = await ctx.db.transaction((tx) => expireLeases(tx, scope, direction, ctx.clock.now()));
      if (count === 0) continue;
      ctx.committed(scope);
      notifyWorkers(ctx, scope, direction);
    }
  }
}

export async function endSilentCalls(tx: Tx, scope: Scope, now: number): Promise<number> {
  const ids = await findToWatch(tx, scope, now, CALLS_PER_TRANSACTION);
  const transitions = await lockTransitions(tx, scope, 'outbound', {
    ids,
    now,
    isWanted: ({ status, sessionId, leaseExpiresAt, watchAt }) =>
      status === 'Processing' &&
      sessionId !== null &&
      leaseExpiresAt === null &&
      (watchAt ?? 0) <= now,
  });
  await applyAllConversations(tx, scope, transitions);
  const sessions = transitions.flatMap(({ before }) => before.sessionId ?? []);
  const heard = await findLastHeard(tx, scope, sessions);
  for (const transition of transitions) {
    if (transition.after.status !== 'Processing') continue;
    const { before: call, planner } = transition;
    const seconds = planner.abandonSecondsOf(call);
    const last = heard.get(call.sessionId ?? '');
    const lastAt = last?.mayAbandon === false ? now : (last?.heardAt ?? 0);
    const watchAt = Math.max(call.leaseUntil ?? 0, lastAt + seconds * 1000);
    if (watchAt > now) transition.set({ watchAt });
    else abandonAttempt(transition, seconds);
  }
  await saveChanges(tx, scope, transitions);
  return ids.length;
}

/** Logs failures, which a later run retries. */
export async function endAllSilent(ctx: QueueContext): Promise<void> {
  for (const businessId of await listToWatch(ctx.db, ctx.clock.now())) {
    const scope = systemScope(businessId);
    try {
      for (let count = CALLS_PER_TRANSACTION; count === CALLS_PER_TRANSACTION; ) {
        count = await ctx.db.transaction((tx) => endSilentCalls(tx, scope, ctx.clock.now()));
      }
      ctx.committed(scope);
      notifyWorkers(ctx, scope, 'outbound');
    } catch (error) {
      ctx.log.warn(
        { err: error, businessId },
        'cannot end silent calls; retrying in a few seconds',
      );
    }
  }
}

/** For queues without waiting workers; a lease checks too. */
export const LOOK_MILLISECONDS = 5_000;

/** Several nodes may do this at the same time. */
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
      const transitions = await lockTransitions(tx, scope, 'outbound', {
        ids,
        now,
        isWanted: ({ status, expiresAt }) =>
          status === 'Queued' && expiresAt !== null && expiresAt <= now,
      });
      for (const transition of transitions) expire(transition);
      await saveChanges(tx, scope, transitions);
      return ids.length;
    });
    if (count > 0) ctx.committed(scope);
  }
}

export async function replanCalls(ctx: QueueContext, scope: Scope): Promise<void> {
  const now = ctx.clock.now();
  for (let isDone = false; !isDone; ) {
    const count = await ctx.db.transaction(async (tx) => {
      const queue = await lockQueue(tx, scope, 'outbound');
      const outdated = await findOutdated(tx, scope, queue, CALLS_PER_TRANSACTION);
      const ids = outdated ?? (await findClosed(tx, scope, now, CALLS_PER_TRANSACTION));
      const isWanted = ({ status }: Call) => status === 'Queued';
      const transitions = await lockTransitions(tx, scope, 'outbound', { ids, now, isWanted });
      for (const transition of transitions) replan(transition);
      await saveChanges(tx, scope, transitions);
      const isLast = ids.length < CALLS_PER_TRANSACTION;
      if (outdated) await setPlanned(tx, scope, 'outbound', isLast ? null : (ids.at(-1) ?? null));
      isDone = isLast && outdated === null;
      return ids.length;
    });
    if (count > 0) notifyWorkers(ctx, scope, 'outbound');
  }
}
