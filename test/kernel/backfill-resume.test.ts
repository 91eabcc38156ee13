import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRestoreTarget, saveBackup } from '../fixtures/backups.ts';
import {
  fill,
  touchByComputing,
  touchByStatement,
  VISITS,
  wrongTouches,
} from '../fixtures/synthetic-backfills.ts';
import { startServer, until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { openPool, startTestServer, testDatabase } from '../servers/test-server.ts';

const SYNTHETIC = [touchByStatement, touchByComputing];

test('a backfill of a server killed twice visits each row of each business once', async () => {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const settings = { DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR };
  const sql = closing.adopt(openPool(connection), (pool) => pool.end());
  await sql.query(VISITS);
  {
    await using before = await startTestServer({ connection });
    for (const count of [30, 5, 20]) await fill(before.admin, await before.newBusiness(), count);
  }
  const visits = async () =>
    (await sql.query<{ n: number }>('SELECT count(*)::integer AS n FROM backfill_test.visits'))
      .rows[0]?.n ?? 0;
  const command = [process.execPath, 'test/fixtures/backfill-server.ts'];
  for (const killedAt of [4, 40]) {
    const server = closing.use(await startServer(settings, { command }));
    await until(async () => (await visits()) >= killedAt);
    await server.end('SIGKILL');
  }
  expect(await visits()).toBeLessThan(110);
  closing.use(await startServer(settings, { command }));
  const unfinished = async () =>
    (await sql.query('SELECT FROM backfills WHERE finished_at IS NULL')).rowCount;
  await until(async () => (await unfinished()) === 0);
  for (const { name } of SYNTHETIC) expect(await wrongTouches(sql, name)).toEqual([]);
}, 300_000);

test('a backfill continues after a restore from its position in the backup', async () => {
  await using testServer = await startTestServer({ overrides: { backfills: [touchByStatement] } });
  await testServer.sql.query(VISITS);
  const businessId = await testServer.newBusiness();
  await fill(testServer.admin, businessId, 40);
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-backfill-'));
  let file = '';
  await using halfway = await startTestServer({
    connection: testServer.connection,
    overrides: {
      backfills: [
        {
          ...touchByStatement,
          async runBatch(tx, business, [after = ''], limit) {
            if (after !== '' && file === '') file = await saveBackup(testServer.admin, folder);
            return touchByStatement.runBatch(tx, business, [after], limit);
          },
        },
      ],
    },
  });
  expect(await halfway.app.backfills.run()).toBe(true);

  await using target = await openRestoreTarget();
  const { code, stderr } = await target.restore(file, '--without-ledger');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await using restored = await target.open({ overrides: { backfills: [touchByStatement] } });
  await restored.sql.query(VISITS);
  const [before] = await restored.app.backfills.progressOf(businessId);
  const done = before?.rowsDone ?? 0;
  expect(done).toBeGreaterThan(0);
  expect(before?.finishedAt).toBeNull();
  expect(await restored.app.backfills.run()).toBe(true);
  const { rows } = await restored.sql.query<{ n: number }>(
    'SELECT count(*)::integer AS n FROM backfill_test.visits',
  );
  expect(rows).toEqual([{ n: 40 - done }]);
  const unvisited = await wrongTouches(restored.sql, touchByStatement.name);
  expect(unvisited).toEqual(Array(done).fill(expect.objectContaining({ visits: 0 })));
  await rm(folder, { recursive: true });
}, 180_000);
