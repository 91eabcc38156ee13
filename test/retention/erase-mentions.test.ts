import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, tablesContaining } from '../fixtures/kept-calls.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { finished, read, record, ...actions } = callActions(() => ({ server, businessId }));

const NUMBER = '+493023125060';
const T = '2026-01-01T00:00:00Z';
const ERASED = '[ERASED]';
const client = { ClientId: 'c', ClientType: 'Phone', JoinedAt: T };
const message = { SenderId: 'c', Role: 'User', Timestamp: T };

const erase = (more: object = {}) =>
  actions.erase({ PhoneNumber: NUMBER, IncludeMentions: true, ...more });

async function silencedRanges(sessionId: string) {
  const { rows } = await server.sql.query<{ key: string }>(
    'SELECT blob_key AS key FROM recordings WHERE business_id = $1 AND conversation_id = $2',
    [businessId, sessionId],
  );
  const blobKey = rows[0]?.key;
  await server.runJob('silence-recording', { businessId, blobKey });
  const found = await server.sql.query<{ stretches: string }>(
    'SELECT silenced_stretches AS stretches FROM recordings WHERE business_id = $1 AND blob_key = $2',
    [businessId, blobKey],
  );
  return JSON.parse(found.rows[0]?.stretches ?? 'null');
}

