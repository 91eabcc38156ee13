import type { EndType } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import type { Planner } from '../campaigns/plan.ts';
import { delaySeconds, retryOf } from '../campaigns/retry-policy.ts';
import type { Call, DecisionRow, OutboundCall } from './call.ts';

import { CallTransition } from './call-transition.ts';

/** After so many leases that ran out without a conversation a call has failed. */
export const MAX_LOST_LEASES = 5;

const at = (instant: number) => formatInstant(instant);
const NOT_LEASED = {
  leaseToken: null,
  leaseExpiresAt: null,
  leaseUntil: null,
  watchAt: null,
} as const;

/** The call waits from `from` on, in its next window. Tells where that is later, or never. */
function wait<C extends Call>(
  transition: CallTransition<C>,
  planner: Planner,
  from: number,
  tell: () => void,
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
  tell();
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
  hold(transition, 'OUTSIDE_WINDOW', planned?.at ?? null, planned?.closesAt ?? null);
}

const WHY_HELD: Readonly<Record<string, string>> = {
  OUTSIDE_WINDOW: 'its windows are closed',
  NUMBER_CAPPED: 'the number has had its attempts of the day',
  DO_NOT_CALL: 'the number is on the do-not-call list',
  DUPLICATE: 'the number was in the queue of the campaign already',
};
export type NumberReason = 'NUMBER_CAPPED' | 'DO_NOT_CALL' | 'DUPLICATE';

function hold<C extends Call>(
  transition: CallTransition<C>,
  reason: 'OUTSIDE_WINDOW' | NumberReason,
  until: number | null,
  windowClosesAt: number | null,
): void {
  // What lasts is told once.
  const isKnown =
    transition.after.lastReason === reason && transition.before.nextAttemptAt === until;
  transition.set({ nextAttemptAt: until, windowClosesAt, lastReason: reason });
  const end = until === null ? '' : ` until ${at(until)}`;
  if (!isKnown) transition.record('HeldBack', `Held back${end}: ${WHY_HELD[reason]}.`, { reason });
}

/** A new call, which waits from its schedule on. */
export function enqueue<C extends Call>(
  call: C,
  planner: Planner,
  to: string,
): { call: C; rows: DecisionRow[] } {
  const transition = new CallTransition(call, call.enqueuedAt);
  wait(transition, planner, call.scheduledFor ?? call.enqueuedAt, () => {
    const { scheduledFor, expiresAt } = call;
    const from = scheduledFor === null ? '' : `, from ${at(scheduledFor)} on`;
    const until = expiresAt === null ? '' : `, before ${at(expiresAt)}`;
    transition.record('Enqueued', `Enqueued ${to}${from}${until}.`);
  });
  return { call: transition.after, rows: transition.rows };
}

export interface Leasing {
  readonly workerId: string;
  readonly token: string;
  readonly expiresAt: number;
}

