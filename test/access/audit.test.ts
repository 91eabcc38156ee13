import { createHash } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chainAll, chainBusiness } from '../../packages/server/src/access/audit/chain.ts';
import { noteUnredactedRead } from '../../packages/server/src/access/audit/reads.ts';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { endAbandoned } from '../../packages/server/src/conversations/write/seal.ts';
import { callActions, DAY, tablesContaining } from '../fixtures/kept-calls.ts';
import { openBrowser } from '../servers/browser.ts';
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
const { finished, record, read } = callActions(() => ({ server, businessId }));
type Entry = Awaited<ReturnType<TestServer['admin']['getAudit']>>['Items'][number];
const log = (Filter: object = {}): Promise<Entry[]> =>
  Array.fromAsync(server.admin.items('getAudit', { businessId, Limit: 7, Filter }));
/** The audited actions, oldest first, without the creation of the business. */
const listActions = async (Filter: object = {}) =>
  (await log(Filter))
    .map(({ Action }) => Action)
    .filter((action) => action !== 'BusinessCreated')
    .reverse();
const numbered = (sessionId: string, Events: object[]) =>
  server.admin.appendConversationEvents({
    businessId,
    sessionId,
    Events: Events.map((event, at) => ({ EventId: `${at}`, Timestamp: NOW, ...event })) as never,
  });
const NOW = '2026-03-01T12:00:00Z';
const NUMBER = '+4915112345678';
const START = { Type: 'SessionStarted', InitiationType: 'Web' };
const END = { Type: 'SessionEnded', EndType: 'Normal' };
const put = (sessionId: string, more: object = {}) =>
  server.admin.putConversation({
    businessId,
    sessionId,
    Status: 'Active',
    InitiationType: 'Web',
    StartTime: NOW,
    ...more,
  } as never);

