import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, tablesContaining } from '../fixtures/kept-calls.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
let original: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
  masked = await server.newClient(businessId, MASKED_READER);
  const all = { ...MASKED_READER, 'Conversations.Unredacted': ['Retrieving' as const] };
  original = await server.newClient(businessId, all);
});
const { finished, record } = callActions(() => ({ server, businessId }));
type Category = Parameters<TestServer['admin']['putRedaction']>[0]['Categories'][number];
const ALL: Category[] = ['CARD', 'IBAN', 'EMAIL', 'PHONE', 'NAME'];
async function searchAll(): Promise<void> {
  await server.runJob('find-spans');
  await server.app.backfills.run();
}
const redact = (...Categories: Category[]) => server.admin.putRedaction({ businessId, Categories });
const say = (...texts: string[]) =>
  texts.map((Content) => ({
    SenderId: 'client',
    Role: 'User',
    Content,
    Timestamp: '2026-02-27T12:00:00Z',
  }));
const see = (client: TestServer['admin'], sessionId: string) =>
  client.getConversation({ businessId, sessionId });

const SECRETS = ['4111', 'Lovelace', '15112345678', 'ada@', '"ada"', 'DE89'];

async function newSensitiveConversation(): Promise<string> {
  const id = await finished(1, {
    Clients: [
      {
        ClientId: 'ada',
        ClientType: 'Phone',
        JoinedAt: '2026-02-27T12:00:00Z',
        PhoneNumber: '+4915112345678',
        Name: 'Ada Lovelace',
      },
    ],
    Agents: [
      {
        AgentId: 'agent',
        AgentType: 'AI',
        JoinedAt: '2026-02-27T12:00:00Z',
        Name: 'Lovelace Bot',
      },
    ],
    Metadata: { card: 4111111111111111, note: ['ada@example.com'], '4111111111111111': 1, n: 7 },
    Messages: [
      {
        SenderId: 'ada',
        Role: 'User',
        Timestamp: '2026-02-27T12:00:01Z',
        Content: 'It is 4111 1111 1111 1111.',
        Words: ['It', 'is', '4111', '1111', '1111', '1111.'].map((Word, at) => ({
          Word,
          StartMs: at * 100,
          EndMs: at * 100 + 90,
        })),
      },
      {
        SenderId: 'agent',
        Role: 'Tool',
        Timestamp: '2026-02-27T12:00:02Z',
        Content: 'ok',
        ToolCall: {
          CallId: '1',
          Name: 'pay',
          Arguments: { iban: 'DE89370400440532013000' },
          Result: ['+4915112345678'],
        },
      },
    ],
    Logs: [
      {
        Level: 'Info',
        Message: 'from +4915112345678',
        Timestamp: '2026-02-27T12:00:00Z',
        Details: { mail: 'ada@example.com' },
      },
    ],
  });
  await record(id, 'ada');
  return id;
}

