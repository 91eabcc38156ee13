import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, tablesContaining } from '../fixtures/kept-calls.ts';
import { queueActions } from '../fixtures/queue-actions.ts';
import { until } from '../servers/server-process.ts';
import {
  MASKED_READER,
  startTestServer,
  type TestServer,
  untilBlocked,
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
const { createErasure, erase, finished, record, read, statusOf } = callActions(() => ({
  server,
  businessId,
}));
const actions = queueActions(() => ({ server, businessId }));
const JOINED = '2026-01-01T00:00:00Z';
const client = (ClientId: string, more: object = {}) => ({
  ClientId,
  ClientType: 'Phone',
  JoinedAt: JOINED,
  ...more,
});
const RULE = {
  Name: 'all',
  Match: {},
  RecordingDays: null,
  TranscriptDays: null,
  LogDays: null,
  RecordDays: null,
};
const NUMBER = '+4915112345678';

async function followConversations(): Promise<void> {
  const { rows } = await server.sql.query<{ id: string; payload: { queueId: string } }>(
    `SELECT j.id, j.payload FROM graphile_worker._private_jobs j
     JOIN graphile_worker._private_tasks t ON t.id = j.task_id
     WHERE t.identifier = 'follow-conversation' AND (j.payload ->> 'businessId')::bigint = $1`,
    [businessId],
  );
  for (const { payload } of rows) await server.runJob('follow-conversation', payload);
}

describe('masked readers', () => {
  const CARD = 'my card is 4111 1111 1111 1111';
  let masked: TestServer['admin'];
  beforeEach(async () => {
    masked = await server.newClient(businessId, MASKED_READER);
    await server.admin.putRedaction({ businessId, Categories: ['CARD', 'PHONE', 'EMAIL'] });
  });
  const said = (Content: string, more: object = {}) => ({
    Clients: [client('ada', { Name: 'Ada' })],
    Messages: [{ SenderId: 'ada', Role: 'User', Content, Timestamp: JOINED, ...more }],
  });
  const seen = async (sessionId: string) => {
    const {
      Id: _,
      Recordings: __,
      ...rest
    } = await masked.getConversation({
      businessId,
      sessionId,
    });
    return { businessId, sessionId, ...rest } as never;
  };

  test('a masked reader can write back what it read, but only unchanged', async () => {
    const id = await finished(1, said(CARD));
    await record(id, 'ada');
    const body = (await seen(id)) as object;
    await masked.putConversation(body as never);
    const changed = { ...body, Metadata: { reviewed: true } } as never;
    await expect(masked.putConversation(changed)).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/masked/),
    });
    const { Messages, Clients, Recordings } = await read(id);
    expect(Messages[0]?.Content).toBe(CARD);
    expect(Clients[0]).toMatchObject({ ClientId: 'ada', Name: 'Ada' });
    expect(Recordings).toHaveLength(1);
    // A writer that knows the original text may replace it.
    const { Metadata: __, ...own } = { ...(body as { Metadata: unknown }), ...said('other') };
    await masked.putConversation(own as never);
    expect((await read(id)).Messages[0]?.Content).toBe('other');
  });

  test.each([
    ['mail me at ada, the usual address', ['mail', 'me', 'at', 'ada@example.com']],
    ['[redacted by the engine]', ['4111', '1111', '1111', '1111']],
  ])(
    'a masked reader gets no words that are missing in the content: %s',
    async (content, words) => {
      const Words = words.map((Word, at) => ({ Word, StartMs: at * 500, EndMs: at * 500 + 400 }));
      const id = await finished(1, said(content, { Words }));
      const { Messages } = (await seen(id)) as { Messages: { Content: string; Words?: unknown }[] };
      expect(Messages[0]).toMatchObject({ Content: content });
      expect(Messages[0]).not.toHaveProperty('Words');
    },
  );

  test('a masked reader sees no number in tool calls and cannot read the do-not-call list', async () => {
    const ToolCall = { CallId: `dial ${NUMBER}`, Name: `dial ${NUMBER}`, Arguments: {} };
    const id = await finished(1, said('dialing', { Role: 'Tool', ToolCall }));
    expect(JSON.stringify(await seen(id))).not.toContain(NUMBER);
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    const key = await server.newKey(businessId, {
      ...MASKED_READER,
      MakeCall: ['Full' as const],
    } as never);
    await expect(server.client(key).getDoNotCall({ businessId })).rejects.toMatchObject({
      status: 403,
    });
  });

  test('a text of 250,000 single digits is masked and returned', async () => {
    const text = '0 '.repeat(250_000);
    const id = await finished(1, said(text));
    expect(JSON.stringify(await seen(id))).toContain('0 0 0');
  });

  test('marks are audited, and keys that may only write get no audio URLs', async () => {
    const id = await finished(1, said(CARD));
    await record(id, 'ada');
    const Spans = [{ MessageIndex: 0, Start: 0, End: 2, Category: 'NAME' as const }];
    await server.admin.addRedactions({ businessId, sessionId: id, Spans });
    await server.admin.addRedactions({ businessId, sessionId: id, Spans });
    const { Items } = await server.admin.getAudit({ businessId, Limit: 100 });
    const marks = Items.filter(({ Action }) => Action === 'RedactionsAdded');
    expect(marks).toMatchObject([{ SubjectId: id, Details: { Categories: ['NAME'] } }]);
    const writing = { 'Conversations.ConversationPermissions': ['Adding', 'Editing'] as const };
    const writer = await server.newClient(businessId, writing as never);
    await server.admin.putRedaction({ businessId, Categories: [] });
    const { Recordings: _, Id: __, ...body } = await read(id);
    const put = { businessId, sessionId: id, ...body } as never;
    expect(JSON.stringify(await writer.putConversation(put))).not.toContain('/media/');
    expect(JSON.stringify(await server.admin.putConversation(put))).toContain('/media/');
  });
});