describe('audit events of changes', () => {
  test('a conversation gets one event per change, and none for repeated requests', async () => {
    await put('a');
    await put('a');
    await put('a', { Metadata: { other: true } });
    expect(await listActions()).toEqual(['ConversationCreated', 'ConversationReplaced']);
    const id = await finished(1);
    await record(id);
    await record(id);
    await record(id, 'client', 2);
    await server.admin.deleteConversation({ businessId, sessionId: id });
    const entries = await log({ SubjectId: id });
    expect(entries.map(({ Action, Details }) => [Action, Details])).toEqual([
      ['ConversationErased', null],
      ['RecordingPut', { Kind: 'Participant', Bytes: 16_044, IsReplaced: true }],
      ['RecordingPut', { Kind: 'Participant', Bytes: 8_044, IsReplaced: false }],
      ['ConversationCreated', { Status: 'Completed' }],
    ]);
    expect(entries.map(({ SubjectId }) => SubjectId)).toEqual([null, null, null, null]);
  });

  test('a conversation appended as events gets one audit event at its start and one at its end', async () => {
    await numbered('live', [START]);
    await numbered('live', [START, { Type: 'LogAdded', Level: 'Info', Message: 'x' }]);
    expect(await listActions()).toEqual(['ConversationCreated']);
    await numbered('live', [START, { ...END, EventId: '9' }]);
    await numbered('live', [{ ...END, EventId: '9' }]);
    await numbered('whole', [START, END]);
    expect((await log()).map(({ Action, SubjectId }) => `${Action} ${SubjectId}`)).toEqual([
      'ConversationEnded whole',
      'ConversationCreated whole',
      'ConversationEnded live',
      'ConversationCreated live',
      `BusinessCreated ${businessId}`,
    ]);
    await numbered('silent', [START]);
    server.clock.advance(2 * DAY);
    await endAbandoned(server.app.ctx, systemScope(businessId));
    const [ended] = await log({ SubjectId: 'silent' });
    expect(ended).toMatchObject({
      Action: 'ConversationEnded',
      UserId: 'system',
      Details: { Status: 'Failed' },
    });
  });

  test('calls, campaigns and do-not-call numbers get one event per change', async () => {
    const call = (more: object) =>
      server.admin.initiateCall({ businessId, NumberId: 'n', ...more });
    const request = { businessId, NumberId: 'n', RecipientNumber: NUMBER };
    const { QueueIds } = await server.admin.initiateCall(request, { idempotencyKey: 'once' });
    await server.admin.initiateCall(request, { idempotencyKey: 'once' });
    const queueId = QueueIds[0] ?? '';
    await call({
      CampaignId: 'spring',
      Recipients: [{ RecipientNumber: NUMBER }, { RecipientNumber: '+4915112345679' }],
    });
    await expect(call({ RecipientNumber: 'nobody' })).rejects.toMatchObject({ status: 400 });
    const later = { DateTimeUTC: '2030-01-01T00:00:00Z' };
    await server.admin.rescheduleOutboundQueue({ businessId, queueId, Schedule: later } as never);
    await server.admin.cancelOutboundQueue({ businessId, queueId });
    await server.admin.cancelOutboundQueue({ businessId, queueId });
    for (const IsPaused of [true, true, false]) {
      await server.admin.putCampaign({ businessId, campaignId: 'summer', Name: 'S', IsPaused });
    }
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER, '+4915112345670'] });
    await server.admin.removeDoNotCall({ businessId, number: NUMBER });
    const received = { businessId, NumberId: 'n', CallerNumber: NUMBER, Provider: 'p' };
    await server.admin.receiveCall({ ...received, ProviderCallId: '1' });
    await server.admin.receiveCall({ ...received, ProviderCallId: '1' });
    const entries = (await log()).reverse().slice(1);
    expect(entries.map(({ Action, Details }) => [Action, Details])).toEqual([
      ['CallEnqueued', { Calls: 1 }],
      ['CallEnqueued', { Calls: 2 }],
      ['CallRescheduled', null],
      ['CallCanceled', null],
      ['CampaignChanged', { IsNew: true, IsPaused: true }],
      ['CampaignChanged', { IsNew: false, IsPaused: false }],
      ['DoNotCallAdded', null],
      ['DoNotCallAdded', null],
      ['DoNotCallRemoved', null],
      ['CallReceived', null],
    ]);
    expect(entries[1]).toMatchObject({ SubjectKind: 'Campaign', SubjectId: 'spring' });
    // A number can be searched for but is never shown.
    expect(await listActions({ SubjectId: NUMBER })).toEqual([
      'DoNotCallAdded',
      'DoNotCallRemoved',
    ]);
    const { rows } = await server.sql.query(
      `SELECT FROM audit_entries e WHERE business_id = $1 AND to_jsonb(e)::text LIKE '%4915112345%'`,
      [businessId],
    );
    expect(rows).toEqual([]);
  });

  test('changes of settings, holds and keys get one event each, and requests without effect none', async () => {
    const rule = { Name: 'r', TranscriptDays: 30 };
    for (const Rules of [[rule], [rule], []]) {
      await server.admin.putRetention({ businessId, Rules } as never);
    }
    const id = await finished(1);
    const holdId = (
      await server.admin.createHold({
        businessId,
        Name: 'Case 17',
        Reason: 'counsel asked',
        SessionIds: [id],
      })
    ).HoldId;
    await server.admin.liftHold({ businessId, holdId });
    await server.admin.liftHold({ businessId, holdId });
    await server.admin.updateBusiness({ businessId, Name: 'Test' });
    await server.admin.updateBusiness({
      businessId,
      Name: 'Other',
      Retention: { TranscriptDays: 1, RecordingDays: null },
    });
    const key = await server.newKey(businessId);
    const made = (await log({ Actions: ['ApiKeyCreated'] }))[0];
    await server.client(key).getConversations({ businessId });
    const apiKeyId = made?.SubjectId ?? '';
    await server.admin.revokeApiKey({ apiKeyId });
    await server.admin.revokeApiKey({ apiKeyId });
    const entries = (await log()).reverse().slice(1);
    expect(entries.map(({ Action, Details }) => [Action, Details])).toEqual([
      ['RetentionChanged', { Rules: 1, IsPaused: false }],
      ['RetentionChanged', { Rules: 0, IsPaused: false }],
      ['ConversationCreated', { Status: 'Completed' }],
      ['HoldCreated', { By: 'SessionIds', Sessions: 1 }],
      ['HoldLifted', null],
      ['BusinessChanged', { Changed: ['Name'] }],
      ['RetentionChanged', null],
      ['ApiKeyCreated', { UserId: expect.stringMatching(/^user_/) }],
      ['ApiKeyRevoked', { UserId: expect.stringMatching(/^user_/) }],
    ]);
  });

  test('a purge by a retention rule names the purged parts and the user who ran it', async () => {
    const [whole, part] = [await finished(400), await finished(40)];
    const days = { TranscriptDays: 30, LogDays: 30, RecordingDays: null, RecordDays: 365 };
    await server.admin.putRetention({ businessId, Rules: [{ Name: 'all', ...days }] });
    await server.admin.runRetention({ businessId });
    await server.admin.runRetention({ businessId });
    const purged = await log({ Actions: ['ConversationPurged'] });
    const byHash = (id: string) => log({ SubjectId: id, Actions: ['ConversationPurged'] });
    expect(purged).toHaveLength(2);
    expect(await byHash(part)).toMatchObject([
      { SubjectId: part, Details: { Parts: ['Transcript', 'Logs'] } },
    ]);
    expect(await byHash(whole)).toMatchObject([
      { SubjectId: null, Details: { Parts: ['Record'] } },
    ]);
    for (const { UserId } of purged) expect(UserId).toMatch(/^user_/);
  });

  test('identical concurrent requests write one event', async () => {
    await Promise.all(Array.from({ length: 12 }, () => put('same')));
    await Promise.all(Array.from({ length: 12 }, () => numbered('live', [START, END])));
    const deletions = Array.from({ length: 6 }, () =>
      server.admin.deleteConversation({ businessId, sessionId: 'same' }),
    );
    await Promise.allSettled(deletions);
    expect(await listActions({ SubjectId: 'same' })).toEqual([
      'ConversationCreated',
      'ConversationErased',
    ]);
    expect(await listActions({ SubjectId: 'live' })).toEqual([
      'ConversationCreated',
      'ConversationEnded',
    ]);
  });

  test('a refused deletion writes no event', async () => {
    const id = await finished(1);
    await server.admin.createHold({
      businessId,
      Name: 'Case 17',
      Reason: 'counsel asked',
      SessionIds: [id],
    });
    const before = await listActions();
    const refused = server.admin.deleteConversation({ businessId, sessionId: id });
    await expect(refused).rejects.toMatchObject({ status: 409 });
    expect(await listActions()).toEqual(before);
  });
});

