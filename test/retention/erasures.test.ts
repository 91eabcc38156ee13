import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { namedJobs } from '../../packages/server/src/rooms.ts';
import { callActions, tablesContaining } from '../fixtures/kept-calls.ts';
import { wrongCounts } from '../fixtures/queue-actions.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { createErasure, erase, finished, record, read, statusOf } = callActions(() => ({
  server,
  businessId,
}));
const NUMBER = '+4915112345678';
const client = (ClientId: string, more: object = {}) => ({
  ClientId,
  ClientType: 'Phone',
  JoinedAt: '2026-01-01T00:00:00Z',
  ...more,
});
const initiate = async (RecipientNumber = NUMBER) => {
  const { QueueIds } = await server.admin.initiateCall({
    businessId,
    NumberId: 'n',
    RecipientNumber,
    DynamicVariables: { name: 'Ada Lovelace' },
  });
  return QueueIds[0] ?? '';
};
const queue = (queueId: string) => server.admin.getOutboundQueue({ businessId, queueId });

describe('finding a person', () => {
  test.each([
    ['a client of that id', { ClientId: 'ada' }, [client('ada')]],
    ['the number of a client', { PhoneNumber: NUMBER }, [client('x', { PhoneNumber: NUMBER })]],
    ['an id that is the number', { PhoneNumber: '+49 151 12345678' }, [client(NUMBER)]],
    ['an id that is its digits', { PhoneNumber: NUMBER }, [client(NUMBER.slice(1))]],
  ])('an erasure finds a person by %s', async (_, person, Clients) => {
    const id = await finished(1, { Clients });
    const other = await finished(1, {
      Clients: [client('adam', { PhoneNumber: '+4915112345679' })],
      // A mention in metadata is not a client.
      Metadata: { PhoneNumber: NUMBER, ClientId: 'ada' },
    });
    const { Status, Counts } = await erase(person);
    expect(Status).toBe('Completed');
    expect(Counts).toEqual({ Conversations: 1, Recordings: 0, QueueEntries: 0 });
    expect([await statusOf(id), await statusOf(other)]).toEqual([410, 200]);
  });

  test('an erasure finds queue entries by number, with their conversations', async () => {
    const [named, became] = [await initiate(), await initiate()];
    const one = await finished(1, { QueueId: named, Clients: [client('anon')] });
    const sessionId = await finished(1, { Clients: [client('anon')] });
    const [call] = (
      await server.admin.leaseOutboundCalls({
        businessId,
        WorkerId: 'w',
        Max: 2,
        LeaseSeconds: 60,
      } as never)
    ).Calls.filter(({ QueueId }) => QueueId === became);
    await server.admin.completeOutboundCall({
      businessId,
      queueId: became,
      LeaseToken: call?.LeaseToken ?? '',
      SessionId: sessionId,
    });
    const received = await server.admin.receiveCall({
      businessId,
      NumberId: 'n',
      CallerNumber: NUMBER,
      Provider: 'p',
      ProviderCallId: 'CA1',
    });
    const { Counts } = await erase({ PhoneNumber: NUMBER });
    expect(Counts).toEqual({ Conversations: 2, Recordings: 0, QueueEntries: 3 });
    expect([await statusOf(one), await statusOf(sessionId)]).toEqual([410, 410]);
    await expect(queue(named)).rejects.toMatchObject({ status: 410 });
    const queueId = received.QueueId;
    await expect(server.admin.getInboundQueue({ businessId, queueId })).rejects.toMatchObject({
      status: 410,
    });
    expect(await wrongCounts(server)).toEqual([]);
    expect((await server.admin.getOutboundQueues({ businessId })).TotalCount).toBe(0);
  });

  test('a live conversation that is erased accepts no more events', async () => {
    const Timestamp = '2026-03-01T12:00:00Z';
    const append = (...Events: object[]) =>
      server.admin.appendConversationEvents({
        businessId,
        sessionId: NUMBER.slice(1),
        Events: Events as never,
      });
    await append(
      { EventId: '1', Type: 'SessionStarted', Timestamp, InitiationType: 'Inbound' },
      { EventId: '2', Type: 'ClientJoined', Timestamp, ClientId: NUMBER, ClientType: 'Phone' },
    );
    await erase({ PhoneNumber: NUMBER });
    const more = { EventId: '3', Type: 'LogAdded', Timestamp, Level: 'Info', Message: 'x' };
    await expect(append(more)).rejects.toMatchObject({ status: 410 });
    const again = { EventId: '4', Type: 'SessionStarted', Timestamp, InitiationType: 'Web' };
    await expect(append(again)).rejects.toMatchObject({ status: 410 });
  });
});

