import pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionConfig } from '../postgres/database.ts';

/** The first half of the advisory locks that workers hold; the second is a hash of their name. */
const CLASS = 7_236_443;
const LOOK_EVERY_MILLISECONDS = 4_000;
/** Whoever took a job just now may not hold its own lock yet. */
const YOUNG_SECONDS = 2;

const ORPHANS = `WITH owners AS (
    SELECT locked_by FROM graphile_worker._private_jobs
      WHERE locked_at < now() - interval '${YOUNG_SECONDS} seconds'
    UNION
    SELECT locked_by FROM graphile_worker._private_job_queues
      WHERE locked_at < now() - interval '${YOUNG_SECONDS} seconds'
  ), orphans AS MATERIALIZED (
    SELECT locked_by FROM owners
    WHERE locked_by <> ALL($1::text[]) AND pg_try_advisory_lock(${CLASS}, hashtext(locked_by))
  )
  SELECT locked_by AS name, graphile_worker.force_unlock_workers(ARRAY[locked_by]),
    pg_advisory_unlock(${CLASS}, hashtext(locked_by))
  FROM orphans`;

/**
 * Gives back what a worker held that is not there any more. Left alone, its jobs and their queues stay
 * locked for hours (graphile-worker cannot tell a dead worker from a slow one). Here each worker holds
 * an advisory lock, which goes with its process: where it is free, the worker is gone.
 */
export class JobOwners {
  readonly #connection: ConnectionConfig;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  readonly #names = new Set<string>();
  #client: Promise<pg.Client> | null = null;
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(connection: ConnectionConfig, log: Logger) {
    this.#connection = connection;
    this.#log = log;
    this.#timer = setInterval(() => void this.freeOrphans(), LOOK_EVERY_MILLISECONDS).unref();
  }

  /** A worker of this process begins. */
  async add(name: string): Promise<void> {
    this.#names.add(name);
    await this.#run(async (client) => {
      await client.query(`SELECT pg_advisory_lock(${CLASS}, hashtext($1))`, [name]);
    });
  }

  /** All workers of this process have ended. */
  clear(): void {
    this.#names.clear();
    this.#drop();
  }

  /** Never throws: what cannot be done now is done the next time. */
  async freeOrphans(): Promise<void> {
    await this.#run(async (client) => {
      const { rows } = await client.query<{ name: string }>(ORPHANS, [[...this.#names]]);
      const names = rows.map(({ name }) => name);
      if (names.length > 0) this.#log.warn({ names }, 'jobs of workers that are gone were freed');
    });
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#drop();
  }

  /** One after the other: a connection does one thing at a time. */
  #run(work: (client: pg.Client) => Promise<void>): Promise<void> {
    this.#last = this.#last.then(() => this.#attempt(work));
    return this.#last;
  }

  async #attempt(work: (client: pg.Client) => Promise<void>): Promise<void> {
    if (this.#isClosed) return;
    try {
      this.#client ??= this.#connect();
      await work(await this.#client);
    } catch (error) {
      this.#log.warn({ err: error }, 'the connection of the workers was lost');
      this.#drop();
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.#connection,
      application_name: 'colloquy-job-owners',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
    });
    client.on('error', () => this.#drop());
    await client.connect();
    for (const name of this.#names) {
      await client.query(`SELECT pg_advisory_lock(${CLASS}, hashtext($1))`, [name]);
    }
    return client;
  }

  /** Does not wait for a database that may not answer. */
  #drop(): void {
    this.#client?.then((open) => open.end()).catch(() => undefined);
    this.#client = null;
  }
}