describe('audit events of reads', () => {
  const setLogReads = (LogReads: boolean) =>
    server.admin.putAuditSettings({ businessId, LogReads });
  const reads = async () =>
    (await log({ Actions: ['ContentRead'] })).map((entry) => [
      (entry.Details as { Operation: string }).Operation,
      entry.SubjectId,
    ]);

  test('reads are logged on every node as soon as the business enables LogReads', async () => {
    await using other = await startTestServer({ connection: server.connection });
    const id = await finished(1);
    const onOther = other.client((await server.newKey(businessId)).toString());
    const readOnOther = () => onOther.getConversation({ businessId, sessionId: id });
    await readOnOther();
    await read(id);
    expect(await reads()).toEqual([]);
    expect(await server.admin.getAuditSettings({ businessId })).toEqual({ LogReads: false });
    await setLogReads(true);
    expect(await server.admin.getAuditSettings({ businessId })).toEqual({ LogReads: true });
    await readOnOther();
    await read(id);
    expect(await reads()).toEqual([
      ['GetConversation', id],
      ['GetConversation', id],
    ]);
    await setLogReads(true);
    await setLogReads(false);
    await readOnOther();
    expect(await reads()).toHaveLength(2);
    expect(await listActions({ Actions: ['AuditSettingsChanged'] })).toHaveLength(2);
  });

  test('reads of lists and queues log one event per returned item', async () => {
    const ids = [await finished(2), await finished(1)];
    const { QueueIds } = await server.admin.initiateCall({
      businessId,
      NumberId: 'n',
      RecipientNumber: NUMBER,
    });
    const queueId = QueueIds[0] ?? '';
    await setLogReads(true);
    await server.admin.getConversations({ businessId });
    await server.admin.getConversations({ businessId, Include: ['Messages'], Limit: 1 });
    await expect(read('nobody')).rejects.toMatchObject({ status: 404 });
    await server.admin.getOutboundQueues({ businessId });
    await server.admin.getOutboundQueue({ businessId, queueId });
    await server.admin.getOutboundQueueHistory({ businessId, queueId });
    await server.admin.leaseOutboundCalls({
      businessId,
      WorkerId: 'w',
      Max: 1,
      LeaseSeconds: 60,
    });
    expect((await reads()).reverse()).toEqual([
      ['GetConversations', ids[1]],
      ['GetConversations', ids[0]],
      ['GetConversations', ids[1]],
      ['GetOutboundQueues', queueId],
      ['GetOutboundQueue', queueId],
      ['GetOutboundQueueHistory', queueId],
      ['LeaseOutboundCalls', queueId],
    ]);
  });

  test('concurrent reads are each logged if LogReads is on, and not logged otherwise', async () => {
    const id = await finished(1);
    await Promise.all(Array.from({ length: 40 }, () => read(id)));
    await setLogReads(true);
    await Promise.all(Array.from({ length: 40 }, () => read(id)));
    expect(await reads()).toHaveLength(40);
  });

  test('repeated reads by a session are logged once in ten minutes, and each read by a key', async () => {
    const id = await finished(1);
    const { UserId: userId } = await server.admin.createUser({
      Email: `${businessId}@example.com`,
      Name: 'Ada',
    });
    await server.admin.putMember({ businessId, UserId: userId, Role: 'Viewer' });
    const { client } = await openBrowser(server, userId);
    await setLogReads(true);
    const look = () => client.getConversation({ businessId, sessionId: id });
    await look();
    await look();
    await client.getConversations({ businessId });
    await finished(1);
    await client.getConversations({ businessId });
    expect((await reads()).map(([operation]) => operation).reverse()).toEqual([
      'GetConversation',
      'GetConversations',
      'GetConversations',
    ]);
    server.clock.advance(599);
    await look();
    expect(await reads()).toHaveLength(3);
    server.clock.advance(1);
    await look();
    await read(id);
    await read(id);
    expect(await reads()).toHaveLength(6);
  });

  test('a read of unredacted content is logged even if LogReads is off', async () => {
    const scope = systemScope(businessId);
    const ids = ['session_1'];
    const operation = 'GetConversation';
    await noteUnredactedRead(server.app.ctx, scope, { operation, kind: 'Conversation', ids });
    expect(await listActions()).toEqual(['UnredactedRead']);
  });

  test('a read that is logged after the erasure of its conversation keeps no id', async () => {
    const id = await finished(1);
    await server.admin.deleteConversation({ businessId, sessionId: id });
    const operation = 'GetConversation';
    const read = { operation, kind: 'Conversation', ids: [id] } as const;
    await noteUnredactedRead(server.app.ctx, systemScope(businessId), read);
    expect(await log({ SubjectId: id })).toMatchObject([
      { Action: 'UnredactedRead', SubjectId: null },
      { Action: 'ConversationErased', SubjectId: null },
      { Action: 'ConversationCreated', SubjectId: null },
    ]);
    expect(await tablesContaining(server, businessId, id)).toEqual([]);
  });
});

