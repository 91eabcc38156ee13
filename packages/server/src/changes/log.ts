import type { Logger } from 'pino';
import type { Scope } from '../access/authorization/scope.ts';
import type { Written } from '../counters/counts.ts';
import { type Outbox, openOutbox } from '../kernel/outbox.ts';
import type { Database } from '../kernel/postgres/database.ts';
import { findWithPending, numberChanges } from './log-store.ts';

const BATCH_SIZE = 1_000;
const INTERVAL_MILLISECONDS = 2_000;

/** To call after each commit that changes conversations or calls; `written` says if it wrote usage. */
export type Committed = (scope: Pick<Scope, 'businessId'>, written?: Written) => void;

/** Ends the waits of readers of the change log, on all nodes. */
export const changesTopic = (businessId: number) => `changes ${businessId}`;

/** The log then has all changes that were committed before. */
export async function numberBusiness(db: Database, businessId: number): Promise<void> {
  while ((await numberChanges(db, businessId, BATCH_SIZE)) === BATCH_SIZE);
}

/** Numbers changes without a reader. Several nodes may do so at the same time. */
export function startNumbering({ db, log }: { db: Database; log: Logger }): Outbox {
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'changes were not numbered; the next run retries');
  const work = async () => {
    for (const businessId of await findWithPending(db)) {
      await numberBusiness(db, businessId).catch(onError);
    }
  };
  return openOutbox({ work, everyMs: INTERVAL_MILLISECONDS, onError });
}