test('an erasure leaves no row, no file and no working URL of the person', async () => {
  const queueId = await initiate();
  const id = await finished(1, {
    QueueId: queueId,
    Clients: [client('client', { PhoneNumber: NUMBER, Name: 'Ada Lovelace' })],
  });
  await record(id);
  await server.admin.putConversation({
    businessId,
    sessionId: NUMBER.slice(1),
    Status: 'Active',
    InitiationType: 'Web',
    StartTime: '2026-01-01T00:00:00Z',
    Clients: [client(NUMBER)] as never,
  });
  const { AudioUrl } = (await read(id)).Clients[0] ?? {};
  expect((await fetch(String(AudioUrl))).status).toBe(200);
  const done = await erase({ PhoneNumber: NUMBER, Reason: `${NUMBER} asked for it` });
  expect(done).toMatchObject({
    Status: 'Completed',
    Reason: '[ERASED] asked for it',
    Holds: [],
    Counts: { Conversations: 2, Recordings: 1, QueueEntries: 1 },
  });
  expect((await fetch(String(AudioUrl))).status).toBe(410);
  for (const text of [id, NUMBER.slice(1), 'Ada Lovelace', 'my secret', queueId]) {
    expect([text, await tablesContaining(server, businessId, text)]).toEqual([text, []]);
  }
  const { rows } = await server.sql.query('SELECT FROM unclaimed_blobs');
  expect(rows).toEqual([]);
});

