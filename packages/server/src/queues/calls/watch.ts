import { DEFAULT_ABANDON_SECONDS } from '@colloquy/wire';
import type { Planner } from '../campaigns/plan.ts';
import type { Call } from './call.ts';
import type { CallTransition } from './call-transition.ts';

/** How long a call under way may show no sign of life after its lease ran out. */
export const abandonSecondsOf = (planner: Planner, call: Call): number =>
  planner.campaignOf(call)?.abandonAfterSeconds ?? DEFAULT_ABANDON_SECONDS;

/** A sign of life of a call that waits for its conversation; its lease lasts until `leaseUntil`. */
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
