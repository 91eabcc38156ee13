import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  ADMIN_KEY,
  MASKED_READER,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';

const MEBIBYTE = 1024 * 1024;
let businessId: number;
const agent = { AgentId: 'agent', AgentType: 'AI', JoinedAt: '2026-03-01T12:00:00Z' } as const;
const START = { StartTime: '2026-03-01T12:00:00Z', InitiationType: 'Inbound' } as const;
/** One to four bytes each, so chunks of any size end within a character. */
const CHARACTERS = ['a', 'é', '€', '😀'];
const messages = Array.from({ length: 60 }, (_, index) => ({
  SenderId: 'agent',
  Role: 'Agent' as const,
  Content: `${index} ${CHARACTERS.join('').repeat(4_000)}${'x'.repeat(index)} +49 30 23125001`,
  Timestamp: START.StartTime,
}));

let server: TestServer;
beforeAll(async () => {
  // The check of answers would decode large ones on the event loop.
  server = await startTestServer({ overrides: { onAnswer: undefined } });
  businessId = await server.newBusiness();
  await server.admin.putConversation({
    ...{ businessId, sessionId: 'sealed', Status: 'Completed', EndTime: '2026-03-01T13:00:00Z' },
    ...{ ...START, EndType: 'UserEndedCall', Agents: [agent], Messages: messages },
    Logs: [{ Level: 'Information', Message: '€'.repeat(300_000), Timestamp: START.StartTime }],
  });
  await server.admin.putConversation({
    ...{ businessId, sessionId: 'live', Status: 'Active', ...START, Agents: [agent] },
  });
  await server.admin.appendConversationEvents({
    businessId,
    sessionId: 'live',
    Events: messages.map((message, index) => ({
      ...{ EventId: `${index}`, Type: 'MessageAdded', ...message },
    })),
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** The length of the longest text that the event loop decoded during `work`. */
async function longestDecoded(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  const decode = Buffer.prototype.toString;
  using _spy = vi.spyOn(Buffer.prototype, 'toString').mockImplementation(function note(
    this: Buffer,
    ...rest
  ) {
    const text = decode.apply(this, rest);
    longest = Math.max(longest, text.length);
    return text;
  });
  await work();
  return longest;
}

test.each(['sealed', 'live'])(
  'a long %s conversation is returned as it was written',
  async (sessionId) => {
    const { Messages, Logs } = await server.admin.getConversation({ businessId, sessionId });
    expect(Messages.map(({ Content }) => Content)).toEqual(messages.map(({ Content }) => Content));
    expect(Logs.map(({ Message }) => Message.length)).toEqual(
      sessionId === 'sealed' ? [300_000] : [],
    );
    const { Items } = await server.admin.getConversations({
      ...{ businessId, Include: ['Messages', 'Logs'] },
    });
    const item = Items.find(({ Id }) => Id === sessionId);
    expect(item).toMatchObject({ Messages, Logs });
  },
);

test('a masked reader gets a long conversation masked and otherwise unchanged', async () => {
  await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
  const reader = await server.newClient(businessId, MASKED_READER);
  for (const sessionId of ['sealed', 'live']) {
    const { Messages } = await reader.getConversation({ businessId, sessionId });
    expect(Messages.map(({ Content }) => Content)).toEqual(
      messages.map(({ Content }) => Content.replace('+49 30 23125001', '[PHONE]')),
    );
  }
});

test.each(['sealed', 'live'])(
  'the event loop decodes no long text to return a %s conversation',
  async (sessionId) => {
    const longest = await longestDecoded(async () => {
      const answer = await fetch(
        `${server.url}/api/v1/business/${businessId}/conversations/${sessionId}`,
        { headers: { Authorization: `Token ${ADMIN_KEY}` } },
      );
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(2 * MEBIBYTE);
    });
    expect(longest).toBeLessThanOrEqual(MEBIBYTE);
  },
);

test('clients that cancel a long answer do not affect concurrent answers', async () => {
  const url = `${server.url}/api/v1/business/${businessId}/conversations/sealed`;
  const headers = { Authorization: `Token ${ADMIN_KEY}` };
  const whole = Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
  const leave = async () => {
    const reader = (await fetch(url, { headers })).body?.getReader();
    await reader?.read();
    await reader?.cancel();
  };
  const read = async () => Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
  const answers = await Promise.all([leave(), read(), leave(), read(), leave(), read()]);
  const bodies = answers.filter((answer) => answer !== undefined);
  expect(bodies.map((body) => body.equals(whole))).toEqual([true, true, true]);
});
