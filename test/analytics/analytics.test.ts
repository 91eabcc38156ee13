import type { InputOf, OutputOf } from '@colloquy/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONVERSATION_COUNTS } from '../../packages/server/src/conversations/model/counts.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');

type Put = InputOf<'PutConversation'>;
type Analytics = OutputOf<'GetConversationAnalytics'>;
type Figures = Analytics['Total'];

const END_TYPES = ['Normal', 'UserNoAnswer', 'Transferred', 'MidSessionFailure'] as const;
const TYPES = ['Inbound', 'Outbound', 'Web'] as const;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Chatham',
  'Pacific/Apia',
] as const;

/** Around both daylight saving changes of a year. */
const STARTS = [Date.parse('2025-03-28T00:00:00Z'), Date.parse('2025-10-24T00:00:00Z')] as const;

const conversation = fc.record({
  id: fc.integer({ min: 0, max: 14 }).map((number) => `c${number}`),
  startTime: fc
    .tuple(fc.constantFrom(...STARTS), fc.integer({ min: 0, max: 4 * DAY }))
    .map(([start, after]) => start + after),
  seconds: fc.option(
    fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.constantFrom(10, 30, 60, 1800)),
  ),
  millis: fc.integer({ min: 0, max: 999 }),
  endType: fc.constantFrom(...END_TYPES),
  type: fc.constantFrom(...TYPES),
  isFailed: fc.boolean(),
});
type Made = typeof conversation extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), put: conversation }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('append' as const), put: conversation }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), put: conversation }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('fold' as const, 'seal' as const, 'abandon' as const, 'purge' as const),
      put: conversation,
    }),
  },
);

function bodyOf(businessId: number, made: Made): Put {
  const end = made.seconds === null ? null : made.startTime + made.seconds * 1000 + made.millis;
  return {
    businessId,
    sessionId: made.id,
    InitiationType: made.type,
    StartTime: iso(made.startTime),
    ...(end === null
      ? { Status: 'Active' as const }
      : {
          Status: made.isFailed ? ('Failed' as const) : ('Completed' as const),
          EndTime: iso(end),
          EndType: made.endType,
        }),
  };
}

/** The same counts, computed from the listed conversations. */
function plainFigures(items: OutputOf<'GetConversations'>['Items']): Figures {
  const group = <K extends string>(names: readonly (K | null)[]) =>
    [
      ...Map.groupBy(
        names.filter((name) => name !== null),
        (name) => name,
      ),
    ].map(([name, all]) => [name, all.length] as const);
  const lengths = items.flatMap(({ StartTime, EndTime }) =>
    EndTime === null ? [] : [Date.parse(EndTime) - Date.parse(StartTime)],
  );
  const sum = lengths.reduce((all, one) => all + one, 0);
  const bounds = [0, 10, 30, 60, 120, 300, 600, 1800, null] as const;
  const statuses = group(items.map(({ Status }) => Status));
  return {
    Conversations: items.length,
    Finished: lengths.length,
    Live: items.length - lengths.length,
    Seconds: sum / 1000,
    AverageSeconds: lengths.length === 0 ? null : Math.round(sum / lengths.length) / 1000,
    Statuses: statuses.map(([Status, Count]) => ({ Status, Count })),
    EndTypes: group(items.map(({ EndType }) => EndType)).map(([EndType, Count]) => ({
      EndType,
      Count,
    })),
    InitiationTypes: group(items.map(({ InitiationType }) => InitiationType)).map(
      ([InitiationType, Count]) => ({ InitiationType, Count }),
    ),
    Durations: bounds.slice(0, -1).map((from, index) => {
      const to = bounds[index + 1] ?? null;
      const isIn = (length: number) =>
        length >= Number(from) * 1000 && (to === null || length < to * 1000);
      return { FromSeconds: Number(from), ToSeconds: to, Count: lengths.filter(isIn).length };
    }),
  };
}

const sorted = <T extends object>(items: readonly T[]) =>
  [...items].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
const comparable = ({ Statuses, EndTypes, InitiationTypes, ...rest }: Figures) => ({
  ...rest,
  Statuses: sorted(Statuses),
  EndTypes: sorted(EndTypes),
  InitiationTypes: sorted(InitiationTypes),
});

