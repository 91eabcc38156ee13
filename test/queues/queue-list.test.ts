import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import type { OutboundCall } from '../../packages/server/src/queues/calls/call.ts';
import { OUTBOUND_COUNTS } from '../../packages/server/src/queues/calls/counts.ts';
import { addCalls } from '../../packages/server/src/queues/enqueue/add-store.ts';
import { inboundCall, outboundCall } from '../fixtures/call-fixtures.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
const calls: OutboundCall[] = [];
const START = Date.parse('2026-02-27T00:00:00Z');
const HOUR = 3_600_000;
const STATUSES = ['Queued', 'Completed', 'Failed', 'Canceled'] as const;
const MAX_PAGES = 25;
const iso = (instant: number) => new Date(instant).toISOString();

/** A fixed pseudo-random sequence from 0 to below 1. */
function* spread(): Generator<number, never> {
  for (let seed = 1; ; ) {
    seed = (seed * 48_271) % 2_147_483_647;
    yield seed / 2_147_483_647;
  }
}

beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
  const numbers = spread();
  const below = (n: number) => Math.floor(numbers.next().value * n);
  for (let at = 0; at < 400; at += 1) {
    // Many times are shared or on the edges of hours.
    const enqueuedAt = START + below(90) * (HOUR / 2) + below(2);
    const status = STATUSES[below(STATUSES.length)] ?? 'Queued';
    const { call } = outboundCall({
      id: `c${String(below(1_000_000)).padStart(6, '0')}-${at}`,
      enqueuedAt,
      status,
      completedAt: status === 'Queued' ? null : enqueuedAt + below(20) * HOUR,
      scheduledFor: below(3) === 0 ? enqueuedAt + below(10) * HOUR : null,
      campaignId: [null, 'a', 'b', 'c'][below(4)] ?? null,
      numberId: `n${below(3)}`,
      numberProvider: [null, 'twilio', 'telnyx'][below(3)] ?? null,
      recipientNumber: `+4930${100_000 + at + below(2) * 1_000_000}`,
    });
    calls.push(call);
  }
  calls.sort((a, b) => b.enqueuedAt - a.enqueuedAt || (a.id < b.id ? 1 : -1));
  const added = calls.map((call) => ({ call, rows: [] }));
  const { db } = server.app.ctx;
  const scope = systemScope(businessId);
  await db.transaction((tx) => addCalls(tx, scope, 'outbound', added.slice(0, 200)));
  await OUTBOUND_COUNTS.rollUp(db, businessId);
  await db.transaction((tx) => addCalls(tx, scope, 'outbound', added.slice(200)));
  const other = systemScope(await server.newBusiness());
  await db.transaction((tx) => addCalls(tx, other, 'outbound', added.slice(0, 50)));
});
afterAll(() => server[Symbol.asyncDispose]());

const someOf = (...values: string[]) => fc.option(fc.subarray(values), { freq: 2 });
const instant = fc.option(
  fc.integer({ min: -5, max: 130 }).map((halves) => START + halves * (HOUR / 2)),
  { freq: 2 },
);
// Half of all filters have each range, so each is tested both alone and combined.
const range = fc.option(fc.tuple(instant, instant), { freq: 1 });
const ranges = fc.tuple(range, range, range).map(([created, completed, scheduled]) => ({
  StartCreatedDate: created?.[0] ?? null,
  EndCreatedDate: created?.[1] ?? null,
  StartCompletedAtDate: completed?.[0] ?? null,
  EndCompletedAtDate: completed?.[1] ?? null,
  StartScheduledDate: scheduled?.[0] ?? null,
  EndScheduledDate: scheduled?.[1] ?? null,
}));
const keys = fc.record({
  QueueStatusTypes: someOf(...STATUSES, 'Expired', 'ProcessedBackend'),
  CampaignIds: someOf('a', 'b', 'none'),
  CallingNumberIds: someOf('n0', 'n1'),
  CallingNumberProviders: someOf('twilio'),
  RecipientNumbers: fc.option(
    fc.array(
      fc.nat(399).map((at) => `+4930${100_000 + at}`),
      { maxLength: 40 },
    ),
    { freq: 1 },
  ),
});
const filters = fc.tuple(ranges, keys).map(([dates, others]) => ({ ...dates, ...others }));
type GivenFilter = typeof filters extends fc.Arbitrary<infer F> ? F : never;

function matches(call: OutboundCall, filter: GivenFilter): boolean {
  const within = (value: number | null, from: number | null, to: number | null) =>
    (from === null && to === null) ||
    (value !== null && value >= (from ?? -Infinity) && value <= (to ?? Infinity));
  const among = (value: string | null, names: readonly string[] | null) =>
    !names?.length || (value !== null && names.includes(value));
  const statuses = filter.QueueStatusTypes?.map((name) =>
    name === 'ProcessedBackend' ? 'Completed' : name,
  );
  return (
    within(call.enqueuedAt, filter.StartCreatedDate, filter.EndCreatedDate) &&
    within(call.completedAt, filter.StartCompletedAtDate, filter.EndCompletedAtDate) &&
    within(call.scheduledFor, filter.StartScheduledDate, filter.EndScheduledDate) &&
    among(call.status, statuses ?? null) &&
    among(call.campaignId, filter.CampaignIds) &&
    among(call.numberId, filter.CallingNumberIds) &&
    among(call.numberProvider, filter.CallingNumberProviders) &&
    among(call.recipientNumber, filter.RecipientNumbers)
  );
}

