import type { EndType } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import type { Planner } from '../campaigns/plan.ts';
import { delaySeconds, retryOf } from '../campaigns/retry-policy.ts';
import type { Call, CallState, Change, DecisionRow, OutboundCall } from './call.ts';

/** After so many leases that ran out without a conversation a call has failed. */
export const MOST_LOST_LEASES = 5;

/** Takes decisions about a call, one after the other; each leaves a row in its history. */
export class Deciding<C extends Call> {
  readonly before: C;
  readonly now: number;
  after: C;
  readonly rows: DecisionRow[] = [];

  constructor(call: C, now: number) {
    this.before = call;
    this.after = call;
    this.now = now;
  }

  set(state: Partial<CallState>): void {
    this.after = { ...this.after, ...state };
  }

  /** Where the call waits after a decision, its row says until when. */
  tell(
    decision: DecisionRow['decision'],
    details: string,
    more: { reason?: string | null; leaseToken?: string; sessionId?: string | null } = {},
  ): void {
    const waits = this.after.status === 'Queued' ? this.after.nextAttemptAt : null;
    this.rows.push({
      at: this.now,
      decision,
      details,
      reason: more.reason ?? null,
      leaseToken: more.leaseToken ?? null,
      sessionId: more.sessionId ?? null,
      nextAttemptAt: waits,
    });
    this.set({ decisions: this.after.decisions + 1 });
  }

  get change(): Change<C> {
    return { before: this.before, after: this.after, rows: this.rows };
  }
}

const at = (instant: number) => formatInstant(instant);
const NOT_LEASED = {
  leaseToken: null,
  leaseExpiresAt: null,
  leaseUntil: null,
  watchAt: null,
} as const;

/** The call waits from `from` on, in its next window. Tells where that is later, or never. */
function wait<C extends Call>(
  deciding: Deciding<C>,
  planner: Planner,
  from: number,
  tell: () => void,
): void {
  const { plan } = planner.rules;
  const due = Math.max(from, deciding.now);
  deciding.set({
    status: 'Queued',
    dueFrom: due,
    nextAttemptAt: due,
    windowClosesAt: null,
    heldDueAt: null,
    plan,
  });
  tell();
  const { expiresAt } = deciding.after;
  if (expiresAt !== null && due >= expiresAt) expire(deciding);
  else waitForWindow(deciding, planner, due);
}

function waitForWindow<C extends Call>(deciding: Deciding<C>, planner: Planner, due: number): void {
  const planned = planner.next(deciding.after, due);
  if (planned?.at === due) {
    const { lastReason } = deciding.after;
    deciding.set({
      nextAttemptAt: due,
      windowClosesAt: planned.closesAt,
      lastReason: lastReason === 'OUTSIDE_WINDOW' ? null : lastReason,
    });
    return;
  }
  hold(deciding, 'OUTSIDE_WINDOW', planned?.at ?? null, planned?.closesAt ?? null);
}

const WHY_HELD: Readonly<Record<string, string>> = {
  OUTSIDE_WINDOW: 'its windows are closed',
  NUMBER_CAPPED: 'the number has had its attempts of the day',
  DO_NOT_CALL: 'the number is on the do-not-call list',
  DUPLICATE: 'the number was in the queue of the campaign already',
};
export type NumberReason = 'NUMBER_CAPPED' | 'DO_NOT_CALL' | 'DUPLICATE';

function hold<C extends Call>(
  deciding: Deciding<C>,
  reason: 'OUTSIDE_WINDOW' | NumberReason,
  until: number | null,
  windowClosesAt: number | null,
): void {
  // What lasts is told once.
  const isKnown = deciding.after.lastReason === reason && deciding.before.nextAttemptAt === until;
  deciding.set({ nextAttemptAt: until, windowClosesAt, lastReason: reason });
  const end = until === null ? '' : ` until ${at(until)}`;
  if (!isKnown) deciding.tell('HeldBack', `Held back${end}: ${WHY_HELD[reason]}.`, { reason });
}

/** A new call, which waits from its schedule on. */
export function enqueue<C extends Call>(
  call: C,
  planner: Planner,
  to: string,
): { call: C; rows: DecisionRow[] } {
  const deciding = new Deciding(call, call.enqueuedAt);
  wait(deciding, planner, call.scheduledFor ?? call.enqueuedAt, () => {
    const { scheduledFor, expiresAt } = call;
    const from = scheduledFor === null ? '' : `, from ${at(scheduledFor)} on`;
    const until = expiresAt === null ? '' : `, before ${at(expiresAt)}`;
    deciding.tell('Enqueued', `Enqueued ${to}${from}${until}.`);
  });
  return { call: deciding.after, rows: deciding.rows };
}

export interface Leasing {
  readonly workerId: string;
  readonly token: string;
  readonly expiresAt: number;
}

