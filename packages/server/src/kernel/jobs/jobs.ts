import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  parseCronItems,
  run,
  runMigrations,
  type WorkerEvents,
  Logger as WorkerLogger,
} from 'graphile-worker';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionConfig } from '../postgres/open-database.ts';
import { JobOwners } from './job-owners.ts';
import { JobPool } from './job-pool.ts';

/** Jobs by name that run once a minute, on one node at a time. */
export type MinuteJobs = Readonly<Record<string, () => Promise<void>>>;

/** Jobs that statements add, retried until they succeed. */
export type NamedJobs = Readonly<Record<string, (payload: unknown) => Promise<void>>>;

interface Jobs {
  readonly minute?: MinuteJobs;
  readonly named?: NamedJobs;
}

/** SQL. Jobs of a queue run one at a time. A new job replaces a waiting one with the same `key`. */
interface JobOptions {
  readonly queue: string;
  readonly key: string;
}

/** SQL that adds a job in the transaction of its statement; `payload` is SQL of type json. */
export const addJobText = (name: string, payload: string, options?: JobOptions) =>
  `graphile_worker.add_job('${name}', payload => ${payload}${
    options ? `, queue_name => ${options.queue}, job_key => ${options.key}` : ''
  })`;

/** Creates the tables of jobs, because servers add jobs before any worker runs. */
export async function prepareJobs(connection: ConnectionConfig, log: Logger): Promise<void> {
  const options = { ...connection, application_name: 'colloquy-migrations', max: 1 };
  const pool = openPool(options, (error) =>
    log.warn({ err: error }, 'a connection of the jobs was lost'),
  );
  try {
    await runMigrations({ pgPool: pool, logger: workerLogger(log) });
  } finally {
    await pool.end();
  }
}

/** No client waits for a job, so its statements may take longer. */
const STATEMENT_SECONDS = 10;
const STOP_MILLISECONDS = 3_000;
const RESTART_MILLISECONDS = 1_000;
/** The end of a job is usually written within this time. */
const WRITTEN_MILLISECONDS = 30;

export async function startJobs(
  connection: ConnectionConfig,
  log: Logger,
  jobs: Jobs,
  timeoutSeconds = STATEMENT_SECONDS,
) {
  const stopping = new AbortController();
  // During shutdown, the database ends connections that did not end in time.
  const logLostConnection = (error: Error) =>
    log[stopping.signal.aborted ? 'debug' : 'warn'](
      { err: error },
      'a connection of the jobs was lost',
    );
  const timeoutMs = Math.max(timeoutSeconds, STATEMENT_SECONDS) * 1000;
  const pool = openPool(poolOptions(connection, timeoutMs), logLostConnection);
  const owners = new JobOwners(connection, log);
  await owners.freeOrphans();
  const all = new Set<Worker>();
  let worker = await start();
  const supervised = superviseWorker();

  async function start(): Promise<Worker> {
    const started = await startWorker(pool, log, owners, jobs);
    all.add(started);
    void started.ended.then(() => all.delete(started));
    return started;
  }

  async function superviseWorker(): Promise<void> {
    for (;;) {
      await worker.lost;
      if (stopping.signal.aborted) return;
      log.warn({ part: 'jobs' }, 'the job worker stopped; starting another one');
      let next: Worker | undefined;
      while (!next) {
        await sleep(RESTART_MILLISECONDS, undefined, { signal: stopping.signal }).catch(() => {});
        if (stopping.signal.aborted) return;
        next = (await start().catch(logLostConnection)) ?? undefined;
      }
      worker = next;
    }
  }

  return {
    async stop() {
      stopping.abort();
      const stopped = worker
        .stop()
        .then(() => supervised)
        .then(() => Promise.all([...all].map(({ ended }) => ended)))
        .then(() => owners.close())
        .then(() => pool.end());
      await Promise.race([stopped, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
    },
  };
}

const poolOptions = (connection: ConnectionConfig, timeoutMs: number): pg.PoolConfig => ({
  ...connection,
  application_name: 'colloquy-jobs',
  max: 6,
  keepAlive: true,
  // The worker returns hung connections to the pool as if they worked, so a maximum age closes them.
  connectionTimeoutMillis: timeoutMs,
  query_timeout: timeoutMs,
  maxLifetimeSeconds: 60,
});

function openPool(options: pg.PoolConfig, onLost: (error: Error) => void): pg.Pool {
  const pool = new JobPool(options);
  pool.on('error', onLost);
  pool.on('connect', (client) => client.on('error', onLost));
  return pool;
}

const workerLogger = (log: Logger) =>
  new WorkerLogger(() => (level, message) => {
    const severity = level === 'warning' ? 'warn' : level === 'error' ? 'error' : 'debug';
    log[severity]({ part: 'jobs' }, message);
  });

interface Worker {
  /** Resolves when the worker takes no more jobs. */
  readonly lost: Promise<void>;
  /** Resolves when its jobs have ended too. */
  readonly ended: Promise<unknown>;
  stop(): Promise<unknown>;
}

async function startWorker(
  pool: pg.Pool,
  log: Logger,
  owners: JobOwners,
  { minute = {}, named = {} }: Jobs,
): Promise<Worker> {
  const events: WorkerEvents = new EventEmitter();
  // Jobs and queues are locked in the name of the worker pool.
  let name = '';
  events.on('pool:create', ({ workerPool }) => {
    name = workerPool.id;
    void owners.add(name);
  });
  const lost = Promise.withResolvers<void>();
  // The statement may have taken a job although its answer was lost. That job is free again when
  // this worker has ended.
  events.on('worker:getJob:error', () => lost.resolve());
  const released = new WeakSet<object>();
  events.on('worker:release', ({ worker }) => released.add(worker));
  // A worker looks for its next job too early, finds the queue locked and waits for its next poll.
  events.on('job:complete', ({ worker, job }) => {
    if (job.job_queue_id === null) return;
    const nudge = () => released.has(worker) || worker.nudge();
    setTimeout(nudge, WRITTEN_MILLISECONDS).unref();
  });
  const runner = await run({
    pgPool: pool,
    events,
    noHandleSignals: true,
    preset: {
      worker: {
        concurrentJobs: 4,
        // With a delay, a failure to complete a job is an unhandled rejection, which ends the
        // process.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
    logger: workerLogger(log),
    taskList: {
      ...Object.fromEntries(Object.entries(minute).map(([name, job]) => [name, () => job()])),
      ...named,
    },
    parsedCronItems: parseCronItems(
      Object.keys(minute).map((task) => ({
        task,
        match: '* * * * *',
        options: { maxAttempts: 1, jobKey: task, jobKeyMode: 'replace', queueName: 'every-minute' },
      })),
    ),
  });
  const ended = runner.promise.catch(() => undefined).then(() => owners.remove(name));
  void ended.then(lost.resolve);
  const stop = () => runner.stop().catch(() => undefined);
  // The next worker starts although a long job of this one may still run.
  void lost.promise.then(stop);
  return { lost: lost.promise, ended, stop };
}
