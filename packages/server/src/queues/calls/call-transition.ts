import type { Call, CallState, Change, DecisionRow } from './call.ts';

/** Collects the state changes of a call and the history rows of the decisions behind them. */
export class CallTransition<C extends Call> {
  readonly before: C;
  readonly now: number;
  after: C;
  readonly rows: DecisionRow[] = [];

  constructor(call: C, now: number) {
    this.before = call;
    this.after = call;
    this.now = now;
  }

  set(state: Partial<CallState>): void {
    this.after = { ...this.after, ...state };
  }

  record(
    decision: DecisionRow['decision'],
    details: string,
    more: { reason?: string | null; leaseToken?: string; sessionId?: string | null } = {},
  ): void {
    const waits = this.after.status === 'Queued' ? this.after.nextAttemptAt : null;
    this.rows.push({
      at: this.now,
      decision,
      details,
      reason: more.reason ?? null,
      leaseToken: more.leaseToken ?? null,
      sessionId: more.sessionId ?? null,
      nextAttemptAt: waits,
    });
    this.set({ decisions: this.after.decisions + 1 });
  }

  get change(): Change<C> {
    return { before: this.before, after: this.after, rows: this.rows };
  }
}
