import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, DAY } from '../fixtures/kept-calls.ts';
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
const { finished, record, read, statusOf } = callActions(() => ({ server, businessId }));
const hold = (more: object) =>
  server.admin.createHold({ businessId, Name: 'Case 17', Reason: 'counsel asked', ...more });
const lift = (holdId: string) => server.admin.liftHold({ businessId, holdId });
const run = async () => (await server.admin.runRetention({ businessId })).Purged;
const remove = (sessionId: string) => server.admin.deleteConversation({ businessId, sessionId });
const RULE = { Name: 'all', Match: {}, RecordingDays: 1, TranscriptDays: 1, LogDays: 1 };
const keepADay = () =>
  server.admin.putRetention({ businessId, Rules: [{ ...RULE, RecordDays: null }] });
const planHeld = () => server.runJob('plan-held', { businessId });
const refused = (name: string) => ({ status: 409, message: expect.stringContaining(name) });

test('a hold shows who created it, when and why, and stays listed after it is lifted', async () => {
  const id = await finished(1);
  const key = await server.newKey(businessId, { Settings: ['Editing', 'Retrieving'] });
  const counsel = server.client(key);
  const made = await counsel.createHold({
    businessId,
    Name: 'Case 17',
    Reason: 'counsel asked',
    SessionIds: [id, id],
  });
  expect(made).toEqual({ HoldId: expect.stringMatching(/^hold_/), Held: 1 });
  const holdId = made.HoldId;
  const seen = await server.admin.getHold({ businessId, holdId });
  expect(seen).toEqual({
    HoldId: holdId,
    Name: 'Case 17',
    Reason: 'counsel asked',
    Filter: null,
    Named: { Count: 1, SessionIds: [id] },
    CreatedAt: '2026-03-01T12:00:00Z',
    CreatedBy: expect.stringMatching(/^user_/),
    LiftedAt: null,
    LiftedBy: null,
  });
  const lifted = await lift(holdId);
  expect(lifted).toEqual({
    ...seen,
    Named: null,
    LiftedAt: '2026-03-01T12:00:00Z',
    LiftedBy: expect.any(String),
  });
  expect(await lift(holdId)).toEqual(lifted);
  const { Items } = await server.admin.getHolds({ businessId });
  expect(Items).toEqual([lifted]);
  await expect(lift('hold_none')).rejects.toMatchObject({ status: 404 });
});

test('a hold of 20 conversations protects each of them until it is lifted', async () => {
  const ids: string[] = [];
  while (ids.length < 20) ids.push(await finished(1));
  const { HoldId, Held } = await hold({ SessionIds: ids });
  expect(Held).toBe(20);
  for (const id of ids) await expect(remove(id)).rejects.toMatchObject(refused(HoldId));
  await lift(HoldId);
  for (const id of ids) await remove(id);
});

describe('data under legal hold', () => {
  test('a conversation under legal hold cannot be deleted, replaced, recorded over or purged', async () => {
    const id = await finished(2);
    await record(id);
    const before = await read(id);
    await keepADay();
    const { HoldId } = await hold({ SessionIds: [id] });
    const body = { businessId, sessionId: id, ...(before as object) };
    await expect(remove(id)).rejects.toMatchObject(refused('Case 17'));
    await expect(remove(id)).rejects.toMatchObject(refused(HoldId));
    const other = { ...body, Metadata: { changed: true } } as never;
    await expect(server.admin.putConversation(other)).rejects.toMatchObject(refused('Case 17'));
    await expect(record(id, 'client', 2)).rejects.toMatchObject(refused('Case 17'));
    expect(await run()).toMatchObject({ Recordings: 0, Transcripts: 0 });
    // Repeating the same PUT changes nothing, and a first recording removes nothing.
    await server.admin.putConversation(body as never);
    await record(id);
    await record(id, '_mixed');
    const after = await read(id);
    expect(after.Messages).toEqual(before.Messages);
    expect(after.Recordings).toHaveLength(2);
    expect(after).not.toHaveProperty('Purged');
  });

  test('a preview of retention excludes conversations under legal hold', async () => {
    const id = await finished(2);
    await record(id);
    await finished(2);
    await hold({ SessionIds: [id] });
    const seen = await server.admin.previewRetention({
      businessId,
      Rules: [{ ...RULE, RecordDays: 10 }],
    });
    expect(seen).toEqual({
      Now: { Recordings: 0, Transcripts: 1, Logs: 1, Records: 0 },
      Next30Days: { Recordings: 0, Transcripts: 0, Logs: 0, Records: 1 },
      Held: 1,
    });
  });

  test('a live conversation under legal hold accepts events', async () => {
    const Timestamp = new Date(server.clock.now()).toISOString();
    const append = (...Events: object[]) =>
      server.admin.appendConversationEvents({
        businessId,
        sessionId: 'live',
        Events: Events as never,
      });
    await append({ EventId: '1', Type: 'SessionStarted', Timestamp, InitiationType: 'Web' });
    // A state in the filter would exclude the conversation later.
    await expect(hold({ Filter: { SessionStates: ['Active', 'Failed'] } })).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/Completed or Failed/),
    });
    expect((await hold({ Filter: { SessionInitiationTypes: ['Web'] } })).Held).toBe(1);
    await append({ EventId: '2', Type: 'SessionEnded', Timestamp, EndType: 'Normal' });
    expect((await read('live')).Status).toBe('Completed');
    await expect(remove('live')).rejects.toMatchObject(refused('Case 17'));
  });
});

