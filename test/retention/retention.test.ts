import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, DAY, tablesContaining } from '../fixtures/kept-calls.ts';
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
type Rules = Parameters<TestServer['admin']['putRetention']>[0]['Rules'];
const rule = (more: object = {}) => ({
  Name: 'all',
  Match: {},
  RecordingDays: null,
  TranscriptDays: null,
  LogDays: null,
  RecordDays: null,
  ...more,
});
const keep = (...Rules: Rules) => server.admin.putRetention({ businessId, Rules });
const run = () => server.admin.runRetention({ businessId });
const preview = (...Rules: Rules) => server.admin.previewRetention({ businessId, Rules });
const NOTHING = { Recordings: 0, Transcripts: 0, Logs: 0, Records: 0 };

describe('retention rules', () => {
  test('a new business has no rules and keeps everything', async () => {
    expect(await server.admin.getRetention({ businessId })).toEqual({ Rules: [], IsPaused: false });
    const id = await finished(10_000);
    expect(await run()).toEqual({ Purged: NOTHING, IsComplete: true });
    expect((await read(id)).Messages).toHaveLength(1);
  });

  test('rules are returned in a canonical form', async () => {
    const given = {
      Name: 'Surveys',
      Match: {
        CampaignIds: ['b', 'a', 'b'],
        SessionInitiationTypes: ['Telephony'],
        SessionEndTypes: ['InitalizeError'],
        Metadata: { consent: 'no' },
      },
      RecordingDays: 0,
    };
    const put = await server.admin.putRetention({ businessId, Rules: [given] as never });
    expect(put).toEqual(await server.admin.getRetention({ businessId }));
    expect(put.Rules).toEqual([
      {
        Name: 'Surveys',
        Match: {
          CampaignIds: ['a', 'b'],
          SessionInitiationTypes: ['Inbound', 'Outbound'],
          SessionEndTypes: ['InitializeError'],
          Metadata: { consent: 'no' },
        },
        RecordingDays: 0,
        TranscriptDays: null,
        LogDays: null,
        RecordDays: null,
      },
    ]);
  });

  test('a business shows simple rules in its Retention field', async () => {
    const Retention = { TranscriptDays: 30, RecordingDays: null };
    const business = await server.admin.updateBusiness({ businessId, Retention });
    expect(business.Retention).toEqual(Retention);
    const { Rules } = await server.admin.getRetention({ businessId });
    expect(Rules).toEqual([rule({ Name: 'Business', TranscriptDays: 30 })]);
    await keep(rule({ LogDays: 1 }));
    const { Items } = await server.admin.listBusinesses({ Limit: 100 });
    expect(Items.find((item) => item.BusinessId === businessId)?.Retention).toBeNull();
    await server.admin.updateBusiness({
      businessId,
      Retention: { TranscriptDays: null, RecordingDays: null },
    });
    expect((await server.admin.getRetention({ businessId })).Rules).toEqual([]);
  });

  test('reading rules needs Settings:Retrieving, and changing or running them more', async () => {
    const reader = await server.newClient(businessId, { Settings: ['Retrieving'] });
    expect((await reader.getRetention({ businessId })).Rules).toEqual([]);
    await expect(reader.putRetention({ businessId, Rules: [] })).rejects.toMatchObject({
      status: 403,
    });
    await expect(reader.runRetention({ businessId })).rejects.toMatchObject({ status: 403 });
  });
});

