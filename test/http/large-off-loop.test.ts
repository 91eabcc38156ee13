import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ADMIN_KEY,
  MASKED_READER,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';

const MAX_CHARACTERS = 300_000;
const MEBIBYTE = 1024 * 1024;

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  // The check of answers would parse large ones on the event loop.
  server = await startTestServer({ overrides: { onAnswer: undefined } });
  businessId = await server.newBusiness();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The length of the longest JSON that the event loop parsed or rendered during `work`. */
async function longestJson(work: () => Promise<unknown>): Promise<number> {
  const { parse, stringify } = JSON;
  let longest = 0;
  JSON.parse = (text: string, ...rest) => {
    longest = Math.max(longest, String(text).length);
    return parse(text, ...rest);
  };
  JSON.stringify = (value: unknown, ...rest: unknown[]) => {
    const text = stringify(value, ...(rest as [never]));
    longest = Math.max(longest, text?.length ?? 0);
    return text;
  };
  try {
    await work();
  } finally {
    JSON.parse = parse;
    JSON.stringify = stringify;
  }
  return longest;
}

async function send(method: string, path: string, text?: string, key = ADMIN_KEY) {
  const response = await fetch(`${server.url}/api/v1/business/${businessId}${path}`, {
    method,
    headers: { Authorization: `Token ${key}`, 'Content-Type': 'application/json' },
    ...(text !== undefined && { body: text }),
  });
  const answer = await response.text();
  expect(response.status, answer.slice(0, 500)).toBeLessThan(300);
  return answer;
}

const START = Date.parse('2026-03-01T12:00:00Z');
const at = (index: number) => new Date(START + index * 1000).toISOString();
const Messages = Array.from({ length: 400 }, (_, index) => ({
  SenderId: index % 2 === 0 ? 'agent' : 'client',
  Role: index % 2 === 0 ? 'Agent' : 'User',
  Content: `${index} call me at +49 30 23125001 ${'about nothing much '.repeat(200)}`,
  Timestamp: at(index),
  Words: Array.from({ length: 40 }, (_, word) => ({ Word: 'w', StartMs: word, EndMs: word + 1 })),
}));
const whole = (Status: 'Completed' | 'Active') =>
  JSON.stringify({
    Status,
    StartTime: at(0),
    ...(Status === 'Completed' && { EndTime: at(1000), EndType: 'UserEndedCall' }),
    InitiationType: 'Inbound',
    Clients: [{ ClientId: 'client', ClientType: 'Telephony', JoinedAt: at(0) }],
    Agents: [{ AgentId: 'agent', AgentType: 'AI', JoinedAt: at(0) }],
    Messages,
    Logs: [],
  });
const events = (round: number) =>
  JSON.stringify({
    Events: Messages.map((message, index) => ({
      EventId: `${round}-${index}`,
      Type: 'MessageAdded',
      ...message,
    })),
  });
const recipients = JSON.stringify({
  NumberId: 'number_1',
  Recipients: Array.from({ length: 400 }, (_, index) => ({
    RecipientNumber: `+4930${23_000_000 + index}`,
    DynamicVariables: { text: 'x'.repeat(4096) },
  })),
});

test('the event loop neither parses nor renders a large conversation', async () => {
  const [sealed, live, more] = [whole('Completed'), whole('Active'), events(1)];
  expect(Math.min(sealed.length, live.length, more.length)).toBeGreaterThan(MEBIBYTE);
  const longest = await longestJson(async () => {
    await send('PUT', '/conversations/sealed', sealed);
    await send('PUT', '/conversations/sealed', sealed);
    await send('PUT', '/conversations/live', live);
    await send('PUT', '/conversations/live', live);
    await send('POST', '/conversations/live/events', more);
    await send('GET', '/conversations/live');
    await send('GET', '/conversations/sealed');
  });
  expect(longest).toBeLessThan(MAX_CHARACTERS);
  const read = JSON.parse(await send('GET', '/conversations/live'));
  expect(read.Data.Messages).toHaveLength(2 * Messages.length);
});

test('the event loop does not mask a large conversation', async () => {
  await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
  const key = await server.newKey(businessId, MASKED_READER);
  const sealed = whole('Completed');
  const longest = await longestJson(async () => {
    await send('PUT', '/conversations/masked', sealed, key);
    await send('GET', '/conversations/masked', undefined, key);
    await send('GET', '/conversations/live', undefined, key);
  });
  expect(longest).toBeLessThan(MAX_CHARACTERS);
  expect(await send('GET', '/conversations/masked', undefined, key)).toContain('[PHONE]');
});

test('the event loop does not parse ignored fields of a large conversation', async () => {
  const AudioUrl = `https://example.com/${'x'.repeat(8000)}`;
  const client = { ClientType: 'Telephony', JoinedAt: at(0), AudioUrl };
  const { Messages: _, ...small } = JSON.parse(whole('Completed'));
  const text = JSON.stringify({
    ...small,
    Clients: Array.from({ length: 100 }, (_, index) => ({ ...client, ClientId: `c${index}` })),
    Purged: { Transcript: 'x'.repeat(MEBIBYTE) },
    Recordings: ['x'.repeat(MEBIBYTE)],
  });
  const longest = await longestJson(() => send('PUT', '/conversations/ignored', text));
  expect(longest).toBeLessThan(MAX_CHARACTERS);
});

test('the event loop parses only the first of many large SessionStarted events', async () => {
  const Metadata = { text: 'x'.repeat(60_000) };
  const text = JSON.stringify({
    Events: Array.from({ length: 40 }, () => ({
      EventId: 'start',
      Type: 'SessionStarted',
      Timestamp: at(0),
      InitiationType: 'Inbound',
      Metadata,
    })),
  });
  const longest = await longestJson(async () => {
    const answer = await send('POST', '/conversations/begun/events', text);
    expect(answer).toContain('"Accepted":1,"Duplicates":39');
  });
  expect(longest).toBeLessThan(MAX_CHARACTERS);
});

test('the event loop does not parse a large conversation to redact or anonymise it', async () => {
  await send('PUT', '/conversations/person', whole('Completed'));
  const Spans = [{ MessageIndex: 399, Start: 0, End: 3, Category: 'NAME' }];
  let erasureId = '';
  const longest = await longestJson(async () => {
    await send('POST', '/conversations/person/redactions', JSON.stringify({ Spans }));
    const erasure = { ClientId: 'client', Mode: 'Anonymise', Reason: 'Asked' };
    erasureId = JSON.parse(await send('POST', '/erasures', JSON.stringify(erasure))).Data.ErasureId;
    await server.runJob('erase-person', { businessId, erasureId });
  });
  expect(longest).toBeLessThan(MAX_CHARACTERS);
  expect((await server.admin.getErasure({ businessId, erasureId })).Status).toBe('Completed');
});

test('the event loop does not parse a large InitiateCall request', async () => {
  expect(recipients.length).toBeGreaterThan(MEBIBYTE);
  let answer = '';
  const longest = await longestJson(async () => {
    answer = await send('POST', '/call/initiate', recipients);
  });
  expect(longest).toBeLessThan(MAX_CHARACTERS);
  expect(JSON.parse(answer).Data.QueueIds).toHaveLength(400);
});
