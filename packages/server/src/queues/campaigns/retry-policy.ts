import type { Call, Retry } from '../calls/call.ts';
import type { Planner } from './plan.ts';

const MAX_DELAY_SECONDS = 86_400;

/** The retry policy of a call: its own, or its campaign's. */
export function retryOf(call: Call, planner: Planner): Retry | null {
  if (call.direction === 'inbound') return null;
  return call.retry ?? planner.campaignOf(call)?.retry ?? null;
}

/** How long after attempt number `attempts` the next one follows. */
export function delaySeconds(retry: Retry, attempts: number): number {
  if (retry.backoff === 'Constant') return retry.delaySeconds;
  const doubled = retry.delaySeconds * 2 ** Math.min(attempts - 1, 30);
  // A delay that is given longer than the bound of the doubling is kept.
  return Math.max(retry.delaySeconds, Math.min(doubled, MAX_DELAY_SECONDS));
}
