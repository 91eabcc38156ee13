import { unavailable } from '../kernel/fault.ts';

/** Append-only, outside of the database, which it must outlive. Fault: UNAVAILABLE. */
export interface LedgerPlace {
  /** Resolves when the lines are on disk. Each ends with a line feed. */
  append(lines: string): Promise<void>;
  lines(): AsyncIterable<string>;
  readonly name: string;
  /** Identifies the place, even if the data folder moves. */
  readonly kept: string;
  close(): Promise<void>;
}

export async function onLedger<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unavailable('The ledger of erasures', error);
  }
}
