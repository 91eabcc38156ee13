import { type EndType, FINAL_STATUSES } from '@colloquy/wire';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import {
  findNaming,
  type NamingConversation,
} from '../../conversations/write/named-calls-store.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Fault } from '../../kernel/fault.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import type { Database, Tx } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { endIdleHolds } from '../campaigns/campaign-store.ts';
import type { Planner } from '../campaigns/plan.ts';
import { readPlanner } from '../campaigns/rules.ts';
import type { QueueContext } from '../enqueue/enqueue.ts';
import { retryNumberRaces } from '../enqueue/number-races.ts';
import { type FormerLease, formerLeaseOf } from '../lease/former-lease.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import {
  type Call,
  type CallOf,
  type Change,
  type DecisionRow,
  type Direction,
  partitionOf,
} from './call.ts';
import { type AttemptEnd, endAttempt, loseLease } from './call-decisions.ts';
import { findDecisions, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { applyConversations } from './follow.ts';
import { missingCall } from './history.ts';
import { takeLateOutcome } from './late-outcome.ts';
import { watch } from './watch.ts';

/** What a worker says of a call that it was handed. */
export type Report =
  | { readonly kind: 'heartbeat'; readonly leaseSeconds: number }
  | {
      readonly kind: 'complete';
      readonly sessionId: string | null;
      readonly endType: EndType | null;
    }
  | {
      readonly kind: 'fail';
      readonly endType: EndType;
      readonly reason: string | null;
      readonly retryable: boolean | null;
    };

interface Ask {
  readonly id: string;
  readonly token: string;
  readonly report: Report;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

/** The call after the report, or why it is refused: what was decided along the way is kept. */
type Outcome = { readonly call: Call } | { readonly fault: Fault };

/** Reports that come at once share a transaction. */
const SHARING = { most: 64, atOnce: 1 };
const REPORTS = {
  outbound: createBatcher(SHARING, (db, businessId, asks: readonly Ask[]) =>
    reportAll(db as Database, systemScope(businessId), 'outbound', asks),
  ),
  inbound: createBatcher(SHARING, (db, businessId, asks: readonly Ask[]) =>
    reportAll(db as Database, systemScope(businessId), 'inbound', asks),
  ),
};

/**
 * Takes a worker's report of a call; gives the call as it is after it. Where its attempt has ended
 * already, by its conversation or by an earlier report, nothing changes. NOT_FOUND; CONFLICT where the
 * worker has lost its lease.
 */
export async function reportCall<D extends Direction>(
  ctx: QueueContext,
  scope: Scope,
  direction: D,
  given: { readonly id: string; readonly token: string; readonly report: Report },
): Promise<CallOf<D>> {
  const ask = { ...given, clock: ctx.clock, secrets: ctx.secrets };
  const outcome = await REPORTS[direction](ctx.db, scope.businessId, ask);
  if (given.report.kind !== 'heartbeat') {
    ctx.counting.touched(scope);
    // A slot of its campaign is free, or it waits for another attempt.
    notifyWorkers(ctx, scope, direction);
  }
  if ('fault' in outcome) throw outcome.fault;
  return outcome.call as CallOf<D>;
}

function reportAll(
  db: Database,
  scope: Scope,
  direction: Direction,
  asks: readonly Ask[],
): Promise<Outcome[]> {
  return retryNumberRaces(() => db.transaction((tx) => reportInOne(tx, scope, direction, asks)));
}

async function reportInOne(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  asks: readonly Ask[],
): Promise<Outcome[]> {
  const ids = [...new Set(asks.map(({ id }) => id))].sort();
  const calls: Map<string, Call> = await lockCalls(tx, scope, direction, ids);
  const planner = await readPlanner(tx, scope, direction, [...calls.values()]);
  const naming = Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
  const changes = new Map<string, Change>();
  const outcomes: Outcome[] = [];
  for (const { id, token, report, clock, secrets } of asks) {
    const call = calls.get(id);
    if (!call) {
      outcomes.push({ fault: await missingCall(tx, secrets, scope, id) });
      continue;
    }
    const transition = new CallTransition(call, clock.now());
    const conversations = naming.get(id) ?? [];
    // What was decided about it before in this transaction is not to be found yet.
    const told = changes.get(id)?.rows ?? [];
    outcomes.push(
      await take(tx, scope, direction, { transition, planner, conversations, told }, token, report),
    );
    if (transition.after === call) continue;
    calls.set(id, transition.after);
    if (call.abandonedAt !== null) {
      // At once: another late report of the same number has to find that it waits again.
      await saveChanges(tx, scope, direction, [transition.change]);
      continue;
    }
    const earlier = changes.get(id);
    const { before, after, rows } = transition.change;
    changes.set(id, {
      before: earlier?.before ?? before,
      after,
      rows: [...(earlier?.rows ?? []), ...rows],
    });
  }
  await saveChanges(tx, scope, direction, [...changes.values()]);
  const ended = [...changes.values()].filter(({ after }) => after.completedAt !== null);
  const limited = ended.filter(({ after }) => planner.limitOf(after) !== null);
  const lanes = [...new Set(limited.map(({ after }) => partitionOf(after)))];
  await endIdleHolds(tx, scope, lanes, asks[0]?.clock.now() ?? 0);
  return outcomes;
}

interface Reported {
  readonly transition: CallTransition<Call>;
  readonly planner: Planner;
  readonly conversations: readonly NamingConversation[];
  readonly told: readonly DecisionRow[];
}

async function take(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  { transition, planner, conversations, told }: Reported,
  token: string,
  report: Report,
): Promise<Outcome> {
  const { before: call, now } = transition;
  if (call.status !== 'Processing' || call.leaseToken !== token) {
    const history = [...(await findDecisions(tx, scope, direction, call.id)), ...told];
    const lease = formerLeaseOf(call, history, token);
    if (lease !== 'ended' && lease !== 'abandoned') return { fault: conflict(LOST_LEASES[lease]) };
    if (lease === 'ended' || report.kind === 'heartbeat') return { call };
    // A conversation that has ended already decides.
    await applyConversations(tx, scope, transition, planner, conversations);
    const end = transition.after.abandonedAt === null ? null : endOf(transition.after, report);
    if (end) {
      setReported(transition, report, end);
      const late = { by: 'worker', leaseToken: token } as const;
      await takeLateOutcome(tx, scope, transition, planner, end, late);
    }
    return { call: transition.after };
  }
  const hasLapsed = call.leaseExpiresAt !== null && call.leaseExpiresAt <= now;
  if (hasLapsed || report.kind !== 'heartbeat') {
    // A conversation that has ended already ends the attempt with its own end type.
    await applyConversations(tx, scope, transition, planner, conversations);
    if (transition.after.status !== 'Processing') return { call: transition.after };
  }
  if (hasLapsed && transition.after.sessionId === null) {
    loseLease(transition, planner);
    return { fault: conflict('The lease of this call has run out; it was given back.') };
  }
  if (report.kind === 'heartbeat') {
    if (transition.after.leaseExpiresAt !== null) {
      transition.set({ leaseExpiresAt: now + report.leaseSeconds * 1000 });
    } else {
      watch(transition, planner, now + report.leaseSeconds * 1000);
    }
    return { call: transition.after };
  }
  const end = endOf(transition.after, report);
  if (end) {
    setReported(transition, report, end);
    endAttempt(transition, planner, end);
  }
  return { call: transition.after };
}

type EndReport = Exclude<Report, { kind: 'heartbeat' }>;

/** How the worker says that its attempt ended; null if the conversation will tell. */
function endOf({ sessionStatus }: Call, report: EndReport): AttemptEnd | null {
  if (report.kind === 'fail') return { outcome: 'Failed', ...report };
  const { endType } = report;
  const goesOn = sessionStatus !== null && !FINAL_STATUSES.includes(sessionStatus);
  if (goesOn && endType === null) return null;
  return { outcome: 'Completed', endType, reason: null, retryable: null };
}

function setReported(
  transition: CallTransition<Call>,
  report: EndReport,
  { endType }: AttemptEnd,
): void {
  const { sessionId, sessionEndType } = transition.after;
  transition.set({ sessionEndType: sessionEndType ?? endType });
  if (report.kind === 'complete') transition.set({ sessionId: sessionId ?? report.sessionId });
}

const LOST_LEASES: Readonly<Record<Exclude<FormerLease, 'ended' | 'abandoned'>, string>> = {
  unknown: 'The LeaseToken is none of this call.',
  lost: 'The lease of this call has run out; it was given back.',
  canceled: 'The call was canceled.',
  superseded: 'The lease of this call has run out; its next attempt has begun.',
};
const conflict = (message: string) => new Fault('CONFLICT', message);