/** Hands the call to a worker. */
export function lease<C extends Call>(
  transition: CallTransition<C>,
  { workerId, token, expiresAt }: Leasing,
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

/** A conversation names a call that no worker holds: its attempt is under way. */
export function begin<C extends Call>(transition: CallTransition<C>, sessionId: string): void {
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
  transition.record('Leased', `Taken up by conversation ${sessionId}, as attempt ${attempts}.`, {
    sessionId,
  });
}

/** The lease ran out and no conversation names the call: it waits again, or has failed. */
export function loseLease<C extends Call>(transition: CallTransition<C>, planner: Planner): void {
  const { leaseToken, leaseExpiresAt, attempts, lostLeases } = transition.after;
  const lost = lostLeases + 1;
  const token = leaseToken === null ? {} : { leaseToken };
  const ended = leaseExpiresAt === null ? '' : ` at ${at(leaseExpiresAt)}`;
  transition.set({ ...NOT_LEASED, attempts: attempts - 1, lostLeases: lost });
  const text = `The lease ran out${ended} without a report; that is no attempt.`;
  if (lost >= MAX_LOST_LEASES) {
    transition.record('LeaseExpired', text, token);
    finish(transition, 'Failed', 'LEASE_EXPIRED', `Failed: ${lost} leases ran out.`);
    return;
  }
  transition.set({ lastReason: 'LEASE_EXPIRED' });
  wait(transition, planner, transition.now, () => transition.record('LeaseExpired', text, token));
}

/** The worker lost its access before it received the call: the call waits again, as if it had not been leased. */
export function takeBack<C extends Call>(transition: CallTransition<C>, planner: Planner): void {
  const { leaseToken, attempts } = transition.after;
  transition.set({ ...NOT_LEASED, attempts: attempts - 1 });
  const text =
    'The lease was taken back before the worker received the call, since the worker lost its access; that is no attempt.';
  const token = leaseToken === null ? {} : { leaseToken };
  wait(transition, planner, transition.now, () => transition.record('LeaseExpired', text, token));
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
  /** What the worker calls it. */
  readonly reason: string | null;
  /** null: as the retry policy says. */
  readonly retryable: boolean | null;
}

/** Ends the attempt that is under way: the call ends with it, or waits for the next one. */
export function endAttempt<C extends Call>(
  transition: CallTransition<C>,
  planner: Planner,
  end: AttemptEnd,
  /** Goes on where the attempt is said to have ended. */
  more = '',
): void {
  const { attempts, leaseToken, sessionId } = transition.after;
  const { outcome, endType, reason } = end;
  const why = reason === null ? '' : ` (${reason})`;
  const how = endType === null ? 'ended' : `ended with ${endType}`;
  transition.set({ ...NOT_LEASED, lostLeases: 0 });
  transition.record('AttemptEnded', `Attempt ${attempts} ${how}${why}${more}.`, {
    reason: endType,
    sessionId,
    ...(leaseToken !== null && { leaseToken }),
  });
  const retry = retryOf(transition.after, planner);
  const wanted = end.retryable ?? (endType !== null && retry?.on.includes(endType) === true);
  if (retry && wanted && attempts < retry.maxAttempts) {
    const from = transition.now + delaySeconds(retry, attempts) * 1000;
    const { expiresAt } = transition.after;
    if (expiresAt === null || from < expiresAt) {
      transition.set({ lastReason: endType });
      wait(transition, planner, from, () =>
        transition.record(
          'RetryScheduled',
          `Attempt ${attempts + 1} of ${retry.maxAttempts} follows from ${at(from)} on.`,
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
 * Ends an attempt of which neither the worker nor the conversation gave a sign of life. It is not retried
 * while the conversation goes on: the person may still be on the line.
 */
export function abandon(transition: CallTransition<Call>, seconds: number): void {
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

/** Who reports the outcome of an abandoned attempt; a worker by the token of its lease. */
export type Late =
  | { readonly by: 'conversation' }
  | { readonly by: 'worker'; readonly leaseToken: string };

/** The outcome of an abandoned attempt is reported after all: it replaces the failure. */
export function endLate(
  transition: CallTransition<Call>,
  planner: Planner,
  end: AttemptEnd,
  late: Late,
): void {
  const leaseToken = late.by === 'worker' ? late.leaseToken : null;
  transition.set({ completedAt: null, abandonedAt: null, leaseToken });
  const more = `, as its ${late.by} reported late; this replaces MidSessionFailure`;
  endAttempt(transition, planner, end, more);
}

/** `endedSession` is the conversation under way that a forced cancel ends too. */
export function cancel<C extends Call>(
  transition: CallTransition<C>,
  reason: string | null,
  endedSession: string | null = null,
): void {
  const { leaseToken } = transition.after;
  const what =
    endedSession === null ? 'Canceled' : `Canceled by force with conversation ${endedSession}`;
  const text = reason === null ? `${what}.` : `${what}: ${reason}`;
  // With the token, so that a worker which holds it is told what became of its lease.
  const more = { sessionId: endedSession, ...(leaseToken !== null && { leaseToken }) };
  finish(transition, 'Canceled', reason, text, more);
}

/** Ends a call of a masked key that was held back for a day because of its number; the key does not see why. */
export function endHeld(transition: CallTransition<OutboundCall>, reason: NumberReason): void {
  const details = `Canceled, as it was held back for a day: ${WHY_HELD[reason]}.`;
  finish(transition, 'Canceled', reason, details);
}

/** It waited until it expired. */
export function expire<C extends Call>(transition: CallTransition<C>): void {
  const { expiresAt } = transition.after;
  const when = expiresAt === null ? '' : ` at ${at(expiresAt)}`;
  const again = transition.after.attempts > 0 ? ' again' : '';
  const { lastReason } = transition.after;
  finish(transition, 'Expired', null, `Expired${when} before it could be made${again}.`);
  // What it waited for.
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
  wait(transition, planner, from ?? transition.now, () =>
    transition.record('Rescheduled', `Rescheduled: from ${start} on${end}.`),
  );
}

/** A call that is due is not handed out now; `from` on it may be again. */
export function holdBack(
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
  hold(transition, reason, planned?.at ?? null, planned?.closesAt ?? null);
}

/** Finds the due time of a call that waits anew: its rules have changed, or its window has closed. */
export function replan(transition: CallTransition<Call>, planner: Planner): void {
  const { dueFrom, lastReason } = transition.after;
  transition.set({ plan: planner.rules.plan });
  if (lastReason === 'DO_NOT_CALL' || lastReason === 'DUPLICATE') return;
  const { expiresAt } = transition.after;
  if (expiresAt !== null && expiresAt <= transition.now) expire(transition);
  else waitForWindow(transition, planner, Math.max(dueFrom ?? transition.now, transition.now));
}

/** The number is off the do-not-call list. */
export function readmit(transition: CallTransition<Call>, planner: Planner): void {
  transition.set({ lastReason: null, heldDueAt: null });
  replan(transition, planner);
}
