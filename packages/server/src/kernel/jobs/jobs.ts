import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  parseCronItems,
  type Runner,
  run,
  runMigrations,
  type WorkerEvents,
  Logger as WorkerLogger,
} from 'graphile-worker';
import pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionConfig } from '../postgres/open-database.ts';
import { JobOwners } from './job-owners.ts';

/** Jobs that run once a minute, on one node at a time; logs show their names. */
export type MinuteJobs = Readonly<Record<string, () => Promise<void>>>;

/** Jobs that statements add by name; a failed one is retried until it succeeds. */
export type NamedJobs = Readonly<Record<string, (payload: unknown) => Promise<void>>>;

/** Jobs of a queue run one after the other; of those with a key (SQL) that wait there is one. */
interface JobOptions {
  readonly queue: string;
  readonly key: string;
}

/** SQL that adds a job in the transaction in which it stands; `payload` is SQL too, of type json. */
export const addJobText = (name: string, payload: string, options?: JobOptions) =>
  `graphile_worker.add_job('${name}', payload => ${payload}${
    options ? `, queue_name => '${options.queue}', job_key => ${options.key}` : ''
  })`;

/** Makes what jobs are kept in, so that they can be added where none are run. */
export async function prepareJobs(connection: ConnectionConfig, log: Logger): Promise<void> {
  const pool = new pg.Pool({ ...connection, application_name: 'colloquy-migrations', max: 1 });
  const lost = (error: Error) => log.warn({ err: error }, 'a connection of the jobs was lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  try {
    await runMigrations({ pgPool: pool, logger: workerLogger(log) });
  } finally {
    await pool.end();
  }
}

export interface Jobs {
  /** Waits for the jobs that are running, but not for a database that does not answer. */
  stop(): Promise<void>;
}

/** Nobody waits for a job, so its statements may take longer than those of requests. */
const STATEMENT_SECONDS = 10;
const STOP_MILLISECONDS = 3_000;
const RESTART_MILLISECONDS = 1_000;
/** Within these the end of a job is written, mostly. */
const WRITTEN_MILLISECONDS = 30;

/** Runs jobs on a graphile-worker of its own connections, and starts that again when it ends. */
export async function startJobs(
  connection: ConnectionConfig,
  log: Logger,
  jobs: MinuteJobs,
  named: NamedJobs = {},
  /** As for requests; the longer one counts. */
  timeoutSeconds = STATEMENT_SECONDS,
): Promise<Jobs> {
  const timeoutMs = Math.max(timeoutSeconds, STATEMENT_SECONDS) * 1000;
  const pool = new pg.Pool({
    ...connection,
    application_name: 'colloquy-jobs',
    max: 6,
    keepAlive: true,
    // The worker gives a connection on which nothing is answered back to the pool as if it were
    // sound, so the age of a connection is what ends it.
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    maxLifetimeSeconds: 60,
  });
  const stopping = new AbortController();
  // What has not ended by itself within its time is ended by the database, and that is no news.
  const lost = (error: Error) =>
    log[stopping.signal.aborted ? 'debug' : 'warn'](
      { err: error },
      'a connection of the jobs was lost',
    );
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  const owners = new JobOwners(connection, log);
  await owners.freeOrphans();
  let runner = await startWorker(pool, log, owners, jobs, named);
  const kept = keep();

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      await runner.promise.catch(() => undefined);
      while (!stopping.signal.aborted) {
        log.warn({ part: 'jobs' }, 'the jobs have stopped; starting them again');
        await sleep(RESTART_MILLISECONDS, undefined, { signal: stopping.signal }).catch(() => {});
        if (stopping.signal.aborted) return;
        owners.clear();
        const next = await startWorker(pool, log, owners, jobs, named).catch(lost);
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
        .then(() => owners.close())
        .then(() => pool.end());
      await Promise.race([stopped, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
    },
  };
}

const workerLogger = (log: Logger) =>
  new WorkerLogger(() => (level, message) => {
    const severity = level === 'warning' ? 'warn' : level === 'error' ? 'error' : 'debug';
    log[severity]({ part: 'jobs' }, message);
  });

function startWorker(
  pool: pg.Pool,
  log: Logger,
  owners: JobOwners,
  jobs: MinuteJobs,
  named: NamedJobs,
): Promise<Runner> {
  const events: WorkerEvents = new EventEmitter();
  // Jobs and queues are locked in the name of the pool, not of its workers.
  events.on('pool:create', ({ workerPool }) => void owners.add(workerPool.id));
  const released = new WeakSet<object>();
  events.on('worker:release', ({ worker }) => released.add(worker));
  // It looks for its next job while the end of this one is being written, finds the queue taken still,
  // and would look again when its time has come.
  events.on('job:complete', ({ worker, job }) => {
    if (job.job_queue_id === null) return;
    const nudge = () => released.has(worker) || worker.nudge();
    setTimeout(nudge, WRITTEN_MILLISECONDS).unref();
  });
  return run({
    pgPool: pool,
    events,
    noHandleSignals: true,
    preset: {
      worker: {
        concurrentJobs: 4,
        // Otherwise nobody waits for the statement that takes a job off the list: where it fails, the
        // process would end by a rejection that is not handled.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
    logger: workerLogger(log),
    taskList: {
      ...Object.fromEntries(
        Object.entries(jobs).map(([name, job]) => [name, () => job()] as const),
      ),
      ...named,
    },
    parsedCronItems: parseCronItems(
      Object.keys(jobs).map((task) => ({
        task,
        match: '* * * * *',
        options: {
          maxAttempts: 1,
          jobKey: task,
          jobKeyMode: 'replace' as const,
          // One after the other, whatever else is to be done.
          queueName: 'every-minute',
        },
      })),
    ),
  });
}