describe('masked readers', () => {
  test('a masked reader sees categories in all fields, and an unmasked reader sees the original', async () => {
    const id = await newSensitiveConversation();
    const before = await see(masked, id);
    expect(before.Messages[0]?.Content).toContain('4111');
    await redact(...ALL);
    const seen = await see(masked, id);
    const text = JSON.stringify(seen);
    for (const secret of SECRETS) expect([secret, text.includes(secret)]).toEqual([secret, false]);
    const token = seen.Clients[0]?.ClientId;
    expect(seen).toMatchObject({
      Id: id,
      Clients: [{ ClientId: token, PhoneNumber: '[PHONE]', Name: '[NAME]', AudioUrl: null }],
      Agents: [{ Name: '[NAME]' }],
      Metadata: { card: '[CARD]', note: ['[EMAIL]'], '[CARD]': 1, n: 7 },
      Messages: [
        {
          SenderId: token,
          Content: 'It is [CARD].',
          Words: ['It', 'is', '[CARD]', '[CARD]', '[CARD]', '[CARD]'].map((Word) => ({ Word })),
        },
        { Content: 'ok', ToolCall: { Arguments: { iban: '[IBAN]' }, Result: ['[PHONE]'] } },
      ],
      Logs: [{ Message: 'from [PHONE]', Details: { mail: '[EMAIL]' } }],
    });
    expect(seen).not.toHaveProperty('Recordings');
    const plain = await see(original, id);
    expect(plain.Messages).toEqual(before.Messages);
    expect(plain.Clients[0]?.AudioUrl).toContain('http');
    // The token is the same in every conversation of the business.
    const other = await finished(1, {
      Clients: [{ ClientId: 'ada', ClientType: 'Phone', JoinedAt: '2026-02-27T12:00:00Z' }],
    });
    expect((await see(masked, other)).Clients[0]?.ClientId).toBe(token);
  });

  test('a masked reader sees the same in lists, with and without transcripts', async () => {
    await newSensitiveConversation();
    await redact(...ALL);
    for (const Include of [[], ['Messages', 'Logs']] as const) {
      const page = await masked.getConversations({ businessId, Include: [...Include] });
      const text = JSON.stringify(page);
      for (const secret of SECRETS) {
        expect([secret, text.includes(secret)]).toEqual([secret, false]);
      }
      expect(page.Items[0]).toMatchObject({ Clients: [{ Name: '[NAME]' }] });
      const plain = await original.getConversations({ businessId, Include: [...Include] });
      expect(JSON.stringify(plain)).toContain('Lovelace');
    }
  });

  test('a masked reader sees a live conversation and its own writes masked', async () => {
    await redact(...ALL);
    const put = await masked.putConversation({
      businessId,
      sessionId: 'live',
      Status: 'Active',
      InitiationType: 'Web',
      StartTime: '2026-02-27T12:00:00Z',
      Metadata: { mail: 'ada@example.com' },
      Messages: say('4111 1111 1111 1111') as never,
    });
    expect(put.Metadata).toEqual({ mail: '[EMAIL]' });
    expect((await see(masked, 'live')).Messages[0]?.Content).toBe('[CARD]');
  });

  test('a change of the masked categories applies from the next request', async () => {
    const id = await finished(1, { Messages: say('4111 1111 1111 1111 and ada@example.com') });
    await redact('EMAIL');
    expect((await see(masked, id)).Messages[0]?.Content).toBe('4111 1111 1111 1111 and [EMAIL]');
    await redact('CARD');
    expect((await see(masked, id)).Messages[0]?.Content).toBe('[CARD] and ada@example.com');
    expect(await server.admin.getRedaction({ businessId })).toEqual({
      Categories: ['CARD'],
      DefaultCountry: null,
    });
    await redact();
    expect((await see(masked, id)).Messages[0]?.Content).toContain('4111');
  });

  test('a number of two categories is masked if one of them is masked', async () => {
    // Its digits have the check digit of a card.
    const id = await finished(1, { Messages: say('6200 0000 0000 0005 +6281234567890') });
    await redact('PHONE');
    expect((await see(masked, id)).Messages[0]?.Content).toBe('6200 0000 0000 0005 [PHONE]');
  });

  test('a masked reader sees no numbers in queues', async () => {
    const { QueueIds } = await server.admin.initiateCall({
      businessId,
      NumberId: 'n',
      RecipientNumber: '+4930000001',
      DynamicVariables: { mail: 'ada@example.com' },
    });
    const queueId = QueueIds[0] ?? '';
    await redact(...ALL);
    const text = JSON.stringify([
      await masked.getOutboundQueue({ businessId, queueId }),
      await masked.getOutboundQueues({ businessId }),
      await masked.getOutboundQueueHistory({ businessId, queueId }),
    ]);
    expect(text).not.toMatch(/30000001|ada@/);
    const received = await server.admin.receiveCall({
      businessId,
      NumberId: 'n',
      CallerNumber: '+4930000001',
      Provider: 'carrier',
      ProviderCallId: 'c',
    });
    const inbound = await masked.getInboundQueueHistory({ businessId, queueId: received.QueueId });
    expect(inbound.Entries[0]?.Details).toContain('from [PHONE]');
    expect(text).toContain('[PHONE]');
    const { RecipientNumber } = await original.getOutboundQueue({ businessId, queueId });
    expect(RecipientNumber).toBe('+4930000001');
  });
});

