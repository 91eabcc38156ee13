import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { cancelConcealedDeferrals } from '../../packages/server/src/queues/calls/end-concealed.ts';
import { expireCalls } from '../../packages/server/src/queues/lease/expire.ts';
import { nextNumber, queueActions, wrongCounts } from '../fixtures/queue-actions.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

const DAY = 24 * 3600;
let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(openBusiness);
async function openBusiness() {
  businessId = await server.newBusiness();
  const permissions = {
    ...MASKED_READER,
    MakeCall: ['Full' as const],
  };
  masked = await server.newClient(businessId, permissions);
  await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
}
const { at, initiate, lease, leaseOne, leasedIds, read, history, decisions, complete } =
  queueActions(() => ({ server, businessId }));
const enqueueMasked = async (RecipientNumber: string, more: object = {}) => {
  const request = { businessId, NumberId: 'n', CampaignId: 'c', RecipientNumber, ...more };
  return (await masked.initiateCall(request)).QueueIds[0] ?? '';
};
const forbid = (...Numbers: string[]) => server.admin.addDoNotCall({ businessId, Numbers });
const endDeferrals = () => cancelConcealedDeferrals(server.app.ctx, systemScope(businessId));
const cancel = (client: TestServer['admin'], queueId: string, more: object = {}) =>
  client.cancelOutboundQueue({ businessId, queueId, ...more });

/** An answer about a call without its id, and with times relative to EnqueuedAt. */
function withoutOrigin(queueId: string, answer: unknown): string {
  const text = JSON.stringify(answer).replaceAll(queueId, 'queue');
  const start = Date.parse(/"EnqueuedAt":"([^"]+)"/.exec(text)?.[1] ?? '');
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) => `${Date.parse(time) - start} ms`);
}

async function readAsMasked(queueId: string): Promise<string> {
  const here = { businessId, queueId };
  const answers = [
    await masked.getOutboundQueue(here),
    await masked.getOutboundQueueHistory(here),
    (await masked.getOutboundQueues({ businessId })).Items.filter(
      ({ QueueId }) => QueueId === queueId,
    ),
  ];
  return withoutOrigin(queueId, answers);
}

const DEFERRED = {
  DUPLICATE: async (more: object = {}) => {
    const RecipientNumber = nextNumber();
    const blocking = await initiate({ CampaignId: 'c', RecipientNumber });
    const { LeaseToken } = await leaseOne({ LeaseSeconds: 3600 });
    const queueId = await enqueueMasked(RecipientNumber, more);
    return { queueId, unblock: () => complete(blocking, LeaseToken, { EndType: 'Normal' }) };
  },
  DO_NOT_CALL: async (more: object = {}) => {
    const RecipientNumber = nextNumber();
    await forbid(RecipientNumber);
    const queueId = await enqueueMasked(RecipientNumber, more);
    return { queueId, unblock: async () => undefined };
  },
};