async function apply(
  businessId: number,
  { kind, put }: { kind: string; put: Made },
): Promise<void> {
  const { admin, clock } = server;
  try {
    if (kind === 'seal') {
      clock.advance(16 * 60);
      await server.runJob('seal-ended');
    }
    if (kind === 'abandon') {
      clock.advance(25 * 3600);
      await server.runJob('end-abandoned');
    }
    if (kind === 'purge') {
      // Counted from the earlier of the two starts.
      const RecordDays = Math.floor((clock.now() - STARTS[0]) / DAY) - 100;
      const rule = { Name: put.type, Match: { SessionInitiationTypes: [put.type] }, RecordDays };
      await admin.putRetention({ businessId, Rules: [rule] });
      await admin.runRetention({ businessId });
    }
    if (kind === 'put') await admin.putConversation(bodyOf(businessId, put));
    if (kind === 'delete') await admin.deleteConversation({ businessId, sessionId: put.id });
    if (kind === 'fold') await CONVERSATION_COUNTS.rollUp(server.app.ctx.db, businessId);
    if (kind === 'append') {
      const at = put.startTime;
      const ended =
        put.seconds === null
          ? []
          : [
              {
                EventId: `end ${at}`,
                Type: 'SessionEnded' as const,
                Timestamp: iso(at + put.seconds * 1000 + put.millis),
                EndType: put.endType,
              },
            ];
      await admin.appendConversationEvents({
        businessId,
        sessionId: put.id,
        Events: [
          {
            EventId: 'start',
            Type: 'SessionStarted',
            Timestamp: iso(at),
            InitiationType: put.type,
          },
          ...ended,
        ],
      });
    }
  } catch (error) {
    if (
      !/(GONE|NOT_FOUND|CONFLICT|SEALED|INVALID_REQUEST)$/.test(
        (error as { code?: string }).code ?? '',
      )
    )
      throw error;
  }
}