describe('expired data', () => {
  test('parts of a conversation are purged one by one, and it is listed until its record is purged', async () => {
    const id = await finished(10);
    await record(id);
    const { AudioUrl } = (await read(id)).Clients[0] ?? {};
    await keep(rule({ RecordingDays: 10, TranscriptDays: 11, LogDays: 12, RecordDays: 13 }));
    expect((await run()).Purged).toEqual({ ...NOTHING, Recordings: 1 });
    const at = new Date(server.clock.now()).toISOString().replace('.000Z', 'Z');
    const silent = await read(id);
    expect(silent).toMatchObject({ Purged: { Recordings: at } });
    expect(silent.Messages).toHaveLength(1);
    expect(silent).not.toHaveProperty('Recordings');
    expect((await fetch(String(AudioUrl))).status).toBe(410);

    server.clock.advance(DAY);
    expect((await run()).Purged).toEqual({ ...NOTHING, Transcripts: 1 });
    const empty = await read(id);
    expect(empty.Messages).toEqual([]);
    expect(empty.Logs).toHaveLength(1);
    expect(Object.keys(empty.Purged ?? {})).toEqual(['Transcript', 'Recordings']);
    const { Items } = await server.admin.getConversations({ businessId, Include: ['Messages'] });
    expect(Items).toMatchObject([{ Id: id, Messages: [], Purged: empty.Purged }]);

    server.clock.advance(DAY);
    expect((await run()).Purged).toEqual({ ...NOTHING, Logs: 1 });
    expect((await read(id)).Logs).toEqual([]);

    server.clock.advance(DAY);
    expect((await run()).Purged).toEqual({ ...NOTHING, Records: 1 });
    expect(await statusOf(id)).toBe(410);
    expect((await server.admin.getConversations({ businessId })).TotalCount).toBe(0);
    expect(await tablesContaining(server, businessId, id)).toEqual([]);
  });

  test('expired data is purged every minute unless retention is paused', async () => {
    const id = await finished(1);
    await server.admin.putRetention({
      businessId,
      Rules: [rule({ TranscriptDays: 1 })],
      IsPaused: true,
    });
    await server.runJob('purge-expired', { businessId });
    expect((await read(id)).Messages).toHaveLength(1);
    await expect(run()).rejects.toMatchObject({ status: 409 });
    // Changing the rules does not resume retention.
    expect(await keep(rule({ TranscriptDays: 1 }))).toMatchObject({ IsPaused: true });
    await server.admin.putRetention({
      businessId,
      Rules: [rule({ TranscriptDays: 1 })],
      IsPaused: false,
    });
    await server.runJob('add-purges');
    await server.runJob('purge-expired', { businessId });
    expect((await read(id)).Messages).toEqual([]);
  });

  test('days count from the end of a call, to the millisecond', async () => {
    const id = await finished(1);
    await keep(rule({ TranscriptDays: 2 }));
    server.clock.advance(DAY - 1);
    expect((await run()).Purged).toEqual(NOTHING);
    server.clock.advance(1);
    expect((await run()).Purged).toEqual({ ...NOTHING, Transcripts: 1 });
    expect((await read(id)).Messages).toEqual([]);
  });

  test('a purge follows the current rules', async () => {
    const id = await finished(5);
    await keep(rule({ TranscriptDays: 5 }));
    await keep(rule({ TranscriptDays: 6 }));
    expect((await run()).Purged).toEqual(NOTHING);
    await keep(rule({ TranscriptDays: 5 }));
    expect((await run()).Purged).toEqual({ ...NOTHING, Transcripts: 1 });
    expect((await read(id)).Messages).toEqual([]);
  });

  test('a conversation built from events is purged once it is sealed', async () => {
    const at = new Date(server.clock.now()).toISOString();
    const event = (EventId: string, Type: string, more: object) =>
      ({ EventId, Type, Timestamp: at, ...more }) as never;
    const sessionId = 'live';
    await server.admin.appendConversationEvents({
      businessId,
      sessionId,
      Events: [
        event('1', 'SessionStarted', { InitiationType: 'Web' }),
        event('2', 'MessageAdded', { SenderId: 'c', Role: 'User', Content: 'my secret' }),
      ],
    });
    await keep(rule({ TranscriptDays: 0 }));
    server.clock.advance(60);
    expect((await run()).Purged).toEqual(NOTHING);
    await server.admin.appendConversationEvents({
      businessId,
      sessionId,
      Events: [event('3', 'SessionEnded', { EndType: 'Normal' })],
    });
    expect((await run()).Purged).toEqual(NOTHING);
    server.clock.advance(900);
    await server.runJob('seal-ended');
    expect((await run()).Purged).toEqual({ ...NOTHING, Transcripts: 1 });
    expect((await read(sessionId)).Messages).toEqual([]);
    const { rows } = await server.sql.query('SELECT payloads FROM conversation_events');
    expect(JSON.stringify(rows)).not.toContain('my secret');
  });

  test('a purged conversation can be written back as it was read, and a later recording is purged again', async () => {
    const id = await finished(5);
    await record(id);
    await keep(rule({ TranscriptDays: 5, RecordingDays: 5 }));
    await run();
    const body = await read(id);
    const again = await server.admin.putConversation({
      businessId,
      sessionId: id,
      ...(body as object),
    } as never);
    expect(again.Purged).toEqual(body.Purged);
    await record(id);
    expect((await read(id)).Recordings).toHaveLength(1);
    expect((await run()).Purged).toEqual({ ...NOTHING, Recordings: 1 });
    expect(await read(id)).not.toHaveProperty('Recordings');
    await finished(0);
    const other = await server.admin.putConversation({
      businessId,
      sessionId: id,
      ...(body as object),
      Messages: [{ SenderId: 'a', Role: 'Agent', Content: 'hi', Timestamp: body.StartTime }],
    } as never);
    expect(other.Purged).toBeUndefined();
  });
});

