import type { EndType } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import type { Planner } from '../campaigns/plan.ts';
import { delaySeconds, retryOf } from '../campaigns/retry-policy.ts';
import type { Call, DecisionRow, OutboundCall } from './call.ts';

import { CallTransition } from './call-transition.ts';

/** A call fails after this many call leases expired without a conversation. */
export const MAX_LOST_LEASES = 5;

const at = (instant: number) => formatInstant(instant);
const NOT_LEASED = {
  leaseToken: null,
  leaseExpiresAt: null,
  leaseUntil: null,
  watchAt: null,
} as const;

/** Queues the call, due from an instant; also records if its next window is later, or never. */
function queueFrom<C extends Call>(
  transition: CallTransition<C>,
  planner: Planner,
  from: number,
  recordDecision: () => void,
): void {
  const { plan } = planner.rules;
  const due = Math.max(from, transition.now);
  transition.set({
    status: 'Queued',
    dueFrom: due,
    nextAttemptAt: due,
    windowClosesAt: null,
    heldDueAt: null,
    plan,
  });
  recordDecision();
  const { expiresAt } = transition.after;
  if (expiresAt !== null && due >= expiresAt) expire(transition);
  else waitForWindow(transition, planner, due);
}

function waitForWindow<C extends Call>(
  transition: CallTransition<C>,
  planner: Planner,
  due: number,
): void {
  const planned = planner.next(transition.after, due);
  if (planned?.at === due) {
    const { lastReason } = transition.after;
    transition.set({
      nextAttemptAt: due,
      windowClosesAt: planned.closesAt,
      lastReason: lastReason === 'OUTSIDE_WINDOW' ? null : lastReason,
    });
    return;
  }
  defer(transition, 'OUTSIDE_WINDOW', planned?.at ?? null, planned?.closesAt ?? null);
}

const DEFERRAL_TEXTS: Readonly<Record<string, string>> = {
  OUTSIDE_WINDOW: 'its windows are closed',
  NUMBER_CAPPED: 'the number has had its attempts of the day',
  DO_NOT_CALL: 'the number is on the do-not-call list',
  DUPLICATE: 'the number was already in the queue of the campaign',
};
export type NumberReason = 'NUMBER_CAPPED' | 'DO_NOT_CALL' | 'DUPLICATE';

function defer<C extends Call>(
  transition: CallTransition<C>,
  reason: 'OUTSIDE_WINDOW' | NumberReason,
  until: number | null,
  windowClosesAt: number | null,
): void {
  // A deferral that continues is recorded once.
  const isRecorded =
    transition.after.lastReason === reason && transition.before.nextAttemptAt === until;
  transition.set({ nextAttemptAt: until, windowClosesAt, lastReason: reason });
  const end = until === null ? '' : ` until ${at(until)}`;
  if (isRecorded) return;
  transition.record('HeldBack', `Held back${end}: ${DEFERRAL_TEXTS[reason]}.`, { reason });
}

/** Queues a new call, due from its scheduled time or now. */
export function enqueue<C extends Call>(
  call: C,
  planner: Planner,
  to: string,
): { call: C; rows: DecisionRow[] } {
  const transition = new CallTransition(call, call.enqueuedAt);
  queueFrom(transition, planner, call.scheduledFor ?? call.enqueuedAt, () => {
    const { scheduledFor, expiresAt } = call;
    const from = scheduledFor === null ? '' : `, from ${at(scheduledFor)} on`;
    const until = expiresAt === null ? '' : `, before ${at(expiresAt)}`;
    transition.record('Enqueued', `Enqueued ${to}${from}${until}.`);
  });
  return { call: transition.after, rows: transition.rows };
}

export interface CallLease {
  readonly workerId: string;
  readonly token: string;
  readonly expiresAt: number;
}

export function lease<C extends Call>(
  transition: CallTransition<C>,
  { workerId, token, expiresAt }: CallLease,
  maxAttempts: number | null,
): void {
  const attempts = transition.after.attempts + 1;
  transition.set({
    status: 'Processing',
    processingStartedAt: transition.now,
    attempts,
    nextAttemptAt: null,
    lastReason: null,
    leaseToken: token,
    leaseExpiresAt: expiresAt,
    leaseUntil: null,
    watchAt: null,
    isRepeat: false,
    heldDueAt: null,
    sessionId: null,
    sessionStatus: null,
    sessionEndType: null,
  });
  const of = maxAttempts === null ? '' : ` of ${maxAttempts}`;
  transition.record(
    'Leased',
    `Leased to worker ${workerId} until ${at(expiresAt)}, for attempt ${attempts}${of}.`,
    { leaseToken: token },
  );
}

