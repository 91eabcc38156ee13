import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Planner } from '../campaigns/plan.ts';
import type { Call } from './call.ts';
import { type AttemptEnd, endAbandonedAttempt, type LateReporter } from './call-decisions.ts';
import type { CallTransition } from './call-transition.ts';
import { isNumberWaiting } from './watch-store.ts';

/** Replaces the failure of an abandoned attempt by the outcome that its worker or conversation reports. */
export async function applyLateOutcome(
  tx: Tx,
  scope: Scope,
  transition: CallTransition<Call>,
  planner: Planner,
  end: AttemptEnd,
  late: LateReporter,
): Promise<void> {
  // No retry if another call to the number was enqueued in the campaign since.
  const isReplaced = await isNumberWaiting(tx, scope, transition.after);
  endAbandonedAttempt(
    transition,
    planner,
    { ...end, ...(isReplaced && { retryable: false }) },
    late,
  );
}
