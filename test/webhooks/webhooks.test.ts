import { verify } from 'node:crypto';
import type { WebhookEvent } from '@colloquy/wire';
import { importJWK } from 'jose';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
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

async function fixture(Events: WebhookEvent[] = ALL_OF_CONVERSATIONS) {
  const receiver = await startReceiver();
  const businessId = await server.newBusiness();
  const created = await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  const { WebhookId: webhookId, Secret } = created;
  const deliveries = async (filter: object = {}) =>
    (await server.admin.getWebhookDeliveries({ businessId, webhookId, ...filter })).Items;
  const close = () => receiver[Symbol.asyncDispose]();
  const write = writer(server, businessId);
  return {
    ...{ receiver, businessId, webhookId, Secret, deliveries, write },
    [Symbol.asyncDispose]: close,
  };
}

/** As a receiver does that gets it without delay. */
function verifyWith(secret: string, { body, headers }: ReceivedMessage): unknown {
  vi.useFakeTimers({ toFake: ['Date'], now: Number(headers['webhook-timestamp']) * 1000 });
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>);
  } finally {
    vi.useRealTimers();
  }
}

describe('a webhook', () => {
  test('receives signed events of a conversation in their order', async () => {
    await using given = await fixture();
    const { receiver, write, businessId, Secret } = given;
    await write.start('a');
    await write.say('a', 'm1');
    await write.end('a');
    await write.say('a', 'late');
    server.clock.advance(900);
    await server.runJob('seal-ended');
    await until(async () => receiver.received.length === 4);
    await server.admin.deleteConversation({ businessId, sessionId: 'a' });
    const expected = [
      'conversation.started',
      'conversation.ended',
      'conversation.updated',
      'conversation.completed',
      'conversation.erased',
    ];
    await until(async () => receiver.received.length === 5);
    expect(receiver.typesOf('a')).toEqual(expected);
    const [first] = receiver.received;
    if (!first) throw new Error('nothing was received');
    expect(verifyWith(Secret, first)).toEqual(JSON.parse(first.body));
    expect(first.id).toMatch(/^msg_[0-9a-z]{26}$/);
    expect(first.data).toMatchObject({
      Id: 'a',
      InitiationType: 'Web',
      Url: `${server.url}/api/v1/business/${businessId}/conversations/a`,
    });
    expect(first.data).not.toHaveProperty('Messages');
    const altered = { ...first, body: `${first.body} ` };
    expect(() => verifyWith(Secret, altered)).toThrow();
  });

  test('signs with Ed25519 too, by the key of the JWK set', async () => {
    await using given = await fixture();
    await given.write.start('a');
    await until(async () => given.receiver.received.length === 1);
    const [{ headers, body }] = given.receiver.received as [ReceivedMessage];
    const { keys } = await (await fetch(`${server.url}/.well-known/jwks.json`)).json();
    const key = (await importJWK(keys[0], 'EdDSA')) as Parameters<typeof verify>[2];
    const v1a = /v1a,(\S+)/.exec(String(headers['webhook-signature']))?.[1] ?? '';
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const { KeyObject } = await import('node:crypto');
    const object = KeyObject.from(key as never);
    expect(verify(null, Buffer.from(content), object, Buffer.from(v1a, 'base64'))).toBe(true);
  });

  test('receives only what it subscribes to, and nothing from before its creation', async () => {
    const businessId = await server.newBusiness();
    const write = writer(server, businessId);
    await write.put('before');
    await using receiver = await startReceiver();
    await server.admin.createWebhook({
      ...{ businessId, Url: receiver.url, Events: ['conversation.completed'] },
    });
    await write.put('after');
    await until(async () => receiver.received.length === 1);
    expect(receiver.received.map(({ type, data }) => `${type} ${data.Id}`)).toEqual([
      'conversation.completed after',
    ]);
  });

  test('receives events of recordings and calls', async () => {
    await using given = await fixture([
      ...(['recording.ready', 'queue.enqueued', 'queue.canceled', 'queue.completed'] as const),
    ]);
    const { receiver, businessId, write } = given;
    await write.put('a');
    await server.admin.putRecording({
      ...{ businessId, sessionId: 'a', participantId: '_mixed', contentType: 'audio/wav' },
      audio: (await import('../fixtures/kept-calls.ts')).silence(),
    });
    await until(async () => receiver.typesOf('a').length === 1);
    expect(receiver.received[0]?.data).toMatchObject({
      ...{ ConversationId: 'a', ParticipantId: null, Kind: 'Mixed', ContentType: 'audio/wav' },
    });
    const { QueueIds } = await server.admin.initiateCall({
      ...{ businessId, NumberId: 'n', RecipientNumber: '+4930123456' },
    });
    const queueId = QueueIds[0] ?? '';
    await server.admin.cancelOutboundQueue({ businessId, queueId });
    await until(async () => receiver.typesOf(queueId).length === 2);
    expect(receiver.typesOf(queueId)).toEqual(['queue.enqueued', 'queue.canceled']);
    expect(receiver.received.at(-1)?.data).toMatchObject({
      RecipientNumber: '+4930123456',
      Url: `${server.url}/api/v1/business/${businessId}/queues/outbound/${queueId}`,
    });
  });

  test('sends bodies below 20 kB without the largest parts', async () => {
    await using given = await fixture(['conversation.completed']);
    await given.write.put('a', { Metadata: { long: 'x'.repeat(60_000) } });
    await until(async () => given.receiver.received.length === 1);
    const [{ body, data }] = given.receiver.received as [ReceivedMessage];
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    expect(data).toMatchObject({ Id: 'a', Metadata: {}, IsTruncated: true });
  });
});

