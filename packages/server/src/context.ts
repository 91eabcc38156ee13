import type { Logger } from 'pino';
import type { BlobStore } from './blobs/blob-store.ts';
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import type { FairShare } from './kernel/fair-share/fair-share.ts';
import type { Metrics } from './kernel/metrics.ts';
import type { Database } from './kernel/postgres/database.ts';
import type { Secrets } from './kernel/secrets.ts';
import type { Threads } from './kernel/threads/threads.ts';
import type { Ledger } from './tombstones/ledger.ts';

export interface Context {
  readonly config: Config;
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly secrets: Secrets;
  readonly threads: Threads;
  /** For untrusted audio; separate, so it never delays requests that need a thread. */
  readonly audioThreads: Threads;
  readonly share: FairShare;
}
