import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tablesContaining } from '../fixtures/kept-calls.ts';
import { type ReceivedMessage, startReceiver, withStatus } from '../fixtures/webhook-receiver.ts';
import {
  ALL_OF_CONVERSATIONS,
  startWebhookServer,
  type WebhookServer,
  writer,
} from '../fixtures/webhook-server.ts';
import { until } from '../servers/server-process.ts';

let server: WebhookServer;
beforeAll(async () => {
  server = await startWebhookServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function fixture(more: Partial<Parameters<typeof server.admin.createWebhook>[0]> = {}) {
  const receiver = await startReceiver();
  const businessId = await server.newBusiness();
  const created = await server.admin.createWebhook({
    ...{ businessId, Url: receiver.url, Events: ALL_OF_CONVERSATIONS },
    ...more,
  });
  const { WebhookId: webhookId, Secret } = created;
  const deliveries = async (filter: object = {}) =>
    (await server.admin.getWebhookDeliveries({ businessId, webhookId, ...filter })).Items;
  const here = { businessId, webhookId };
  const close = () => receiver[Symbol.asyncDispose]();
  const write = writer(server, businessId);
  return {
    ...{ receiver, businessId, webhookId, here, Secret, deliveries, write },
    [Symbol.asyncDispose]: close,
  };
}

function isSignedWith(secret: string, { body, headers }: ReceivedMessage): boolean {
  vi.useFakeTimers({ toFake: ['Date'], now: Number(headers['webhook-timestamp']) * 1000 });
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  } finally {
    vi.useRealTimers();
  }
}

describe('secrets', () => {
  test('both sign for a day after a rotation, and a second rotation needs Force', async () => {
    await using given = await fixture();
    const { receiver, here, Secret, write } = given;
    const second = await server.admin.rotateWebhookSecret(here);
    await write.start('a');
    await until(async () => receiver.received.length === 1);
    const [first] = receiver.received as [ReceivedMessage];
    expect([isSignedWith(Secret, first), isSignedWith(second.Secret, first)]).toEqual([true, true]);
    await expect(server.admin.rotateWebhookSecret(here)).rejects.toMatchObject({ status: 409 });
    const third = await server.admin.rotateWebhookSecret({ ...here, Force: true });
    await write.start('b');
    await until(async () => receiver.received.length === 2);
    const signed = (message: ReceivedMessage | undefined) =>
      [Secret, second.Secret, third.Secret].map((one) => message && isSignedWith(one, message));
    expect(signed(receiver.received[1])).toEqual([false, true, true]);
    server.clock.advance(86_401);
    await write.start('c');
    await until(async () => receiver.received.length === 3);
    expect(signed(receiver.received[2])).toEqual([false, false, true]);
  });

  test('are not shown again and not stored in clear', async () => {
    await using given = await fixture({ Headers: { Authorization: 'Bearer hidden-value' } });
    const { here, Secret, receiver, write } = given;
    const shown = await server.admin.getWebhook(here);
    expect(shown.HeaderNames).toEqual(['Authorization']);
    expect(JSON.stringify(shown)).not.toMatch(/whsec_|hidden-value/);
    expect(await tablesContaining(server, here.businessId, Secret)).toEqual([]);
    expect(await tablesContaining(server, here.businessId, 'hidden-value')).toEqual([]);
    await write.start('a');
    await until(async () => receiver.received.length === 1);
    expect(receiver.received[0]?.headers.authorization).toBe('Bearer hidden-value');
  });
});

describe('a failing webhook', () => {
  test('is disabled by a 410, which others are told, and can be enabled again', async () => {
    await using given = await fixture();
    await using other = await startReceiver();
    const { receiver, businessId, here, write, deliveries } = given;
    await server.admin.createWebhook({ businessId, Url: other.url, Events: ['webhook.disabled'] });
    const bothPlanned = Promise.withResolvers<void>();
    receiver.answer = (...received) => bothPlanned.promise.then(() => withStatus(410)(...received));
    await write.start('a');
    await write.end('a');
    await until(async () => (await deliveries()).length === 2);
    bothPlanned.resolve();
    await until(async () => other.received.length === 1);
    expect(other.received[0]?.data).toMatchObject({
      WebhookId: here.webhookId,
      DisabledReason: 'The receiver answered with 410 Gone.',
    });
    expect(await server.admin.getWebhook(here)).toMatchObject({ IsEnabled: false });
    await until(async () => (await deliveries()).every(({ Status }) => Status === 'Parked'));
    await write.put('missed');
    await expect(
      server.admin.replayWebhook({ ...here, ConversationId: 'a' }),
    ).rejects.toMatchObject({ status: 409 });
    receiver.answer = withStatus(204);
    const enabled = await server.admin.updateWebhook({ ...here, IsEnabled: true });
    expect(enabled).toMatchObject({ IsEnabled: true, DisabledReason: null, FailingSince: null });
    await server.admin.replayWebhook({ ...here, ConversationId: 'a' });
    await write.start('b');
    await until(async () => receiver.typesOf('b').length === 1);
    await until(async () => receiver.typesOf('a').includes('conversation.ended'));
    expect(receiver.typesOf('missed')).toEqual([]);
    const audit = await server.admin.getAudit({ businessId });
    expect(audit.Items.map(({ Action }) => Action)).toContain('WebhookDisabled');
  });

  test('is disabled after WEBHOOK_DISABLE_AFTER_SECONDS without a success', async () => {
    await using given = await fixture({ Events: ['conversation.started'] });
    const { receiver, here, write, deliveries } = given;
    receiver.answer = withStatus(500);
    await write.start('a');
    await until(async () => (await server.admin.getWebhook(here)).FailingSince !== null);
    server.clock.advance(3 * 86_400);
    await until(async () => ((await deliveries())[0]?.Attempts.length ?? 0) === 2);
    expect(await server.admin.getWebhook(here)).toMatchObject({ IsEnabled: true });
    server.clock.advance(2 * 86_400 + 1);
    await until(async () => (await server.admin.getWebhook(here)).DisabledReason !== null);
    const { DisabledReason } = await server.admin.getWebhook(here);
    expect(DisabledReason).toMatch(/^All requests have failed since 20/);
    await until(async () => (await deliveries())[0]?.Status === 'Parked');
  });
});

describe('replay and test', () => {
  test('a replay sends the same id and body with a new timestamp', async () => {
    await using given = await fixture();
    const { receiver, here, write, deliveries } = given;
    await write.start('a');
    await write.end('a');
    await until(async () => receiver.received.length === 2);
    await until(async () => (await deliveries({ Status: 'Delivered' })).length === 2);
    server.clock.advance(60);
    const From = new Date(server.clock.now() - 120_000).toISOString();
    const To = write.at();
    expect(await server.admin.replayWebhook({ ...here, From, To })).toEqual({ Replayed: 2 });
    await until(async () => receiver.received.length === 4);
    const [first, second, third, fourth] = receiver.received;
    expect([third?.body, fourth?.body]).toEqual([first?.body, second?.body]);
    expect([third?.id, fourth?.id]).toEqual([first?.id, second?.id]);
    const [latest] = await deliveries();
    const DeliveryId = latest?.DeliveryId ?? '';
    expect(await server.admin.replayWebhook({ ...here, DeliveryId })).toEqual({ Replayed: 1 });
    await until(async () => receiver.received.length === 5);
    const wrong = [{}, { From }, { DeliveryId, ConversationId: 'a' }];
    for (const request of wrong) {
      const asked = server.admin.replayWebhook({ ...here, ...request });
      await expect(asked).rejects.toMatchObject({ status: 400 });
    }
    const unknown = server.admin.replayWebhook({ ...here, ConversationId: 'none' });
    await expect(unknown).rejects.toMatchObject({ status: 404 });
  });

  test('webhook.test is sent whatever is subscribed, also if the webhook is disabled', async () => {
    await using given = await fixture({ Events: ['queue.failed'], IsEnabled: false });
    const { receiver, here, deliveries } = given;
    const { MessageId, DeliveryId } = await server.admin.testWebhook(here);
    await until(async () => receiver.received.length === 1);
    expect(receiver.received[0]).toMatchObject({
      ...{ id: MessageId, type: 'webhook.test', data: { WebhookId: here.webhookId } },
    });
    await until(async () => (await deliveries())[0]?.Status === 'Delivered');
    expect(await deliveries({ Type: 'webhook.test' })).toMatchObject([{ DeliveryId }]);
  });

  test('deliveries come in pages, filtered', async () => {
    await using given = await fixture({ Events: ['conversation.started'] });
    const { receiver, here, write } = given;
    for (let n = 0; n < 5; n += 1) await write.start(`call-${n}`);
    await until(async () => receiver.received.length === 5);
    const seen: (string | null)[] = [];
    for (let NextCursor: string | null | undefined; NextCursor !== null; ) {
      const page = await server.admin.getWebhookDeliveries({
        ...{ ...here, Limit: 2 },
        ...(NextCursor !== undefined && { NextCursor }),
      });
      seen.push(...page.Items.map(({ ConversationId }) => ConversationId));
      NextCursor = page.NextCursor;
    }
    expect(seen).toEqual(['call-4', 'call-3', 'call-2', 'call-1', 'call-0']);
  });
});

describe('an erasure', () => {
  test('cancels pending deliveries, removes what is stored, and is sent itself', async () => {
    await using given = await fixture();
    const { receiver, businessId, here, write, deliveries } = given;
    receiver.answer = ({ type, body }, response) =>
      response.writeHead(type === 'conversation.started' ? 200 : 500).end(body);
    const id = 'secret-conversation';
    await write.start(id);
    await until(async () => (await deliveries({ Status: 'Delivered' })).length === 1);
    await write.end(id);
    const ended = { Type: 'conversation.ended' };
    await until(async () => (await deliveries(ended))[0]?.Attempts.length === 1);
    await write.say(id, 'late');
    await until(async () => (await deliveries()).length === 3);
    receiver.answer = withStatus(204);
    await server.admin.deleteConversation({ businessId, sessionId: id });
    expect(await tablesContaining(server, businessId, id)).toEqual([]);
    await until(async () => receiver.typesOf(id).at(-1) === 'conversation.erased');
    await until(async () => (await deliveries())[0]?.Status === 'Delivered');
    const all = await deliveries();
    expect(all.map(({ Type, Status }) => `${Type} ${Status}`)).toEqual([
      'conversation.erased Delivered',
      'conversation.updated Canceled',
      'conversation.ended Canceled',
      'conversation.started Delivered',
    ]);
    for (const { Body, ConversationId, Attempts } of all) {
      expect([Body, ConversationId]).toEqual([null, null]);
      for (const attempt of Attempts) expect(attempt.Body).toBe(null);
    }
    expect(receiver.typesOf(id)).not.toContain('conversation.updated');
    expect(await tablesContaining(server, businessId, id)).toEqual([]);
    const replays = [{ ConversationId: id }, { DeliveryId: all[3]?.DeliveryId ?? '' }];
    for (const request of replays) {
      const asked = server.admin.replayWebhook({ ...here, ...request });
      await expect(asked).rejects.toMatchObject({ status: 410 });
    }
  });
});

describe('old deliveries', () => {
  test('are removed with the change log, and those of a deleted webhook too', async () => {
    await using given = await fixture({ Events: ['conversation.started'] });
    const { receiver, businessId, here, write, deliveries } = given;
    await write.start('a');
    await until(async () => (await deliveries({ Status: 'Delivered' })).length === 1);
    server.clock.advance(server.app.ctx.config.changeLogSeconds + 1);
    await write.start('b');
    await until(async () => receiver.typesOf('b').length === 1);
    await server.runJob('remove-old-deliveries');
    expect((await deliveries()).map(({ ConversationId }) => ConversationId)).toEqual(['b']);
    await server.admin.deleteWebhook(here);
    await expect(deliveries()).rejects.toMatchObject({ status: 404 });
    await server.runJob('remove-old-deliveries');
    const count = 'SELECT FROM webhook_deliveries WHERE business_id = $1';
    expect((await server.sql.query(count, [businessId])).rowCount).toBe(0);
  });
});
