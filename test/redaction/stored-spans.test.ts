import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DETECTOR } from '../../packages/server/src/redaction/detection/detect.ts';
import { callActions } from '../fixtures/kept-calls.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
  masked = await server.newClient(businessId, MASKED_READER);
});
const { finished } = callActions(() => ({ server, businessId }));
async function search(): Promise<void> {
  await server.runJob('find-spans');
  await server.app.backfills.run();
}
const redact = () =>
  server.admin.putRedaction({ businessId, Categories: ['CARD', 'PHONE', 'IBAN', 'EMAIL', 'NAME'] });
const see = (sessionId: string) => masked.getConversation({ businessId, sessionId });
const CARD = '4111 1111 1111 1111';
const TIME = '2026-02-27T12:00:00Z';

const say = (Content: string, more: object = {}) => ({
  ...{ SenderId: 'client', Role: 'User', Content, Timestamp: TIME },
  ...more,
});
const toolCall = { CallId: '1', Name: 'pay', Arguments: { iban: 'DE89370400440532013000' } };
const withSecrets = {
  Metadata: { mail: 'ada@example.com' },
  Messages: [say(`It is ${CARD}.`), say('ok', { Role: 'Tool', ToolCall: toolCall })],
  Logs: [
    { Level: 'Info', Message: 'connected', Timestamp: TIME },
    { Level: 'Info', Message: 'x', Timestamp: TIME, Details: { to: '+4915112345678' } },
  ],
};
const MASKED = {
  Metadata: { mail: '[EMAIL]' },
  Messages: [{ Content: 'It is [CARD].' }, { ToolCall: { Arguments: { iban: '[IBAN]' } } }],
  Logs: [{ Message: 'connected' }, { Details: { to: '[PHONE]' } }],
};

interface Row {
  readonly detector: number;
  readonly found_head: string;
  readonly found: string;
  readonly found_logs: string;
  readonly added: string;
}

async function rowOf(id: string): Promise<Row | undefined> {
  const { rows } = await server.sql.query<Row>(
    `SELECT detector, found_head, found, found_logs, added FROM conversation_spans
     WHERE business_id = $1 AND conversation_id = $2`,
    [businessId, id],
  );
  return rows[0];
}

const setRow = (id: string, assignments: string) =>
  server.sql.query(
    `UPDATE conversation_spans SET ${assignments} WHERE business_id = $1 AND conversation_id = $2`,
    [businessId, id],
  );

test('a masked read of a sealed conversation uses its stored spans and searches no text', async () => {
  await redact();
  const id = await finished(1, withSecrets);
  expect(await see(id)).toMatchObject(MASKED);
  await setRow(
    id,
    `found_head = '[]', found_logs = '[[0, 0, 0, 4, 2]]', found = '[[0, 0, 0, 2, 0], [1, 3, 1, 3, 0]]'`,
  );
  expect(await see(id)).toMatchObject({
    Metadata: withSecrets.Metadata,
    Messages: [
      { Content: `[CARD] is ${CARD}.` },
      { ToolCall: { Name: 'p[CARD]', Arguments: toolCall.Arguments } },
    ],
    Logs: [{ Message: '[EMAIL]ected' }, { Details: { to: '+4915112345678' } }],
  });
  const page = await masked.getConversations({ businessId, Include: ['Messages', 'Logs'] });
  expect(page.Items[0]?.Messages?.[0]?.Content).toBe(`[CARD] is ${CARD}.`);
});

test('conversations from before redaction are searched once by the backfill', async () => {
  const id = await finished(1, withSecrets);
  await redact();
  expect(await rowOf(id)).toBeUndefined();
  expect(await see(id)).toMatchObject(MASKED);
  await search();
  expect(await rowOf(id)).toEqual({
    detector: DETECTOR,
    found_head: '[[0,1,0,15,2]]',
    found: '[[0,0,6,25,0],[1,5,0,22,1]]',
    found_logs: '[[1,2,0,14,3]]',
    added: '[]',
  });
  expect(await see(id)).toMatchObject(MASKED);
});

test('spans of an earlier detector are replaced, and marks of users are kept', async () => {
  await redact();
  const id = await finished(1, withSecrets);
  const mark = { MessageIndex: 0, Start: 0, End: 2, Category: 'NAME' as const };
  await server.admin.addRedactions({ businessId, sessionId: id, Spans: [mark] });
  await setRow(
    id,
    `detector = 2, found = '[{"message":0,"start":0,"end":1,"category":"CARD"}]', found_logs = '[]'`,
  );
  await server.sql.query(
    'UPDATE sealed_conversations SET detector = 2 WHERE business_id = $1 AND conversation_id = $2',
    [businessId, id],
  );
  const expected = { ...MASKED, Messages: [{ Content: '[NAME] is [CARD].' }, {}] };
  expect(await see(id)).toMatchObject(expected);
  await search();
  expect((await rowOf(id))?.found_logs).toBe('[[1,2,0,14,3]]');
  expect(await see(id)).toMatchObject(expected);
});

