import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_KEY, type House, openHouse } from './house.ts';

/** What small work may take; everything larger than this belongs in a thread. */
const MOST_CHARACTERS = 300_000;
const MEBIBYTE = 1024 * 1024;

let house: House;
let businessId: number;
beforeAll(async () => {
  house = await openHouse();
  businessId = await house.newBusiness();
});
afterAll(() => house[Symbol.asyncDispose]());

/** The longest text that this process, and so its event loop, has parsed or made while `work` went on. */
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
  const response = await fetch(`${house.url}/api/v1/business/${businessId}${path}`, {
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
  Content: `${index} call me at +49 30 23125001 `.repeat(100),
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

test('a large conversation is parsed and rendered in threads alone', async () => {
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
  expect(longest).toBeLessThan(MOST_CHARACTERS);
  const read = JSON.parse(await send('GET', '/conversations/live'));
  expect(read.Data.Messages).toHaveLength(2 * Messages.length);
});

test('a large conversation is masked in threads alone', async () => {
  await house.admin.putRedaction({ businessId, Categories: ['PHONE'] });
  const key = await house.newKey(businessId, {
    'Conversations.ConversationPermissions': ['Full'],
  });
  const sealed = whole('Completed');
  const longest = await longestJson(async () => {
    await send('PUT', '/conversations/masked', sealed, key);
    await send('GET', '/conversations/masked', undefined, key);
    await send('GET', '/conversations/live', undefined, key);
  });
  expect(longest).toBeLessThan(MOST_CHARACTERS);
  expect(await send('GET', '/conversations/masked', undefined, key)).toContain('[PHONE]');
});

test('large requests for calls are parsed in threads alone', async () => {
  expect(recipients.length).toBeGreaterThan(MEBIBYTE);
  let answer = '';
  const longest = await longestJson(async () => {
    answer = await send('POST', '/call/initiate', recipients);
  });
  expect(longest).toBeLessThan(MOST_CHARACTERS);
  expect(JSON.parse(answer).Data.QueueIds).toHaveLength(400);
});