const toWire = (filter: GivenFilter) =>
  Object.fromEntries(
    Object.entries(filter).map(([key, value]) => [
      key,
      typeof value === 'number' ? iso(value) : value,
    ]),
  );

test('every filter returns what a plain filter returns, page by page in both directions, with its count', async () => {
  await fc.assert(
    fc.asyncProperty(filters, fc.integer({ min: 1, max: 100 }), async (given, wanted) => {
      const Filter = toWire(given);
      const expected = calls.filter((call) => matches(call, given)).map(({ id }) => id);
      // Hundreds of pages prove no more than a few dozen.
      const Limit = Math.max(wanted, Math.ceil(expected.length / MAX_PAGES));
      const { admin } = server;
      expect(await admin.countOutboundQueues({ businessId, ...Filter })).toBe(expected.length);
      const pages: string[][] = [];
      let page = await admin.getOutboundQueues({ businessId, Limit, Filter });
      for (;;) {
        expect(page.TotalCount).toBe(expected.length);
        expect(page.PageSize).toBe(Limit);
        expect(page.HasPreviousPage).toBe(pages.length > 0);
        pages.push(page.Items.map(({ QueueId }) => QueueId));
        if (page.NextCursor === null) break;
        page = await admin.getOutboundQueues({ businessId, Limit, NextCursor: page.NextCursor });
      }
      expect(pages.flat()).toEqual(expected);
      for (let at = pages.length - 2; at >= 0; at -= 1) {
        page = await admin.getOutboundQueues({
          businessId,
          Limit,
          PreviousCursor: page.PreviousCursor,
        });
        expect(page.Items.map(({ QueueId }) => QueueId)).toEqual(pages[at]);
      }
      expect(page.PreviousCursor).toBeNull();
    }),
    { numRuns: 120 },
  );
});

describe('cursors of calls', () => {
  test('a cursor is valid only for its list, business and filter', async () => {
    const { admin } = server;
    const { NextCursor } = await admin.getOutboundQueues({
      businessId,
      Limit: 1,
      Filter: { QueueStatusTypes: ['Completed', 'Queued'] },
    });
    const again = { businessId, NextCursor };
    const same = { QueueStatusTypes: ['Queued', 'ProcessedBackend'] };
    expect((await admin.getOutboundQueues({ ...again, Filter: same })).Items).toHaveLength(10);
    const code = /INVALID_CURSOR/;
    const other = { QueueStatusTypes: ['Queued'] };
    await expect(admin.getOutboundQueues({ ...again, Filter: other })).rejects.toMatchObject({
      code: expect.stringMatching(code),
    });
    await expect(admin.getInboundQueues(again)).rejects.toMatchObject({ status: 400 });
    await expect(admin.getConversations(again)).rejects.toMatchObject({ status: 400 });
    const elsewhere = { ...again, businessId: await server.newBusiness() };
    await expect(admin.getOutboundQueues(elsewhere)).rejects.toMatchObject({ status: 400 });
  });
});

test('inbound calls are filtered by their own fields', async () => {
  const business = await server.newBusiness();
  const scope = systemScope(business);
  const added = [
    inboundCall({ id: 'one', enqueuedAt: START, routeId: 'sales', numberId: 'n1' }),
    inboundCall({ id: 'two', enqueuedAt: START + 1, routeId: 'support', numberId: 'n2' }),
    inboundCall({
      id: 'three',
      enqueuedAt: START + 2,
      provider: 'twilio',
      callerNumber: '+4930999999',
      callerE164: '+4930999999',
    }),
  ];
  await server.app.ctx.db.transaction((tx) => addCalls(tx, scope, 'inbound', added));
  const { admin } = server;
  const ids = async (Filter: object) => {
    const page = await admin.getInboundQueues({ businessId: business, Filter });
    const count = await admin.countInboundQueues({ businessId: business, ...Filter });
    expect([page.TotalCount, page.Items.length]).toEqual([count, count]);
    return page.Items.map(({ QueueId }) => QueueId);
  };
  expect(await ids({})).toEqual(['three', 'two', 'one']);
  expect(await ids({ RouteIds: ['sales'] })).toEqual(['one']);
  expect(await ids({ RouteNumberIds: ['n2'] })).toEqual(['two']);
  expect(await ids({ RouteNumberProviders: ['twilio'] })).toEqual(['three']);
  expect(await ids({ CallingNumbers: ['+49 30 999999'] })).toEqual(['three']);
  expect(await ids({ EndCreatedDate: iso(START) })).toEqual(['one']);
  expect(await admin.getInboundQueue({ businessId: business, queueId: 'two' })).toEqual({
    QueueId: 'two',
    Status: 'Queued',
    EnqueuedAt: iso(START + 1),
    ProcessingStartedAt: null,
    CompletedAt: null,
    NumberId: 'n2',
    RouteId: 'support',
    CallerNumber: '+4930123456',
    CallerE164: '+4930123456',
    SessionId: null,
    SessionStatus: null,
    SessionEndType: null,
    Attempts: 0,
    NextAttemptAt: null,
    ScheduledFor: null,
    ExpiresAt: null,
    Priority: 0,
    LastReason: null,
  });
});