test('a hold with a filter protects what matches now and later, and nothing else', async () => {
  const [one, other] = [
    await finished(2, { EndType: 'Transferred' }),
    await finished(2, { EndType: 'Normal' }),
  ];
  const Filter = { SessionEndTypes: ['Transferred'], StartStartedDate: '2026-01-01T00:00:00Z' };
  const { HoldId, Held } = await hold({ Filter });
  expect(Held).toBe(1);
  const later = await finished(2, { EndType: 'Transferred' });
  const early = await finished(300, { EndType: 'Transferred' });
  for (const id of [one, later]) await expect(remove(id)).rejects.toMatchObject({ status: 409 });
  for (const id of [other, early]) await remove(id);
  const { Filter: seen } = await server.admin.getHold({ businessId, holdId: HoldId });
  expect(seen).toEqual(Filter);
});

test('after a hold is lifted, retention purges what no other hold protects', async () => {
  const [one, two] = [await finished(2), await finished(2)];
  const { HoldId } = await hold({ Filter: {} });
  await hold({ Name: 'Case 18', SessionIds: [two] });
  await keepADay();
  expect(await run()).toMatchObject({ Transcripts: 0 });
  server.clock.advance(DAY);
  expect(await run()).toMatchObject({ Transcripts: 0 });
  await lift(HoldId);
  await planHeld();
  expect(await run()).toMatchObject({ Transcripts: 1, Logs: 1 });
  expect((await read(one)).Messages).toEqual([]);
  expect((await read(two)).Messages).toHaveLength(1);
  await remove(one);
  expect(await statusOf(one)).toBe(410);
  await expect(remove(two)).rejects.toMatchObject(refused('Case 18'));
});

test('a hold without target, with two targets or with an unknown conversation is refused', async () => {
  const id = await finished(1);
  await expect(hold({})).rejects.toMatchObject({ status: 400 });
  await expect(hold({ SessionIds: [id], Filter: {} })).rejects.toMatchObject({ status: 400 });
  await expect(hold({ SessionIds: [id, 'nobody'] })).rejects.toMatchObject({
    status: 404,
    message: expect.stringContaining('nobody'),
  });
  expect((await server.admin.getHolds({ businessId })).Items).toEqual([]);
  const other = await server.newBusiness();
  await hold({ Filter: {} });
  const elsewhere = server.admin.getHolds({ businessId: other });
  expect((await elsewhere).Items).toEqual([]);
});

test('a conversation deleted while a hold is created is either deleted or held', async () => {
  for (let round = 0; round < 20; round += 1) {
    const id = await finished(1);
    const [deleted, made] = await Promise.allSettled([remove(id), hold({ SessionIds: [id] })]);
    const isGone = (await statusOf(id)) === 410;
    expect(deleted.status).toBe(isGone ? 'fulfilled' : 'rejected');
    if (made.status === 'fulfilled') expect(isGone).toBe(false);
  }
});