describe.each(Object.entries(DEFERRED))('a deferred call of a masked key: %s', (reason, defer) => {
  test('a deferred call looks like a call that waits for a worker', async () => {
    const { queueId } = await defer();
    const known = await readAsMasked(queueId);
    expect(await lease({ Max: 10 })).toEqual([]);
    expect(await read(queueId)).toMatchObject({ LastReason: reason, NextAttemptAt: null });
    expect(await readAsMasked(queueId)).toBe(known);
    const pause = async () => {
      await server.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
      server.clock.advance(1);
    };
    await pause();
    const paused = await readAsMasked(queueId);
    await openBusiness();
    const other = await enqueueMasked(nextNumber());
    expect(known).toBe(await readAsMasked(other));
    await pause();
    expect(paused).toBe(await readAsMasked(other));
    expect(paused).toContain('HeldBack');
  });

  test('a deferred call counts as due for the masked key, and for no other key', async () => {
    const read = async (client: TestServer['admin']) => ({
      now: (await client.getQueueAnalytics({ businessId })).Now,
      listed: (await client.getOutboundQueues({ businessId, Filter: { IsDue: true } })).Items,
      count: await client.countOutboundQueues({ businessId, IsDue: true }),
    });
    const dueOf = async (client: TestServer['admin']) => {
      const { now, listed, count } = await read(client);
      const { Due, IsDueExact, OldestDueAt } = now;
      return { Due, IsDueExact, OldestDueAt, listed: listed.length, count };
    };
    const { queueId } = await defer();
    const waiting = await dueOf(masked);
    expect(waiting).toMatchObject({ Due: 1, listed: 1, OldestDueAt: at() });
    expect(await lease({ Max: 10 })).toEqual([]);
    expect(await dueOf(masked)).toEqual(waiting);
    expect(await dueOf(server.admin)).toMatchObject({ Due: 0, listed: 0, OldestDueAt: null });
    await cancel(masked, queueId);
    expect(await dueOf(masked)).toMatchObject({ Due: 0, listed: 0 });
  });

  test('a deferred call ends as Canceled a day after it was due, independent of other calls', async () => {
    const { queueId, unblock } = await defer();
    const dueAt = at();
    server.clock.advance(600);
    expect(await lease({ Max: 10 })).toEqual([]);
    await unblock();
    server.clock.advance(DAY - 601);
    await endDeferrals();
    expect(await read(queueId)).toMatchObject({ Status: 'Queued', LastReason: reason });
    server.clock.advance(1);
    await endDeferrals();
    expect(at(-DAY)).toBe(dueAt);
    expect(await read(queueId)).toMatchObject({
      Status: 'Canceled',
      CompletedAt: at(),
      LastReason: reason,
    });
    expect(await decisions(queueId)).toEqual([
      'Enqueued',
      `HeldBack ${reason}`,
      `Canceled ${reason}`,
    ]);
    expect((await history(queueId)).at(-1)?.Details).toMatch(
      /^Canceled, as it was held back for a day: /,
    );
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a deferred call that has ended looks like one that a person canceled without a reason', async () => {
    const { queueId } = await defer();
    await lease({ Max: 10 });
    server.clock.advance(DAY);
    await endDeferrals();
    const ended = await readAsMasked(queueId);
    await openBusiness();
    const other = await enqueueMasked(nextNumber());
    server.clock.advance(DAY);
    await cancel(server.admin, other);
    expect(ended).toBe(await readAsMasked(other));
  });

  test('a deferred call that expires looks like an expired call without a worker', async () => {
    const { queueId } = await defer({ Schedule: { MaxDateTimeUTC: at(2 * DAY) } });
    await lease({ Max: 10 });
    server.clock.advance(2 * DAY - 1);
    await endDeferrals();
    expect(await read(queueId)).toMatchObject({ Status: 'Queued' });
    server.clock.advance(1);
    await expireCalls(server.app.ctx, systemScope(businessId));
    expect(await read(queueId)).toMatchObject({ Status: 'Expired', LastReason: reason });
    const ended = await readAsMasked(queueId);
    await openBusiness();
    const other = await enqueueMasked(nextNumber(), { Schedule: { MaxDateTimeUTC: at(2 * DAY) } });
    server.clock.advance(2 * DAY);
    await expireCalls(server.app.ctx, systemScope(businessId));
    expect(ended).toBe(await readAsMasked(other));
  });

  test('a deferred call can be canceled by its key, with the answer and history of a waiting call', async () => {
    const { queueId } = await defer();
    await lease({ Max: 10 });
    const canceled = withoutOrigin(queueId, await cancel(masked, queueId));
    const ended = await readAsMasked(queueId);
    await openBusiness();
    const other = await enqueueMasked(nextNumber());
    expect(canceled).toBe(withoutOrigin(other, await cancel(masked, other)));
    expect(ended).toBe(await readAsMasked(other));
  });
});

test('a deferred call is leased if its number is removed from the do-not-call list within the day', async () => {
  const number = nextNumber();
  await forbid(number);
  const queueId = await enqueueMasked(number);
  expect(await lease()).toEqual([]);
  server.clock.advance(DAY - 1);
  await server.admin.removeDoNotCall({ businessId, number });
  expect(await leasedIds()).toEqual([queueId]);
  server.clock.advance(1);
  await endDeferrals();
  expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
});

test('a call of an unmasked key stays held back while its number is on the do-not-call list', async () => {
  const RecipientNumber = nextNumber();
  const queueId = await initiate({ CampaignId: 'c', RecipientNumber });
  await forbid(RecipientNumber);
  expect(await lease()).toEqual([]);
  server.clock.advance(2 * DAY);
  await endDeferrals();
  expect(await read(queueId)).toMatchObject({ Status: 'Queued', LastReason: 'DO_NOT_CALL' });
});

test('a call over the daily limit of its number looks like a call that waits for a worker', async () => {
  await server.admin.putCampaign({
    ...{ businessId, campaignId: 'c', MaxAttemptsPerNumberPerDay: 1 },
  } as never);
  const number = nextNumber();
  const first = await enqueueMasked(number);
  const { LeaseToken } = await leaseOne();
  await complete(first, LeaseToken, { EndType: 'Normal' });
  const queueId = await enqueueMasked(number);
  const known = await readAsMasked(queueId);
  expect(await lease()).toEqual([]);
  expect(await read(queueId)).toMatchObject({ LastReason: 'NUMBER_CAPPED' });
  expect(await readAsMasked(queueId)).toBe(known);
});

test('the simulation shows the reason DUPLICATE to unmasked keys only', async () => {
  const { queueId } = await DEFERRED.DUPLICATE();
  const simulated = async (client: TestServer['admin']) =>
    (await client.simulateOutboundQueue({ businessId })).Calls.find(
      ({ QueueId }) => QueueId === queueId,
    );
  for (const moment of ['before a worker asked', 'after']) {
    expect([moment, await simulated(server.admin)]).toMatchObject([
      moment,
      { At: null, Reason: 'DUPLICATE' },
    ]);
    expect([moment, await simulated(masked)]).toMatchObject([moment, { At: at(), Reason: null }]);
    await lease({ Max: 10 });
  }
});