describe('erasures with IncludeMentions', () => {
  test('IncludeMentions replaces the number everywhere in a sealed conversation and keeps the rest', async () => {
    const own = await finished(1, { Clients: [{ ...client, PhoneNumber: NUMBER }] });
    const id = await finished(1, {
      Clients: [{ ...client, Name: `Ann ${NUMBER}`, LeftAt: T, LeaveReason: `to ${NUMBER}` }],
      Agents: [{ AgentId: NUMBER, AgentType: 'Human', JoinedAt: T }],
      Messages: [
        { ...message, Content: 'call +49 (0)30 / 231-250-60 now' },
        {
          ...message,
          SenderId: NUMBER,
          Role: 'Agent',
          Content: 'four nine three oh two three one two five oh six oh',
        },
        {
          ...message,
          Content: 'dial',
          ToolCall: {
            CallId: '1',
            Name: 'dial',
            Arguments: { to: NUMBER, [NUMBER]: 1, '00493023125060': 2 },
            Result: ['4', '9', '3', '0', '2', '3', '1', '2', '5', '0', '6', '0'],
          },
        },
      ],
      Metadata: { phone: 493023125060, note: 'tel 030 23125060', kind: 'survey' },
      Logs: [
        {
          Level: 'Info',
          Message: 'sip',
          Source: 's',
          Details: { json: '{"to":"\\u002b493023125060"}' },
          Timestamp: T,
        },
      ],
      EndReason: `transferred to ${NUMBER}`,
      Source: { Provider: 'p', ProviderCallId: `${NUMBER}-1` },
    });
    await record(id, NUMBER);
    const other = await finished(1, { Metadata: { back: '+493023125061' } });
    const before = await read(other);
    const erasure = await erase();
    expect(erasure).toMatchObject({
      Status: 'Completed',
      Counts: { Conversations: 1 },
      Mentions: { Changed: 1, Held: 0 },
    });
    const after = await read(id);
    expect(after).toMatchObject({
      Clients: [{ Name: `Ann ${ERASED}`, LeaveReason: `to ${ERASED}` }],
      Agents: [{ AgentId: 'erased', AudioUrl: expect.stringContaining('http') }],
      Recordings: [{ ParticipantId: 'erased' }],
      Messages: [
        { Content: `call ${ERASED} now` },
        { SenderId: 'erased', Content: ERASED },
        {
          Content: 'dial',
          ToolCall: {
            Arguments: { to: ERASED, [ERASED]: 1, [`${ERASED} 2`]: 2 },
            Result: [ERASED, ...Array(11).fill('')],
          },
        },
      ],
      Metadata: { phone: ERASED, note: `tel ${ERASED}`, kind: 'survey' },
      Logs: [{ Details: { json: `{"to":"${ERASED}"}` } }],
      EndReason: `transferred to ${ERASED}`,
      Source: { ProviderCallId: `${ERASED}-1` },
    });
    expect(await read(other)).toEqual(before);
    expect(own).not.toBe(id);
    for (const text of ['23125060', '231-250-60', 'three oh two']) {
      expect([text, await tablesContaining(server, businessId, text)]).toEqual([text, []]);
    }
  });

  test('IncludeMentions replaces digits that are spread over objects of an array', async () => {
    const parts = ['+49', '30', '231', '25060'];
    const given = {
      pressed: [...'493023125060'].map((digit) => ({ digit: Number(digit), at: 'now' })),
      parts: parts.map((part) => ({ part, step: { n: 1 } })),
      nested: [{ list: parts.map((d) => ({ d })) }, {}],
      lists: [parts.slice(0, 2), parts.slice(2)].map((digits) => ({ digits })),
      alone: [{ to: NUMBER }, { to: 'x' }],
      other: ['+49', '30', '231', '25061'].map((part) => ({ part })),
    };
    const spread = (key: string) => parts.map((_, at) => ({ [key]: at === 0 ? ERASED : '' }));
    const ToolCall = { CallId: '1', Name: 'dial', Arguments: given };
    const id = await finished(1, {
      Messages: [{ ...message, Role: 'Tool', Content: '', ToolCall }],
      Metadata: given,
    });
    expect((await erase()).Mentions).toEqual({ Changed: 1, Held: 0 });
    const { Messages, Metadata } = await read(id);
    expect(Metadata).toEqual({
      pressed: given.pressed.map(({ at }, n) => ({ digit: n === 0 ? ERASED : '', at })),
      parts: spread('part').map((part) => ({ ...part, step: { n: 1 } })),
      nested: [{ list: spread('d') }, {}],
      lists: [{ digits: [ERASED, ''] }, { digits: ['', ''] }],
      alone: [{ to: ERASED }, { to: 'x' }],
      other: given.other,
    });
    expect(Messages[0]?.ToolCall?.Arguments).toEqual(Metadata);
  });

  test('IncludeMentions joins the words of the number and keeps their times, marks and silenced ranges', async () => {
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'], DefaultCountry: 'DE' });
    const words = ['it', 'is', '030', '231', '25060', 'at', 'home'].map((Word, at) => ({
      ...{ Word, StartMs: at * 1000, EndMs: at * 1000 + 900 },
    }));
    const said = { ...message, Timestamp: '2026-02-28T11:59:10Z' };
    const id = await finished(1, {
      Messages: [
        { ...said, Content: 'it is 030 231 25060, at home', Words: words },
        { ...said, Content: 'so', Words: [...words.slice(2, 5), ...words.slice(0, 1)] },
      ],
    });
    await record(id, '_mixed', 60);
    const before = await silencedRanges(id);
    expect(before).not.toEqual([]);
    await server.admin.addRedactions({
      ...{ businessId, sessionId: id },
      Spans: [
        { MessageIndex: 0, Start: 6, End: 13, Category: 'NAME' },
        { MessageIndex: 0, Start: 24, End: 28, Category: 'ADDRESS' },
      ],
    });
    expect((await erase()).Mentions).toEqual({ Changed: 1, Held: 0 });
    const joined = { Word: ERASED, StartMs: 2000, EndMs: 4900 };
    const { Messages } = await read(id);
    expect(Messages[0]).toMatchObject({
      Content: `it is ${ERASED}, at home`,
      Words: [words[0], words[1], joined, words[5], words[6]],
    });
    expect(Messages[1]).toMatchObject({ Content: 'so', Words: [joined, words[0]] });
    expect(await silencedRanges(id)).toEqual(before);
    const { Spans } = await server.admin.getRedactions({ businessId, sessionId: id });
    expect(Spans).toEqual([
      { MessageIndex: 0, Start: 6, End: 14, Category: 'PHONE' },
      { MessageIndex: 0, Start: 6, End: 14, Category: 'NAME' },
      { MessageIndex: 0, Start: 19, End: 23, Category: 'ADDRESS' },
    ]);
    const masked = await server.newClient(businessId, MASKED_READER);
    const maskedRead = await masked.getConversation({ businessId, sessionId: id });
    expect(maskedRead.Messages[0]?.Content).toBe('it is [PHONE], at home');
  });

  test('IncludeMentions changes a live conversation, which accepts further events', async () => {
    const sessionId = 'live';
    const event = (EventId: string, Type: string, more: object = {}) => ({
      ...{ EventId, Type, Timestamp: T },
      ...more,
    });
    const append = (...Events: object[]) =>
      server.admin.appendConversationEvents({ businessId, sessionId, Events } as never);
    await append(
      event('1', 'SessionStarted', { InitiationType: 'Inbound', Metadata: { back: NUMBER } }),
      event('2', 'ClientJoined', { ClientId: 'c', ClientType: 'Phone', Name: NUMBER }),
      event('3', 'MessageAdded', { SenderId: 'c', Role: 'User', Content: `I am ${NUMBER}` }),
    );
    expect((await erase()).Mentions).toEqual({ Changed: 1, Held: 0 });
    await append(
      event('3', 'MessageAdded', { SenderId: 'c', Role: 'User', Content: `I am ${NUMBER}` }),
      event('4', 'MessageAdded', { SenderId: 'c', Role: 'User', Content: 'bye' }),
      event('5', 'ClientLeft', { ClientId: 'c' }),
    );
    expect(await read(sessionId)).toMatchObject({
      Clients: [{ Name: ERASED, LeftAt: T }],
      Messages: [{ Content: `I am ${ERASED}` }, { Content: 'bye' }],
      Metadata: { back: ERASED },
    });
    expect(await tablesContaining(server, businessId, NUMBER.slice(1))).toEqual([]);
  });

  test('a live conversation accepts events under participant ids that an erasure replaced', async () => {
    const sessionId = 'renamed';
    const both = `${NUMBER}_+493023125061`;
    const append = (Type: string, more: object = {}) => {
      const Events = [{ EventId: randomUUID(), Type, Timestamp: T, ...more }];
      return server.admin.appendConversationEvents({ businessId, sessionId, Events } as never);
    };
    await append('SessionStarted', { InitiationType: 'Inbound' });
    await append('ClientJoined', { ClientId: 'c', ClientType: 'Phone' });
    await append('AgentJoined', { AgentId: NUMBER, AgentType: 'Human' });
    await append('AgentJoined', { AgentId: both, AgentType: 'Human' });
    await erase();
    await erase({ PhoneNumber: '+493023125061' });
    await append('MessageAdded', { SenderId: NUMBER, Role: 'Agent', Content: 'hello' });
    await append('MessageAdded', { SenderId: both, Role: 'Agent', Content: 'hi' });
    await append('AgentLeft', { AgentId: both });
    await append('AgentLeft', { AgentId: NUMBER });
    await append('AgentJoined', { AgentId: NUMBER, AgentType: 'Human' });
    await expect(append('AgentLeft', { AgentId: '+493023125062' })).rejects.toMatchObject({
      status: 409,
    });
    const { Agents, Messages } = await read(sessionId);
    expect(Agents).toMatchObject([
      { AgentId: 'erased', LeftAt: null },
      { AgentId: 'erased_erased', LeftAt: T },
    ]);
    expect(Messages.map(({ SenderId }) => SenderId)).toEqual(['erased', 'erased_erased']);
    for (const text of ['23125060', '23125061']) {
      expect(await tablesContaining(server, businessId, text)).toEqual([]);
    }
  });

  test('IncludeMentions leaves conversations under legal hold unchanged and counts them', async () => {
    const held = await finished(1, { Metadata: { back: NUMBER } });
    await finished(1, { Metadata: { back: NUMBER } });
    await server.admin.createHold({ businessId, Name: 'n', Reason: 'r', SessionIds: [held] });
    const { Mentions, Certificate } = await erase();
    expect(Mentions).toEqual({ Changed: 1, Held: 1 });
    expect(payloadOf(Certificate)).toMatchObject({
      Mentions: { Changed: 1, Held: 1 },
      Searched: { Kinds: ['Participants', 'OutboundQueue', 'InboundQueue', 'Mentions'] },
    });
    expect((await read(held)).Metadata).toEqual({ back: NUMBER });
  });

  test('IncludeMentions audits each changed conversation, and a second erasure changes nothing', async () => {
    const id = await finished(1, { Metadata: { back: NUMBER } });
    const first = await erase();
    const after = await read(id);
    expect((await erase()).Mentions).toEqual({ Changed: 0, Held: 0 });
    expect(await read(id)).toEqual(after);
    const { Items } = await server.admin.getAudit({
      ...{ businessId, Filter: { Actions: ['ConversationMentionErased'] } },
    });
    expect(Items).toMatchObject([
      { SubjectId: id, Details: { ErasureId: first.ErasureId }, UserId: first.RequestedBy },
    ]);
  });

  test('IncludeMentions changes more conversations than one batch, and large ones', async () => {
    const Content = `${'a long text. '.repeat(8_000)}${NUMBER}`;
    const large = await finished(1, { Messages: [{ ...message, Content }] });
    for (let n = 0; n < 60; n += 1) await finished(1, { Metadata: { back: NUMBER } });
    expect((await erase({ Mode: 'Anonymise' })).Mentions).toEqual({ Changed: 61, Held: 0 });
    expect((await read(large)).Messages[0]?.Content).toBe(Content.replace(NUMBER, ERASED));
    expect(await tablesContaining(server, businessId, NUMBER)).toEqual([]);
  });

  test('IncludeMentions needs a PhoneNumber, and without it other conversations stay unchanged', async () => {
    const id = await finished(1, { Metadata: { back: NUMBER } });
    const needsNumber = { status: 400, message: expect.stringContaining('PhoneNumber') };
    await expect(erase({ PhoneNumber: null, ClientId: 'c' })).rejects.toMatchObject(needsNumber);
    const { Mentions, Certificate } = await erase({ IncludeMentions: false });
    expect(Mentions).toBeNull();
    expect(payloadOf(Certificate)).not.toHaveProperty('Mentions');
    expect((await read(id)).Metadata).toEqual({ back: NUMBER });
  });
});

test('the reason of an erasure contains the number in no spelling', async () => {
  const Reason = `${NUMBER}, 030 231 250 60 and \u0034\u0039 30 23125060, not +493023125061`;
  const erasure = await erase({ Reason, IncludeMentions: false });
  expect(erasure.Reason).toBe(`${ERASED}, ${ERASED} and ${ERASED}, not +493023125061`);
});

const payloadOf = (jws: string | null) =>
  JSON.parse(Buffer.from(jws?.split('.')[1] ?? '', 'base64url').toString());
