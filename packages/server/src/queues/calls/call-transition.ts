import { NO_RULES, type Planner } from '../campaigns/plan.ts';
import type { Call, CallState, Change, DecisionRow } from './call.ts';

/** Collects the state changes of a call and the history rows of the decisions behind them. */
export class CallTransition<C extends Call = Call> implements Change<C> {
  readonly before: C;
  readonly now: number;
  readonly planner: Planner;
  after: C;
  readonly rows: DecisionRow[] = [];

  constructor(call: C, now: number, planner: Planner = NO_RULES) {
    this.before = call;
    this.after = call;
    this.now = now;
    this.planner = planner;
  }

  set(state: Partial<CallState>): void {
    this.after = { ...this.after, ...state };
  }

  record(
    decision: DecisionRow['decision'],
    details: string,
    more: Partial<Pick<DecisionRow, 'reason' | 'leaseToken' | 'sessionId'>> = {},
  ): void {
    const none = { reason: null, leaseToken: null, sessionId: null };
    const nextAttemptAt = this.after.status === 'Queued' ? this.after.nextAttemptAt : null;
    this.rows.push({ at: this.now, decision, details, ...none, ...more, nextAttemptAt });
    this.set({ decisions: this.after.decisions + 1 });
  }
}
