import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTS } from '../../packages/server/src/queues/calls/counts.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');
const ENDS = ['Completed', 'Failed', 'Canceled', 'Expired'] as const;

/** There are few numbers, so each person has several calls. */
const numberOf = (who: number) => `+49301000${who}`;
const who = fc.integer({ min: 0, max: 5 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('initiate' as const),
      who,
      priority: fc.integer({ min: 0, max: 1 }),
      campaign: fc.constantFrom('a', 'b', undefined),
      later: fc.option(fc.integer({ min: 1, max: 3 })),
      expires: fc.option(fc.integer({ min: 4, max: 6 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('receive' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('outbound' as const, 'inbound' as const),
      report: fc.constantFrom('complete', 'fail', 'none'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 5 * 3600 }), fc.constantFrom(900, 3600)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fold' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function apply(businessId: number, one: Step, calls: number): Promise<void> {
  const { admin, clock } = server;
  const here = { businessId };
  switch (one.kind) {
    case 'initiate': {
      const after = (hours: number | null) =>
        hours === null ? null : iso(clock.now() + hours * HOUR);
      const call = {
        ...here,
        NumberId: 'n',
        RecipientNumber: numberOf(one.who),
        Priority: one.priority,
        ...(one.campaign !== undefined && { CampaignId: one.campaign }),
        Schedule: { DateTimeUTC: after(one.later), MaxDateTimeUTC: after(one.expires) },
      };
      // A campaign refuses a second open call to the same number.
      await admin.initiateCall(call).catch((error: Error) => {
        if (!error.message.endsWith('is already in the queue of the campaign.')) throw error;
      });
      return;
    }
    case 'receive':
      await admin.receiveCall({
        ...here,
        NumberId: 'n',
        CallerNumber: numberOf(one.who),
        Provider: 'p',
        ProviderCallId: String(calls),
      });
      return;
    case 'outbound':
    case 'inbound': {
      const request = { ...here, WorkerId: 'w', Max: 2, LeaseSeconds: 600 };
      const isOutbound = one.kind === 'outbound';
      const { Calls } = isOutbound
        ? await admin.leaseOutboundCalls(request)
        : await admin.leaseInboundCalls(request);
      for (const { QueueId: queueId, LeaseToken } of Calls) {
        const report = { ...here, queueId, LeaseToken };
        const failed = { ...report, EndType: 'UserNoAnswer' as const };
        if (one.report === 'complete') {
          await (isOutbound
            ? admin.completeOutboundCall(report)
            : admin.completeInboundCall(report));
        } else if (one.report === 'fail') {
          await (isOutbound ? admin.failOutboundCall(failed) : admin.failInboundCall(failed));
        }
      }
      return;
    }
    case 'cancel': {
      const Filter = {
        QueueStatusTypes: ['Queued' as const],
        RecipientNumbers: [numberOf(one.who)],
      };
      const { Items } = await admin.getOutboundQueues({ ...here, Limit: 1, Filter });
      for (const { QueueId: queueId } of Items) {
        await admin.cancelOutboundQueue({ ...here, queueId });
      }
      return;
    }
    case 'wait':
      clock.advance(one.seconds);
      return;
    case 'expire':
      await server.runJob('return-lapsed-calls');
      await server.runJob('expire-calls');
      return;
    case 'erase': {
      const { ErasureId: erasureId } = await admin.createErasure({
        ...here,
        PhoneNumber: numberOf(one.who),
        Mode: 'Erase',
        Reason: 'asked for',
      });
      await server.runJob('erase-person', { businessId, erasureId });
      return;
    }
    case 'fold':
      for (const table of Object.values(COUNTS)) await table.rollUp(server.app.ctx.db, businessId);
  }
}

describe('GetQueueAnalytics', () => {
  test('GetQueueAnalytics counts what the list of calls contains after any sequence of changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe'),
        fc.constantFrom('Hour' as const, 'Day' as const, 'Week' as const, 'Month' as const),
        async (steps, TimeZone, Bucket) => {
          const { admin, clock } = server;
          const businessId = await server.newBusiness();
          const from = clock.now();
          for (const [at, one] of steps.entries()) await apply(businessId, one, at);
          const given = { businessId, Bucket, TimeZone, From: iso(from), To: iso(clock.now() + 1) };
          for (const Direction of ['Outbound', 'Inbound'] as const) {
            const method = Direction === 'Outbound' ? 'getOutboundQueues' : 'getInboundQueues';
            const all = await Array.fromAsync(admin.items(method, { businessId, Limit: 100 }));
            const within = (at: string | null, span: { From: string; To: string }) =>
              at !== null && at >= span.From && at < span.To;
            const figuresOf = (span: { From: string; To: string }) => ({
              Enqueued: all.filter(({ EnqueuedAt }) => within(EnqueuedAt, span)).length,
              ...Object.fromEntries(
                ENDS.map((name) => [
                  name,
                  all.filter((c) => c.Status === name && within(c.CompletedAt, span)).length,
                ]),
              ),
            });
            const series = await admin.getQueueAnalytics({ ...given, Direction });
            for (const { From, To, LastInstant, ...figures } of series.Buckets) {
              expect(figures).toEqual(figuresOf({ From, To }));
              expect(Date.parse(LastInstant)).toBe(Date.parse(To) - 1);
            }
            expect(series.Total).toEqual(figuresOf(series));
            const queued = all.filter(({ Status }) => Status === 'Queued');
            const isDue = queued.filter(
              ({ NextAttemptAt: at, ExpiresAt: end }) =>
                at !== null &&
                Date.parse(at) <= clock.now() &&
                (end === null || Date.parse(end) > clock.now()),
            );
            const due = isDue.map(({ NextAttemptAt }) => NextAttemptAt);
            expect(series.Now).toEqual({
              Queued: queued.length,
              Due: due.length,
              IsDueExact: true,
              Processing: all.filter(({ Status }) => Status === 'Processing').length,
              OldestDueAt: due.sort()[0] ?? null,
            });
            const idsOf = (calls: readonly { QueueId: string }[]) =>
              calls.map(({ QueueId }) => QueueId);
            const listed = admin.items(method, { businessId, Limit: 2, Filter: { IsDue: true } });
            expect(idsOf(await Array.fromAsync(listed))).toEqual(idsOf(isDue));
            const number = numberOf(2);
            const Filter =
              Direction === 'Outbound'
                ? { IsDue: true as const, RecipientNumbers: [number] }
                : { IsDue: true as const, CallingNumbers: [number] };
            const callsOfNumber = await admin[method]({ businessId, Limit: 100, Filter });
            const expectedCalls = isDue.filter((call) =>
              Object.values(call).some((value) => value === number),
            );
            expect(idsOf(callsOfNumber.Items)).toEqual(idsOf(expectedCalls));
            expect(callsOfNumber.TotalCount).toBe(expectedCalls.length);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('the list linked to each count of GetQueueAnalytics has that many calls', async () => {
    const businessId = await server.newBusiness();
    const { admin, clock } = server;
    const from = clock.now();
    const steps = fc.sample(step, { numRuns: 120, seed: 3 }).filter(({ kind }) => kind !== 'erase');
    for (const kind of ['outbound', 'inbound'] as const) {
      for (const report of ['complete', 'fail'] as const) steps.splice(50, 0, { kind, report });
    }
    for (const [at, one] of steps.entries()) await apply(businessId, one, at);
    for (const Direction of ['Outbound', 'Inbound'] as const) {
      const series = await admin.getQueueAnalytics({
        businessId,
        Direction,
        TimeZone: 'Asia/Kathmandu',
        From: iso(from),
        To: iso(clock.now() + 1),
      });
      expect(series.Total.Enqueued).toBeGreaterThan(3);
      expect(series.Total.Completed + series.Total.Failed).toBeGreaterThan(0);
      const method = Direction === 'Outbound' ? 'getOutboundQueues' : 'getInboundQueues';
      const count = async (Filter: object) =>
        (await admin[method]({ businessId, Limit: 1, Filter })).TotalCount;
      const { Total, ...whole } = series;
      for (const { From, LastInstant, ...figures } of [...series.Buckets, { ...whole, ...Total }]) {
        const enqueued = { StartCreatedDate: From, EndCreatedDate: LastInstant };
        expect(await count(enqueued)).toBe(figures.Enqueued);
        const ended = { StartCompletedAtDate: From, EndCompletedAtDate: LastInstant };
        for (const status of ENDS) {
          expect(await count({ ...ended, QueueStatusTypes: [status] })).toBe(figures[status]);
        }
      }
      expect(await count({ QueueStatusTypes: ['Queued'] })).toBe(series.Now.Queued);
      expect(await count({ QueueStatusTypes: ['Processing'] })).toBe(series.Now.Processing);
    }
  });

  test('GetQueueAnalytics counts outbound calls of the last 30 days by default', async () => {
    const businessId = await server.newBusiness();
    await server.admin.initiateCall({ businessId, NumberId: 'n', RecipientNumber: numberOf(0) });
    const series = await server.admin.getQueueAnalytics({ businessId });
    expect(series.Buckets).toHaveLength(31);
    expect(series.Buckets.at(-1)?.Enqueued).toBe(1);
    expect(series.Now).toEqual({
      Queued: 1,
      Processing: 0,
      Due: 1,
      IsDueExact: true,
      OldestDueAt: iso(server.clock.now()),
    });
    // Calls of a paused campaign are not due.
    await server.admin.putCampaign({ businessId, campaignId: 'paused', IsPaused: true });
    await server.admin.initiateCall({
      businessId,
      NumberId: 'n',
      RecipientNumber: numberOf(1),
      CampaignId: 'paused',
    });
    const { Now } = await server.admin.getQueueAnalytics({ businessId });
    expect(Now).toEqual({ ...series.Now, Queued: 2 });
    const hours = await server.admin.getQueueAnalytics({ businessId, Bucket: 'Hour' });
    expect(Date.parse(hours.To) - Date.parse(hours.From)).toBeLessThanOrEqual(DAY + HOUR);
  });

  test('GetQueueAnalytics counts at most 10,000 due calls and marks the count as inexact', async () => {
    const businessId = await server.newBusiness();
    for (const CampaignId of ['a', 'b']) {
      const Recipients = Array.from({ length: 6000 }, (_, at) => ({
        RecipientNumber: `+4930${200_000 + at}`,
      }));
      await server.admin.initiateCall({ businessId, NumberId: 'n', CampaignId, Recipients });
    }
    const { Now } = await server.admin.getQueueAnalytics({ businessId });
    expect(Now).toEqual({
      Queued: 12_000,
      Processing: 0,
      Due: 10_000,
      IsDueExact: false,
      OldestDueAt: iso(server.clock.now()),
    });
    const due = { businessId, Filter: { IsDue: true as const } };
    const first = await server.admin.getOutboundQueues({ ...due, Limit: 100 });
    expect(first.TotalCount).toBe(10_000);
    expect(first.Items).toHaveLength(100);
    await server.admin.putCampaign({ businessId, campaignId: 'a', Name: 'A', IsPaused: true });
    const paused = await server.admin.getQueueAnalytics({ businessId });
    expect(paused.Now).toMatchObject({ Queued: 12_000, Due: 6_000, IsDueExact: true });
    expect(await server.admin.countOutboundQueues({ businessId, IsDue: true })).toBe(6_000);
    const open = await server.admin.getOutboundQueues({ ...due, Limit: 100 });
    expect(open.TotalCount).toBe(6_000);
    expect(new Set(open.Items.map(({ CampaignId }) => CampaignId))).toEqual(new Set(['b']));
  });
});
