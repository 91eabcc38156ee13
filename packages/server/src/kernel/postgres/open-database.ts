import pg from 'pg';
import { isDistributed } from '../citus/placement.ts';
import { loopTime } from '../fair-share/loop-time.ts';
import { type CircuitBreaker, openCircuitBreaker } from './circuit-breaker.ts';
import { type Database, type Db, runWith, type Tx } from './database.ts';
import { isConnectTimeout, translateError } from './errors.ts';
import { retryRolledBack } from './retry.ts';
import {
  beginPatiently,
  preparePooledSession,
  prepareSession,
  type Timeouts,
  timeoutsOf,
  valueTypes,
} from './session.ts';
import { type StatementWatch, watchStatements } from './statement-watch.ts';

export type ConnectionConfig = pg.ClientConfig;

interface DatabaseOptions {
  readonly connection: ConnectionConfig;
  readonly timeoutSeconds?: number;
  readonly max?: number;
  onError(error: Error): void;
}

export const DATABASE_TIMEOUT_SECONDS = 3;
/** Timers may fire this much early. */
const TIMER_MILLISECONDS = 100;

export function openDatabase(options: DatabaseOptions): Database {
  return new PooledDatabase(options, options.timeoutSeconds ?? DATABASE_TIMEOUT_SECONDS);
}

/** Its methods are bound, because callers destructure it. */
class PooledDatabase implements Database {
  readonly pool: pg.Pool;
  readonly patient: Database['patient'];
  readonly rows: Db['rows'];
  readonly row: Db['row'];
  readonly #options: DatabaseOptions;
  readonly #timeouts: Timeouts;
  readonly #config: pg.ClientConfig;
  readonly #breaker: CircuitBreaker;
  readonly #watch: StatementWatch;
  #isClosed = false;
  #isDistributed: Promise<boolean> | null = null;