test('an erasure logs each step with the user who requested it and leaves no id of the person', async () => {
  const counsel = await server.newClient(businessId);
  const Clients = [{ ClientId: NUMBER, ClientType: 'Phone', JoinedAt: NOW }];
  await finished(1, { Clients });
  await put('4915112345678', { Clients });
  await server.admin.initiateCall({ businessId, NumberId: 'n', RecipientNumber: NUMBER });
  // Chains some events before the erasure.
  await log();
  const kept = await finished(1);
  const { ErasureId: erasureId } = await counsel.createErasure({
    businessId,
    PhoneNumber: NUMBER,
    Mode: 'Anonymise',
    Reason: 'asked',
  });
  for (let times = 0; times < 2; times += 1) {
    await server.runJob('erase-person', { businessId, erasureId });
  }
  const entries = await log();
  const [completed, call, , , requested] = entries;
  expect(entries.slice(0, 5).map(({ Action }) => Action)).toEqual([
    'ErasureCompleted',
    'CallAnonymised',
    'ConversationAnonymised',
    'ConversationAnonymised',
    'ErasureRequested',
  ]);
  expect(call).toMatchObject({ SubjectId: null, Details: { ErasureId: erasureId } });
  expect(completed).toMatchObject({ SubjectId: erasureId, UserId: requested?.UserId });
  expect(await tablesContaining(server, businessId, NUMBER.slice(1))).toEqual([]);
  const left = entries.filter(({ SubjectKind }) => SubjectKind === 'Conversation');
  expect(left.flatMap(({ SubjectId }) => SubjectId ?? [])).toEqual([kept]);
  expect(await listActions({ SubjectId: '4915112345678' })).toEqual([
    'ConversationCreated',
    'ConversationAnonymised',
  ]);

  await server.admin.createHold({ businessId, Name: 'h', Reason: 'r', SessionIds: [kept] });
  const blocked = await server.admin.createErasure({
    businessId,
    ClientId: 'client',
    Mode: 'Erase',
    Reason: 'asked',
  });
  await server.runJob('erase-person', { businessId, erasureId: blocked.ErasureId });
  expect((await listActions()).slice(-2)).toEqual(['ErasureRequested', 'ErasureBlocked']);
});