test('an erased conversation is not served while its blob waits for removal', async () => {
  const id = await finished(1);
  await record(id);
  const { AudioUrl } = (await read(id)).Clients[0] ?? {};
  const erasureId = await createErasure({ ClientId: 'client' });
  const { blobs } = server.app.ctx;
  const remove = blobs.remove.bind(blobs);
  const broken = {
    ...server.app.ctx,
    blobs: { ...blobs, remove: () => Promise.reject(new Error()) },
  };
  await expect(
    namedJobs(broken)['erase-person']?.({ businessId, erasureId }),
  ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const running = await server.admin.getErasure({ businessId, erasureId });
  expect(running).toMatchObject({ Status: 'Running', Certificate: null });
  expect(await statusOf(id)).toBe(410);
  expect((await fetch(String(AudioUrl))).status).toBe(410);
  blobs.remove = remove;
  await server.runJob('erase-person', { businessId, erasureId });
  const done = await server.admin.getErasure({ businessId, erasureId });
  expect(done).toMatchObject({ Status: 'Completed', Counts: { Conversations: 1, Recordings: 1 } });
});

describe('anonymised conversations', () => {
  test('an anonymised conversation keeps times, states and counts under a new id', async () => {
    const queueId = await initiate();
    const id = await finished(1, {
      QueueId: queueId,
      Metadata: { name: 'Ada Lovelace' },
      EndReason: 'Ada hung up',
      Source: { Provider: 'twilio', ProviderCallId: 'CA77' },
      Clients: [client('client', { PhoneNumber: NUMBER, Name: 'Ada Lovelace' })],
      Agents: [{ AgentId: 'ada-agent', AgentType: 'AI', JoinedAt: '2026-01-01T00:00:00Z' }],
    });
    await record(id);
    const before = await read(id);
    const done = await erase({ PhoneNumber: NUMBER, Mode: 'Anonymise' });
    expect(done.Counts).toEqual({ Conversations: 1, Recordings: 1, QueueEntries: 1 });
    expect(await statusOf(id)).toBe(410);
    const { Items, TotalCount } = await server.admin.getConversations({
      businessId,
      Include: ['Messages', 'Logs'],
    });
    expect(TotalCount).toBe(1);
    const [copy] = Items;
    expect(copy).toEqual({
      Id: expect.stringMatching(/^session_/),
      QueueId: expect.stringMatching(/^queue_/),
      Status: 'Completed',
      StartTime: before.StartTime,
      EndTime: before.EndTime,
      EndType: 'Normal',
      InitiationType: 'Inbound',
      Metadata: {},
      Source: { Provider: 'twilio' },
      Clients: [
        {
          ClientId: 'person_1',
          ClientType: 'Phone',
          JoinedAt: '2026-01-01T00:00:00Z',
          LeftAt: null,
          LeaveReason: null,
          AudioUrl: null,
        },
      ],
      Agents: [
        {
          AgentId: 'person_2',
          AgentType: 'AI',
          JoinedAt: '2026-01-01T00:00:00Z',
          LeftAt: null,
          LeaveReason: null,
          AudioUrl: null,
        },
      ],
      Messages: [
        {
          SenderId: 'person_1',
          Role: 'User',
          Content: '',
          Timestamp: before.Messages[0]?.Timestamp,
        },
      ],
      Logs: [{ Level: 'Info', Message: '', Timestamp: before.Logs[0]?.Timestamp }],
    });
    const entry = await queue(copy?.QueueId ?? '');
    expect(entry).toMatchObject({
      Status: 'Canceled',
      RecipientNumber: 'anonymised',
      DynamicVariables: {},
      Metadata: {},
    });
    const { Entries } = await server.admin.getOutboundQueueHistory({
      businessId,
      queueId: entry.QueueId,
    });
    expect(Entries.map(({ Decision }) => Decision)).toEqual(['Enqueued', 'Canceled']);
    for (const text of [id, NUMBER.slice(1), 'Ada', 'my secret', queueId, 'CA77', 'ada-agent']) {
      expect([text, await tablesContaining(server, businessId, text)]).toEqual([text, []]);
    }
    expect(await wrongCounts(server)).toEqual([]);
    const found = await server.admin.getConversations({
      businessId,
      Filter: { SessionEndTypes: ['Normal'] },
    });
    expect(found.TotalCount).toBe(1);
  });

  test('an anonymised live conversation stays live, without its events', async () => {
    await server.admin.putConversation({
      businessId,
      sessionId: 'live',
      Status: 'Active',
      InitiationType: 'Web',
      StartTime: '2026-01-01T00:00:00Z',
      Clients: [client('ada')] as never,
    });
    await erase({ ClientId: 'ada', Mode: 'Anonymise' });
    const { Items } = await server.admin.getConversations({ businessId });
    expect(Items).toMatchObject([{ Status: 'Active', Clients: [{ ClientId: 'person_1' }] }]);
    expect(await read(Items[0]?.Id ?? '')).toMatchObject({ Messages: [] });
    expect(await tablesContaining(server, businessId, '"ada"')).toEqual([]);
  });
});

test('a legal hold blocks the whole erasure, which names the hold', async () => {
  const [held, free] = [await finished(1), await finished(1)];
  const { HoldId } = await server.admin.createHold({
    businessId,
    Name: 'Case 17',
    Reason: 'counsel asked',
    SessionIds: [held],
  });
  const blocked = await erase({ ClientId: 'client' });
  expect(blocked).toMatchObject({
    Status: 'Blocked',
    Holds: [{ HoldId, Name: 'Case 17' }],
    Certificate: null,
    Counts: { Conversations: 0, Recordings: 0, QueueEntries: 0 },
  });
  expect([await statusOf(held), await statusOf(free)]).toEqual([200, 200]);
  await server.admin.liftHold({ businessId, holdId: HoldId });
  expect((await erase({ ClientId: 'client' })).Counts.Conversations).toBe(2);
  const { Items } = await server.admin.getErasures({ businessId });
  expect(Items.map(({ Status }) => Status)).toEqual(['Blocked', 'Completed']);
});

test('an erasure needs exactly one person with a valid number', async () => {
  for (const person of [{}, { PhoneNumber: NUMBER, ClientId: 'ada' }, { PhoneNumber: '123' }]) {
    await expect(createErasure(person)).rejects.toMatchObject({ status: 400 });
  }
  const person = { businessId, ClientId: 'nobody', Mode: 'Erase', Reason: 'asked' } as const;
  expect(await server.admin.createErasure(person)).toMatchObject({ Status: 'Running' });
  const none = await erase({ ClientId: 'nobody' });
  expect(none).toMatchObject({ Status: 'Completed', Counts: { Conversations: 0 } });
});

test('rows that earlier releases left of erased conversations become tombstones', async () => {
  const id = await finished(1);
  await server.sql.query(
    `UPDATE conversations SET erased_at = now(), start_time = '-infinity', end_type = NULL, head = '',
       recordings = NULL, messages = NULL, logs = NULL, transcript_hash = NULL
       WHERE business_id = $1`,
    [businessId],
  );
  await server.sql.query('DELETE FROM sealed_conversations');
  expect(await statusOf(id)).toBe(410);
  await server.runJob('forget-erased');
  expect(await statusOf(id)).toBe(410);
  const { rows } = await server.sql.query('SELECT FROM conversations WHERE business_id = $1', [
    businessId,
  ]);
  expect(rows).toEqual([]);
});
