import { outcomeText } from '../../conversations/facts.ts';
import { NOW_MILLISECONDS } from '../../ui/text/time.tsx';

/** Reasons of the queue: for one call, and after a number of waiting calls. */
const REASONS: Readonly<Record<string, { readonly one: string; readonly many?: string }>> = {
  OUTSIDE_WINDOW: { one: 'Waits for its calling hours', many: 'outside their calling hours' },
  NUMBER_CAPPED: {
    one: 'Daily limit of attempts reached for this number',
    many: 'at the daily limit of attempts per number',
  },
  DO_NOT_CALL: {
    one: 'The number is on the do-not-call list',
    many: 'will not be made: on the do-not-call list',
  },
  DUPLICATE: {
    one: 'The number was already in the queue of the campaign',
    many: 'will not be made: already in the queue of their campaign',
  },
  NO_SLOT: {
    one: 'Limit of concurrent calls reached in the campaign',
    many: 'waiting for other calls of their campaign to end',
  },
  CAMPAIGN_PAUSED: { one: 'The campaign is paused', many: 'in a paused campaign' },
  LEASE_EXPIRED: { one: 'A worker took the call and did not report back' },
  EXPIRES: { one: 'Expires before it can be made', many: 'will expire before they can be made' },
  LATER: { one: 'Scheduled for later', many: 'due later' },
};

export const describeReason = (reason: string): string =>
  REASONS[reason]?.one ?? outcomeText(reason);

export const describeWait = (reason: string | null): string =>
  reason === null ? 'due now' : (REASONS[reason]?.many ?? describeReason(reason));

interface Waiting {
  readonly SessionId: string | null;
  readonly Status: string;
  readonly LastReason: string | null;
  readonly NextAttemptAt: string | null;
  readonly ScheduledFor: string | null;
  readonly Attempts: number;
}

export function describeStatus(call: Waiting, now: number): string | null {
  if (call.Status === 'Processing') {
    return call.SessionId === null
      ? 'A worker has taken the call'
      : 'The conversation is in progress';
  }
  if (call.Status !== 'Queued')
    return call.LastReason === null ? null : describeReason(call.LastReason);
  if (call.LastReason !== null && call.LastReason in REASONS)
    return describeReason(call.LastReason);
  const next = call.NextAttemptAt ?? call.ScheduledFor;
  if (next !== null && Date.parse(next) > now + NOW_MILLISECONDS) {
    return call.Attempts > 0
      ? `Tried ${call.Attempts === 1 ? 'once' : `${call.Attempts} times`}, waiting for the next attempt`
      : 'Scheduled for later';
  }
  return 'Due: waiting for a worker';
}
