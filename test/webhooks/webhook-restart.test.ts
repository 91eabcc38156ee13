import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { expect, test } from 'vitest';
import { startWebhooks } from '../../packages/server/src/webhooks/sending/runner.ts';
import { silence } from '../fixtures/kept-calls.ts';
import { startReceiver } from '../fixtures/webhook-receiver.ts';
import { startWebhookServer, writer } from '../fixtures/webhook-server.ts';
import { startServer, until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { ADMIN_KEY, startTestServer, testDatabase } from '../servers/test-server.ts';

test('a killed server leaves no delivery out, and the order of conversations stays', async () => {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-webhooks-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const DATABASE_URL = urlThrough(proxy.port, connection);
  const settings = { DATABASE_URL, DATA_DIR, ALLOW_PRIVATE_TARGETS: '1' };
  const receiver = closing.use(await startReceiver());
  let answered = 0;
  receiver.answer = (_, response) => {
    answered += 1;
    // The rest gets no answer, so it is being sent when the server is killed.
    if (answered <= 20) response.writeHead(204).end();
  };
  const first = closing.use(await startServer(settings));
  const { BusinessId: businessId } = await first.admin.createBusiness({ Name: 'Killed' });
  const Events = ['conversation.started', 'conversation.ended', 'conversation.completed'] as const;
  await first.admin.createWebhook({ businessId, Url: receiver.url, Events: [...Events] });
  const clock = { now: () => Date.now() };
  const write = writer({ admin: first.admin, clock: clock as never }, businessId);
  const ids = Array.from({ length: 30 }, (_, n) => `call-${n}`);
  await Promise.all(ids.map((id) => write.put(id)));
  await until(async () => receiver.received.length > 30);
  await first.end('SIGKILL');
  const before = new Set(receiver.received.map(({ id }) => id));
  receiver.answer = (_, response) => response.writeHead(204).end();
  closing.use(await startServer(settings));
  const firstsOf = (id: string) => [...new Set(receiver.typesOf(id))];
  await until(async () => ids.every((id) => firstsOf(id).length === Events.length));
  for (const id of ids) expect(firstsOf(id)).toEqual([...Events]);
  const repeated = receiver.received.filter(({ id }) => before.has(id));
  expect(repeated.length).toBeGreaterThan(before.size);
});

test('another node continues when the one that sends loses its lock', async () => {
  await using server = await startWebhookServer();
  await using receiver = await startReceiver();
  const businessId = await server.newBusiness();
  const Events = ['conversation.started' as const];
  await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  const write = writer(server, businessId);
  await write.start('a');
  await until(async () => receiver.typesOf('a').length === 1);
  await using other = await startTestServer({
    connection: server.connection,
    allowPrivateTargets: true,
    overrides: { lookAgainMs: 50, clock: server.clock },
  });
  const runner = startWebhooks(other.app.ctx);
  try {
    await write.start('b');
    await until(async () => receiver.typesOf('b').length === 1);
    await server.runner.close();
    await write.start('c');
    await until(async () => receiver.typesOf('c').length === 1);
    expect(receiver.received).toHaveLength(3);
  } finally {
    await runner.close();
  }
});

test('a conversation is completed after the upload that was under way when it was sealed', async () => {
  await using server = await startWebhookServer();
  await using receiver = await startReceiver();
  const businessId = await server.newBusiness();
  const Events = ['conversation.completed' as const, 'recording.ready' as const];
  await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  const write = writer(server, businessId);
  for (const id of ['uploading', 'broken-off', 'other']) {
    await write.start(id);
    await write.end(id);
  }
  const uploads = ['uploading', 'broken-off'].map((sessionId) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    async function* audio() {
      yield silence().subarray(0, 50);
      await promise;
      yield silence().subarray(50);
    }
    const url = `${server.url}/api/v1/business/${businessId}/conversations/${sessionId}/recordings/_mixed`;
    const headers = { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'audio/wav' };
    const body = ReadableStream.from(audio());
    const sent = fetch(url, { method: 'PUT', headers, body, duplex: 'half' } as never);
    // One of them is broken off while nothing waits for it.
    sent.catch(() => undefined);
    return { sent, resolve, reject };
  });
  const registered = 'SELECT FROM unclaimed_blobs WHERE conversation_hash IS NOT NULL';
  await until(async () => (await server.sql.query(registered)).rowCount === 2);
  server.clock.advance(900);
  await server.runJob('seal-ended');
  await until(async () => receiver.typesOf('other').length === 1);
  expect(receiver.received).toHaveLength(1);
  const [uploading, broken] = uploads;
  uploading?.resolve();
  await uploading?.sent;
  await until(async () => receiver.typesOf('uploading').length === 2);
  expect(receiver.typesOf('uploading')).toEqual(['recording.ready', 'conversation.completed']);
  expect(receiver.typesOf('broken-off')).toEqual([]);
  broken?.reject(new Error('the client broke off'));
  await broken?.sent.catch(() => undefined);
  await until(async () => receiver.typesOf('broken-off').length === 1);
  expect(receiver.typesOf('broken-off')).toEqual(['conversation.completed']);
});
