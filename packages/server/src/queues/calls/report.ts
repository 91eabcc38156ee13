import { type EndType, FINAL_STATUSES } from '@colloquy/wire';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import {
  findNaming,
  type NamingConversation,
} from '../../conversations/write/queue-links-store.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Fault } from '../../kernel/fault.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import type { Database, Tx } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import type { Planner } from '../campaigns/plan.ts';
import { readPlanner } from '../campaigns/rules.ts';
import { retryNumberRaces } from '../enqueue/number-races.ts';
import { type FormerLease, formerLeaseOf } from '../lease/former-lease.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import type { QueueContext } from '../queue-context.ts';
import {
  type Call,
  type CallOf,
  type Change,
  type DecisionRow,
  type Direction,
  partitionOf,
} from './call.ts';
import { type AttemptEnd, endAttempt, expireLease } from './call-decisions.ts';
import { findDecisions, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { applyConversations } from './follow.ts';
import { missingCall } from './history.ts';
import { applyLateOutcome } from './late-outcome.ts';
import { watch } from './watch.ts';

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

interface ReportRequest {
  readonly id: string;
  readonly token: string;
  readonly report: Report;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

/** The call after the report, or the refusal; decisions are saved in both cases. */
type Outcome = { readonly call: Call } | { readonly fault: Fault };

/** Simultaneous reports of a business share a transaction. */
const BATCHING = { most: 64, atOnce: 1 };
const REPORT_BATCHERS = {
  outbound: createBatcher(BATCHING, (db, businessId, requests: readonly ReportRequest[]) =>
    applyReports(db as Database, systemScope(businessId), 'outbound', requests),
  ),
  inbound: createBatcher(BATCHING, (db, businessId, requests: readonly ReportRequest[]) =>
    applyReports(db as Database, systemScope(businessId), 'inbound', requests),
  ),
};

/**
 * Applies a worker's report and returns the call after it. Nothing changes if its conversation or an
 * earlier report has already ended the attempt. NOT_FOUND; GONE; CONFLICT if the worker has lost its
 * call lease.
 */
export async function reportCall<D extends Direction>(
  ctx: QueueContext,
  scope: Scope,
  direction: D,
  given: { readonly id: string; readonly token: string; readonly report: Report },
): Promise<CallOf<D>> {
  const request = { ...given, clock: ctx.clock, secrets: ctx.secrets };
  const outcome = await REPORT_BATCHERS[direction](ctx.db, scope.businessId, request);
  if (given.report.kind !== 'heartbeat') {
    ctx.counting.touched(scope);
    // The end of an attempt frees a slot of the campaign, or queues the call again.
    notifyWorkers(ctx, scope, direction);
  }
  if ('fault' in outcome) throw outcome.fault;
  return outcome.call as CallOf<D>;
}

function applyReports(
  db: Database,
  scope: Scope,
  direction: Direction,
  requests: readonly ReportRequest[],
): Promise<Outcome[]> {
  return retryNumberRaces(() =>
    db.transaction((tx) => applyInTransaction(tx, scope, direction, requests)),
  );
}

async function applyInTransaction(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  requests: readonly ReportRequest[],
): Promise<Outcome[]> {
  const ids = [...new Set(requests.map(({ id }) => id))].sort();
  const calls: Map<string, Call> = await lockCalls(tx, scope, direction, ids);
  const planner = await readPlanner(tx, scope, direction, [...calls.values()]);
  const naming = Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
  const changes = new Map<string, Change>();
  const outcomes: Outcome[] = [];
  for (const { id, token, report, clock, secrets } of requests) {
    const call = calls.get(id);
    if (!call) {
      outcomes.push({ fault: await missingCall(tx, secrets, scope, id) });
      continue;
    }
    const transition = new CallTransition(call, clock.now());
    const conversations = naming.get(id) ?? [];
    // Decisions of earlier reports of this batch are not in the database yet.
    const unsaved = changes.get(id)?.rows ?? [];
    const reported = { transition, planner, conversations, unsaved };
    outcomes.push(await applyReport(tx, scope, direction, reported, token, report));
    if (transition.after === call) continue;
    calls.set(id, transition.after);
    if (call.abandonedAt !== null) {
      // Saved now: another late report of the same number must find that this call waits again.
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
  const campaignIds = [...new Set(limited.map(({ after }) => partitionOf(after)))];
  await endIdleSuspensions(tx, scope, campaignIds, requests[0]?.clock.now() ?? 0);
  return outcomes;
}

interface ReportedCall {
  readonly transition: CallTransition<Call>;
  readonly planner: Planner;
  readonly conversations: readonly NamingConversation[];
  readonly unsaved: readonly DecisionRow[];
}

async function applyReport(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  { transition, planner, conversations, unsaved }: ReportedCall,
  token: string,
  report: Report,
): Promise<Outcome> {
  const { before: call, now } = transition;
  if (call.status !== 'Processing' || call.leaseToken !== token) {
    const history = [...(await findDecisions(tx, scope, direction, call.id)), ...unsaved];
    const lease = formerLeaseOf(call, history, token);
    if (lease !== 'ended' && lease !== 'abandoned') return { fault: conflict(LOST_LEASES[lease]) };
    if (lease === 'ended' || report.kind === 'heartbeat') return { call };
    // The end of the conversation takes precedence over the report.
    await applyConversations(tx, scope, transition, planner, conversations);
    const end =
      transition.after.abandonedAt === null ? null : attemptEndOf(transition.after, report);
    if (end) {
      setReported(transition, report, end);
      const late = { by: 'worker', leaseToken: token } as const;
      await applyLateOutcome(tx, scope, transition, planner, end, late);
    }
    return { call: transition.after };
  }
  const hasExpired = call.leaseExpiresAt !== null && call.leaseExpiresAt <= now;
  if (hasExpired || report.kind !== 'heartbeat') {
    // The end type of a conversation takes precedence over the report.
    await applyConversations(tx, scope, transition, planner, conversations);
    if (transition.after.status !== 'Processing') return { call: transition.after };
  }
  if (hasExpired && transition.after.sessionId === null) {
    expireLease(transition, planner);
    return {
      fault: conflict('The lease of this call has expired; the call was returned to the queue.'),
    };
  }
  if (report.kind === 'heartbeat') {
    if (transition.after.leaseExpiresAt !== null) {
      transition.set({ leaseExpiresAt: now + report.leaseSeconds * 1000 });
    } else {
      watch(transition, planner, now + report.leaseSeconds * 1000);
    }
    return { call: transition.after };
  }
  const end = attemptEndOf(transition.after, report);
  if (end) {
    setReported(transition, report, end);
    endAttempt(transition, planner, end);
  }
  return { call: transition.after };
}

type EndReport = Exclude<Report, { kind: 'heartbeat' }>;

/** The end that a report declares; null if the conversation decides. */
function attemptEndOf({ sessionStatus }: Call, report: EndReport): AttemptEnd | null {
  if (report.kind === 'fail') return { outcome: 'Failed', ...report };
  const { endType } = report;
  const isOngoing = sessionStatus !== null && !FINAL_STATUSES.includes(sessionStatus);
  if (isOngoing && endType === null) return null;
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
  unknown: 'The LeaseToken does not belong to this call.',
  lost: 'The lease of this call has expired; the call was returned to the queue.',
  canceled: 'The call was canceled.',
  superseded: 'The lease of this call has expired; its next attempt has begun.',
};
const conflict = (message: string) => new Fault('CONFLICT', message);