describe('conditions of a rule', () => {
  const outbound = { InitiationType: 'Outbound' };
  test.each([
    ['the initiation type', { SessionInitiationTypes: ['Outbound'] }, outbound],
    ['the end type', { SessionEndTypes: ['Transferred'] }, { EndType: 'Transferred' }],
    ['metadata', { Metadata: { a: { b: 1 } } }, { Metadata: { a: { b: 1, c: 2 }, d: 3 } }],
  ])('a rule can match %s', async (_, Match, more) => {
    const [one, other] = [await finished(2, more), await finished(2)];
    await keep(rule({ Match, TranscriptDays: 1 }) as never);
    expect((await run()).Purged).toEqual({ ...NOTHING, Transcripts: 1 });
    expect((await read(one)).Messages).toEqual([]);
    expect((await read(other)).Messages).toHaveLength(1);
  });

  test('a rule can match the campaign', async () => {
    const { QueueIds } = await server.admin.initiateCall({
      businessId,
      NumberId: 'n',
      CampaignId: 'spring',
      RecipientNumber: '+4930123456',
    });
    const [one, other] = [await finished(2, { QueueId: QueueIds[0] }), await finished(2)];
    await keep(rule({ Match: { CampaignIds: ['spring'] }, RecordDays: 1 }));
    expect((await run()).Purged).toMatchObject({ Records: 1 });
    expect([await statusOf(one), await statusOf(other)]).toEqual([410, 200]);
  });

  test('the first matching rule applies', async () => {
    const id = await finished(2, outbound);
    await keep(
      rule({ Name: 'kept', Match: { SessionInitiationTypes: ['Outbound'] } }) as never,
      rule({ RecordDays: 1 }),
    );
    await finished(2);
    expect((await run()).Purged).toMatchObject({ Records: 1 });
    expect(await statusOf(id)).toBe(200);
  });
});

test('a preview counts what is due now and within 30 days, and changes nothing', async () => {
  const [old] = [await finished(40), await finished(12)];
  await record(old);
  await record(old, '_mixed');
  const rules = [rule({ RecordingDays: 40, TranscriptDays: 41, LogDays: 90 })];
  expect(await preview(...rules)).toEqual({
    Now: { ...NOTHING, Recordings: 2 },
    Next30Days: { ...NOTHING, Transcripts: 2 },
    Held: 0,
  });
  expect(await preview(rule({ RecordDays: 12 }))).toEqual({
    Now: { Recordings: 2, Transcripts: 2, Logs: 2, Records: 2 },
    Next30Days: NOTHING,
    Held: 0,
  });
  expect((await server.admin.getRetention({ businessId })).Rules).toEqual([]);
  expect((await read(old)).Recordings).toHaveLength(2);
});

