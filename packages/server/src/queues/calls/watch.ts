import { DEFAULT_ABANDON_SECONDS } from '@colloquy/wire';
import type { Planner } from '../campaigns/plan.ts';
import type { Call } from './call.ts';
import type { CallTransition } from './call-transition.ts';

/** How long a call under way may be silent after its call lease expired. */
export const abandonSecondsOf = (planner: Planner, call: Call): number =>
  planner.campaignOf(call)?.abandonAfterSeconds ?? DEFAULT_ABANDON_SECONDS;

/** Postpones the check for silence after activity of the worker, which holds the call until `leaseUntil`. */
export function watch(
  transition: CallTransition<Call>,
  planner: Planner,
  leaseUntil: number | null,
): void {
  const { after, now } = transition;
  if (after.direction === 'inbound' || after.sessionId === null) return;
  const silentAt = now + abandonSecondsOf(planner, after) * 1000;
  transition.set({ leaseUntil, watchAt: Math.max(leaseUntil ?? now, silentAt) });
}
