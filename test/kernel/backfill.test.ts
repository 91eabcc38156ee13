import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { type Backfill, openBackfills } from '../../packages/server/src/kernel/jobs/backfill.ts';
import {
  fill,
  hashOf,
  touchByComputing,
  touchByStatement,
  VISITS,
  wrongTouches,
} from '../fixtures/synthetic-backfills.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const SYNTHETIC = [touchByStatement, touchByComputing];

describe('backfills', () => {
  let server: TestServer;
  const open = async (backfills: readonly Backfill[]) => {
    server = await startTestServer({ overrides: { backfills } });
    await server.sql.query(VISITS);
  };
  afterEach(() => server[Symbol.asyncDispose]());
  const stateOf = (businessId: number) => server.app.backfills.progressOf(businessId);

  test('a backfill visits each row of each business once, with runBatch and with prepareBatch', async () => {
    await open(SYNTHETIC);
    const businesses = [await server.newBusiness(), await server.newBusiness()];
    const empty = await server.newBusiness();
    for (const [at, businessId] of businesses.entries()) {
      await fill(server.admin, businessId, 20 + 15 * at);
    }
    expect(await server.app.backfills.run()).toBe(true);
    for (const { name } of SYNTHETIC) expect(await wrongTouches(server.sql, name)).toEqual([]);
    expect(await stateOf(businesses[1] ?? 0)).toMatchObject(
      SYNTHETIC.map(({ name }) => ({
        name,
        rowsDone: 35,
        rowsEstimated: 35,
        failures: 0,
      })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    for (const { startedAt, finishedAt } of await stateOf(empty)) {
      expect([startedAt, finishedAt]).toEqual([server.clock.now(), server.clock.now()]);
    }
    const { rows } = await server.sql.query<{ head: string; hash: string }>(
      `SELECT c.head, v.hash FROM conversations c JOIN backfill_test.visits v USING (business_id, id)
       WHERE v.name = $1`,
      [touchByComputing.name],
    );
    for (const { head, hash } of rows) expect(hash).toBe(hashOf(head));
  });

  test('a backfill skips businesses created after its registration', async () => {
    await open(SYNTHETIC);
    await server.app.backfills.run();
    const businessId = await server.newBusiness();
    await fill(server.admin, businessId, 3);
    expect(await server.app.backfills.run()).toBe(true);
    expect(await stateOf(businessId)).toEqual([]);
    expect((await server.sql.query('SELECT FROM backfill_test.visits')).rowCount).toBe(0);
  });

  test('a backfill gives each business one batch before any gets a second', async () => {
    const turns: number[] = [];
    await open([
      {
        ...touchByStatement,
        runBatch(tx, businessId, after, limit) {
          turns.push(businessId);
          return touchByStatement.runBatch(tx, businessId, after, limit);
        },
      },
    ]);
    const [large, small] = [await server.newBusiness(), await server.newBusiness()];
    await fill(server.admin, large, 40);
    await fill(server.admin, small, 2);
    await server.app.backfills.run();
    // On a cluster, any of them may be the first.
    for (const at of [0, 2]) {
      expect(turns.slice(at, at + 2).toSorted((a, b) => a - b)).toEqual([large, small]);
    }
    expect(turns.slice(4).every((businessId) => businessId === large)).toBe(true);
  });

  test('a failed batch is retried later, row by row, while other businesses continue', async () => {
    let isBroken = true;
    const breaking: Backfill = {
      ...touchByStatement,
      async runBatch(tx, businessId, after, limit) {
        const batch = await touchByStatement.runBatch(tx, businessId, after, limit);
        const last = batch.last?.[0] ?? '';
        if (isBroken && businessId === failingBusiness && last >= 'call-5')
          throw new TypeError('quotes content: +49 151 12345678');
        return batch;
      },
    };
    await open([breaking]);
    const failingBusiness = await server.newBusiness();
    const otherBusiness = await server.newBusiness();
    await fill(server.admin, failingBusiness, 10);
    await fill(server.admin, otherBusiness, 10);
    expect(await server.app.backfills.run()).toBe(true);
    expect(await stateOf(otherBusiness)).toMatchObject([
      { rowsDone: 10, finishedAt: server.clock.now() },
    ]);
    // The first failure rolls back the rows before call-5; the retry takes them one by one.
    for (let retries = 0; (await stateOf(failingBusiness))[0]?.rowsDone !== 5; retries += 1) {
      expect(retries).toBeLessThan(5);
      server.clock.advance(10);
      await server.app.backfills.run();
    }
    const [failed] = await stateOf(failingBusiness);
    expect(failed).toMatchObject({ lastError: 'TypeError', finishedAt: null });
    const wait = (failed?.retryAt ?? 0) - server.clock.now();
    server.clock.advance(wait / 1000 - 1);
    await server.app.backfills.run();
    expect((await stateOf(failingBusiness))[0]).toEqual(failed);
    server.clock.advance(1);
    await server.app.backfills.run();
    const [again] = await stateOf(failingBusiness);
    expect(again?.failures).toBe((failed?.failures ?? 0) + 1);
    expect((again?.retryAt ?? 0) - server.clock.now()).toBe(2 * wait);
    isBroken = false;
    server.clock.advance((2 * wait) / 1000);
    await server.app.backfills.run();
    expect((await stateOf(failingBusiness))[0]).toMatchObject({
      rowsDone: 10,
      failures: 0,
      lastError: null,
      retryAt: null,
      finishedAt: server.clock.now(),
    });
    expect(await wrongTouches(server.sql, touchByStatement.name)).toEqual([]);
  });

  test('a backfill that two nodes run concurrently visits each row once', async () => {
    await open(SYNTHETIC);
    const businessId = await server.newBusiness();
    await fill(server.admin, businessId, 60);
    const nodes = [server.app.backfills, openBackfills(otherNode(), SYNTHETIC)];
    await until(async () => {
      const runs = await Promise.all(nodes.map((node) => node.run()));
      return runs.every((isComplete) => isComplete);
    });
    for (const { name } of SYNTHETIC) expect(await wrongTouches(server.sql, name)).toEqual([]);
  });
  const otherNode = () => {
    const { ctx } = server.app;
    return { ...ctx, metrics: { ...ctx.metrics, registry: new Registry() } };
  };

  test('the metrics show the rows done and the businesses that remain and fail', async () => {
    await open([touchByStatement]);
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
    const businessId = await server.newBusiness();
    await fill(server.admin, businessId, 20);
    await server.app.backfills.run(0);
    expect(await metrics()).toContain(
      'colloquy_backfill_businesses_remaining{name="visit-by-statement"} 1',
    );
    await server.app.backfills.run();
    const text = await metrics();
    expect(text).toContain('colloquy_backfill_rows_done{name="visit-by-statement"} 20');
    expect(text).toContain('colloquy_backfill_businesses_remaining{name="visit-by-statement"} 0');
    expect(text).toContain('colloquy_backfill_businesses_failing{name="visit-by-statement"} 0');
  });
});
