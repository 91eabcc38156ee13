import { parseCronItems, run, Logger as WorkerLogger } from 'graphile-worker';
import pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionConfig } from './db.ts';

/** A job that runs once a minute, on one node at a time. Its name is how the log shows it. */
export type MinuteJobs = Readonly<Record<string, () => Promise<void>>>;

export interface Jobs {
  /** Waits for the jobs that are running. */
  stop(): Promise<void>;
}

/** Runs jobs on a graphile-worker of its own connections. */
export async function startJobs(
  connection: ConnectionConfig,
  log: Logger,
  jobs: MinuteJobs,
): Promise<Jobs> {
  const pool = new pg.Pool({ ...connection, application_name: 'colloquy-jobs', max: 3 });
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
      await runner.stop();
      await pool.end();
    },
  };
}
