export type Status = 'ok' | 'warning' | 'failed';

/** What a check found. */
export interface Finding {
  readonly check: string;
  readonly status: Status;
  readonly message: string;
  /** What the operator should do; null if nothing. */
  readonly fix: string | null;
}

/** Makes the findings of one check. */
export const findingsOf = (check: string) => ({
  ok: (message: string): Finding => ({ check, status: 'ok', message, fix: null }),
  warning: (message: string, fix: string): Finding => ({ check, status: 'warning', message, fix }),
  failed: (message: string, fix: string): Finding => ({ check, status: 'failed', message, fix }),
});
