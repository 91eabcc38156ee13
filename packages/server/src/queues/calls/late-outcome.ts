import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Planner } from '../campaigns/plan.ts';
import type { Call } from './call.ts';
import { type AttemptEnd, type Deciding, endLate, type Late } from './decide.ts';
import { isNumberWaiting } from './watch-store.ts';

/** Replaces the failure of an abandoned attempt by the outcome that its worker or conversation reports. */
export async function takeLateOutcome(
  tx: Tx,
  scope: Scope,
  deciding: Deciding<Call>,
  planner: Planner,
  end: AttemptEnd,
  late: Late,
): Promise<void> {
  // Another call may have taken its place in the campaign meanwhile.
  const isReplaced = await isNumberWaiting(tx, scope, deciding.after);
  endLate(deciding, planner, { ...end, ...(isReplaced && { retryable: false }) }, late);
}