  constructor(options: DatabaseOptions, timeoutSeconds: number) {
    const timeouts = timeoutsOf(timeoutSeconds);
    this.#options = options;
    this.#timeouts = timeouts;
    this.#config = { ...options.connection, types: valueTypes, keepAlive: true };
    const onError = (error: Error) => {
      if (!this.#isClosed) options.onError(error);
    };
    this.#breaker = openCircuitBreaker({
      connection: { ...this.#config, application_name: 'colloquy-probe' },
      timeoutMs: timeouts.connect,
      onDoubt: () => closeIdle(this.pool),
      onError,
    });
    this.pool = this.#openPool(onError);
    this.#watch = watchStatements(this.pool, timeouts.statement, (startedAt) =>
      this.#breaker.missed(startedAt),
    );
    ({ rows: this.rows, row: this.row } = runWith((config) => this.#runOnPool(config)));
    // In a transaction, because a server-side timeout is set for one.
    this.patient = {
      rows: (statement, values) => this.#retry((tx) => tx.rows(statement, values), true),
      row: (statement, values) => this.#retry((tx) => tx.row(statement, values), true),
      transaction: (work) => this.#retry(work, true),
    };
  }

  readonly transaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => this.#retry(work, false);

  readonly connect = async (applicationName: string): Promise<pg.Client> => {
    const client = new pg.Client({
      ...this.#config,
      application_name: applicationName,
      connectionTimeoutMillis: this.#timeouts.connect,
    });
    client.on('error', this.#options.onError);
    try {
      await client.connect();
      await prepareSession(client, this.#timeouts);
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      throw translateError(error);
    }
  };

  readonly isDistributed = (): Promise<boolean> => {
    this.#isDistributed ??= isDistributed(this.pool).catch((error: unknown) => {
      this.#isDistributed = null;
      throw translateError(error);
    });
    return this.#isDistributed;
  };

  readonly close = async (): Promise<void> => {
    this.#isClosed = true;
    this.#breaker.close();
    await this.pool.end();
    this.#watch.close();
  };

  #openPool(onError: (error: Error) => void): pg.Pool {
    const pool = new pg.Pool({
      ...this.#config,
      application_name: 'colloquy',
      max: this.#options.max ?? 16,
      connectionTimeoutMillis: this.#timeouts.connect,
      idleTimeoutMillis: 60_000,
      stream: () => this.#breaker.openSocket(),
      onConnect: (client: pg.ClientBase) => preparePooledSession(client, this.#timeouts),
    } as pg.PoolConfig);
    // Without a listener, an idle connection that breaks would end the process.
    pool.on('error', onError);
    // A connection may break before its transaction listens; its next statement is then rejected.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  #retry<T>(work: (tx: Tx) => Promise<T>, isPatient: boolean): Promise<T> {
    return retryRolledBack(this.#timeouts.statement, () => this.#runTransaction(work, isPatient));
  }

  async #guard<T>(work: () => Promise<T>, startedAt = loopTime.now()): Promise<T> {
    for (;;) {
      this.#breaker.require();
      try {
        const result = await work();
        this.#breaker.answered();
        return result;
      } catch (error) {
        if (error instanceof pg.DatabaseError) this.#breaker.answered();
        else if (isConnectTimeout(error)) {
          // The event loop was blocked, so the driver's timer fired before the socket was read.
          if (loopTime.now() - startedAt < this.#timeouts.connect - TIMER_MILLISECONDS) continue;
          this.#breaker.missed(startedAt);
        }
        throw translateError(error);
      }
    }
  }

  /** One statement. Written without closures for the good case, which is most of a request's work. */
  async #runOnPool(config: pg.QueryConfig): Promise<pg.QueryResult> {
    this.#breaker.require();
    const startedAt = loopTime.now();
    const stalledBefore = loopTime.stalled();
    try {
      const result = await this.pool.query(config);
      this.#breaker.answered();
      return result;
    } catch (error) {
      let first: unknown = error;
      const attempt = () => {
        if (first === null) return this.pool.query(config);
        const failure = Promise.reject(first);
        first = null;
        return failure;
      };
      const guarded = () => this.#guard(attempt, startedAt);
      return retryRolledBack(this.#timeouts.statement, guarded, stalledBefore);
    }
  }

  async #runTransaction<T>(work: (tx: Tx) => Promise<T>, isPatient: boolean): Promise<T> {
    const timeouts = this.#timeouts;
    const patience = isPatient ? timeouts.patient - timeouts.statement : 0;
    const client = await this.#guard(() => this.pool.connect());
    let broken: Error | undefined;
    const onBreak = (error: Error) => {
      broken ??= error;
    };
    // Without a listener, a connection that breaks between two statements would end the process.
    client.on('error', onBreak);
    const query = (config: pg.QueryConfig) =>
      this.#guard(async () => {
        this.#watch.start(client, patience);
        try {
          return await client.query(config);
        } catch (error) {
          // After an error that PostgreSQL did not report, the state of the connection is unknown.
          if (!(error instanceof pg.DatabaseError)) onBreak(error as Error);
          throw error;
        } finally {
          this.#watch.end(client);
        }
      });
    try {
      await query({ text: isPatient ? beginPatiently(timeouts) : 'BEGIN' });
      const result = await work({ isTransaction: true, ...runWith(query) });
      const { command } = await query({ text: 'COMMIT' });
      // PostgreSQL answers a COMMIT after a failed statement with ROLLBACK, not with an error.
      if (command !== 'COMMIT') throw new Error(`a transaction ended in ${command}`);
      return result;
    } catch (error) {
      // A ROLLBACK would wait behind a statement that has no answer.
      if (!broken) await query({ text: 'ROLLBACK' }).catch(onBreak);
      throw error;
    } finally {
      client.off('error', onBreak);
      client.release(broken);
    }
  }
}

function closeIdle(pool: pg.Pool): void {
  for (let count = pool.idleCount; count > 0; count -= 1) {
    pool.connect().then(
      (client) => client.release(true),
      () => undefined,
    );
  }
}
