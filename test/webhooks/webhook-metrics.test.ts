import { expect, test } from 'vitest';
import { startReceiver, withStatus } from '../fixtures/webhook-receiver.ts';
import { startWebhookServer, writer } from '../fixtures/webhook-server.ts';
import { until } from '../servers/server-process.ts';

const Events = ['conversation.started' as const, 'conversation.ended' as const];

test('the metrics show attempts, deliveries, failing webhooks and how late deliveries are', async () => {
  await using server = await startWebhookServer({ webhookRetrySeconds: [60] });
  await using receiver = await startReceiver();
  const metrics = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('colloquy_webhook'));
    return Object.fromEntries(lines.map((line) => line.split(' ')));
  };
  const businessId = await server.newBusiness();
  await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  const write = writer(server, businessId);
  await write.start('a');
  const accepted = 'colloquy_webhook_attempts_total{outcome="accepted"}';
  await until(async () => (await metrics())[accepted] === '1');
  expect(await metrics()).toMatchObject({
    'colloquy_webhook_deliveries_total{status="delivered"}': '1',
    colloquy_webhook_lag_seconds: '0',
    colloquy_webhooks_failing: '0',
  });
  receiver.answer = withStatus(500);
  await write.end('a');
  await until(async () => (await metrics()).colloquy_webhooks_failing === '1');
  const failed = 'colloquy_webhook_attempts_total{outcome="failed"}';
  expect((await metrics())[failed]).toBe('1');
  // Until then the sender waits for its next attempt, so nothing is late.
  expect((await metrics()).colloquy_webhook_lag_seconds).toBe('0');
  await server.runner.close();
  server.clock.advance(160);
  const late = Number((await metrics()).colloquy_webhook_lag_seconds);
  expect(late).toBeGreaterThanOrEqual(94);
  expect(late).toBeLessThanOrEqual(106);
});

test('the metrics count deliveries that were parked', async () => {
  await using server = await startWebhookServer({ webhookRetrySeconds: [] });
  await using receiver = await startReceiver();
  receiver.answer = withStatus(500);
  const businessId = await server.newBusiness();
  await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  await writer(server, businessId).start('a');
  await until(async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return text.includes('colloquy_webhook_deliveries_total{status="parked"} 1\n');
  });
});
