import pg from 'pg';
import { type Fault, unavailable } from './fault.ts';

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
  /** A connection outside the pool, for LISTEN and for steps that take long. */
  connect(applicationName: string): Promise<pg.Client>;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export type ConnectionConfig = pg.ClientConfig;

export interface DatabaseOptions {
  connection: ConnectionConfig;
  /** Connections of the pool. */
  max?: number;
  onError(error: Error): void;
}

// Together under the five seconds in which a client is told that the database is away. A statement
// of a request that takes longer than this is one that the database does not answer.
const CONNECT_MILLISECONDS = 1_500;
const STATEMENT_MILLISECONDS = 3_000;

const types = new pg.TypeOverrides();
// bigint columns hold ids and counts below 2^53, which the door and the counters guarantee.
types.setTypeParser(pg.types.builtins.INT8, Number);
// timestamptz as milliseconds since 1970.
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => parseTimestamp(text).getTime());

const parseTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (
  text: string,
) => Date;

export function openDatabase(options: DatabaseOptions): Database {
  const shared: pg.ClientConfig = { ...options.connection, types, keepAlive: true };
  const pool = new pg.Pool({
    ...shared,
    application_name: 'colloquy',
    max: options.max ?? 16,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    query_timeout: STATEMENT_MILLISECONDS,
    idleTimeoutMillis: 60_000,
    onConnect: prepareSession,
  } as pg.PoolConfig);
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', options.onError);

  return {
    pool,
    ...runner((query) => pool.query(query)),
    async transaction(work) {
      const client = await pool.connect().catch(rethrow);
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work({ isTransaction: true, ...runner((q) => client.query(q)) });
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch((failure: Error) => {
          broken = failure;
        });
        throw translate(error);
      } finally {
        client.release(broken);
      }
    },
    async connect(applicationName) {
      const client = new pg.Client({
        ...shared,
        application_name: applicationName,
        connectionTimeoutMillis: CONNECT_MILLISECONDS,
      });
      client.on('error', options.onError);
      await client.connect().catch(rethrow);
      await prepareSession(client);
      return client;
    },
    close: () => pool.end(),
  };
}

/** Settings that statements rely on, whatever the server's own configuration says. */
async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(
    "SET timezone = 'UTC'; SET jit = off; SET synchronous_commit = on; SET lock_timeout = '2500ms'; SET idle_in_transaction_session_timeout = '30s'",
  );
}

function runner(query: (config: pg.QueryConfig) => Promise<pg.QueryResult>): Db {
  const rows = async <Row extends object>(statement: Statement, values: readonly unknown[]) => {
    try {
      const result = await query({ ...statement, values: values as unknown[] });
      return result.rows as Row[];
    } catch (error) {
      throw translate(error);
    }
  };
  return {
    rows,
    row: async <Row extends object>(statement: Statement, values: readonly unknown[]) =>
      (await rows<Row>(statement, values))[0],
  };
}

function rethrow(error: unknown): never {
  throw translate(error);
}

/** Connection lost, server starting or stopping, too many connections, read-only after a failover. */
const AWAY_STATES = /^(08|57P0[1-5]|53[0-9]|57014|55P03|25006|40001|40P01)/;
const AWAY_CODES = /^E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_AGAIN|NOENT|NOTFOUND)/;
const AWAY_MESSAGES =
  /timeout|Connection terminated|Connection ended|not queryable|Client was closed/i;

/** A Fault where the database is away; any other error as it is. */
function translate(error: unknown): Fault | unknown {
  if (!(error instanceof Error)) return error;
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
