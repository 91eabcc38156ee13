import type { Call, DecisionRow } from '../calls/call.ts';

export type FormerLease =
  | 'unknown'
  | 'lost'
  | 'canceled'
  | 'ended'
  /** Ended because of silence, without a report so far. */
  | 'abandoned'
  /** Ended because of silence, then its conversation reported and the next attempt began. */
  | 'superseded';

const isEnd = ({ decision }: DecisionRow) => decision === 'AttemptEnded';

export function formerLeaseOf(
  { abandonedAt }: Call,
  history: readonly DecisionRow[],
  token: string,
): FormerLease {
  const last = history.findLastIndex(({ leaseToken }) => leaseToken === token);
  const decision = history[last]?.decision;
  if (decision === undefined) return 'unknown';
  if (decision === 'Canceled') return 'canceled';
  if (decision !== 'AttemptEnded') return 'lost';
  const later = history.slice(last + 1);
  if (abandonedAt !== null && !later.some(isEnd)) return 'abandoned';
  const next = later.find((row) => row.decision === 'Leased' || row.decision === 'Canceled');
  const isReplaced = next !== undefined && later.slice(0, later.indexOf(next)).some(isEnd);
  if (!isReplaced) return 'ended';
  return next.decision === 'Canceled' ? 'canceled' : 'superseded';
}
