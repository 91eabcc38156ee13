import { inWords } from '../conversations/facts.ts';
import { NOW_MILLISECONDS } from '../ui/time.tsx';

const REASONS: Readonly<Record<string, string>> = {
  OUTSIDE_WINDOW: 'Waits for its calling window',
  NUMBER_CAPPED: 'This number was called often enough today',
  DO_NOT_CALL: 'The number is on the do-not-call list',
  NO_SLOT: 'All lines of the campaign are taken',
  CAMPAIGN_PAUSED: 'The campaign is paused',
  LEASE_EXPIRED: 'A worker took it and did not report back',
  EXPIRES: 'Expires before it could be made',
  LATER: 'Its time comes later',
};

/** A reason of the queue, or an outcome, in words; what somebody wrote stays as it was written. */
export const reasonText = (reason: string): string =>
  REASONS[reason] ?? (/^([A-Z][a-z]+)+$/.test(reason) ? inWords(reason) : reason);

interface Waiting {
  readonly SessionId: string | null;
  readonly Status: string;
  readonly LastReason: string | null;
  readonly NextAttemptAt: string | null;
  readonly ScheduledFor: string | null;
  readonly Attempts: number;
}

/** What a call waits for, or why it ended so; null where there is nothing to say. */
export function whyText(call: Waiting, now: number): string | null {
  if (call.Status === 'Processing') {
    return call.SessionId === null ? 'A worker has taken it' : 'The conversation is under way';
  }
  if (call.Status !== 'Queued')
    return call.LastReason === null ? null : reasonText(call.LastReason);
  if (call.LastReason !== null && call.LastReason in REASONS) return reasonText(call.LastReason);
  const next = call.NextAttemptAt ?? call.ScheduledFor;
  if (next !== null && Date.parse(next) > now + NOW_MILLISECONDS) {
    return call.Attempts > 0
      ? `Tried ${call.Attempts === 1 ? 'once' : `${call.Attempts} times`}, waits for the next attempt`
      : 'Scheduled for later';
  }
  return 'Due: waits for a worker';
}