describe('GetConversationAnalytics', () => {
  test('GetConversationAnalytics counts what the list contains, in every zone and after any sequence of changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          steps: fc.array(step, { minLength: 1, maxLength: 25 }),
          TimeZone: fc.constantFrom(...ZONES),
          Bucket: fc.constantFrom('Hour', 'Day', 'Week', 'Month'),
          start: fc.constantFrom(...STARTS),
          after: fc.integer({ min: 0, max: 2 * DAY }),
          length: fc.integer({ min: 1, max: 5 * DAY }),
        }),
        async ({ steps, TimeZone, Bucket, start, after, length }) => {
          const businessId = await server.newBusiness();
          for (const one of steps) await apply(businessId, one);
          const all = await Array.fromAsync(
            server.admin.items('getConversations', { businessId, Limit: 100 }),
          );
          const From = iso(start + after);
          const To = iso(start + after + length);
          const given = { businessId, From, To, Bucket, TimeZone };
          const series = await server.admin.getConversationAnalytics(given);
          expect(series).toMatchObject({ TimeZone, Bucket });
          expect(Date.parse(series.From)).toBeLessThanOrEqual(Date.parse(From));
          expect(Date.parse(series.To)).toBeGreaterThanOrEqual(Date.parse(To));
          let at = series.From;
          for (const { From: from, To: to, LastInstant, ...figures } of [
            ...series.Buckets,
            series,
          ]) {
            const isTotal = figures === undefined || 'Total' in figures;
            if (!isTotal) expect(from).toBe(at);
            if (!isTotal) at = to;
            expect(Date.parse(LastInstant)).toBe(Date.parse(to) - 1);
            const within = all.filter(
              ({ StartTime }) =>
                Date.parse(StartTime) >= Date.parse(from) && Date.parse(StartTime) < Date.parse(to),
            );
            const counted = isTotal ? series.Total : (figures as Figures);
            expect(comparable(counted)).toEqual(comparable(plainFigures(within)));
          }
          expect(at).toBe(series.To);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the list linked to each count of GetConversationAnalytics has that many conversations', async () => {
    const businessId = await server.newBusiness();
    for (const made of fc.sample(conversation, { numRuns: 40, seed: 7 })) {
      await server.admin.putConversation(bodyOf(businessId, { ...made, id: `x${made.startTime}` }));
    }
    const LIVE = ['Created', 'WaitingForPrimaryClient', 'Starting', 'Active', 'Paused', 'Ending'];
    for (const TimeZone of ['Asia/Kolkata', 'Europe/Berlin', 'Australia/Lord_Howe']) {
      const series = await server.admin.getConversationAnalytics({
        businessId,
        Bucket: 'Day',
        TimeZone,
        From: '2025-03-28T00:00:00Z',
        To: '2025-04-02T00:00:00Z',
      });
      expect(series.Total.Conversations).toBeGreaterThan(5);
      const { Total, ...whole } = series;
      for (const bucket of [...series.Buckets, { ...whole, ...Total }]) {
        const count = async (filter: object) => {
          const Filter = {
            StartStartedDate: bucket.From,
            EndStartedDate: bucket.LastInstant,
            ...filter,
          };
          return (await server.admin.getConversations({ businessId, Limit: 1, Filter })).TotalCount;
        };
        expect(await count({})).toBe(bucket.Conversations);
        expect(await count({ SessionStates: ['Completed', 'Failed'] })).toBe(bucket.Finished);
        expect(await count({ SessionStates: LIVE })).toBe(bucket.Live);
        for (const { EndType, Count } of bucket.EndTypes) {
          expect(await count({ SessionEndTypes: [EndType] })).toBe(Count);
        }
        for (const { InitiationType, Count } of bucket.InitiationTypes) {
          expect(await count({ SessionInitiationTypes: [InitiationType] })).toBe(Count);
        }
        for (const { Status, Count } of bucket.Statuses) {
          expect(await count({ SessionStates: [Status] })).toBe(Count);
        }
        for (const { FromSeconds, Count } of bucket.Durations) {
          expect(await count({ DurationsFromSeconds: [FromSeconds] })).toBe(Count);
        }
      }
    }
  });

  test('a day begins at midnight of the given time zone, or of the business if none is given', async () => {
    const { BusinessId: businessId } = await server.admin.createBusiness({
      Name: 'Berlin',
      TimeZone: 'Europe/Berlin',
    });
    const range = { businessId, From: '2025-03-29T12:00:00Z', To: '2025-03-30T12:00:00Z' };
    const days = await server.admin.getConversationAnalytics(range);
    expect(days.TimeZone).toBe('Europe/Berlin');
    expect(days.Buckets.map(({ From }) => From)).toEqual([
      '2025-03-28T23:00:00Z',
      '2025-03-29T23:00:00Z',
    ]);
    // The day on which daylight saving begins has 23 hours.
    expect(days.To).toBe('2025-03-30T22:00:00Z');
    const hours = await server.admin.getConversationAnalytics({
      businessId,
      Bucket: 'Hour',
      TimeZone: 'Australia/Lord_Howe',
      From: '2025-04-05T14:00:00Z',
      To: '2025-04-05T16:30:00Z',
    });
    // Half an hour repeats there.
    expect(hours.Buckets.map(({ From }) => From)).toEqual([
      '2025-04-05T14:00:00Z',
      '2025-04-05T15:00:00Z',
      '2025-04-05T15:30:00Z',
    ]);
    const byDefault = await server.admin.getConversationAnalytics({ businessId });
    expect(byDefault.Buckets).toHaveLength(31);
    expect(Date.parse(byDefault.To)).toBeGreaterThan(server.clock.now());
  });

  test('GetConversationAnalytics counts deltas that were not rolled up for a long time', async () => {
    const businessId = await server.newBusiness();
    const { db } = server.app.ctx;
    await server.sql.query(
      `INSERT INTO conversation_count_deltas (business_id, hour, quarter, status, initiation_type,
         end_type, n)
       SELECT $1, timestamptz '2020-01-01 00:00Z' + n % 8000 * interval '1 hour', 0, 'Active', 'Web',
         '', 1 FROM generate_series(1, 25000) n`,
      [businessId],
    );
    await CONVERSATION_COUNTS.rollUp(db, businessId);
    const left = 'SELECT FROM conversation_count_deltas WHERE business_id = $1';
    expect((await server.sql.query(left, [businessId])).rows).toEqual([]);
    const all = await server.admin.getConversationAnalytics({
      businessId,
      Bucket: 'Month',
      From: '2020-01-01T00:00:00Z',
      To: '2021-01-01T00:00:00Z',
    });
    expect(all.Total).toMatchObject({ Conversations: 25_000, Live: 25_000 });
  });

  test('GetConversationAnalytics refuses invalid ranges and time zones', async () => {
    const businessId = await server.newBusiness();
    const refuse = (query: object, message: RegExp) =>
      expect(server.admin.getConversationAnalytics({ businessId, ...query })).rejects.toMatchObject(
        {
          code: 'GetConversationAnalytics:INVALID_REQUEST',
          message: expect.stringMatching(message),
        },
      );
    await refuse({ From: '2025-01-02T00:00:00Z', To: '2025-01-01T00:00:00Z' }, /before To/);
    await refuse({ From: '2020-01-01T00:00:00Z', To: '2025-01-01T00:00:00Z' }, /750.*larger/);
    await refuse({ TimeZone: 'Nowhere/City' }, /TimeZone must be/);
    await refuse({ From: 'yesterday' }, /From must be/);
    for (const [TimeZone, day] of [
      ['Etc/GMT+5', '0001-01-01'],
      ['Etc/GMT-5', '9999-12-31'],
    ]) {
      const range = { From: `${day}T00:00:00Z`, To: `${day}T20:00:00Z` };
      await refuse({ ...range, TimeZone, Bucket: 'Week' }, /years 1 to 9999/);
    }
    await refuse(
      { From: '1960-01-01T00:00:00Z', To: '1960-01-03T00:00:00Z', TimeZone: 'Africa/Monrovia' },
      /quarter/,
    );
  });
});
