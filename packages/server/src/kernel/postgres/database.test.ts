import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../../../../test/servers/server-process.ts';
import { openProxy, urlThrough } from '../../../../../test/servers/tcp-proxy.ts';
import { testDatabase } from '../../../../../test/servers/test-server.ts';
import { Fault } from '../fault.ts';
import { type Database, statement, type Tx } from './database.ts';
import { openDatabase } from './open-database.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
let lost: Error[];
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ connection: database.connection, onError: (error) => lost.push(error) });
  await db.pool.query('CREATE TABLE counters (name text PRIMARY KEY, n integer NOT NULL)');
  await db.pool.query("CREATE SEQUENCE tries; INSERT INTO counters VALUES ('a', 0), ('b', 0)");
});
beforeEach(async () => {
  lost = [];
  await db.pool.query('UPDATE counters SET n = 0');
});
afterAll(async () => {
  await db.close();
  await database[Symbol.asyncDispose]();
});

const bump = statement('test.bump', 'UPDATE counters SET n = n + 1 WHERE name = $1 RETURNING n');
const readCounters = statement('test.look', 'SELECT name, n FROM counters ORDER BY name');
const whoAmI = statement('test.backend', 'SELECT pg_backend_pid() AS pid');
const fail = statement(
  'test.fail',
  // A sequence is not rolled back, so it counts the attempts.
  `SELECT CASE WHEN nextval('tries') > 0 THEN raise_state($1) END`,
);
const oversized = statement('test.overflow', 'SELECT (2147483647 + $1::integer) AS n');
const counters = async () => (await db.rows<{ n: number }>(readCounters, [])).map(({ n }) => n);

test('two transactions that deadlock both succeed, and no work is done twice', async () => {
  let attempts = 0;
  const firstSteps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const both = (names: readonly string[], own: number) =>
    db.transaction(async (tx) => {
      attempts += 1;
      await tx.rows(bump, [names[0]]);
      firstSteps[own]?.resolve();
      await Promise.all(firstSteps.map(({ promise }) => promise));
      await tx.rows(bump, [names[1]]);
      return names[1];
    });
  expect(await Promise.all([both(['a', 'b'], 0), both(['b', 'a'], 1)])).toEqual(['b', 'a']);
  expect(attempts).toBe(3);
  expect(await counters()).toEqual([2, 2]);
  expect([db.pool.totalCount - db.pool.idleCount, db.pool.waitingCount]).toEqual([0, 0]);
});

test.each(['40001', '40P01'])(
  'work that conflicts in every attempt ends in a 503 (%s)',
  async (state) => {
    await db.pool.query(
      `CREATE OR REPLACE FUNCTION raise_state(state text) RETURNS integer LANGUAGE plpgsql
     AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'no'; END $$`,
    );
    for (const run of [
      () => db.transaction((tx: Tx) => tx.rows(fail, [state])),
      () => db.rows(fail, [state]),
    ]) {
      await db.pool.query('ALTER SEQUENCE tries RESTART');
      await expect(run()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 1 });
      const { rows } = await db.pool.query('SELECT last_value FROM tries');
      expect(rows).toEqual([{ last_value: 3 }]);
    }
  },
);

test('other errors are not retried and roll the transaction back', async () => {
  let attempts = 0;
  const work = (last: (tx: Tx) => Promise<unknown>) =>
    db.transaction(async (tx) => {
      attempts += 1;
      await tx.rows(bump, ['a']);
      return last(tx);
    });
  await expect(work((tx) => tx.rows(oversized, [1]))).rejects.toBeInstanceOf(pg.DatabaseError);
  const fault = new Fault('CONFLICT', 'No.');
  await expect(work(() => Promise.reject(fault))).rejects.toBe(fault);
  const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
  await expect(work(() => Promise.reject(missing))).rejects.toBe(missing);
  // If the work swallows an error, its transaction must not seem committed.
  const hidden = work((tx) => tx.rows(oversized, [1]).catch(() => 'fine'));
  await expect(hidden).rejects.toThrow('a transaction ended in ROLLBACK');
  expect(attempts).toBe(4);
  expect(await counters()).toEqual([0, 0]);
});

test('a connection that is terminated between two statements is a 503', async () => {
  const ending = db.transaction(async (tx) => {
    await tx.rows(bump, ['a']);
    const backend = await tx.row<{ pid: number }>(whoAmI, []);
    await db.pool.query('SELECT pg_terminate_backend($1::int)', [backend?.pid]);
    // The termination arrives while no statement runs.
    const isThere = 'SELECT 1 FROM pg_stat_activity WHERE pid = $1';
    await until(async () => (await db.pool.query(isThere, [backend?.pid])).rowCount === 0);
    await tx.rows(bump, ['b']);
  });
  await expect(ending).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await counters()).toEqual([0, 0]);
  expect(await db.transaction((tx) => tx.row(bump, ['a']))).toEqual({ n: 1 });
});

test('a statement that takes too long is a 503 and is canceled in PostgreSQL', async () => {
  const slow = statement('test.slow', 'SELECT pg_sleep($1::integer)');
  await expect(db.rows(slow, [20])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const running =
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()";
  await until(async () => (await db.pool.query(running)).rowCount === 0);
  // A slow statement opens no circuit breaker.
  expect(await counters()).toEqual([0, 0]);
});

test('a connection that is terminated when a transaction gets it fails only that transaction', async () => {
  await using closing = new AsyncDisposableStack();
  const proxy = closing.use(await openProxy(database.connection));
  const connectionString = urlThrough(proxy.port, database.connection);
  const single = openDatabase({
    connection: { connectionString },
    max: 1,
    onError: (error) => lost.push(error),
  });
  closing.defer(() => single.close());
  const { pid } = (await single.row<{ pid: number }>(whoAmI, [])) ?? { pid: 0 };
  const isIdle = async () => {
    const { rows } = await db.pool.query('SELECT state FROM pg_stat_activity WHERE pid = $1', [
      pid,
    ]);
    return rows[0]?.state === 'idle';
  };
  const first = single.pool.query('SELECT pg_sleep(0.2)');
  const second = single.transaction((tx) => tx.rows(readCounters, []));
  await until(async () => !(await isIdle()));
  proxy.silence();
  await until(isIdle);
  await db.pool.query('SELECT pg_terminate_backend($1::int, 2000::bigint)', [pid]);
  proxy.forward('all');
  expect((await first).rowCount).toBe(1);
  await expect(second).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await single.rows(readCounters, [])).toHaveLength(2);
});
