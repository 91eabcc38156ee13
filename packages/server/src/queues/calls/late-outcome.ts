import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Planner } from '../campaigns/plan.ts';
import type { Call } from './call.ts';
import { type AttemptEnd, endLate, type Late } from './call-decisions.ts';
import type { CallTransition } from './call-transition.ts';
import { isNumberWaiting } from './watch-store.ts';

/** Replaces the failure of an abandoned attempt by the outcome that its worker or conversation reports. */
export async function takeLateOutcome(
  tx: Tx,
  scope: Scope,
  transition: CallTransition<Call>,
  planner: Planner,
  end: AttemptEnd,
  late: Late,
): Promise<void> {
  // Another call may have taken its place in the campaign meanwhile.
  const isReplaced = await isNumberWaiting(tx, scope, transition.after);
  endLate(transition, planner, { ...end, ...(isReplaced && { retryable: false }) }, late);
}