test.each([
  ['TranscriptDays', { found: '[]', added: '[]', found_logs: '[[1,2,0,14,3]]' }],
  ['LogDays', { found: '[[0,0,6,25,0],[1,5,0,22,1]]', found_logs: '[]' }],
] as const)('a purge by %s deletes only the spans of that part', async (rule, expected) => {
  await redact();
  const id = await finished(10, withSecrets);
  const mark = { MessageIndex: 0, Start: 0, End: 2, Category: 'NAME' as const };
  await server.admin.addRedactions({ businessId, sessionId: id, Spans: [mark] });
  await server.admin.putRetention({
    businessId,
    Rules: [{ Name: 'all', Match: {}, [rule]: 5 }],
  } as never);
  await server.runJob('purge-expired', { businessId });
  expect(await rowOf(id)).toMatchObject({ ...expected, found_head: '[[0,1,0,15,2]]' });
  const seen = await see(id);
  expect(seen.Metadata).toEqual(MASKED.Metadata);
  if (rule === 'LogDays') expect(seen.Messages[0]?.Content).toBe('[NAME] is [CARD].');
  else expect(seen.Logs).toMatchObject(MASKED.Logs);
});

test('a backfill searches only businesses with redaction, and again conversations sealed later', async () => {
  const id = await finished(1, withSecrets);
  await search();
  expect(await rowOf(id)).toBeUndefined();
  await redact();
  await search();
  expect(await rowOf(id)).toMatchObject({ detector: DETECTOR });
  await server.sql.query('DELETE FROM conversation_spans WHERE business_id = $1', [businessId]);
  await search();
  expect(await rowOf(id)).toBeUndefined();
  await server.sql.query('UPDATE sealed_conversations SET detector = 0 WHERE business_id = $1', [
    businessId,
  ]);
  await search();
  expect(await rowOf(id)).toMatchObject({ detector: DETECTOR });
});

test('after a change of the country, conversations are searched again, and reads search them until then', async () => {
  await redact();
  const id = await finished(1, { Messages: [say('call 415-555-0133')] });
  expect((await rowOf(id))?.found).toBe('[]');
  const Categories = ['PHONE'] as const;
  for (const [DefaultCountry, content, found] of [
    ['US', 'call [PHONE]', '[[0,0,5,17,3]]'],
    ['DE', 'call 415-555-0133', '[]'],
    [null, 'call 415-555-0133', '[]'],
  ] as const) {
    await server.admin.putRedaction({ businessId, Categories: [...Categories], DefaultCountry });
    expect((await see(id)).Messages[0]?.Content).toBe(content);
    const before = (await rowOf(id))?.detector;
    await search();
    expect((await rowOf(id))?.found).toBe(found);
    expect((await rowOf(id))?.detector).not.toBe(before);
    expect((await see(id)).Messages[0]?.Content).toBe(content);
  }
});

test('replaced content gets new spans', async () => {
  await redact();
  const id = await finished(1, withSecrets);
  await server.admin.putConversation({
    businessId,
    sessionId: id,
    ...(await server.admin.getConversation({ businessId, sessionId: id })),
    Metadata: {},
    Messages: [say(CARD)],
    Logs: [],
  } as never);
  expect(await rowOf(id)).toMatchObject({
    found_head: '[]',
    found: '[[0,0,0,19,0]]',
    found_logs: '[]',
  });
});

/** So large that a thread masks it. */
const large = () => ({
  ...withSecrets,
  Messages: [
    ...withSecrets.Messages,
    ...Array.from({ length: 700 }, (_, at) => say(`${at} ${'ä 😀 word '.repeat(300)} ${CARD}`)),
  ],
});

test('a large conversation is masked like a small one, before and after it was searched', async () => {
  const id = await finished(1, large());
  await redact();
  const mark = { MessageIndex: 2, Start: 0, End: 1, Category: 'NAME' as const };
  for (const state of ['not searched', 'searched'] as const) {
    if (state === 'searched') await search();
    const seen = await see(id);
    expect(seen).toMatchObject({ ...MASKED, Messages: expect.any(Array) });
    expect(seen.Messages.slice(0, 2)).toMatchObject(MASKED.Messages);
    expect(seen.Messages.slice(2).every(({ Content }) => Content.endsWith('word  [CARD]'))).toBe(
      true,
    );
    expect(new Set(seen.Messages.map(({ SenderId }) => SenderId))).toEqual(
      new Set([seen.Clients[0]?.ClientId]),
    );
  }
  await server.admin.addRedactions({ businessId, sessionId: id, Spans: [mark] });
  expect((await see(id)).Messages[2]?.Content).toMatch(/^\[NAME\] /);
});

test('a large conversation is searched when it is written, and a masked copy can be written back', async () => {
  await redact();
  const id = await finished(1, large());
  expect(JSON.parse((await rowOf(id))?.found ?? '')).toHaveLength(702);
  const seen = await see(id);
  await masked.putConversation({ businessId, sessionId: id, ...seen } as never);
  const original = await server.admin.getConversation({ businessId, sessionId: id });
  expect(original.Messages[0]?.Content).toBe(`It is ${CARD}.`);
});
