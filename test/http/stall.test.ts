import { expect, onTestFinished, test } from 'vitest';
import { statement } from '../../packages/server/src/kernel/postgres/database.ts';
import { startTestServer } from '../servers/test-server.ts';

/** Longer than every deadline for an answer of the database. */
const STALL_MILLISECONDS = 4_000;
const LOCK_KEY = 4_711;

const SLEEP = statement('test.stall-sleep', 'SELECT pg_sleep(0.5)');
const ONE = statement('test.stall-one', 'SELECT 1 AS one');
const LOCK = statement('test.stall-lock', `SELECT pg_advisory_xact_lock(${LOCK_KEY})`);

/** Blocks the event loop; data that arrives while it is blocked is read afterwards. */
function stall(): void {
  const end = performance.now() + STALL_MILLISECONDS;
  while (performance.now() < end);
}

async function startQuietTestServer() {
  const server = await startTestServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

test('running and queued statements succeed after the event loop was blocked', async () => {
  const { db } = (await startQuietTestServer()).app.ctx;
  const statements = Array.from({ length: 40 }, () => db.rows(SLEEP, []));
  const results = Promise.allSettled(statements);
  await expect.poll(() => db.pool.waitingCount).toBeGreaterThan(0);
  stall();
  const failed = (await results).filter(({ status }) => status === 'rejected');
  expect(failed).toEqual([]);
});

test('a blocked event loop while connections open is not reported as an outage', async () => {
  const { db } = (await startQuietTestServer()).app.ctx;
  const results = Promise.allSettled(Array.from({ length: 16 }, () => db.rows(ONE, [])));
  stall();
  const failed = (await results).filter(({ status }) => status === 'rejected');
  expect(failed).toEqual([]);
});

test('a transaction that waits for a lock succeeds if the event loop of this process was blocked', async () => {
  const server = await startQuietTestServer();
  const { db } = server.app.ctx;
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const holding = db.transaction(async (tx) => {
    await tx.rows(LOCK, []);
    held.resolve();
    await released.promise;
  });
  await held.promise;
  const waiting = db.transaction(async (tx) => {
    await tx.rows(LOCK, []);
    return (await tx.row<{ one: number }>(ONE, []))?.one;
  });
  const results = Promise.allSettled([holding, waiting]);
  const queue = `SELECT count(*)::int AS n FROM pg_locks WHERE objid = ${LOCK_KEY} AND NOT granted`;
  await expect.poll(async () => (await server.sql.query(queue)).rows[0].n).toBe(1);
  stall();
  released.resolve();
  expect(await results).toEqual([
    { status: 'fulfilled', value: undefined },
    { status: 'fulfilled', value: 1 },
  ]);
});

test('requests of every kind are answered after the event loop was blocked', async () => {
  const server = await startQuietTestServer();
  const businessId = await server.newBusiness();
  const client = await server.newClient(businessId);
  const lists = Array.from({ length: 20 }, () => client.getConversations({ businessId }));
  const campaigns = Array.from({ length: 20 }, (_, index) =>
    client.putCampaign({ businessId, campaignId: `campaign-${index}`, Name: 'Spring' }),
  );
  const results = Promise.allSettled([...lists, ...campaigns]);
  await expect.poll(() => server.app.ctx.db.pool.totalCount).toBeGreaterThan(1);
  stall();
  const failed = (await results).filter(({ status }) => status === 'rejected');
  expect(failed).toEqual([]);
});