/** Begins an attempt without a call lease, because a conversation names the call. */
export function beginAttempt<C extends Call>(
  transition: CallTransition<C>,
  sessionId: string,
): void {
  const attempts = transition.after.attempts + 1;
  transition.set({
    ...NOT_LEASED,
    status: 'Processing',
    processingStartedAt: transition.now,
    attempts,
    nextAttemptAt: null,
    lastReason: null,
    sessionId,
  });
  transition.record('Leased', `Conversation ${sessionId} began attempt ${attempts}.`, {
    sessionId,
  });
}

/** Ends a call lease that expired without a conversation: the call is queued again, or fails. */
export function expireLease<C extends Call>(transition: CallTransition<C>, planner: Planner): void {
  const { leaseToken, leaseExpiresAt, attempts, lostLeases } = transition.after;
  const lost = lostLeases + 1;
  const token = leaseToken === null ? {} : { leaseToken };
  const ended = leaseExpiresAt === null ? '' : ` at ${at(leaseExpiresAt)}`;
  transition.set({ ...NOT_LEASED, attempts: attempts - 1, lostLeases: lost });
  const text = `The lease expired${ended} without a report; this does not count as an attempt.`;
  if (lost >= MAX_LOST_LEASES) {
    transition.record('LeaseExpired', text, token);
    finish(transition, 'Failed', 'LEASE_EXPIRED', `Failed: ${lost} leases expired.`);
    return;
  }
  transition.set({ lastReason: 'LEASE_EXPIRED' });
  queueFrom(transition, planner, transition.now, () =>
    transition.record('LeaseExpired', text, token),
  );
}

/** Queues the call again because its worker lost its access before it received the call. */
export function revokeLease<C extends Call>(transition: CallTransition<C>, planner: Planner): void {
  const { leaseToken, attempts } = transition.after;
  transition.set({ ...NOT_LEASED, attempts: attempts - 1 });
  const text =
    'The lease was revoked before the worker received the call, because the worker lost its access; this does not count as an attempt.';
  const token = leaseToken === null ? {} : { leaseToken };
  queueFrom(transition, planner, transition.now, () =>
    transition.record('LeaseExpired', text, token),
  );
}

function finish<C extends Call>(
  transition: CallTransition<C>,
  status: 'Completed' | 'Failed' | 'Canceled' | 'Expired',
  reason: string | null,
  details: string,
  more: { readonly leaseToken?: string; readonly sessionId?: string | null } = {},
): void {
  transition.set({
    ...NOT_LEASED,
    status,
    completedAt: transition.now,
    nextAttemptAt: null,
    windowClosesAt: null,
    lastReason: status === 'Completed' ? null : reason,
  });
  transition.record(status, details, { reason, ...more });
}

export interface AttemptEnd {
  readonly outcome: 'Completed' | 'Failed';
  readonly endType: EndType | null;
  /** In the worker's words. */
  readonly reason: string | null;
  /** null: the retry policy decides. */
  readonly retryable: boolean | null;
}

/** Ends the attempt under way: the call ends too, or is queued for the next attempt. */
export function endAttempt<C extends Call>(
  transition: CallTransition<C>,
  planner: Planner,
  end: AttemptEnd,
  /** Continues the sentence about the end in the history. */
  continuation = '',
): void {
  const { attempts, leaseToken, sessionId } = transition.after;
  const { outcome, endType, reason } = end;
  const inBrackets = reason === null ? '' : ` (${reason})`;
  const ended = endType === null ? 'ended' : `ended with ${endType}`;
  transition.set({ ...NOT_LEASED, lostLeases: 0 });
  transition.record('AttemptEnded', `Attempt ${attempts} ${ended}${inBrackets}${continuation}.`, {
    reason: endType,
    sessionId,
    ...(leaseToken !== null && { leaseToken }),
  });
  const retry = retryOf(transition.after, planner);
  const isRetryable = end.retryable ?? (endType !== null && retry?.on.includes(endType) === true);
  if (retry && isRetryable && attempts < retry.maxAttempts) {
    const from = transition.now + delaySeconds(retry, attempts) * 1000;
    const { expiresAt } = transition.after;
    if (expiresAt === null || from < expiresAt) {
      transition.set({ lastReason: endType });
      queueFrom(transition, planner, from, () =>
        transition.record(
          'RetryScheduled',
          `Attempt ${attempts + 1} of ${retry.maxAttempts} can begin at ${at(from)}.`,
          { reason: endType },
        ),
      );
      return;
    }
  }
  const times = attempts === 1 ? 'attempt' : 'attempts';
  finish(transition, outcome, endType, `${outcome} after ${attempts} ${times}.`);
}

/**
 * Ends an attempt whose worker and conversation are both silent. It is not retried until one of them
 * reports, because the person may still be on the line.
 */