describe('retention', () => {
  test('a purge stops when retention is paused, and retention stays paused', async () => {
    await Promise.all(Array.from({ length: 120 }, () => finished(40)));
    const Rules = [{ ...RULE, RecordDays: 30 }];
    await server.admin.putRetention({ businessId, Rules });
    const running = server.admin.runRetention({ businessId });
    const left = async () => (await server.admin.getConversations({ businessId })).TotalCount;
    await until(async () => (await left()) < 120);
    await server.admin.putRetention({ businessId, Rules, IsPaused: true });
    const before = await left();
    await running;
    expect(before).toBeGreaterThan(0);
    expect(await left()).toBe(before);
    const again = await server.admin.putRetention({ businessId, Rules: [] });
    expect(again.IsPaused).toBe(true);
  });

  test('a conversation written again after its purge is purged again', async () => {
    const id = await finished(40);
    const { Id: _, ...body } = await read(id);
    await server.admin.putRetention({ businessId, Rules: [{ ...RULE, TranscriptDays: 30 }] });
    await server.admin.runRetention({ businessId });
    await server.admin.putConversation({ businessId, sessionId: id, ...body } as never);
    expect((await read(id)).Messages).toHaveLength(1);
    await server.admin.runRetention({ businessId });
    expect(await read(id)).toMatchObject({
      Messages: [],
      Purged: { Transcript: expect.any(String) },
      Logs: body.Logs,
    });
  });

  test('purged recordings are not served while the store fails, and their blobs are removed later', async () => {
    const id = await finished(40);
    await record(id);
    const { AudioUrl } = (await read(id)).Clients[0] ?? {};
    const { blobs } = server.app.ctx;
    const remove = blobs.remove.bind(blobs);
    blobs.remove = () => Promise.reject(new Error('the disk is broken'));
    await server.admin.putRetention({ businessId, Rules: [{ ...RULE, RecordingDays: 30 }] });
    expect((await server.admin.runRetention({ businessId })).Purged.Recordings).toBe(1);
    expect((await fetch(String(AudioUrl))).status).toBe(410);
    expect((await read(id)).Clients[0]?.AudioUrl).toBeNull();
    const left = async () => (await blobs.list(businessId, null)).blobs.length;
    expect(await left()).toBe(1);
    blobs.remove = remove;
    server.clock.advance(2 * 86_400);
    await server.runJob('sweep-recordings');
    expect(await left()).toBe(0);
  });

  test('a preview counts a held conversation only if something of it would be purged', async () => {
    const ids = [await finished(10), await finished(10)];
    await record(ids[0] ?? '');
    await server.admin.createHold({ businessId, Name: 'c', Reason: 'r', SessionIds: ids } as never);
    const seen = await server.admin.previewRetention({
      businessId,
      Rules: [{ ...RULE, RecordingDays: 1 }],
    });
    expect(seen.Held).toBe(1);
  });
});