describe('marks', () => {
  const mark = (sessionId: string, ...Spans: object[]) =>
    server.admin.addRedactions({ businessId, sessionId, Spans: Spans as never });
  const span = (MessageIndex: number, Start: number, End: number, CategoryName = 'NAME') => ({
    MessageIndex,
    Start,
    End,
    Category: CategoryName,
  });

  test('marks are masked together with detected values', async () => {
    const id = await finished(1, { Messages: say('Ada here, 4111 1111 1111 1111') });
    await redact(...ALL);
    expect(await mark(id, span(0, 0, 3), span(0, 0, 3))).toEqual({
      Spans: [span(0, 0, 3), span(0, 10, 29, 'CARD')],
    });
    expect((await see(masked, id)).Messages[0]?.Content).toBe('[NAME] here, [CARD]');
    // The job of every minute keeps the marks.
    await searchAll();
    expect((await see(masked, id)).Messages[0]?.Content).toBe('[NAME] here, [CARD]');
    expect((await server.admin.getRedactions({ businessId, sessionId: id })).Spans).toHaveLength(2);
  });

  test('marks are removed with their messages', async () => {
    const id = await finished(1, { Messages: say('Ada here') });
    await redact(...ALL);
    await mark(id, span(0, 0, 3));
    await finished(0);
    await server.admin.putConversation({
      businessId,
      sessionId: id,
      ...((await see(original, id)) as object),
      Messages: say('Bob here'),
    } as never);
    expect((await see(masked, id)).Messages[0]?.Content).toBe('Bob here');
    await mark(id, span(0, 0, 3));
    await server.admin.deleteConversation({ businessId, sessionId: id });
    expect(await tablesContaining(server, businessId, id)).toEqual([]);
  });

  test('marks outside of the messages, or of a live conversation, are refused', async () => {
    const id = await finished(1, { Messages: say('Ada') });
    for (const wrong of [span(1, 0, 1), span(0, 2, 2), span(0, 0, 4)]) {
      await expect(mark(id, wrong)).rejects.toMatchObject({ status: 400 });
    }
    await server.admin.putConversation({
      businessId,
      sessionId: 'live',
      Status: 'Active',
      InitiationType: 'Web',
      StartTime: '2026-02-27T12:00:00Z',
      Messages: say('Ada') as never,
    });
    await expect(mark('live', span(0, 0, 1))).rejects.toMatchObject({ status: 409 });
    await expect(mark('none', span(0, 0, 1))).rejects.toMatchObject({ status: 404 });
  });
});

test('messages are searched when they are written, and earlier ones by the job', async () => {
  const before = await finished(1, { Messages: say('4111 1111 1111 1111') });
  await redact('CARD');
  const after = await finished(1, { Messages: say('4111 1111 1111 1111') });
  const searchedIds = async () =>
    (
      await server.sql.query(
        'SELECT conversation_id AS id FROM conversation_spans WHERE business_id = $1 ORDER BY id',
        [businessId],
      )
    ).rows.map(({ id }) => id);
  expect(await searchedIds()).toEqual([after]);
  await searchAll();
  expect(await searchedIds()).toEqual([before, after].sort());
});

test('a read of an unmasked conversation is audited if others see it masked', async () => {
  const id = await finished(1, { Messages: say('4111 1111 1111 1111') });
  await redact('CARD');
  await see(masked, id);
  await see(original, id);
  const { Items } = await server.admin.getAudit({ businessId });
  const actions = Items.map(({ Action }) => Action);
  expect(actions.filter((action) => action === 'UnredactedRead')).toHaveLength(1);
  expect(actions).toContain('RedactionChanged');
});
