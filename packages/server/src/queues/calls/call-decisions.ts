import type { EndType } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import type { Planned, Planner } from '../campaigns/plan.ts';
import type { Call, DecisionRow, Retry } from './call.ts';
import { CallTransition } from './call-transition.ts';

const MAX_LOST_LEASES = 5;
const MAX_DELAY_SECONDS = 86_400;

const at = formatInstant;
const NOT_LEASED = { leaseToken: null, leaseExpiresAt: null, leaseUntil: null, watchAt: null };

/** Queues the call; also records if its next window is later, or never. */
function queueFrom(transition: CallTransition, from: number, recordDecision: () => void): void {
  const due = Math.max(from, transition.now);
  const { plan } = transition.planner.rules;
  transition.set({ status: 'Queued', dueFrom: due, nextAttemptAt: due, plan });
  transition.set({ windowClosesAt: null, heldDueAt: null });
  recordDecision();
  const { expiresAt } = transition.after;
  if (expiresAt !== null && due >= expiresAt) expire(transition);
  else waitForWindow(transition, due);
}

function waitForWindow(transition: CallTransition, due: number): void {
  const planned = transition.planner.next(transition.after, due);
  if (planned?.at !== due) {
    defer(transition, 'OUTSIDE_WINDOW', planned);
    return;
  }
  transition.set({ nextAttemptAt: due, windowClosesAt: planned.closesAt });
  if (transition.after.lastReason === 'OUTSIDE_WINDOW') transition.set({ lastReason: null });
}

const DEFERRAL_TEXTS = {
  OUTSIDE_WINDOW: 'its windows are closed',
  NUMBER_CAPPED: 'the number has had its attempts of the day',
  DO_NOT_CALL: 'the number is on the do-not-call list',
  DUPLICATE: 'the number was already in the queue of the campaign',
};
type DeferralReason = keyof typeof DEFERRAL_TEXTS;
export type NumberReason = Exclude<DeferralReason, 'OUTSIDE_WINDOW'>;

function defer(transition: CallTransition, reason: DeferralReason, planned: Planned | null): void {
  const until = planned?.at ?? null;
  // A deferral that continues is recorded once.
  const isRecorded =
    transition.after.lastReason === reason && transition.before.nextAttemptAt === until;
  const windowClosesAt = planned?.closesAt ?? null;
  transition.set({ nextAttemptAt: until, windowClosesAt, lastReason: reason });
  if (isRecorded) return;
  const end = until === null ? '' : ` until ${at(until)}`;
  transition.record('HeldBack', `Held back${end}: ${DEFERRAL_TEXTS[reason]}.`, { reason });
}