describe('GetAudit', () => {
  test('GetAudit pages newest first and combines its filters', async () => {
    const key = await server.newKey(businessId);
    const other = server.client(key);
    const who = (await log({ Actions: ['ApiKeyCreated'] }))[0];
    const UserId = String(who?.Details?.UserId);
    const times: string[] = [];
    for (let day = 0; day < 3; day += 1) {
      server.clock.advance(DAY);
      times.push(new Date(server.clock.now()).toISOString());
      await put(`a${day}`);
      for (const Status of ['Paused', 'Active', 'Ending']) {
        await other.putConversation({
          businessId,
          sessionId: `a${day}`,
          Status,
          InitiationType: 'Web',
          StartTime: NOW,
        } as never);
      }
    }
    const replaced = { Actions: ['ConversationReplaced'] };
    const created = { Actions: ['ConversationCreated', 'ConversationErased'] };
    expect(await listActions()).toHaveLength(13);
    expect(await listActions({ UserId })).toHaveLength(9);
    expect(await listActions({ UserId, ...created })).toHaveLength(0);
    expect(await listActions({ ApiKeyId: who?.SubjectId, ...replaced })).toHaveLength(9);
    expect(await listActions({ UserId, SubjectId: 'a1' })).toHaveLength(3);
    expect(await listActions(created)).toHaveLength(3);
    expect(await listActions({ From: times[1], To: times[1] })).toHaveLength(4);
    expect(await listActions({ From: times[1], UserId })).toHaveLength(6);
    expect(await listActions({ To: times[0], SubjectId: 'a1' })).toEqual([]);
    const numbers = (await log()).map((entry) => entry.Number);
    expect(numbers).toEqual(Array.from({ length: 14 }, (_, at) => 14 - at));
  });

  test('GetAudit returns a cursor if a page scanned many events and found few matches', async () => {
    const n = 5_000;
    await server.sql.query(
      `INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action, subject_kind, subject_hash)
       SELECT $1, now() - n * interval '1 second', 'u', 'k', CASE WHEN n % 1000 = 0 THEN 'HoldLifted' ELSE 'HoldCreated' END,
         'Hold', 'h' FROM generate_series(1, $2) AS n`,
      [businessId, n],
    );
    await chainAll(server.app.ctx);
    const Filter = { UserId: 'u', Actions: ['HoldLifted'] } as never;
    const pages = await Array.fromAsync(server.admin.pages('getAudit', { businessId, Filter }));
    expect(pages.flatMap(({ Items }) => Items)).toHaveLength(5);
    expect(pages.length).toBeGreaterThan(1);
    expect(await log(Filter)).toHaveLength(5);
  });

  test('GetAudit shows one business only, and a cursor is valid for one filter only', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const Filter = { Actions: ['ConversationCreated' as const] };
    const page = await server.admin.getAudit({ businessId, Limit: 1, Filter });
    const NextCursor = page.NextCursor ?? '';
    const next = await server.admin.getAudit({ businessId, Limit: 1, Filter, NextCursor });
    expect(next.Items).toMatchObject([{ SubjectId: 'b' }]);
    const wrong = { status: 400, code: 'GetAudit:INVALID_CURSOR' };
    const otherFilter = { businessId, Filter: { UserId: 'x' }, NextCursor };
    await expect(server.admin.getAudit(otherFilter)).rejects.toMatchObject(wrong);
    const elsewhere = { businessId: await server.newBusiness(), NextCursor };
    await expect(server.admin.getAudit(elsewhere)).rejects.toMatchObject(wrong);
    const editor = await server.newClient(businessId, { Settings: ['Editing'] });
    await expect(editor.getAudit({ businessId })).rejects.toMatchObject({ status: 403 });
  });
});

