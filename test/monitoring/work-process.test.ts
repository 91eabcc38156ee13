import { expect, test } from 'vitest';
import { refusedStart, startServer } from '../servers/server-process.ts';
import { ADMIN_KEY, SECRET } from '../servers/server-secrets.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { startTestServer } from '../servers/test-server.ts';

const command = [process.execPath, 'packages/server/src/main.ts', 'work'];

test('a process that only runs jobs shows its health and metrics at METRICS_PORT, and nothing else', async () => {
  await using server = await startTestServer();
  await using proxy = await openProxy(server.connection);
  const settings = { DATABASE_URL: urlThrough(proxy.port, server.connection), SECRET };
  await using worker = await startServer({ ...settings, METRICS_PORT: '0' }, { command });
  const read = (path: string, headers: Record<string, string> = {}) =>
    fetch(worker.url + path, { headers });
  for (const path of ['/healthz', '/readyz']) expect((await read(path)).status, path).toBe(200);
  const metrics = await (await read('/metrics')).text();
  for (const name of ['process_start_time_seconds', 'colloquy_minute_jobs_age_seconds']) {
    expect(metrics).toContain(name);
  }
  // As from another machine.
  const forwarded = { 'X-Forwarded-For': '203.0.113.7' };
  expect((await read('/metrics', forwarded)).status).toBe(401);
  const Authorization = `Token ${ADMIN_KEY}`;
  expect((await read('/metrics', { ...forwarded, Authorization })).status).toBe(200);
  const other = await read('/api/v1/admin/users', { Authorization });
  expect([other.status, await other.json()]).toMatchObject([404, { Code: 'Request:NOT_FOUND' }]);

  const port = new URL(worker.url).port;
  const { stderr } = await refusedStart({ ...settings, METRICS_PORT: port }, { command });
  expect(stderr).toContain('another program uses the port; set another METRICS_PORT');
  expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
});