export function abandonAttempt(transition: CallTransition<Call>, seconds: number): void {
  const { attempts, leaseToken, sessionId } = transition.after;
  const reason: EndType = 'MidSessionFailure';
  transition.record(
    'AttemptEnded',
    `Attempt ${attempts} ended with ${reason}: there was no heartbeat, and no event or recording of conversation ${sessionId}, for ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    { reason, sessionId, ...(leaseToken !== null && { leaseToken }) },
  );
  const details =
    'Failed: no retry follows unless the conversation or the worker reports another outcome.';
  finish(transition, 'Failed', reason, details);
  transition.set({ abandonedAt: transition.now, lostLeases: 0 });
}

export type LateReporter =
  | { readonly by: 'conversation' }
  | { readonly by: 'worker'; readonly leaseToken: string };

/** Replaces the failure of an abandoned attempt by the outcome that was reported late. */
export function endAbandonedAttempt(
  transition: CallTransition<Call>,
  planner: Planner,
  end: AttemptEnd,
  late: LateReporter,
): void {
  const leaseToken = late.by === 'worker' ? late.leaseToken : null;
  transition.set({ completedAt: null, abandonedAt: null, leaseToken });
  const continuation = `, as its ${late.by} reported late; this replaces MidSessionFailure`;
  endAttempt(transition, planner, end, continuation);
}

/** `endedSession` is the conversation that a forced cancel also ends. */
export function cancel<C extends Call>(
  transition: CallTransition<C>,
  reason: string | null,
  endedSession: string | null = null,
): void {
  const { leaseToken } = transition.after;
  const canceled =
    endedSession === null ? 'Canceled' : `Canceled by force with conversation ${endedSession}`;
  const text = reason === null ? `${canceled}.` : `${canceled}: ${reason}`;
  // The token lets a later report of the worker find out that the call was canceled.
  const more = { sessionId: endedSession, ...(leaseToken !== null && { leaseToken }) };
  finish(transition, 'Canceled', reason, text, more);
}

/** Ends a call of a masked key that was deferred for a day because of its number. */
export function cancelDeferred(
  transition: CallTransition<OutboundCall>,
  reason: NumberReason,
): void {
  const details = `Canceled, as it was held back for a day: ${DEFERRAL_TEXTS[reason]}.`;
  finish(transition, 'Canceled', reason, details);
}

export function expire<C extends Call>(transition: CallTransition<C>): void {
  const { expiresAt } = transition.after;
  const when = expiresAt === null ? '' : ` at ${at(expiresAt)}`;
  const again = transition.after.attempts > 0 ? ' again' : '';
  const { lastReason } = transition.after;
  finish(transition, 'Expired', null, `Expired${when} before it could be made${again}.`);
  // Keeps the reason for which it waited.
  transition.set({ lastReason });
}

export interface NewSchedule {
  readonly from: number | null;
  readonly until: number | null;
}

export function reschedule(
  transition: CallTransition<OutboundCall>,
  planner: Planner,
  { from, until }: NewSchedule,
): void {
  transition.set({ scheduledFor: from, expiresAt: until, lastReason: null });
  const start = from === null ? 'now' : at(from);
  const end = until === null ? '' : `, before ${at(until)}`;
  queueFrom(transition, planner, from ?? transition.now, () =>
    transition.record('Rescheduled', `Rescheduled: due from ${start}${end}.`),
  );
}

/** Defers a call that is due because of its number. `from` is the earliest next time. */
export function deferForNumber(
  transition: CallTransition<Call>,
  planner: Planner,
  reason: NumberReason,
  from: number,
): void {
  const { heldDueAt, nextAttemptAt } = transition.after;
  transition.set({
    plan: planner.rules.plan,
    dueFrom: from,
    heldDueAt: heldDueAt ?? nextAttemptAt,
  });
  const planned = reason !== 'NUMBER_CAPPED' ? null : planner.next(transition.after, from);
  defer(transition, reason, planned?.at ?? null, planned?.closesAt ?? null);
}

/** Computes the due time of a waiting call again, after its rules have changed or its window closed. */
export function replan(transition: CallTransition<Call>, planner: Planner): void {
  const { dueFrom, lastReason } = transition.after;
  transition.set({ plan: planner.rules.plan });
  if (lastReason === 'DO_NOT_CALL' || lastReason === 'DUPLICATE') return;
  const { expiresAt } = transition.after;
  if (expiresAt !== null && expiresAt <= transition.now) expire(transition);
  else waitForWindow(transition, planner, Math.max(dueFrom ?? transition.now, transition.now));
}

/** Queues a call again after its number was removed from the do-not-call list. */
export function readmit(transition: CallTransition<Call>, planner: Planner): void {
  transition.set({ lastReason: null, heldDueAt: null });
  replan(transition, planner);
}
