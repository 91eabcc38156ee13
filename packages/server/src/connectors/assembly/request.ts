import type { Logger } from 'pino';
import type { Db } from '../../kernel/postgres/database.ts';
import { addAssembly } from './job-store.ts';

/** Deliveries that come together are assembled together. */
const SOON_MILLISECONDS = 100;

export interface AssemblyRequests {
  /**
   * After the commit of a delivery. The job is added soon after, and not in its transaction: concurrent
   * deliveries of a business would wait for each other's job. If this process is killed, the job of a
   * minute finds the delivery.
   */
  request(businessId: number): void;
  close(): Promise<void>;
}

export function openAssemblyRequests(db: Db, log: Logger): AssemblyRequests {
  const waiting = new Set<number>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  const addAll = async () => {
    const businesses = [...waiting];
    waiting.clear();
    for (const businessId of businesses) {
      await addAssembly(db, businessId).catch((error: unknown) => {
        log.warn(
          { err: error, businessId },
          'could not add the job of deliveries; it runs in a minute',
        );
      });
    }
  };
  return {
    request(businessId) {
      waiting.add(businessId);
      timer ??= setTimeout(() => {
        timer = null;
        running = running.then(addAll);
      }, SOON_MILLISECONDS).unref();
    },
    async close() {
      if (timer) clearTimeout(timer);
      await running.then(addAll);
    },
  };
}
