import type { Call, Retry } from '../calls/call.ts';
import type { Planner } from './plan.ts';

const MAX_DELAY_SECONDS = 86_400;

export function retryOf(call: Call, planner: Planner): Retry | null {
  if (call.direction === 'inbound') return null;
  return call.retry ?? planner.campaignOf(call)?.retry ?? null;
}

/** The delay between attempt number `attempts` and the next one. */
export function delaySeconds(retry: Retry, attempts: number): number {
  if (retry.backoff === 'Constant') return retry.delaySeconds;
  const doubled = retry.delaySeconds * 2 ** Math.min(attempts - 1, 30);
  // The bound limits the doubling, not a longer delay that was configured.
  return Math.max(retry.delaySeconds, Math.min(doubled, MAX_DELAY_SECONDS));
}