describe('the audit chain', () => {
  const chain = () =>
    Array.fromAsync(server.admin.items('getAuditChain', { businessId, Limit: 100 }));

  test('the audit chain can be recomputed from what the API returns', async () => {
    await finished(1);
    await log();
    let PreviousHash = '0'.repeat(64);
    const entries = await chain();
    expect(entries).toHaveLength(2);
    for (const { SubjectId, Hash, ...entry } of entries) {
      const hashed = { ...entry, BusinessId: businessId, PreviousHash };
      const text = JSON.stringify(hashed, Object.keys({ ...hashed, ...entry.Details }).sort());
      expect(createHash('sha256').update(text).digest('hex')).toBe(Hash);
      PreviousHash = Hash;
    }
    const { Items } = await server.admin.getAuditHeads({ businessId });
    expect(Items).toMatchObject([{ Number: 2, Hash: PreviousHash }]);
  });

  test('the audit chain has no gap or fork while writers and several nodes work concurrently', async () => {
    await using other = await startTestServer({ connection: server.connection });
    let isWriting = true;
    const chaining = [server, other, server].map(async ({ app }) => {
      while (isWriting) await chainBusiness(app.ctx, businessId);
    });
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; n < 25; n += 1) await put(`w${writer}-${n}`);
      }),
    );
    isWriting = false;
    await Promise.all(chaining);
    await chainBusiness(server.app.ctx, businessId);
    const entries = await chain();
    expect(entries.map((entry) => entry.Number)).toEqual(entries.map((_, at) => at + 1));
    expect(new Set(entries.map(({ SubjectId }) => SubjectId)).size).toBe(201);
    expect(entries).toHaveLength(201);
  });

  test('the audit chain is complete after a chaining run failed halfway', async () => {
    const { ctx } = server.app;
    const seed = () => {
      throw new Error('died');
    };
    await put('a');
    const dying = chainBusiness({ ...ctx, secrets: { ...ctx.secrets, seed } }, businessId);
    await expect(dying).rejects.toThrow('died');
    expect(await chain()).toEqual([]);
    expect(await listActions()).toEqual(['ConversationCreated']);
    expect(await chain()).toHaveLength(2);
  });

  test('the audit chain appends an event of a late commit after the commit', async () => {
    const late = new pg.Client(server.connection);
    await late.connect();
    const insert = `INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action,
      subject_kind, subject_hash, subject_id)
      VALUES ($1, $2, 'u', 'k', 'HoldCreated', 'Hold', 'h', 'late')`;
    await late.query('BEGIN');
    await late.query(insert, [businessId, NOW]);
    await put('a');
    await log();
    await put('b');
    expect((await log()).map(({ SubjectId }) => SubjectId)).toEqual(['b', 'a', `${businessId}`]);
    await late.query('COMMIT');
    await late.end();
    await log();
    expect((await chain()).map(({ SubjectId }) => SubjectId)).toEqual([
      `${businessId}`,
      ...['a', 'b', 'late'],
    ]);
  });

  test('GetAudit returns events from before the request while another process chains them', async () => {
    await put('a');
    const { rows } = await server.sql.query('SELECT count(*)::int AS n FROM audit_pending');
    expect(rows[0].n).toBeGreaterThan(0);
    const other = await server.sql.connect();
    const name = `hashtextextended('audit', ${businessId})`;
    await other.query(`SELECT pg_advisory_lock(${name})`);
    const pending = log();
    // Gives GetAudit time to look for the event, which is not chained yet.
    for (let n = 0; n < 10; n += 1) await server.admin.getConversations({ businessId });
    await other.query(`SELECT pg_advisory_unlock(${name})`);
    other.release();
    expect((await pending).map(({ SubjectId }) => SubjectId)).toContain('a');
  });

  test('the last signed head of each hour is kept', async () => {
    for (const id of ['a', 'b', 'c', 'd']) {
      await put(id);
      await log();
      if (id !== 'c') server.clock.advance(1200);
    }
    const { Items } = await server.admin.getAuditHeads({ businessId });
    expect(Items.at(-1)).toMatchObject({ Number: 5 });
    expect(new Set(Items.map(({ At }) => At.slice(0, 13))).size).toBe(Items.length);
    expect(Items.length).toBeLessThan(4);
  });
});