describe('a delivery', () => {
  test('is retried with the same id and body until the receiver accepts it', async () => {
    await using given = await fixture(['conversation.started']);
    const { receiver, write, deliveries } = given;
    receiver.answer = withStatus(500);
    await write.start('a');
    await until(async () => (await deliveries())[0]?.Attempts.length === 1);
    const [failed] = await deliveries();
    expect(failed).toMatchObject({ Status: 'Pending', Type: 'conversation.started' });
    expect(failed?.Attempts[0]).toMatchObject({
      ...{ HttpStatus: 500, Error: 'The receiver answered with 500.', Body: 'seen' },
    });
    const wait = Date.parse(failed?.NextAttemptAt ?? '') - server.clock.now();
    expect(wait).toBeGreaterThanOrEqual(4500);
    expect(wait).toBeLessThanOrEqual(5500);
    receiver.answer = withStatus(204);
    server.clock.advance(6);
    await until(async () => receiver.received.length === 2);
    await until(async () => (await deliveries())[0]?.Status === 'Delivered');
    const [first, second] = receiver.received as [ReceivedMessage, ReceivedMessage];
    expect([second.id, second.body]).toEqual([first.id, first.body]);
    expect(second.headers['webhook-timestamp']).not.toBe(first.headers['webhook-timestamp']);
    expect((await deliveries())[0]).toMatchObject({ NextAttemptAt: null, Body: first.body });
  });

  test('is parked after its last attempt, and later ones of its conversation follow', async () => {
    await using given = await fixture(['conversation.started', 'conversation.ended']);
    const { receiver, write, deliveries } = given;
    receiver.answer = ({ type }, response) =>
      response.writeHead(type === 'conversation.started' ? 503 : 204).end();
    await write.start('a');
    await write.end('a');
    const retries = server.app.ctx.config.webhookRetrySeconds;
    for (const [done, seconds] of retries.entries()) {
      await until(async () => (await deliveries()).at(-1)?.Attempts.length === done + 1);
      expect(receiver.typesOf('a')).not.toContain('conversation.ended');
      server.clock.advance(seconds * 1.2);
    }
    await until(async () => receiver.typesOf('a').at(-1) === 'conversation.ended');
    expect((await deliveries()).at(-1)).toMatchObject({ Status: 'Parked', NextAttemptAt: null });
    expect((await deliveries()).at(-1)?.Attempts).toHaveLength(retries.length + 1);
  });

  test('waits for Retry-After, at most a day', async () => {
    await using given = await fixture(['conversation.started']);
    const { receiver, write, deliveries } = given;
    receiver.answer = withStatus(429, { 'Retry-After': '3600' });
    await write.start('a');
    await until(async () => (await deliveries())[0]?.Attempts.length === 1);
    const waitOf = async (at = 0) =>
      Date.parse((await deliveries())[at]?.NextAttemptAt ?? '') - server.clock.now();
    expect(await waitOf()).toBe(3_600_000);
    receiver.answer = withStatus(503, { 'Retry-After': '999999' });
    await write.start('b');
    const ofB = { ConversationId: 'b' };
    await until(async () => (await deliveries(ofB))[0]?.Attempts.length === 1);
    expect(await waitOf()).toBe(86_400_000);
  });

  test('counts a redirect as a failure and does not follow it', async () => {
    await using given = await fixture(['conversation.started']);
    const { receiver, write, deliveries } = given;
    receiver.answer = withStatus(307, { Location: `${receiver.url}/elsewhere` });
    await write.start('a');
    await until(async () => (await deliveries())[0]?.Attempts[0]?.HttpStatus === 307);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });
});

describe('receivers', () => {
  test('a slow and a dead one delay neither others nor other conversations', async () => {
    await using slow = await startReceiver();
    await using given = await fixture(['conversation.started', 'conversation.ended']);
    const { receiver, businessId, write } = given;
    slow.answer = () => undefined;
    const Events = ['conversation.started' as const];
    await server.admin.createWebhook({ businessId, Url: slow.url, Events });
    await server.admin.createWebhook({ businessId, Url: 'http://127.0.0.1:9/', Events });
    receiver.answer = ({ data, type }, response) => {
      if (data.Id === 'stuck' && type === 'conversation.started') return;
      response.writeHead(204).end();
    };
    await write.start('stuck');
    await write.end('stuck');
    for (let n = 0; n < 20; n += 1) {
      await write.start(`call-${n}`);
      await write.end(`call-${n}`);
    }
    const all = Array.from({ length: 20 }, (_, n) => `call-${n}`);
    await until(async () => all.every((id) => receiver.typesOf(id).length === 2));
    for (const id of all) {
      expect(receiver.typesOf(id)).toEqual(['conversation.started', 'conversation.ended']);
    }
    expect(receiver.typesOf('stuck')).toEqual(['conversation.started']);
  });
});
