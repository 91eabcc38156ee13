import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../servers/server-process.ts';
import {
  ADMIN_KEY,
  MASKED_READER,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';
import { StreamActions } from './stream-actions.ts';

const MESSAGES = 300;
/** Of one event; a history has several megabytes. */
const MAX_CHARACTERS = 100_000;
const NUMBER = '+49 30 23125001';
const CALLER = '+4915112345678';

let server: TestServer;
let call: StreamActions;
let key: string;
beforeAll(async () => {
  // The check of answers would parse large ones on the event loop.
  server = await startTestServer({ overrides: { onAnswer: undefined } });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  call = new StreamActions(server, await server.newBusiness());
  await server.admin.putRedaction({ businessId: call.businessId, Categories: ['PHONE', 'CARD'] });
  key = await server.newKey(call.businessId, MASKED_READER);
});
afterEach(() => call.closeAll());

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

const textOf = (n: number) => `${n} call me at ${NUMBER} ${'about nothing much '.repeat(500)}`;
const texts = Array.from({ length: MESSAGES }, (_, n) => textOf(n));
const longBody = () => ({
  ...call.whole('Completed', ...texts),
  Clients: [{ ClientId: CALLER, ClientType: 'Phone' as const, JoinedAt: call.at() }],
  Messages: texts.map((Content, n) => ({
    ...{ SenderId: n % 2 === 0 ? CALLER : 'ann', Role: 'User' as const, Content },
    Timestamp: call.at(n),
  })),
});

async function putLong(sessionId: string): Promise<void> {
  const { businessId } = call;
  await server.admin.putConversation({ businessId, sessionId, ...longBody() } as never);
}

async function appendLong(sessionId: string): Promise<void> {
  await call.append(sessionId, call.started(), call.joined(CALLER));
  for (let n = 0; n < MESSAGES; n += 50) {
    const said = texts.slice(n, n + 50).map((text, at) => call.said(text, CALLER, n + at));
    await call.append(sessionId, ...said);
  }
}

const readWith = (sessionId: string, apiKey: string | null) =>
  (apiKey === null ? server.admin : server.client(apiKey)).getConversation({
    ...{ businessId: call.businessId, sessionId },
  });

test.each(['original', 'masked'])(
  'gives a large history of %s data without parsing it',
  async (view) => {
    const reader = view === 'masked' ? { key } : {};
    await putLong('whole');
    await appendLong('live');
    const longest = await longestJson(async () => {
      for (const id of ['whole', 'live']) {
        const stream = await call.follow(id, null, reader);
        await stream.untilEvents(MESSAGES + 2);
        const resumed = await call.follow(id, stream.ids[100] ?? null, reader);
        await resumed.untilEvents(MESSAGES - 99);
        expect(resumed.ids.slice(0, 5)).toEqual(stream.ids.slice(101, 106));
      }
    });
    expect(longest).toBeLessThan(MAX_CHARACTERS);
    for (const id of ['whole', 'live']) {
      const stream = await call.follow(id, null, reader);
      await stream.untilEvents(MESSAGES + 2);
      const { Messages, Clients } = await readWith(id, view === 'masked' ? key : null);
      const said = stream.events.filter(({ event }) => event === 'MessageAdded');
      expect(said.map(({ data }) => [data.Content, data.SenderId])).toEqual(
        Messages.map(({ Content, SenderId }) => [Content, SenderId]),
      );
      expect(stream.events[1]?.data.ClientId).toBe(Clients[0]?.ClientId);
      expect(stream.text.includes(NUMBER)).toBe(view === 'original');
      expect(stream.text.includes(CALLER)).toBe(view === 'original');
    }
  },
);

test('gives a large conversation that is written while business streams are open', async () => {
  const streams = [await call.open('/stream'), await call.open('/stream', null, { key })];
  for (const { parser } of streams) await until(async () => parser.lastEventId !== null);
  const body = JSON.stringify(longBody());
  const longest = await longestJson(async () => {
    const headers = { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'application/json' };
    const url = call.url('/conversations/whole');
    expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(201);
    for (const stream of streams) await stream.untilTold('SessionEnded');
  });
  expect(longest).toBeLessThan(MAX_CHARACTERS);
  const [original, masked] = await Promise.all([readWith('whole', null), readWith('whole', key)]);
  for (const [at, { Messages }] of [original, masked].entries()) {
    const told = streams[at]?.events.filter(({ event }) => event === 'MessageAdded');
    expect(told?.map(({ data }) => data.Content)).toEqual(Messages.map(({ Content }) => Content));
  }
});

test('holds back the end of a large live history that may be half of a number', async () => {
  await appendLong('live');
  await call.append('live', call.said('My card is 4111 1111', CALLER, MESSAGES));
  const stream = await call.follow('live', null, { key });
  await call.append('live', call.said('Mm-hm.', 'bot', MESSAGES + 1));
  await stream.untilTold('Mm-hm.');
  expect(stream.text).not.toContain('My card is');
  await call.append('live', call.said('1111 1111 yes', CALLER, MESSAGES + 2));
  await stream.untilTold('My card is [CARD]');
  expect(stream.text).not.toContain('4111');
  // What a reader sees does not depend on when the stream began.
  const other = await call.follow('live', null, { key });
  await other.untilTold('My card is [CARD]');
  expect(other.text).not.toContain('4111');
});

test('a large history counts as reserved memory until a slow client has taken it or is gone', async () => {
  const Messages = Array.from({ length: 130 }, (_, n) => ({
    ...{
      SenderId: 'ann',
      Role: 'User' as const,
      Content: 'x'.repeat(100_000),
      Timestamp: call.at(n),
    },
  }));
  const { businessId } = call;
  const body = { ...call.whole('Active'), Messages };
  await server.admin.putConversation({ businessId, sessionId: 'a', ...body } as never);
  const reserved = async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^colloquy_large_work_bytes (\d+)$/m.exec(metrics)?.[1]);
  };
  await until(async () => (await reserved()) === 0);
  const { hostname, port, pathname } = new URL(call.url('/conversations/a/stream'));
  const slow = connect(Number(port), hostname);
  slow.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: Token ${ADMIN_KEY}\r\n\r\n`);
  await new Promise((resolve) => slow.once('readable', resolve));
  expect(await reserved()).toBeGreaterThan(10_000_000);
  slow.destroy();
  await until(async () => (await reserved()) === 0);
  const stream = await call.follow('a');
  await stream.untilEvents(Messages.length + 2);
  await until(async () => (await reserved()) === 0);
  expect(stream.isOver).toBe(false);
});

test('sealing a large conversation changes neither its events nor their ids', async () => {
  await appendLong('live');
  const readers = [{}, { key }];
  const streams = await Promise.all(readers.map((reader) => call.follow('live', null, reader)));
  await call.append('live', call.said('late', CALLER, 7.5), call.ended());
  for (const stream of streams) await stream.untilTold('SessionEnded');
  await call.seal();
  for (const [at, stream] of streams.entries()) {
    await stream.untilOver();
    const sealed = await call.follow('live', null, readers[at]);
    await sealed.untilOver();
    expect(sealed.ids).toEqual(stream.ids);
    expect(sealed.told).toEqual(stream.told);
    const resumed = await call.follow('live', stream.ids[200], readers[at]);
    await resumed.untilOver();
    expect(resumed.ids).toEqual(stream.ids.slice(201));
    expect((await call.follow('live', stream.ids.at(-1), readers[at])).response.status).toBe(204);
  }
});
