import { type EndType, FINAL_STATUSES } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import type { NamingConversation } from '../../conversations/write/queue-links-store.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import { readPlanner } from '../campaigns/rules.ts';
import { createQueueBatchers } from '../enqueue/number-races.ts';
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
import { type AttemptEnd, endAttempt, expireLease, watch } from './call-decisions.ts';
import { findDecisions, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { applyConversations, applyLateOutcome, findConversations } from './follow.ts';
import { missingCall } from './history.ts';

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

type Outcome = { readonly call: Call } | { readonly fault: Fault };

const REPORT_BATCHERS = createQueueBatchers({ most: 64, atOnce: 1 }, applyReports);

/**
 * Returns the call after it, unchanged if its conversation or an earlier report ended the attempt.
 * NOT_FOUND; GONE; CONFLICT if the worker has lost its call lease.
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
    ctx.committed(scope);
    notifyWorkers(ctx, scope, direction);
  }
  if ('fault' in outcome) throw outcome.fault;
  return outcome.call as CallOf<D>;
}

async function applyReports(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  requests: readonly ReportRequest[],
): Promise<Outcome[]> {
  const ids = [...new Set(requests.map(({ id }) => id))].sort();
  const calls: Map<string, Call> = await lockCalls(tx, scope, direction, ids);
  const planner = await readPlanner(tx, scope, direction, [...calls.values()]);
  const naming = await findConversations(tx, scope, ids);
  const changes = new Map<string, Change>();
  const outcomes: Outcome[] = [];
  for (const { id, token, report, clock, secrets } of requests) {
    const call = calls.get(id);
    if (!call) {
      outcomes.push({ fault: await missingCall(tx, secrets, scope, id) });
      continue;
    }
    const transition = new CallTransition(call, clock.now(), planner);
    const earlier = changes.get(id);
    // Decisions of earlier reports of this batch are not in the database yet.
    const known = { conversations: naming.get(id) ?? [], unsaved: earlier?.rows ?? [] };
    outcomes.push(await applyReport(tx, scope, transition, { token, report, ...known }));
    const { after, rows } = transition;
    if (after === call) continue;
    calls.set(id, after);
    if (call.abandonedAt !== null) {
      // Saved now: another late report of the same number must find that this call waits again.
      await saveChanges(tx, scope, [transition]);
    } else {
      const before = earlier?.before ?? call;
      changes.set(id, { before, after, rows: [...(earlier?.rows ?? []), ...rows] });
    }
  }
  await saveChanges(tx, scope, [...changes.values()]);
  const ended = [...changes.values()].filter(({ after }) => after.completedAt !== null);
  const limited = ended.filter(({ after }) => planner.limitOf(after) !== null);
  const campaignIds = [...new Set(limited.map(({ after }) => partitionOf(after)))];
  await endIdleSuspensions(tx, scope, campaignIds, requests[0]?.clock.now() ?? 0);
  return outcomes;
}

interface GivenReport extends Pick<ReportRequest, 'token' | 'report'> {
  readonly conversations: readonly NamingConversation[];
  readonly unsaved: readonly DecisionRow[];
}

async function applyReport(
  tx: Tx,
  scope: Scope,
  transition: CallTransition,
  { token, report, conversations, unsaved }: GivenReport,
): Promise<Outcome> {
  const { before: call, now } = transition;
  if (call.status !== 'Processing' || call.leaseToken !== token) {
    const history = [...(await findDecisions(tx, scope, call)), ...unsaved];
    const lease = formerLeaseOf(call, history, token);
    if (lease !== 'ended' && lease !== 'abandoned') return { fault: conflict(LOST_LEASES[lease]) };
    if (lease === 'ended' || report.kind === 'heartbeat') return { call };
    await applyConversations(tx, scope, transition, conversations);
    const { after } = transition;
    const end = after.abandonedAt === null ? null : attemptEndOf(after, report);
    if (end) {
      setReported(transition, report, end);
      const late = { ...end, by: 'worker', leaseToken: token } as const;
      await applyLateOutcome(tx, scope, transition, late);
    }
    return { call: transition.after };
  }
  const hasExpired = call.leaseExpiresAt !== null && call.leaseExpiresAt <= now;
  if (hasExpired || report.kind !== 'heartbeat') {
    // The end type of a conversation takes precedence over the report.
    await applyConversations(tx, scope, transition, conversations);
    if (transition.after.status !== 'Processing') return { call: transition.after };
  }
  if (hasExpired && transition.after.sessionId === null) {
    expireLease(transition);
    return { fault: conflict(LOST_LEASES.lost) };
  }
  if (report.kind === 'heartbeat') {
    const until = now + report.leaseSeconds * 1000;
    if (transition.after.leaseExpiresAt === null) watch(transition, until);
    else transition.set({ leaseExpiresAt: until });
    return { call: transition.after };
  }
  const end = attemptEndOf(transition.after, report);
  if (end) {
    setReported(transition, report, end);
    endAttempt(transition, end);
  }
  return { call: transition.after };
}

type EndReport = Exclude<Report, { kind: 'heartbeat' }>;

function attemptEndOf({ sessionStatus }: Call, report: EndReport): AttemptEnd | null {
  if (report.kind === 'fail') return { outcome: 'Failed', ...report };
  const { endType } = report;
  const isOngoing = sessionStatus !== null && !FINAL_STATUSES.includes(sessionStatus);
  if (isOngoing && endType === null) return null;
  return { outcome: 'Completed', endType, reason: null, retryable: null };
}

function setReported(transition: CallTransition, report: EndReport, { endType }: AttemptEnd): void {
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
