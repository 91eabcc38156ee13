import type pg from 'pg';
import type { Logger } from 'pino';
import type { Context } from '../../context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Statement } from '../../kernel/postgres/database.ts';
import {
  type DedicatedConnection,
  keepConnection,
} from '../../kernel/postgres/dedicated-connection.ts';
import { departure, listen, renewal, sweep } from './lease-store.ts';

export const LEASE_MILLISECONDS = 2_000;
const RENEW_MILLISECONDS = 500;
/** Without an answer in this time, the connection is closed. */
const ANSWER_MILLISECONDS = 1_500;
/** The clocks of node and database may differ in speed; the node's lease ends first. */
const DRIFT_MILLISECONDS = 10;

/**
 * Without a lease, every check queries the database. Calls `evict` when the cache may be wrong.
 *
 * A change waits until each node has reported it or its lease has expired by the database's clock.
 * A node evicts before it reports, and its own deadline counts from before the renewal was sent.
 */
export async function openLease({ db, log }: Pick<Context, 'db' | 'log'>, evict: () => void) {
  const lease = new Lease(log, evict);
  await lease.keep(() => db.connect('colloquy-access'));
  return lease;
}

/** The right of this node to answer from its cache. */
export class Lease {
  readonly nodeId = newId('node', Date.now());
  readonly #log: Logger;
  readonly #evict: () => void;
  #connection: DedicatedConnection | null = null;
  #isClosed = false;
  #isLost = false;
  /** Of the monotonic and of the wall clock: the first stops while a machine is suspended. */
  #deadline = Number.NEGATIVE_INFINITY;
  #wallDeadline = Number.NEGATIVE_INFINITY;
  #seenEpoch = -1;
  #endPause = () => {};

  constructor(log: Logger, evict: () => void) {
    this.#log = log;
    this.#evict = evict;
  }

  /** Returns after the first attempt. */
  keep(connect: () => Promise<pg.Client>): Promise<void> {
    this.#connection = keepConnection({
      connect,
      timeoutMs: 2 * ANSWER_MILLISECONDS,
      hold: (client, signal, onReady) => this.#hold(client, signal, onReady),
      onLost: (error) => {
        this.#drop();
        if (!this.#isLost) this.#log.warn({ err: error, nodeId: this.nodeId }, 'access lease lost');
        this.#isLost = true;
      },
    });
    return this.#connection.attempted;
  }

  isLive(): boolean {
    return performance.now() < this.#deadline && Date.now() < this.#wallDeadline;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#drop();
    await this.#connection?.close();
  }

  /** Returns on close; rejects if the connection is lost. */
  async #hold(client: pg.Client, signal: AbortSignal, onReady: () => void): Promise<void> {
    signal.addEventListener('abort', () => {
      this.#drop();
      this.#endPause();
    });
    client.on('notification', ({ payload }) => {
      if (Number(payload) <= this.#seenEpoch) return;
      this.#see(Number(payload));
      this.#endPause();
    });
    await run(client, listen, []);
    await run(client, sweep, []);
    while (!signal.aborted) {
      // Set before the renewal, so a notification during the renewal ends the pause.
      const pause = this.#pause();
      if (!(await this.#renew(client))) continue;
      if (this.#isLost) this.#log.info({ nodeId: this.nodeId }, 'access lease regained');
      this.#isLost = false;
      onReady();
      if (!signal.aborted) await pause;
    }
    this.#drop();
    if (this.#isClosed) await run(client, departure, [this.nodeId]);
  }

  /** False if access has changed since the last report: the renewal must be repeated. */
  async #renew(client: pg.Client): Promise<boolean> {
    const [sentAt, wallSentAt, reported] = [performance.now(), Date.now(), this.#seenEpoch];
    const values = [this.nodeId, LEASE_MILLISECONDS, reported];
    const epoch = (await run<{ epoch: number }>(client, renewal, values)).rows[0]?.epoch;
    if (epoch === undefined) throw new Error('access_state has no row');
    if (epoch !== reported) {
      this.#see(epoch);
      return false;
    }
    // A change between two leases did not wait for this node.
    if (!this.isLive()) this.#evict();
    this.#deadline = sentAt + LEASE_MILLISECONDS - DRIFT_MILLISECONDS;
    this.#wallDeadline = wallSentAt + LEASE_MILLISECONDS - DRIFT_MILLISECONDS;
    return true;
  }

  #see(epoch: number): void {
    this.#evict();
    this.#seenEpoch = epoch;
  }

  #drop(): void {
    this.#deadline = Number.NEGATIVE_INFINITY;
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RENEW_MILLISECONDS);
    this.#endPause = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }
}

function run<Row extends object>(client: pg.Client, statement: Statement, values: unknown[]) {
  const query = { ...statement, values, query_timeout: ANSWER_MILLISECONDS };
  return client.query<Row>(query);
}
