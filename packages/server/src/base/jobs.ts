import { setTimeout as sleep } from 'node:timers/promises';
import { parseCronItems, type Runner, run, Logger as WorkerLogger } from 'graphile-worker';
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
const RESTART_MILLISECONDS = 1_000;

/** Runs jobs on a graphile-worker of its own connections, and starts that again when it ends. */
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
  const stopping = new AbortController();
  let runner = await startWorker(pool, log, jobs);
  const kept = keep();

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      await runner.promise.catch(() => undefined);
      while (!stopping.signal.aborted) {
        log.warn({ part: 'jobs' }, 'the jobs have stopped; starting them again');
        await sleep(RESTART_MILLISECONDS, undefined, { signal: stopping.signal }).catch(() => {});
        if (stopping.signal.aborted) return;
        const next = await startWorker(pool, log, jobs).catch(lost);
        if (!next) continue;
        runner = next;
        break;
      }
    }
  }

  return {
    async stop() {
      stopping.abort();
      const stopped = runner
        .stop()
        // It complains where the worker has ended by itself.
        .catch(() => undefined)
        .then(() => kept)
        .then(() => pool.end());
      await Promise.race([stopped, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
    },
  };
}

function startWorker(pool: pg.Pool, log: Logger, jobs: MinuteJobs): Promise<Runner> {
  return run({
    pgPool: pool,
    noHandleSignals: true,
    preset: {
      worker: {
        concurrentJobs: 1,
        // Otherwise nobody waits for the statement that takes a job off the list: where it fails, the
        // process would end by a rejection that is not handled.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
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
}
