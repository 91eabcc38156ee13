import type { Settled } from '../delivery-store.ts';
import type { Delivery } from '../webhook.ts';
import type { Answered } from './request.ts';

const GONE = 410;
const MAX_RETRY_AFTER_MILLISECONDS = 86_400_000;
const JITTER = 0.1;

/** Instead of an answer: the recording, conversation or call is not there any more. */
export const NOTHING_TO_SEND: Answered = {
  httpStatus: null,
  error: 'It was not sent, because what it is about does not exist any more.',
  durationMs: 0,
  answer: null,
  retryAfter: null,
};

interface Given {
  readonly delivery: Pick<Delivery, 'id' | 'failures' | 'replays' | 'type'>;
  readonly answered: Answered;
  readonly at: number;
  readonly now: number;
}

export const isGone = ({ httpStatus }: Pick<Answered, 'httpStatus'>) => httpStatus === GONE;

/** What becomes of a delivery after an attempt. */
export function settle(
  { delivery, answered, at, now }: Given,
  retrySeconds: readonly number[],
): Settled {
  const { retryAfter, answer, ...attempt } = answered;
  const isSuccess = answered.error === null;
  const delay = retrySeconds[delivery.failures];
  const isLast = delay === undefined || isGone(answered) || answered === NOTHING_TO_SEND;
  // An answer may repeat the id of an erased conversation.
  const stored = delivery.type === 'conversation.erased' ? null : answer;
  const { id: deliveryId, replays } = delivery;
  const settled = { ...attempt, answer: stored, deliveryId, replays, at };
  if (isSuccess) return { ...settled, status: 'Delivered', nextAttemptAt: null };
  if (isLast) return { ...settled, status: 'Parked', nextAttemptAt: null };
  const spread = 1 + JITTER * (2 * Math.random() - 1);
  const wait = Math.max(delay * 1000 * spread, readRetryAfter(retryAfter, now));
  return { ...settled, status: 'Pending', nextAttemptAt: Math.round(now + wait) };
}

/** Milliseconds from now, at most a day; 0 without the header. */
function readRetryAfter(header: string | null, now: number): number {
  if (header === null) return 0;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MILLISECONDS);
}
