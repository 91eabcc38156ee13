import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loopTime } from '../fair-share/loop-time.ts';
import { Fault, unavailable } from '../fault.ts';
import { openCircuitBreaker } from './circuit-breaker.ts';

/** A statement with a name is prepared once per connection and then only executed. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const names = new Set<string>();

/** Declares a prepared statement. Its name is how logs and `pg_stat_statements` show it. */
export function statement(name: string, text: string): Statement {
  if (names.has(name)) throw new Error(`two statements are named ${name}`);
  names.add(name);
  return { name, text };
}

/** What can run statements: the pool, or one transaction. */
export interface Db {
  rows<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** The first row, or undefined. */
  row<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Row | undefined>;
}

/** A transaction: READ COMMITTED, committed when its work returns, rolled back when it throws. */
export interface Tx extends Db {
  readonly isTransaction: true;
}

export interface Database extends Db {
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same for large work, whose statements may take ten times as long; it has a slot of the fair share. */
  readonly patient: Pick<Database, 'rows' | 'row' | 'transaction'>;
  /** A connection outside the pool, for LISTEN and for steps that take long. */
  connect(applicationName: string): Promise<pg.Client>;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** The database as it is in one instant; nothing can be changed, and it may be read for long. */
export interface Snapshot extends Db {
  readonly client: pg.Client;
  close(): Promise<void>;
}

/** A snapshot on a connection of its own. Until it is closed, nothing that went is vacuumed. */
export async function openSnapshot(db: Database, applicationName: string): Promise<Snapshot> {
  const client = await db.connect(applicationName);
  await client.query('SET idle_in_transaction_session_timeout = 0');
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  return { ...runner((config) => client.query(config)), client, close: () => client.end() };
}

export type ConnectionConfig = pg.ClientConfig;

export interface DatabaseOptions {
  connection: ConnectionConfig;
  /** After which a statement of a request counts as not answered. */
  timeoutSeconds?: number;
  /** Connections of the pool. */
  max?: number;
  onError(error: Error): void;
}

export const DATABASE_TIMEOUT_SECONDS = 3;
/** The statements of large work may take so many times as long as those of others. */
const PATIENCE_FACTOR = 10;
const LOOK_MILLISECONDS = 100;
/** How often work is begun again that PostgreSQL gave up for the sake of other work. */
const ATTEMPTS = 3;
/** A pause of the event loop that may be why PostgreSQL timed something out. */
const STALL_MILLISECONDS = 500;

const types = new pg.TypeOverrides();
// bigint columns hold ids and counts below 2^53, which the door and the counters guarantee.
types.setTypeParser(pg.types.builtins.INT8, Number);
// timestamptz as milliseconds since 1970; infinity, which is a number already, stays what it is.
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => parseTimestamp(text).valueOf());

const parseTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (
  text: string,
) => Date | number;

/** Milliseconds after which the database counts as away. */
interface Timeouts {
  readonly statement: number;
  /** For a connection: with the statement, a client is told within 1.5 times `statement`. */
  readonly connect: number;
  readonly patient: number;
}

function timeoutsOf(seconds: number): Timeouts {
  const statement = seconds * 1000;
  return { statement, connect: statement / 2, patient: statement * PATIENCE_FACTOR };
}

