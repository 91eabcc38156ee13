/**
 * Append-only storage of a ledger, outside of the database, which it must outlive. Fault: UNAVAILABLE if it
 * does not answer or is full.
 */
export interface LedgerPlace {
  /** Resolves when the lines are on disk. Each ends with a line feed. */
  append(lines: string): Promise<void>;
  /** In order; empty if there is no ledger. */
  lines(): AsyncIterable<string>;
  readonly name: string;
  /** Identifies the place, even if the data folder moves. */
  readonly kept: string;
  close(): Promise<void>;
}