export function enqueue<C extends Call>(
  call: C,
  planner: Planner,
  to: string,
): { call: C; rows: DecisionRow[] } {
  const transition = new CallTransition(call, call.enqueuedAt, planner);
  const { scheduledFor, expiresAt } = call;
  queueFrom(transition, scheduledFor ?? call.enqueuedAt, () => {
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

export function lease(transition: CallTransition, { workerId, token, expiresAt }: CallLease): void {
  const maxAttempts = transition.planner.retryOf(transition.after)?.maxAttempts;
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
  const of = maxAttempts === undefined ? '' : ` of ${maxAttempts}`;
  transition.record(
    'Leased',
    `Leased to worker ${workerId} until ${at(expiresAt)}, for attempt ${attempts}${of}.`,
    { leaseToken: token },
  );
}

export function beginAttempt(transition: CallTransition, sessionId: string): void {
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

export function expireLease(transition: CallTransition): void {
  const { leaseExpiresAt } = transition.after;
  const lostLeases = transition.after.lostLeases + 1;
  const ended = leaseExpiresAt === null ? '' : ` at ${at(leaseExpiresAt)}`;
  const text = `The lease expired${ended} without a report; this does not count as an attempt.`;
  const recordEnd = endLease(transition, text);
  if (lostLeases < MAX_LOST_LEASES) {
    transition.set({ lostLeases, lastReason: 'LEASE_EXPIRED' });
    queueFrom(transition, transition.now, recordEnd);
  } else {
    transition.set({ lostLeases });
    recordEnd();
    finish(transition, 'Failed', `Failed: ${lostLeases} leases expired.`, {
      reason: 'LEASE_EXPIRED',
    });
  }
}

export function revokeLease(transition: CallTransition): void {
  const text =
    'The lease was revoked before the worker received the call, because the worker lost its access; this does not count as an attempt.';
  queueFrom(transition, transition.now, endLease(transition, text));
}

/** The attempt does not count. Returns a function that records the end. */
function endLease(transition: CallTransition, text: string): () => void {
  const { leaseToken, attempts } = transition.after;
  transition.set({ ...NOT_LEASED, attempts: attempts - 1 });
  return () => transition.record('LeaseExpired', text, { leaseToken });
}

/** Postpones the check for silence; the worker holds the call until `leaseUntil`. */
export function watch(transition: CallTransition, leaseUntil: number | null): void {
  const { after, now, planner } = transition;
  if (after.direction === 'inbound' || after.sessionId === null) return;
  const silentAt = now + planner.abandonSecondsOf(after) * 1000;
  transition.set({ leaseUntil, watchAt: Math.max(leaseUntil ?? now, silentAt) });
}

function finish(
  transition: CallTransition,
  status: 'Completed' | 'Failed' | 'Canceled' | 'Expired',
  details: string,
  more: Partial<Pick<DecisionRow, 'reason' | 'leaseToken' | 'sessionId'>> = {},
): void {
  transition.set({
    ...NOT_LEASED,
    status,
    completedAt: transition.now,
    nextAttemptAt: null,
    windowClosesAt: null,
    lastReason: status === 'Completed' ? null : (more.reason ?? null),
  });
  transition.record(status, details, more);
}

export interface AttemptEnd {
  readonly outcome: 'Completed' | 'Failed';
  readonly endType: EndType | null;
  readonly reason: string | null;
  /** null: the retry policy decides. */
  readonly retryable: boolean | null;
}

export function endAttempt(transition: CallTransition, end: AttemptEnd, continuation = ''): void {
  const { attempts, leaseToken, sessionId } = transition.after;
  const { outcome, endType, reason } = end;
  const inBrackets = reason === null ? '' : ` (${reason})`;
  const ended = endType === null ? 'ended' : `ended with ${endType}`;
  transition.set({ ...NOT_LEASED, lostLeases: 0 });
  transition.record('AttemptEnded', `Attempt ${attempts} ${ended}${inBrackets}${continuation}.`, {
    reason: endType,
    sessionId,
    leaseToken,
  });
  const retry = transition.planner.retryOf(transition.after);
  const isRetryable = end.retryable ?? (endType !== null && retry?.on.includes(endType) === true);
  if (retry && isRetryable && attempts < retry.maxAttempts) {
    const from = transition.now + delaySeconds(retry, attempts) * 1000;
    const { expiresAt } = transition.after;
    if (expiresAt === null || from < expiresAt) {
      transition.set({ lastReason: endType });
      queueFrom(transition, from, () =>
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
  finish(transition, outcome, `${outcome} after ${attempts} ${times}.`, { reason: endType });
}

function delaySeconds(retry: Retry, attempts: number): number {
  if (retry.backoff === 'Constant') return retry.delaySeconds;
  const doubled = retry.delaySeconds * 2 ** Math.min(attempts - 1, 30);
  // The bound limits the doubling, not a longer delay that was configured.
  return Math.max(retry.delaySeconds, Math.min(doubled, MAX_DELAY_SECONDS));
}

/** The person may still be on the line, so no retry follows until a report. */
export function abandonAttempt(transition: CallTransition, seconds: number): void {
  const { attempts, leaseToken, sessionId } = transition.after;
  const reason: EndType = 'MidSessionFailure';
  transition.record(
    'AttemptEnded',
    `Attempt ${attempts} ended with ${reason}: there was no heartbeat, and no event or recording of conversation ${sessionId}, for ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    { reason, sessionId, leaseToken },
  );
  const details =
    'Failed: no retry follows unless the conversation or the worker reports another outcome.';
  finish(transition, 'Failed', details, { reason });
  transition.set({ abandonedAt: transition.now, lostLeases: 0 });
}

export type LateEnd = AttemptEnd &
  (
    | { readonly by: 'conversation'; readonly leaseToken: null }
    | { readonly by: 'worker'; readonly leaseToken: string }
  );

export function endAbandonedAttempt(transition: CallTransition, end: LateEnd): void {
  transition.set({ completedAt: null, abandonedAt: null, leaseToken: end.leaseToken });
  endAttempt(transition, end, `, as its ${end.by} reported late; this replaces MidSessionFailure`);
}

/** `endedSession` is the conversation that a forced cancel also ends. */
export function cancel(
  transition: CallTransition,
  reason: string | null,
  endedSession: string | null = null,
): void {
  const { leaseToken } = transition.after;
  const canceled =
    endedSession === null ? 'Canceled' : `Canceled by force with conversation ${endedSession}`;
  const text = reason === null ? `${canceled}.` : `${canceled}: ${reason}`;
  // The token tells a later report of the worker that the call was canceled.
  finish(transition, 'Canceled', text, { reason, sessionId: endedSession, leaseToken });
}

export function cancelDeferred(transition: CallTransition): void {
  const reason = transition.after.lastReason === 'DUPLICATE' ? 'DUPLICATE' : 'DO_NOT_CALL';
  const details = `Canceled, as it was held back for a day: ${DEFERRAL_TEXTS[reason]}.`;
  finish(transition, 'Canceled', details, { reason });
}

export function expire(transition: CallTransition): void {
  const { attempts, expiresAt, lastReason } = transition.after;
  const when = expiresAt === null ? '' : ` at ${at(expiresAt)}`;
  const again = attempts > 0 ? ' again' : '';
  finish(transition, 'Expired', `Expired${when} before it could be made${again}.`);
  transition.set({ lastReason });
}

export interface NewSchedule {
  readonly from: number | null;
  readonly until: number | null;
}

export function reschedule(transition: CallTransition, { from, until }: NewSchedule): void {
  transition.set({ scheduledFor: from, expiresAt: until, lastReason: null });
  const start = from === null ? 'now' : at(from);
  const end = until === null ? '' : `, before ${at(until)}`;
  queueFrom(transition, from ?? transition.now, () =>
    transition.record('Rescheduled', `Rescheduled: due from ${start}${end}.`),
  );
}

/** Defers a call that is due because of its number. `from` is the earliest next time. */
export function deferForNumber(
  transition: CallTransition,
  reason: NumberReason,
  from: number,
): void {
  const { plan } = transition.planner.rules;
  const heldDueAt = transition.after.heldDueAt ?? transition.after.nextAttemptAt;
  transition.set({ plan, dueFrom: from, heldDueAt });
  const isCapped = reason === 'NUMBER_CAPPED';
  defer(transition, reason, isCapped ? transition.planner.next(transition.after, from) : null);
}

export function replan(transition: CallTransition): void {
  const { dueFrom, expiresAt, lastReason } = transition.after;
  transition.set({ plan: transition.planner.rules.plan });
  if (lastReason === 'DO_NOT_CALL' || lastReason === 'DUPLICATE') return;
  if (expiresAt !== null && expiresAt <= transition.now) expire(transition);
  else waitForWindow(transition, Math.max(dueFrom ?? transition.now, transition.now));
}

export function readmit(transition: CallTransition): void {
  transition.set({ lastReason: null, heldDueAt: null });
  replan(transition);
}