export function openDatabase(options: DatabaseOptions): Database {
  const timeouts = timeoutsOf(options.timeoutSeconds ?? DATABASE_TIMEOUT_SECONDS);
  const patience = timeouts.patient - timeouts.statement;
  const shared: pg.ClientConfig = { ...options.connection, types, keepAlive: true };
  let isClosed = false;
  const onError = (error: Error) => {
    // What the goodbyes are answered with is no news.
    if (!isClosed) options.onError(error);
  };
  const breaker = openCircuitBreaker({
    connection: { ...shared, application_name: 'colloquy-probe' },
    timeoutMs: timeouts.connect,
    onDoubt: () => dropIdle(pool),
    onError,
  });
  const pool = new pg.Pool({
    ...shared,
    application_name: 'colloquy',
    max: options.max ?? 16,
    connectionTimeoutMillis: timeouts.connect,
    idleTimeoutMillis: 60_000,
    stream: () => breaker.openSocket(),
    onConnect: (client: pg.ClientBase) => prepareSession(client, timeouts, poolSettings(timeouts)),
  } as pg.PoolConfig);
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', onError);
  // Between the moment in which the pool hands a connection on and the one in which its transaction
  // begins to listen, its end may arrive. What is asked of it then is refused by pg itself.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const statements = watchStatements(pool, timeouts.statement, (askedAt) =>
    breaker.missed(askedAt),
  );

  /** Asks the database for one thing. Fault: UNAVAILABLE where it is away. */
  async function ask<T>(work: () => Promise<T>, askedAt = loopTime.now()): Promise<T> {
    for (;;) {
      breaker.require();
      try {
        const result = await work();
        breaker.answered();
        return result;
      } catch (error) {
        if (error instanceof pg.DatabaseError) breaker.answered();
        else if (isConnectTimeout(error)) {
          // The timer of pg fired late, before the socket was read: nothing was sent yet.
          if (loopTime.now() - askedAt < timeouts.connect - LOOK_MILLISECONDS) continue;
          breaker.missed(askedAt);
        }
        throw translate(error);
      }
    }
  }

  /** One statement of its own. Written out, since nearly all that a request does is this. */
  async function askPool(config: pg.QueryConfig): Promise<pg.QueryResult> {
    breaker.require();
    const askedAt = loopTime.now();
    const stalledBefore = loopTime.stalled();
    try {
      const result = await pool.query(config);
      breaker.answered();
      return result;
    } catch (error) {
      // What went wrong once is looked at, and done again where it was the victim of other work.
      let first: unknown = error;
      return again(
        timeouts,
        () =>
          ask(() => {
            if (first === null) return pool.query(config);
            const failure = Promise.reject(first);
            first = null;
            return failure;
          }, askedAt),
        stalledBefore,
      );
    }
  }

  async function attempt<T>(work: (tx: Tx) => Promise<T>, isPatient = false): Promise<T> {
    const client = await ask(() => pool.connect());
    let broken: Error | undefined;
    const breaks = (error: Error) => {
      broken ??= error;
    };
    // A connection that breaks between two statements would otherwise end the process.
    client.on('error', breaks);
    const query = (config: pg.QueryConfig) =>
      ask(async () => {
        statements.asked(client, isPatient ? patience : 0);
        try {
          return await client.query(config);
        } catch (error) {
          // Whatever PostgreSQL did not say itself leaves the connection in a state nobody knows.
          if (!(error instanceof pg.DatabaseError)) breaks(error as Error);
          throw error;
        } finally {
          statements.answered(client);
        }
      });
    try {
      await query({ text: isPatient ? beginPatiently(timeouts) : 'BEGIN' });
      const result = await work({ isTransaction: true, ...runner(query) });
      const { command } = await query({ text: 'COMMIT' });
      // What PostgreSQL answers to a COMMIT after a statement that failed, and no error.
      if (command !== 'COMMIT') throw new Error(`a transaction ended in ${command}`);
      return result;
    } catch (error) {
      // A ROLLBACK would wait behind a statement that is not answered.
      if (!broken) await query({ text: 'ROLLBACK' }).catch(breaks);
      throw error;
    } finally {
      client.off('error', breaks);
      client.release(broken);
    }
  }

  return {
    pool,
    ...runner(askPool),
    transaction: (work) => again(timeouts, () => attempt(work)),
    patient: {
      // In a transaction, since that is how the server is told to wait.
      rows: (statement, values) =>
        again(timeouts, () => attempt((tx) => tx.rows(statement, values), true)),
      row: (statement, values) =>
        again(timeouts, () => attempt((tx) => tx.row(statement, values), true)),
      transaction: (work) => again(timeouts, () => attempt(work, true)),
    },
    async connect(applicationName) {
      const client = new pg.Client({
        ...shared,
        application_name: applicationName,
        connectionTimeoutMillis: timeouts.connect,
      });
      client.on('error', options.onError);
      try {
        await client.connect();
        await prepareSession(client, timeouts);
        return client;
      } catch (error) {
        client.end().catch(() => undefined);
        throw translate(error);
      }
    },
    async close() {
      isClosed = true;
      breaker.close();
      await pool.end();
      statements.close();
    },
  };
}

// Every statement has one good plan, whatever its values: planning it anew each time, which
// PostgreSQL may prefer by its estimates, costs ten times what running it does.
const sessionSettings = ({ statement }: Timeouts) =>
  `SET timezone = 'UTC'; SET jit = off; SET plan_cache_mode = force_generic_plan; SET synchronous_commit = on; SET lock_timeout = ${(statement * 5) / 6}; SET idle_in_transaction_session_timeout = ${statement * PATIENCE_FACTOR}`;
/** A statement for which nobody waits any more ends on the server too, and a little earlier. */
const poolSettings = (timeouts: Timeouts) =>
  `${sessionSettings(timeouts)}; SET statement_timeout = ${timeouts.statement - LOOK_MILLISECONDS}`;

/** The server gives up a little earlier, as with all statements of the pool. */
const beginPatiently = ({ patient }: Timeouts) =>
  `BEGIN; SET LOCAL statement_timeout = ${patient - LOOK_MILLISECONDS}; SET LOCAL lock_timeout = ${patient / 2}`;

