/**
 * Where the lines of a ledger lie: outside of the database, since they have to outlive it. Lines are
 * only added. A place that does not answer, or is full, is an UNAVAILABLE fault.
 */
export interface LedgerPlace {
  /** Adds lines, each with its line feed; when this resolves, they are on disk. */
  append(lines: string): Promise<void>;
  /** All lines, in their order; none where there is no ledger. */
  lines(): AsyncIterable<string>;
  /** For a person. */
  readonly name: string;
  /** Tells it from other places, also where the data folder was moved. */
  readonly kept: string;
  close(): Promise<void>;
}
