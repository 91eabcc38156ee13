import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { Statement } from '../../packages/server/src/kernel/postgres/database.ts';
import { openDatabase } from '../../packages/server/src/kernel/postgres/open-database.ts';
import { startWebhooks } from '../../packages/server/src/webhooks/sending/runner.ts';
import { startReceiver, withStatus } from '../fixtures/webhook-receiver.ts';
import { startWebhookServer, writer } from '../fixtures/webhook-server.ts';
import { until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { startTestServer } from '../servers/test-server.ts';

const Events = ['conversation.started' as const, 'conversation.ended' as const];

test('a delivery that is replayed while its request is under way is sent again', async () => {
  await using server = await startWebhookServer();
  await using receiver = await startReceiver();
  const businessId = await server.newBusiness();
  const { WebhookId: webhookId } = await server.admin.createWebhook({
    ...{ businessId, Url: receiver.url, Events },
  });
  const here = { businessId, webhookId };
  const deliveries = async () => (await server.admin.getWebhookDeliveries(here)).Items;
  const responses: ServerResponse[] = [];
  receiver.answer = (_, response) => void responses.push(response);
  const write = writer(server, businessId);
  await write.start('a');
  await write.end('a');
  await until(async () => responses.length === 1 && (await deliveries()).length === 2);
  expect(await server.admin.replayWebhook({ ...here, ConversationId: 'a' })).toEqual({
    Replayed: 2,
  });
  responses[0]?.writeHead(500).end('first');
  await until(() => responses.length === 2);
  expect(await deliveries()).toMatchObject([
    { Type: 'conversation.ended', Status: 'Pending', Attempts: [] },
    { Type: 'conversation.started', Status: 'Pending', Attempts: [{ Body: 'first' }] },
  ]);
  receiver.answer = withStatus(200);
  responses[1]?.writeHead(200).end('second');
  await until(async () => (await deliveries()).every(({ Status }) => Status === 'Delivered'));
  expect(receiver.typesOf('a')).toEqual([Events[0], ...Events]);
  const [first, second] = receiver.received;
  expect(second?.id).toBe(first?.id);
  const [, started] = await deliveries();
  expect(started?.Attempts.map(({ Body }) => Body)).toEqual(['first', 'second']);
});

test('a failed look-up of work ends no request that is under way', async () => {
  await using server = await startTestServer({
    allowPrivateTargets: true,
    overrides: { lookAgainMs: 50 },
  });
  await using receiver = await startReceiver();
  const { ctx } = server.app;
  let fails = false;
  let looks = 0;
  const rows: typeof ctx.db.rows = async (statement: Statement, values) => {
    const isLook = /^webhooks\.(businesses-with|has)-work$/.test(statement.name);
    if (isLook) looks += 1;
    if (isLook && fails) {
      fails = false;
      throw new Error('the database is busy');
    }
    return ctx.db.rows(statement, values);
  };
  const row: typeof ctx.db.row = async (statement, values) =>
    (await rows(statement, values))[0] as never;
  const runner = startWebhooks({ ...ctx, db: { ...ctx.db, rows, row } });
  try {
    const businessId = await server.newBusiness();
    await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
    const responses: ServerResponse[] = [];
    receiver.answer = (_, response) => void responses.push(response);
    await writer(server, businessId).start('a');
    await until(() => responses.length === 1);
    fails = true;
    await until(() => !fails);
    const before = looks;
    await until(() => looks > before + 5);
    responses[0]?.writeHead(204).end();
    receiver.answer = withStatus(204);
    await writer(server, businessId).end('a');
    await until(() => receiver.typesOf('a').includes('conversation.ended'));
    expect(receiver.typesOf('a')).toEqual(Events);
  } finally {
    await runner.close();
  }
});

test('a process whose connection with the locks is dead takes the locks again', async () => {
  await using closing = new AsyncDisposableStack();
  const server = closing.use(
    await startTestServer({ allowPrivateTargets: true, overrides: { lookAgainMs: 50 } }),
  );
  const receiver = closing.use(await startReceiver());
  const proxy = closing.use(await openProxy(server.connection));
  const connectionString = urlThrough(proxy.port, server.connection);
  const behind = openDatabase({ connection: { connectionString }, onError: () => undefined });
  closing.defer(() => behind.close());
  const { ctx } = server.app;
  const warnings: string[] = [];
  const warn = (_: object, text: string) => void warnings.push(text);
  const log = Object.assign(Object.create(ctx.log), { warn });
  const db = { ...ctx.db, connect: behind.connect };
  const runner = startWebhooks({ ...ctx, db, log }, { lockTimeoutMs: 1_000 });
  closing.defer(() => runner.close());
  const businessId = await server.newBusiness();
  await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  const write = writer(server, businessId);
  await write.start('a');
  await until(() => receiver.received.length === 1);
  proxy.forget();
  await until(() => warnings.includes('sending webhooks was interrupted'));
  await write.end('a');
  await until(() => receiver.received.length === 2);
  expect(receiver.typesOf('a')).toEqual(Events);
});

test('the first failure of a receiver is logged, and further ones are not', async () => {
  await using server = await startTestServer({
    ...{ allowPrivateTargets: false, webhookRetrySeconds: [1] },
    overrides: { lookAgainMs: 50 },
  });
  const { ctx } = server.app;
  const warnings: object[] = [];
  const warn = (details: object, text: string) => void warnings.push({ ...details, text });
  const log = Object.assign(Object.create(ctx.log), { warn });
  const runner = startWebhooks({ ...ctx, log });
  try {
    const businessId = await server.newBusiness();
    const Url = 'https://127.0.0.1.nip.invalid/';
    const { WebhookId: webhookId } = await server.admin.createWebhook({ businessId, Url, Events });
    const write = writer(server, businessId);
    for (const id of ['a', 'b', 'c']) await write.start(id);
    await until(async () => {
      const { Items } = await server.admin.getWebhookDeliveries({ businessId, webhookId });
      return Items.filter(({ Attempts }) => Attempts.length > 0).length === 3;
    });
    const text = 'a webhook fails; its deliveries are repeated later';
    expect(warnings).toEqual([{ businessId, webhookId, error: expect.any(String), text }]);
  } finally {
    await runner.close();
  }
});