/** Settings that statements rely on, whatever the server's own configuration says. */
async function prepareSession(
  client: pg.ClientBase,
  timeouts: Timeouts,
  text = sessionSettings(timeouts),
): Promise<void> {
  const query = { text, query_timeout: timeouts.connect };
  await client.query(query);
}

interface WatchedStatements {
  /** `patience`: milliseconds that it may take beyond what others may. */
  asked(client: pg.ClientBase, patience?: number): void;
  answered(client: pg.ClientBase): void;
  close(): void;
}

/**
 * Ends each connection of the pool whose statement is not answered in time. A single timer looks
 * after all: with a timer per statement, as `query_timeout` of pg sets, V8 kept the rows of each
 * statement until its next full collection, which took a tenth of the time of a read.
 */
function watchStatements(
  pool: pg.Pool,
  timeoutMs: number,
  missed: (askedAt: number) => void,
): WatchedStatements {
  const since = new Map<pg.ClientBase, number>();
  const asked = (client: pg.ClientBase, patience = 0) =>
    void since.set(client, loopTime.now() + patience);
  const answered = (client: pg.ClientBase) => void since.set(client, Number.POSITIVE_INFINITY);
  pool.on('acquire', (client) => asked(client));
  pool.on('release', (_error, client) => answered(client));
  pool.on('remove', (client) => since.delete(client));
  const timer = setInterval(() => {
    const latest = loopTime.now() - timeoutMs;
    for (const [client, askedAt] of since) {
      if (askedAt > latest) continue;
      since.delete(client);
      missed(askedAt);
      // While a statement is under way this does not wait: it closes the socket, and that rejects it.
      (client as pg.Client).end().catch(() => undefined);
    }
  }, LOOK_MILLISECONDS);
  timer.unref();
  return { asked, answered, close: () => clearInterval(timer) };
}

/** Lets go of the connections that nobody uses now. */
function dropIdle(pool: pg.Pool): void {
  for (let count = pool.idleCount; count > 0; count -= 1) {
    pool.connect().then(
      (client) => client.release(true),
      () => undefined,
    );
  }
}

/**
 * Does work again that PostgreSQL rolled back as the victim of a deadlock, or because it could not be
 * put in line with other work: nothing of it has happened, and most often it succeeds then. The same
 * holds for work that PostgreSQL timed out while our event loop, and not the database, stood still.
 */
async function again<T>(
  { statement }: Timeouts,
  work: () => Promise<T>,
  stalledBefore = loopTime.stalled(),
): Promise<T> {
  const begin = loopTime.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const cause = error instanceof Fault ? error.cause : error;
      const state = cause instanceof pg.DatabaseError ? (cause.code ?? '') : '';
      const hasStalled = loopTime.stalled() - stalledBefore > STALL_MILLISECONDS;
      const isVictim = VICTIM_STATES.test(state) || (hasStalled && TIMED_OUT_STATES.test(state));
      const isLate = loopTime.now() - begin > statement;
      if (!isVictim || isLate || attempt === ATTEMPTS) throw error;
      // At once it could take the very lock again that the other work is about to wake up to.
      await sleep(attempt * (25 + Math.random() * 50));
    }
  }
}

function runner(query: (config: pg.QueryConfig) => Promise<pg.QueryResult>): Db {
  const rows = async <Row extends object>(statement: Statement, values: readonly unknown[]) => {
    const result = await query({ ...statement, values: values as unknown[] });
    return result.rows as Row[];
  };
  return {
    rows,
    row: async <Row extends object>(statement: Statement, values: readonly unknown[]) =>
      (await rows<Row>(statement, values))[0],
  };
}

const VICTIM_STATES = /^(40001|40P01)$/;
/** Statement, lock and idle transaction. */
const TIMED_OUT_STATES = /^(57014|55P03|25P03)$/;
/** Connection lost, server starting or stopping, too many connections, read-only after a failover. */
const AWAY_STATES = /^(08|57P0[1-5]|53[0-9]|57014|55P03|25006|25P03|40001|40P01)/;
const AWAY_CODES =
  /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_AGAIN|NOENT|NOTFOUND)|ERR_STREAM|ERR_SOCKET)/;
const AWAY_MESSAGES =
  /timeout|Connection terminated|Connection ended|not queryable|Client was closed|after calling end/i;
const TIMEOUT = /timeout/i;

/** Whether no connection was had in time. Statements have no timer of pg's. */
function isConnectTimeout(error: unknown): boolean {
  return error instanceof Error && TIMEOUT.test(error.message);
}

/** A Fault where the database is away; any other error as it is. */
function translate(error: unknown): Fault | unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const away =
    code === ''
      ? AWAY_MESSAGES.test(error.message)
      : AWAY_STATES.test(code) || AWAY_CODES.test(code);
  return away ? unavailable('The database', error) : error;
}

/** The name of the constraint that a statement broke, or undefined. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}
