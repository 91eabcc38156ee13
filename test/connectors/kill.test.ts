import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { vapiConnection, vapiReport, vapiStatus } from '../fixtures/connections.ts';
import { startServer } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { startTestServer, testDatabase } from '../servers/test-server.ts';

const CALLS = 60;

test('a server that is killed after its answers loses no call', async () => {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-connectors-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const DATABASE_URL = urlThrough(proxy.port, connection);
  const killed = closing.use(await startServer({ DATABASE_URL, DATA_DIR }));
  const { BusinessId: businessId } = await killed.admin.createBusiness({ Name: 'Killed' });
  const runJob = async () => undefined;
  const { send } = await vapiConnection({ ...killed, clock: systemClock, runJob }, businessId);
  const ids = Array.from({ length: CALLS }, (_, n) => `c-${n}`);
  const bodies = ids.flatMap((id) => [
    vapiStatus(id, 'in-progress', 1764000000100),
    vapiReport(id),
    vapiStatus(id, 'ended', 1764000330000),
  ]);
  // The server assembles some of them while others come in.
  const statuses = await Promise.all(bodies.map(async (body) => (await send(body)).status));
  await killed.end('SIGKILL');
  expect(new Set(statuses)).toEqual(new Set([200]));

  const next = closing.use(
    await startTestServer({ connection, overrides: { clock: systemClock } }),
  );
  await next.runJob('find-deliveries');
  await next.runJob('assemble-conversations', { businessId });
  for (const id of ids) {
    const read = await next.admin.getConversation({ businessId, sessionId: `vapi_${id}` });
    expect([id, read.Status, read.Messages.length]).toEqual([id, 'Completed', 2]);
  }
  const left = await next.sql.query('SELECT FROM connection_deliveries WHERE due_at IS NOT NULL');
  expect(left.rowCount).toBe(0);
});
