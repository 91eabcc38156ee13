import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions } from '../fixtures/kept-calls.ts';
import {
  ADMIN_KEY,
  MASKED_READER,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { erase, finished, record } = callActions(() => ({ server, businessId }));

const T = '2026-01-01T00:00:00Z';
const NUMBER = '+4915112345678';
const said = (Content: string) => ({ SenderId: 'client', Role: 'User', Content, Timestamp: T });

async function read(sessionId: string, tag = '', key = ADMIN_KEY) {
  const path = `/api/v1/business/${businessId}/conversations/${sessionId}`;
  const response = await fetch(`${server.url}${path}`, {
    headers: { Authorization: `Token ${key}`, ...(tag !== '' && { 'If-None-Match': tag }) },
  });
  const { status, headers } = response;
  return { status, tag: headers.get('etag') ?? '', text: await response.text() };
}

/** The tag of a version that the server confirms. */
async function currentTag(id: string, key = ADMIN_KEY): Promise<string> {
  const { tag } = await read(id, '', key);
  expect(await read(id, tag, key)).toEqual({ status: 304, tag, text: '' });
  return tag;
}

/** Expects a new answer for a reader with the earlier tag, and 304 for its new tag. */
async function expectChanged(id: string, tag: string, key = ADMIN_KEY) {
  const after = await read(id, tag, key);
  expect([after.status, after.tag === tag]).toEqual([200, false]);
  expect(after).toEqual(await read(id, '', key));
  expect((await read(id, after.tag, key)).status).toBe(304);
  return JSON.parse(after.text).Data;
}

const append = (sessionId: string, ...Events: object[]) =>
  server.admin.appendConversationEvents({ businessId, sessionId, Events: Events as never });

async function writeAgain(sessionId: string, more: object): Promise<void> {
  const { Clients, Agents, ...stored } = await server.admin.getConversation({
    businessId,
    sessionId,
  });
  const plain = (participants: readonly object[]) =>
    participants.map((participant) => ({ ...participant, AudioUrl: undefined }));
  const body = { ...stored, Clients: plain(Clients), Agents: plain(Agents), ...more };
  const { Recordings: _, Purged: __, Id: ___, ...written } = body;
  await server.admin.putConversation({ businessId, sessionId, ...written } as never);
}

async function purge(more: object): Promise<void> {
  const days = { RecordingDays: null, TranscriptDays: null, LogDays: null, RecordDays: null };
  const Rules = [{ Name: 'all', Match: {}, ...days, ...more }];
  await server.admin.putRetention({ businessId, Rules });
  await server.admin.runRetention({ businessId });
}

describe('the ETag of a sealed conversation', () => {
  test.each<[string, (id: string) => Promise<unknown>]>([
    [
      'another message of the same length',
      (id) => writeAgain(id, { Messages: [said('MY SECRET')] }),
    ],
    [
      'another log of the same length',
      (id) => writeAgain(id, { Logs: [{ Level: 'Info', Message: 'CONNECTED', Timestamp: T }] }),
    ],
    ['other metadata', (id) => writeAgain(id, { Metadata: { order: 7 } })],
    ['a purge of transcripts', () => purge({ TranscriptDays: 1 })],
    ['a purge of logs', () => purge({ LogDays: 1 })],
    ['a purge of recordings', () => purge({ RecordingDays: 1 })],
    ['a new recording', (id) => record(id, '_mixed')],
    ['a replaced recording', (id) => record(id, 'client', 2)],
    ['renewed signed URLs', async () => server.clock.advance(900)],
    ['anonymisation', () => erase({ Mode: 'Anonymise', PhoneNumber: NUMBER })],
    ['removed mentions', () => erase({ PhoneNumber: '+4915199999999', IncludeMentions: true })],
  ])('changes with %s', async (_, change) => {
    const id = await finished(2, {
      Clients: [{ ClientId: 'client', ClientType: 'Phone', JoinedAt: T, PhoneNumber: NUMBER }],
      Messages: [said('my secret'), said('or call +4915199999999')],
    });
    await record(id);
    const tag = await currentTag(id);
    await change(id);
    const found = await server.sql.query<{ id: string }>(
      'SELECT id FROM conversations WHERE business_id = $1',
      [businessId],
    );
    // Anonymisation gives it another id.
    await expectChanged(found.rows[0]?.id ?? '', tag);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['an erasure', () => erase({ ClientId: 'client' })],
    ['a purge', () => purge({ RecordDays: 1 })],
    ['a deletion', (sessionId) => server.admin.deleteConversation({ businessId, sessionId })],
  ])('is not confirmed after %s', async (_, remove) => {
    const id = await finished(2);
    const tag = await currentTag(id);
    await remove(id);
    expect((await read(id, tag)).status).toBe(410);
  });

  test('changes for masked readers with an added span, and stays for others', async () => {
    const masked = await server.newKey(businessId, MASKED_READER);
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    const id = await finished(1);
    const [plain, shown] = [await currentTag(id), await currentTag(id, masked)];
    const Spans = [{ MessageIndex: 0, Start: 3, End: 9, Category: 'PHONE' as const }];
    await server.admin.addRedactions({ businessId, sessionId: id, Spans });
    const { Messages } = await expectChanged(id, shown, masked);
    expect(Messages[0].Content).toBe('my [PHONE]');
    expect((await read(id, plain)).status).toBe(304);
    expect((await read(id, plain, masked)).status).toBe(200);
  });

  test('is the same for a large transcript with and without If-None-Match', async () => {
    const long = 'x'.repeat(64 * 1024);
    const id = await finished(1, { Messages: Array.from({ length: 6 }, () => said(long)) });
    const tag = await currentTag(id);
    await writeAgain(id, {
      Messages: Array.from({ length: 6 }, () => said(long.replace('x', 'y'))),
    });
    await expectChanged(id, tag);
  });

  test('is the hash of the answer if an earlier release has written the conversation', async () => {
    const id = await finished(1);
    const key = [businessId, id];
    await server.sql.query(
      'UPDATE conversations SET transcript_hash = NULL WHERE business_id = $1 AND id = $2',
      key,
    );
    const tag = await currentTag(id);
    await server.sql.query(
      `UPDATE conversations SET messages = replace(messages, 'secret', 'SECRET')
       WHERE business_id = $1 AND id = $2`,
      key,
    );
    await expectChanged(id, tag);
  });

  test.each(['messages', 'logs'])(
    'needs its hash: the database refuses a statement that changes only the %s',
    async (column) => {
      const id = await finished(1);
      for (const value of ["'[]'", 'NULL']) {
        const change = server.sql.query(
          `UPDATE conversations SET ${column} = ${value} WHERE business_id = $1 AND id = $2`,
          [businessId, id],
        );
        await expect(change).rejects.toMatchObject({ code: '23514' });
      }
    },
  );
});

describe('the ETag of a conversation that was live', () => {
  const start = (sessionId: string) =>
    append(
      sessionId,
      { EventId: '1', Type: 'SessionStarted', Timestamp: T, InitiationType: 'Web' },
      { EventId: '2', Type: 'MessageAdded', ...said('hello') },
    );

  test('follows its end, its sealing and a new version that is live again', async () => {
    const id = 'live';
    await start(id);
    let tag = await currentTag(id);
    const end = { EventId: '3', Type: 'SessionEnded', Timestamp: T, EndType: 'UserEndedCall' };
    await append(id, end);
    await expectChanged(id, tag);
    server.clock.advance(3600);
    await server.runJob('seal-ended');
    tag = await currentTag(id);
    await writeAgain(id, { Messages: [said('HELLO')] });
    const { Messages } = await expectChanged(id, tag);
    expect(Messages[0].Content).toBe('HELLO');
  });
});