describe('erasures', () => {
  test('an erasure includes a conversation that is written while it runs', async () => {
    const first = await finished(1, { Clients: [client('x', { PhoneNumber: NUMBER })] });
    const late = 'zzz_late';
    // Locks the row of the first conversation while another one is written.
    const blocker = await server.sql.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM conversations WHERE business_id = $1 AND id = $2 FOR UPDATE', [
      businessId,
      first,
    ]);
    const erasing = erase({ PhoneNumber: NUMBER });
    await untilBlocked(server);
    await server.admin.putConversation({
      businessId,
      sessionId: late,
      Status: 'Completed',
      EndType: 'Normal',
      InitiationType: 'Inbound',
      StartTime: JOINED,
      EndTime: JOINED,
      Clients: [client('y', { PhoneNumber: NUMBER })],
    } as never);
    await blocker.query('COMMIT');
    blocker.release();
    const { Status, Counts } = await erasing;
    expect({ Status, Counts }).toMatchObject({ Status: 'Completed', Counts: { Conversations: 2 } });
    expect([await statusOf(first), await statusOf(late)]).toEqual([410, 410]);
  });

  test('an erasure keeps the call that conversations of others name, without the erased id', async () => {
    const QueueId = await actions.initiate();
    const mine = await finished(2, { QueueId, Clients: [client('c_1')] });
    const other = await finished(1, { QueueId, Clients: [client('c_2')] });
    await followConversations();
    expect((await actions.read(QueueId)).SessionId).toBe(mine);
    const { Counts } = await erase({ ClientId: 'c_1' });
    expect(Counts).toMatchObject({ Conversations: 1, QueueEntries: 0 });
    expect(await statusOf(other)).toBe(200);
    expect((await actions.read(QueueId)).SessionId).not.toBe(mine);
    expect(await tablesContaining(server, businessId, mine)).toEqual([]);
  });

  test('erasing a live conversation ends its call', async () => {
    const QueueId = await actions.initiate();
    await actions.append('live', actions.started(QueueId), {
      EventId: 'a',
      Type: 'ClientJoined',
      Timestamp: actions.at(),
      ClientId: 'c_1',
      ClientType: 'Phone',
    });
    await actions.append('live', {
      EventId: 'b',
      Type: 'ClientJoined',
      Timestamp: actions.at(),
      ClientId: 'c_2',
      ClientType: 'Phone',
    });
    await followConversations();
    expect((await actions.read(QueueId)).Status).toBe('Processing');
    await erase({ ClientId: 'c_1' });
    expect(await actions.read(QueueId)).toMatchObject({ Status: 'Failed', SessionId: null });
  });

  test('an erasure continues after its job was lost', async () => {
    const id = await finished(1, { Clients: [client('x', { PhoneNumber: NUMBER })] });
    const erasureId = await createErasure({ PhoneNumber: NUMBER });
    await server.sql.query('DELETE FROM graphile_worker._private_jobs');
    server.clock.advance(3600);
    await server.runJob('go-on-erasing');
    const { rows } = await server.sql.query(
      `SELECT payload FROM graphile_worker._private_jobs WHERE payload ->> 'erasureId' = $1`,
      [erasureId],
    );
    await server.runJob('erase-person', rows[0].payload);
    expect(await statusOf(id)).toBe(410);
  });
});

test.each(['deleted', 'purged'])(
  'the queue does not keep the id of a conversation that was %s',
  async (how) => {
    const sessionId = '14155550000';
    const QueueId = await actions.initiate();
    await actions.append(sessionId, actions.started(QueueId));
    await followConversations();
    await actions.append(sessionId, actions.ended());
    await followConversations();
    expect((await actions.read(QueueId)).SessionId).toBe(sessionId);
    if (how === 'deleted') await server.admin.deleteConversation({ businessId, sessionId });
    else {
      server.clock.advance(2 * 86_400);
      await server.runJob('seal-ended');
      await server.admin.putRetention({ businessId, Rules: [{ ...RULE, RecordDays: 0 }] });
      await server.admin.runRetention({ businessId });
    }
    await followConversations();
    expect((await actions.read(QueueId)).SessionId).toBeNull();
    expect(await tablesContaining(server, businessId, sessionId)).toEqual([]);
    expect(JSON.stringify(await actions.history(QueueId))).not.toContain(sessionId);
  },
);
