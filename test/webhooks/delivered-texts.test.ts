import type { WebhookEvent } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callActions, tablesContaining } from '../fixtures/kept-calls.ts';
import { queueActions } from '../fixtures/queue-actions.ts';
import { startReceiver } from '../fixtures/webhook-receiver.ts';
import {
  ALL_OF_CONVERSATIONS,
  startWebhookServer,
  type WebhookServer,
  writer,
} from '../fixtures/webhook-server.ts';
import { until } from '../servers/server-process.ts';
import { MASKED_READER } from '../servers/test-server.ts';

const NUMBER = '+493023125060';
const MAIL = 'ada@example.com';
const READER = { ...MASKED_READER, Settings: ['Full' as const] };

let server: WebhookServer;
beforeAll(async () => {
  server = await startWebhookServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function fixture(Events: WebhookEvent[] = ALL_OF_CONVERSATIONS) {
  const receiver = await startReceiver();
  const businessId = await server.newBusiness();
  const { WebhookId } = await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  const here = { businessId, webhookId: WebhookId };
  const deliveries = async (client = server.admin) =>
    (await client.getWebhookDeliveries(here)).Items;
  const untilDelivered = (count: number) =>
    until(async () => {
      const all = await deliveries();
      return all.length === count && all.every(({ Status }) => Status === 'Delivered');
    });
  const actions = callActions(() => ({ server, businessId }));
  const close = () => receiver[Symbol.asyncDispose]();
  const write = writer(server, businessId);
  return {
    ...{ receiver, businessId, here, deliveries, untilDelivered, actions, write },
    [Symbol.asyncDispose]: close,
  };
}

test('conversation.purged names what a retention rule has deleted', async () => {
  await using given = await fixture(['conversation.purged', 'conversation.erased']);
  const { receiver, businessId, write, actions } = given;
  const id = await actions.finished(2);
  await write.put('recent');
  const keep = async (days: object) => {
    const none = { RecordingDays: null, TranscriptDays: null, LogDays: null, RecordDays: null };
    const Rules = [{ Name: 'all', Match: {}, ...none, ...days }];
    await server.admin.putRetention({ businessId, Rules });
    await server.runJob('add-purges');
    await server.runJob('purge-expired', { businessId });
  };
  await keep({ TranscriptDays: 1, LogDays: 1 });
  await until(async () => receiver.received.length === 1);
  expect(receiver.received[0]).toMatchObject({
    type: 'conversation.purged',
    data: { Id: id, Parts: ['Transcript', 'Logs'], Purged: { Transcript: expect.any(String) } },
  });
  await keep({ RecordDays: 1 });
  await until(async () => receiver.received.length === 2);
  expect(receiver.typesOf(id)).toEqual(['conversation.purged', 'conversation.erased']);
  expect(receiver.typesOf('recent')).toEqual([]);
});

test('late events are one conversation.updated for each request, and other messages none', async () => {
  await using given = await fixture();
  const { receiver, write } = given;
  await write.start('a');
  for (const id of ['one', 'two', 'three']) await write.say('a', id);
  await write.end('a');
  const late = {
    Type: 'MessageAdded',
    Timestamp: write.at(),
    SenderId: 'c',
    Role: 'User',
  } as const;
  await write.append(
    'a',
    ...['four', 'five'].map((Content) => ({ ...late, EventId: Content, Content })),
  );
  await write.put('last');
  await write.put('last', { Metadata: { version: 2 } });
  await until(async () => receiver.typesOf('last').length === 4);
  await until(async () => receiver.typesOf('a').length >= 3);
  expect(receiver.typesOf('last')).toEqual([
    ...['conversation.started', 'conversation.ended', 'conversation.completed'],
    'conversation.updated',
  ]);
  expect(receiver.typesOf('a')).toEqual([
    ...['conversation.started', 'conversation.ended', 'conversation.updated'],
  ]);
});

test('queue.completed and queue.failed name the outcome of a call', async () => {
  await using given = await fixture(['queue.enqueued', 'queue.completed', 'queue.failed']);
  const { receiver, businessId } = given;
  const calls = queueActions(() => ({ server, businessId }));
  const ids = [await calls.initiate(), await calls.initiate()];
  for (const leased of [await calls.leaseOne(), await calls.leaseOne()]) {
    const { QueueId, LeaseToken } = leased;
    if (QueueId === ids[0]) await calls.complete(QueueId, LeaseToken);
    else await calls.fail(QueueId, LeaseToken);
  }
  await until(async () => receiver.received.length === 4);
  expect(ids.map((id) => receiver.typesOf(id))).toEqual([
    ['queue.enqueued', 'queue.completed'],
    ['queue.enqueued', 'queue.failed'],
  ]);
});

describe('stored texts of deliveries', () => {
  test('are removed when an erasure changes conversations and calls that mention a number', async () => {
    await using given = await fixture(['conversation.completed', 'queue.enqueued']);
    const { receiver, businessId, write, actions, deliveries, untilDelivered } = given;
    receiver.answer = ({ body }, response) => void response.writeHead(200).end(`got ${body}`);
    await write.put('a', { Metadata: { note: `call ${NUMBER} back` } });
    await server.admin.initiateCall({
      ...{ businessId, NumberId: 'n', RecipientNumber: '+4930999999' },
      DynamicVariables: { note: `ask about ${NUMBER}` },
    });
    await untilDelivered(2);
    for (const { Body, Attempts } of await deliveries()) {
      expect(Body).toContain(NUMBER);
      expect(Attempts[0]?.Body).toContain(NUMBER);
    }
    await actions.erase({ PhoneNumber: NUMBER, IncludeMentions: true });
    for (const { Body, Attempts } of await deliveries()) {
      expect([Body, Attempts.map((attempt) => attempt.Body)]).toEqual([null, [null]]);
    }
    expect(await tablesContaining(server, businessId, '3023125060')).toEqual([]);
    const [From, To] = [new Date(0).toISOString(), write.at()];
    expect(await server.admin.replayWebhook({ ...given.here, From, To })).toEqual({ Replayed: 2 });
    await until(async () => receiver.received.length === 4);
    const bodies = receiver.received.slice(2).map(({ body }) => body);
    for (const body of bodies) expect(body).toContain('[ERASED]');
    const ids = receiver.received.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  test('do not include the answer to a request that was under way during an erasure', async () => {
    await using given = await fixture(['conversation.completed']);
    const { receiver, businessId, write, actions, deliveries, untilDelivered } = given;
    const { promise: erased, resolve } = Promise.withResolvers<void>();
    receiver.answer = ({ body }, response) =>
      void erased.then(() => response.writeHead(200).end(`got ${body}`));
    await write.put('a', { Metadata: { note: `call ${NUMBER} back` } });
    await until(async () => receiver.received.length === 1);
    await actions.erase({ PhoneNumber: NUMBER, IncludeMentions: true });
    resolve();
    await untilDelivered(1);
    expect((await deliveries())[0]?.Attempts).toMatchObject([{ HttpStatus: 200, Body: null }]);
    expect(await tablesContaining(server, businessId, '3023125060')).toEqual([]);
  });

  test('of the answers of receivers have at most 64 KiB', async () => {
    await using given = await fixture(['conversation.completed']);
    const { receiver, write, deliveries, untilDelivered } = given;
    receiver.answer = (_, response) => void response.writeHead(200).end('x'.repeat(200_000));
    await write.put('a');
    await untilDelivered(1);
    expect((await deliveries())[0]?.Attempts[0]?.Body).toBe('x'.repeat(64 * 1024));
  });

  test('of an erased conversation are left out of a replay of a time', async () => {
    await using given = await fixture(['conversation.completed', 'conversation.erased']);
    const { receiver, businessId, here, write, deliveries, untilDelivered } = given;
    await write.put('erased');
    await write.put('kept');
    await untilDelivered(2);
    await server.admin.deleteConversation({ businessId, sessionId: 'erased' });
    await untilDelivered(3);
    const [From, To] = [new Date(0).toISOString(), write.at()];
    expect(await server.admin.replayWebhook({ ...here, From, To })).toEqual({ Replayed: 2 });
    await until(async () => receiver.received.length === 5);
    await untilDelivered(3);
    expect(
      receiver.received
        .slice(3)
        .map(({ type, data }) => `${type} ${data.Id}`)
        .sort(),
    ).toEqual([...['conversation.completed kept', 'conversation.erased erased']]);
    expect((await deliveries()).flatMap(({ Attempts }) => Attempts)).toHaveLength(5);
  });
});

describe('a reader of masked data', () => {
  test('sees no body in which less is masked than in its own view', async () => {
    await using given = await fixture(['conversation.completed']);
    const { businessId, write, deliveries, untilDelivered } = given;
    const reader = await server.newClient(businessId, READER);
    const bodies = async (client = reader) => (await deliveries(client)).map(({ Body }) => Body);
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    await write.put('a', { Metadata: { phone: NUMBER, mail: MAIL } });
    await untilDelivered(1);
    const [masked] = await bodies();
    expect(masked).toContain('[PHONE]');
    expect(masked).toContain(MAIL);
    await server.admin.putRedaction({ businessId, Categories: ['PHONE', 'EMAIL'] });
    expect(await bodies()).toEqual([null]);
    expect(await bodies(server.admin)).toEqual([masked]);
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    expect(await bodies()).toEqual([masked]);
  });

  test('sees no answer to a request in which less was masked', async () => {
    await using given = await fixture(['conversation.completed']);
    const { receiver, businessId, write, deliveries } = given;
    const reader = await server.newClient(businessId, READER);
    receiver.answer = ({ body }, response) => void response.writeHead(500).end(`got ${body}`);
    await write.put('a', { Metadata: { phone: NUMBER } });
    await until(async () => (await deliveries())[0]?.Attempts.length === 1);
    expect((await deliveries(reader))[0]?.Attempts[0]?.Body).toContain(NUMBER);
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    expect(JSON.stringify(await deliveries(reader))).not.toContain(NUMBER);
    server.clock.advance(6);
    await until(async () => (await deliveries())[0]?.Attempts.length === 2);
    const [shown] = await deliveries(reader);
    expect(shown?.Body).toContain('[PHONE]');
    expect(shown?.Attempts[1]?.Body).toContain('[PHONE]');
    expect(JSON.stringify(shown)).not.toContain(NUMBER);
  });

  test('gets tokens for conversations whose ids are numbers, and can filter by them', async () => {
    await using given = await fixture(['conversation.completed']);
    const { businessId, here, write, deliveries, untilDelivered } = given;
    const reader = await server.newClient(businessId, READER);
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    await write.put('4930231250601');
    await write.put('other');
    await untilDelivered(2);
    const shown = await deliveries(reader);
    expect(JSON.stringify(shown)).not.toContain('4930231250601');
    const [ConversationId] = shown.flatMap((one) =>
      one.ConversationId === 'other' ? [] : (one.ConversationId ?? []),
    );
    expect(ConversationId).toMatch(/^masked_/);
    const found = await reader.getWebhookDeliveries({
      ...here,
      ...(ConversationId && { ConversationId }),
    });
    expect(found.Items).toHaveLength(1);
  });
});