const days = fc.option(fc.integer({ min: 0, max: 60 }), { freq: 2 });
const someRule = fc.record({
  Name: fc.constant('rule'),
  Match: fc.record(
    {
      SessionInitiationTypes: fc.subarray(['Inbound', 'Web'], { minLength: 1 }),
      SessionEndTypes: fc.subarray(['Normal', 'Transferred'], { minLength: 1 }),
      Metadata: fc.constantFrom({ team: 'a' }, { team: 'b' }),
      CampaignIds: fc.constant(['x']),
    },
    { requiredKeys: [] },
  ),
  RecordingDays: days,
  TranscriptDays: days,
  LogDays: days,
  RecordDays: days,
});
const someCall = fc.record({
  daysAgo: fc.integer({ min: 0, max: 70 }),
  InitiationType: fc.constantFrom('Inbound', 'Web', 'Outbound'),
  EndType: fc.constantFrom('Normal', 'Transferred', 'Canceled'),
  Metadata: fc.constantFrom({}, { team: 'a' }, { team: 'b', more: 1 }),
  isOfX: fc.boolean(),
  hasLogs: fc.boolean(),
});

/** What the rules purge until `later` days from now, computed one by one. */
function expected(
  rules: readonly (typeof someRule extends fc.Arbitrary<infer R> ? R : never)[],
  calls: readonly (typeof someCall extends fc.Arbitrary<infer C> ? C : never)[],
  later = 0,
) {
  const sum = { ...NOTHING };
  for (const call of calls) {
    const first = rules.find(({ Match }) => {
      const { SessionInitiationTypes: types, SessionEndTypes: ends, Metadata } = Match;
      return (
        (!types || types.includes(call.InitiationType)) &&
        (!ends || ends.includes(call.EndType)) &&
        (!Metadata || (call.Metadata as { team?: string }).team === Metadata.team) &&
        (!Match.CampaignIds || call.isOfX)
      );
    });
    const isDue = (limit: number | null | undefined) =>
      limit != null && call.daysAgo + later >= limit ? 1 : 0;
    const all = isDue(first?.RecordDays);
    sum.Records += all;
    sum.Transcripts += all || isDue(first?.TranscriptDays);
    sum.Logs += call.hasLogs ? all || isDue(first?.LogDays) : 0;
  }
  return sum;
}

test('previews and purges of random rules equal a simple computation', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someRule, { minLength: 1, maxLength: 4 }),
      fc.array(someCall, { minLength: 1, maxLength: 12 }),
      async (rules, calls) => {
        businessId = await server.newBusiness();
        const { QueueIds } = await server.admin.initiateCall({
          businessId,
          NumberId: 'n',
          CampaignId: 'x',
          RecipientNumber: '+4930123456',
        });
        for (const { daysAgo, isOfX, hasLogs, ...more } of calls) {
          const QueueId = isOfX ? QueueIds[0] : null;
          await finished(daysAgo, { ...more, QueueId, ...(!hasLogs && { Logs: [] }) });
        }
        const now = expected(rules, calls);
        const soon = expected(rules, calls, 30);
        const seen = await preview(...(rules as never as Rules));
        expect(seen.Now).toEqual(now);
        expect(seen.Next30Days).toEqual({
          Recordings: 0,
          Transcripts: soon.Transcripts - now.Transcripts,
          Logs: soon.Logs - now.Logs,
          Records: soon.Records - now.Records,
        });
        await keep(...(rules as never as Rules));
        expect((await run()).Purged).toEqual(now);
        expect((await preview(...(rules as never as Rules))).Now).toEqual(NOTHING);
        const { TotalCount } = await server.admin.getConversations({ businessId });
        expect(TotalCount).toBe(calls.length - now.Records);
      },
    ),
    { numRuns: 40 },
  );
});
