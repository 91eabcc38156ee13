import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { BlobStore } from './blobs.ts';
import type { Clock } from './clock.ts';
import type { Database } from './db.ts';
import type { FairShare } from './fair-share/fair-share.ts';
import type { Ledger } from './ledger.ts';
import type { Metrics } from './metrics.ts';
import type { Secrets } from './secrets.ts';
import type { Threads } from './threads/threads.ts';

/** What every room stands on. Made once per process; tests replace single parts. */
export interface Context {
  readonly config: Config;
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly secrets: Secrets;
  /** For work that would block the event loop. */
  readonly threads: Threads;
  /** For reading audio that strangers sent: it never takes the threads that requests wait for. */
  readonly audioThreads: Threads;
  /** Large work waits here for its turn. */
  readonly share: FairShare;
}