/** Hands the call to a worker. */
export function lease<C extends Call>(
  deciding: Deciding<C>,
  { workerId, token, expiresAt }: Leasing,
  maxAttempts: number | null,
): void {
  const attempts = deciding.after.attempts + 1;
  deciding.set({
    status: 'Processing',
    processingStartedAt: deciding.now,
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
  deciding.tell(
    'Leased',
    `Leased to worker ${workerId} until ${at(expiresAt)}, for attempt ${attempts}${of}.`,
    { leaseToken: token },
  );
}

/** A conversation names a call that no worker holds: its attempt is under way. */
export function begin<C extends Call>(deciding: Deciding<C>, sessionId: string): void {
  const attempts = deciding.after.attempts + 1;
  deciding.set({
    ...NOT_LEASED,
    status: 'Processing',
    processingStartedAt: deciding.now,
    attempts,
    nextAttemptAt: null,
    lastReason: null,
    sessionId,
  });
  deciding.tell('Leased', `Taken up by conversation ${sessionId}, as attempt ${attempts}.`, {
    sessionId,
  });
}

/** The lease ran out and no conversation names the call: it waits again, or has failed. */
export function loseLease<C extends Call>(deciding: Deciding<C>, planner: Planner): void {
  const { leaseToken, leaseExpiresAt, attempts, lostLeases } = deciding.after;
  const lost = lostLeases + 1;
  const token = leaseToken === null ? {} : { leaseToken };
  const ended = leaseExpiresAt === null ? '' : ` at ${at(leaseExpiresAt)}`;
  deciding.set({ ...NOT_LEASED, attempts: attempts - 1, lostLeases: lost });
  const text = `The lease ran out${ended} without a report; that is no attempt.`;
  if (lost >= MOST_LOST_LEASES) {
    deciding.tell('LeaseExpired', text, token);
    finish(deciding, 'Failed', 'LEASE_EXPIRED', `Failed: ${lost} leases ran out.`);
    return;
  }
  deciding.set({ lastReason: 'LEASE_EXPIRED' });
  wait(deciding, planner, deciding.now, () => deciding.tell('LeaseExpired', text, token));
}

/** The worker lost its access before it received the call: the call waits again, as if it had not been leased. */
export function takeBack<C extends Call>(deciding: Deciding<C>, planner: Planner): void {
  const { leaseToken, attempts } = deciding.after;
  deciding.set({ ...NOT_LEASED, attempts: attempts - 1 });
  const text =
    'The lease was taken back before the worker received the call, since the worker lost its access; that is no attempt.';
  const token = leaseToken === null ? {} : { leaseToken };
  wait(deciding, planner, deciding.now, () => deciding.tell('LeaseExpired', text, token));
}

function finish<C extends Call>(
  deciding: Deciding<C>,
  status: 'Completed' | 'Failed' | 'Canceled' | 'Expired',
  reason: string | null,
  details: string,
  more: { readonly leaseToken?: string; readonly sessionId?: string | null } = {},
): void {
  deciding.set({
    ...NOT_LEASED,
    status,
    completedAt: deciding.now,
    nextAttemptAt: null,
    windowClosesAt: null,
    lastReason: status === 'Completed' ? null : reason,
  });
  deciding.tell(status, details, { reason, ...more });
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
  deciding: Deciding<C>,
  planner: Planner,
  end: AttemptEnd,
  /** Goes on where the attempt is said to have ended. */
  more = '',
): void {
  const { attempts, leaseToken, sessionId } = deciding.after;
  const { outcome, endType, reason } = end;
  const why = reason === null ? '' : ` (${reason})`;
  const how = endType === null ? 'ended' : `ended with ${endType}`;
  deciding.set({ ...NOT_LEASED, lostLeases: 0 });
  deciding.tell('AttemptEnded', `Attempt ${attempts} ${how}${why}${more}.`, {
    reason: endType,
    sessionId,
    ...(leaseToken !== null && { leaseToken }),
  });
  const retry = retryOf(deciding.after, planner);
  const wanted = end.retryable ?? (endType !== null && retry?.on.includes(endType) === true);
  if (retry && wanted && attempts < retry.maxAttempts) {
    const from = deciding.now + delaySeconds(retry, attempts) * 1000;
    const { expiresAt } = deciding.after;
    if (expiresAt === null || from < expiresAt) {
      deciding.set({ lastReason: endType });
      wait(deciding, planner, from, () =>
        deciding.tell(
          'RetryScheduled',
          `Attempt ${attempts + 1} of ${retry.maxAttempts} follows from ${at(from)} on.`,
          { reason: endType },
        ),
      );
      return;
    }
  }
  const times = attempts === 1 ? 'attempt' : 'attempts';
  finish(deciding, outcome, endType, `${outcome} after ${attempts} ${times}.`);
}

/**
 * Ends an attempt of which neither the worker nor the conversation gave a sign of life. It is not retried
 * while the conversation goes on: the person may still be on the line.
 */
export function abandon(deciding: Deciding<Call>, seconds: number): void {
  const { attempts, leaseToken, sessionId } = deciding.after;
  const reason: EndType = 'MidSessionFailure';
  deciding.tell(
    'AttemptEnded',
    `Attempt ${attempts} ended with ${reason}: there was no heartbeat, and no event or recording of conversation ${sessionId}, for ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    { reason, sessionId, ...(leaseToken !== null && { leaseToken }) },
  );
  const details =
    'Failed: no retry follows unless the conversation or the worker reports another outcome.';
  finish(deciding, 'Failed', reason, details);
  deciding.set({ abandonedAt: deciding.now, lostLeases: 0 });
}

/** Who reports the outcome of an abandoned attempt; a worker by the token of its lease. */
export type Late =
  | { readonly by: 'conversation' }
  | { readonly by: 'worker'; readonly leaseToken: string };

/** The outcome of an abandoned attempt is reported after all: it replaces the failure. */
export function endLate(
  deciding: Deciding<Call>,
  planner: Planner,
  end: AttemptEnd,
  late: Late,
): void {
  const leaseToken = late.by === 'worker' ? late.leaseToken : null;
  deciding.set({ completedAt: null, abandonedAt: null, leaseToken });
  const more = `, as its ${late.by} reported late; this replaces MidSessionFailure`;
  endAttempt(deciding, planner, end, more);
}

/** `endedSession` is the conversation under way that a forced cancel ends too. */
export function cancel<C extends Call>(
  deciding: Deciding<C>,
  reason: string | null,
  endedSession: string | null = null,
): void {
  const { leaseToken } = deciding.after;
  const what =
    endedSession === null ? 'Canceled' : `Canceled by force with conversation ${endedSession}`;
  const text = reason === null ? `${what}.` : `${what}: ${reason}`;
  // With the token, so that a worker which holds it is told what became of its lease.
  const more = { sessionId: endedSession, ...(leaseToken !== null && { leaseToken }) };
  finish(deciding, 'Canceled', reason, text, more);
}

/** Ends a call of a masked key that was held back for a day because of its number; the key does not see why. */
export function endHeld(deciding: Deciding<OutboundCall>, reason: NumberReason): void {
  const details = `Canceled, as it was held back for a day: ${WHY_HELD[reason]}.`;
  finish(deciding, 'Canceled', reason, details);
}

/** It waited until it expired. */
export function expire<C extends Call>(deciding: Deciding<C>): void {
  const { expiresAt } = deciding.after;
  const when = expiresAt === null ? '' : ` at ${at(expiresAt)}`;
  const again = deciding.after.attempts > 0 ? ' again' : '';
  const { lastReason } = deciding.after;
  finish(deciding, 'Expired', null, `Expired${when} before it could be made${again}.`);
  // What it waited for.
  deciding.set({ lastReason });
}

export interface NewSchedule {
  readonly from: number | null;
  readonly until: number | null;
}

export function reschedule(
  deciding: Deciding<OutboundCall>,
  planner: Planner,
  { from, until }: NewSchedule,
): void {
  deciding.set({ scheduledFor: from, expiresAt: until, lastReason: null });
  const start = from === null ? 'now' : at(from);
  const end = until === null ? '' : `, before ${at(until)}`;
  wait(deciding, planner, from ?? deciding.now, () =>
    deciding.tell('Rescheduled', `Rescheduled: from ${start} on${end}.`),
  );
}

/** A call that is due is not handed out now; `from` on it may be again. */
export function holdBack(
  deciding: Deciding<Call>,
  planner: Planner,
  reason: NumberReason,
  from: number,
): void {
  const { heldDueAt, nextAttemptAt } = deciding.after;
  deciding.set({
    plan: planner.rules.plan,
    dueFrom: from,
    heldDueAt: heldDueAt ?? nextAttemptAt,
  });
  const planned = reason !== 'NUMBER_CAPPED' ? null : planner.next(deciding.after, from);
  hold(deciding, reason, planned?.at ?? null, planned?.closesAt ?? null);
}

/** Finds the due time of a call that waits anew: its rules have changed, or its window has closed. */
export function replan(deciding: Deciding<Call>, planner: Planner): void {
  const { dueFrom, lastReason } = deciding.after;
  deciding.set({ plan: planner.rules.plan });
  if (lastReason === 'DO_NOT_CALL' || lastReason === 'DUPLICATE') return;
  const { expiresAt } = deciding.after;
  if (expiresAt !== null && expiresAt <= deciding.now) expire(deciding);
  else waitForWindow(deciding, planner, Math.max(dueFrom ?? deciding.now, deciding.now));
}

/** The number is off the do-not-call list. */
export function readmit(deciding: Deciding<Call>, planner: Planner): void {
  deciding.set({ lastReason: null, heldDueAt: null });
  replan(deciding, planner);
}
