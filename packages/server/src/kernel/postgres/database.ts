import type pg from 'pg';
import { limitConnections, touchNodes } from '../citus/snapshot.ts';

/** A statement with a name is prepared once per connection and then only executed. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const declared = new Map<string, Statement>();

export function statement(name: string, text: string): Statement {
  if (declared.has(name)) throw new Error(`two statements are named ${name}`);
  const made = { name, text };
  declared.set(name, made);
  return made;
}

export const declaredStatements = (): Statement[] =>
  [...declared.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Runs statements: the pool, or one transaction. */
export interface Db {
  rows<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
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
  /** For large work, which has a slot of the fair share: statements may take ten times as long. */
  readonly patient: Pick<Database, 'rows' | 'row' | 'transaction'>;
  connect(applicationName: string): Promise<pg.Client>;
  readonly pool: pg.Pool;
  /** Whether the tables of businesses are on the nodes of a Citus cluster. */
  isDistributed(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Snapshot extends Db {
  readonly client: pg.Client;
  close(): Promise<void>;
}

/** A snapshot on its own connection. Until it is closed, PostgreSQL vacuums no deleted row. */
export async function openSnapshot(db: Database, applicationName: string): Promise<Snapshot> {
  const client = await db.connect(applicationName);
  await client.query('SET idle_in_transaction_session_timeout = 0');
  const isDistributed = await db.isDistributed();
  if (isDistributed) await limitConnections(client);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  if (isDistributed) await touchNodes(client);
  return { ...runWith((config) => client.query(config)), client, close: () => client.end() };
}

export function runWith(query: (config: pg.QueryConfig) => Promise<pg.QueryResult>): Db {
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
