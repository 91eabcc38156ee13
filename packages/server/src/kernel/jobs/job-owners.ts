import pg from 'pg';
import type { Logger } from 'pino';
import {
  type DedicatedConnection,
  keepConnection,
  untilAborted,
} from '../postgres/dedicated-connection.ts';
import type { ConnectionConfig } from '../postgres/open-database.ts';

const LOCK_CLASS = 7_236_443;
const CHECK_MILLISECONDS = 4_000;
const TIMEOUT_MILLISECONDS = 10_000;
/** A worker that has just taken a job may not hold its lock yet. */
const YOUNG_SECONDS = 2;

const LOCK = `SELECT pg_advisory_lock(${LOCK_CLASS}, hashtext($1))`;
const UNLOCK = `SELECT pg_advisory_unlock(${LOCK_CLASS}, hashtext($1))`;
const ORPHANS = `WITH owners AS (
    SELECT DISTINCT locked_by FROM graphile_worker.jobs
    WHERE locked_at < now() - interval '${YOUNG_SECONDS} seconds'
  ), orphans AS MATERIALIZED (
    SELECT locked_by FROM owners
    WHERE locked_by <> ALL($1::text[]) AND pg_try_advisory_lock(${LOCK_CLASS}, hashtext(locked_by))
  )
  SELECT locked_by AS name, graphile_worker.force_unlock_workers(ARRAY[locked_by]),
    pg_advisory_unlock(${LOCK_CLASS}, hashtext(locked_by))
  FROM orphans`;

/**
 * Frees the jobs of ended workers, which graphile-worker keeps locked for hours. Each worker holds
 * an advisory lock that ends with the connection of its process.
 */
export class JobOwners {
  readonly #log: Logger;
  readonly #connection: DedicatedConnection;
  readonly #timer: NodeJS.Timeout;
  readonly #names = new Set<string>();
  #client: pg.Client | null = null;
  /** A connection runs one statement at a time. */
  #last: Promise<void> = Promise.resolve();

  constructor(connection: ConnectionConfig, log: Logger) {
    this.#log = log;
    this.#timer = setInterval(() => void this.freeOrphans(), CHECK_MILLISECONDS).unref();
    this.#connection = keepConnection({
      connect: () => connect(connection),
      hold: (client, signal, onReady) => this.#hold(client, signal, onReady),
      onLost: (error) => log.warn({ err: error }, 'the connection of the workers was lost'),
      timeoutMs: TIMEOUT_MILLISECONDS,
    });
  }

  async add(name: string): Promise<void> {
    this.#names.add(name);
    await this.#connection.attempted;
    await this.#run(async (client) => {
      await client.query(LOCK, [name]);
    });
  }

  /** Call it when the worker has ended: the next check frees the jobs that are still locked. */
  async remove(name: string): Promise<void> {
    this.#names.delete(name);
    await this.#run(async (client) => {
      await client.query(UNLOCK, [name]);
    });
  }

  /** Never rejects; the next check repeats what failed. */
  async freeOrphans(): Promise<void> {
    await this.#connection.attempted;
    await this.#run(async (client) => {
      const { rows } = await client.query<{ name: string }>(ORPHANS, [[...this.#names]]);
      const names = rows.map(({ name }) => name);
      if (names.length > 0) this.#log.warn({ names }, 'freed the jobs of workers that have ended');
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#connection.close();
  }

  async #hold(client: pg.Client, signal: AbortSignal, onReady: () => void): Promise<void> {
    for (const name of this.#names) await client.query(LOCK, [name]);
    this.#client = client;
    onReady();
    await untilAborted(signal);
    this.#client = null;
  }

  #run(work: (client: pg.Client) => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      const client = this.#client;
      if (!client) return;
      await work(client).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'the connection of the workers was lost');
        client.end().catch(() => undefined);
      });
    });
    return this.#last;
  }
}

async function connect(connection: ConnectionConfig): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    application_name: 'colloquy-job-owners',
    keepAlive: true,
    connectionTimeoutMillis: TIMEOUT_MILLISECONDS,
    query_timeout: TIMEOUT_MILLISECONDS,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
