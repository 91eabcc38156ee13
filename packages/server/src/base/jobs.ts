import { setTimeout as sleep } from 'node:timers/promises';
import { parseCronItems, run, Logger as WorkerLogger } from 'graphile-worker';
import pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionConfig } from './db.ts';

/** A job that runs once a minute, on one node at a time. Its name is how the log shows it. */
export type MinuteJobs = Readonly<Record<string, () => Promise<void>>>;

export interface Jobs {
  /** Waits for the jobs that are running, but not for a database that does not answer. */
  stop(): Promise<void>;
}

const STATEMENT_MILLISECONDS = 10_000;
const STOP_MILLISECONDS = 3_000;

/** Runs jobs on a graphile-worker of its own connections. */
export async function startJobs(
  connection: ConnectionConfig,
  log: Logger,
  jobs: MinuteJobs,
): Promise<Jobs> {
  const pool = new pg.Pool({
    ...connection,
    application_name: 'colloquy-jobs',
    max: 3,
    keepAlive: true,
    // The worker gives a connection on which nothing is answered back to the pool as if it were
    // sound, so the age of a connection is what ends it.
    connectionTimeoutMillis: STATEMENT_MILLISECONDS,
    query_timeout: STATEMENT_MILLISECONDS,
    maxLifetimeSeconds: 60,
  });
  const lost = (error: Error) => log.warn({ err: error }, 'a connection of the jobs was lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  const runner = await run({
    pgPool: pool,
    concurrency: 1,
    noHandleSignals: true,
    logger: new WorkerLogger(() => (level, message) => {
      const severity = level === 'warning' ? 'warn' : level === 'error' ? 'error' : 'debug';
      log[severity]({ part: 'jobs' }, message);
    }),
    taskList: Object.fromEntries(
      Object.entries(jobs).map(([name, job]) => [name, () => job()] as const),
    ),
    parsedCronItems: parseCronItems(
      Object.keys(jobs).map((task) => ({
        task,
        match: '* * * * *',
        options: { maxAttempts: 1, jobKey: task, jobKeyMode: 'replace' as const },
      })),
    ),
  });
  // A fault of the worker is logged by it; what it stopped is restarted with the process.
  runner.promise.catch((error: unknown) => log.error({ err: error }, 'the jobs have stopped'));
  return {
    async stop() {
      const stopped = runner.stop().then(() => pool.end());
      // It complains where the worker has stopped by itself; the log says so already.
      const late = sleep(STOP_MILLISECONDS, undefined, { ref: false });
      await Promise.race([stopped.catch(() => undefined), late]);
    },
  };
}
