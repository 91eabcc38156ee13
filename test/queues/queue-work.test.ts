import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { topicOf } from '../../packages/server/src/queues/lease/notify-workers.ts';
import { NumberId, nextNumber, queueActions, wrongCounts } from '../fixtures/queue-actions.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
  await server.app.work();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});

const {
  at,
  initiate,
  lease,
  leasedIds,
  leaseOne,
  read,
  history,
  decisions,
  becomes,
  complete,
  fail,
  append,
  putWhole,
  started,
  ended,
} = queueActions(() => ({ server, businessId }));
const untilWaiting = (count: number) =>
  expect
    .poll(() => server.app.ctx.notifier.waitingFor(topicOf({ businessId }, 'outbound')))
    .toBe(count);
const conflict = { status: 409, code: expect.stringMatching(/:CONFLICT$/) };

describe('call leases', () => {
  test('a due call is leased to one of several workers, which completes it', async () => {
    const queueId = await initiate({ DynamicVariables: { name: 'Ada' } });
    const [call, ...others] = (await Promise.all([lease(), lease(), lease()])).flat();
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      QueueId: queueId,
      Status: 'Processing',
      ProcessingStartedAt: at(),
      DynamicVariables: { name: 'Ada' },
      Attempts: 1,
      NextAttemptAt: null,
      LeaseToken: expect.stringMatching(/^lease_/),
      LeaseExpiresAt: at(60),
    });
    server.clock.advance(30);
    const token = call?.LeaseToken ?? '';
    const done = await complete(queueId, token, { SessionId: 's1', EndType: 'UserEndedCall' });
    expect(done).toMatchObject({
      Status: 'Completed',
      CompletedAt: at(),
      SessionId: 's1',
      SessionEndType: 'UserEndedCall',
    });
    expect(done).not.toHaveProperty('LeaseToken');
    expect(await complete(queueId, token)).toEqual(done);
    expect(await fail(queueId, token)).toEqual(done);
    expect(await decisions(queueId)).toEqual([
      'Enqueued',
      'Leased',
      'AttemptEnded UserEndedCall',
      'Completed UserEndedCall',
    ]);
    expect(await lease()).toEqual([]);
  });

  test('calls are leased by priority, then in turns of campaigns, then by due time', async () => {
    const ids: Record<string, string> = {};
    for (const CampaignId of ['a', 'b', null]) {
      for (const seconds of [3, 2, 1]) {
        const DateTimeUTC = at(seconds);
        ids[`${CampaignId}${seconds}`] = await initiate({ CampaignId, Schedule: { DateTimeUTC } });
      }
    }
    ids.high = await initiate({ CampaignId: 'b', Priority: 5 });
    ids.low = await initiate({ CampaignId: 'a', Priority: -5 });
    expect(await leasedIds({ Max: 2 })).toEqual([ids.high, ids.low]);
    server.clock.advance(10);
    const order = [];
    for (const Max of [1, 1, 2, 1, 100]) order.push(...(await leasedIds({ Max })));
    const turns = order.map((id) => Object.keys(ids).find((name) => ids[name] === id));
    expect(turns.slice(0, 3).toSorted()).toEqual(['a1', 'b1', 'null1']);
    expect(turns.slice(3, 5).map((name) => name?.slice(0, -1))).toEqual(
      turns.slice(0, 2).map((name) => name?.slice(0, -1)),
    );
    expect(turns.toSorted()).toEqual(
      ['a', 'b', 'null'].flatMap((campaign) => [`${campaign}1`, `${campaign}2`, `${campaign}3`]),
    );
    for (const campaign of ['a', 'b', 'null']) {
      const own = turns.filter((name) => name?.startsWith(campaign));
      expect(own).toEqual([`${campaign}1`, `${campaign}2`, `${campaign}3`]);
    }
  });

  test('a call is returned when its lease expires, and fails after the fifth expiry', async () => {
    const queueId = await initiate({ Retry: { MaxAttempts: 2, On: [], DelaySeconds: 0 } });
    for (let time = 1; time <= 5; time += 1) {
      const { LeaseToken, Attempts } = await leaseOne();
      expect(Attempts).toBe(1);
      server.clock.advance(60);
      await expect(complete(queueId, LeaseToken)).rejects.toMatchObject(conflict);
      await expect(
        server.admin.heartbeatOutboundCall({ businessId, queueId, LeaseToken, LeaseSeconds: 60 }),
      ).rejects.toMatchObject(conflict);
    }
    expect(await read(queueId)).toMatchObject({
      Status: 'Failed',
      LastReason: 'LEASE_EXPIRED',
      Attempts: 0,
    });
    expect((await decisions(queueId)).slice(-3)).toEqual([
      'Leased',
      'LeaseExpired',
      'Failed LEASE_EXPIRED',
    ]);
  });

  test('an expired lease is found by the next worker and by the jobs', async () => {
    const queueId = await initiate();
    const { LeaseToken } = await leaseOne();
    server.clock.advance(60);
    const again = await leaseOne();
    expect(again.QueueId).toBe(queueId);
    await expect(complete(queueId, LeaseToken)).rejects.toMatchObject(conflict);
    server.clock.advance(60);
    await server.runJob('return-lapsed-calls');
    expect(await read(queueId)).toMatchObject({
      Status: 'Queued',
      NextAttemptAt: at(),
      Attempts: 0,
    });
  });

  test('heartbeats keep a lease', async () => {
    const queueId = await initiate();
    const { LeaseToken } = await leaseOne();
    for (let time = 0; time < 3; time += 1) {
      server.clock.advance(59);
      const beat = { businessId, queueId, LeaseToken, LeaseSeconds: 60 };
      expect(await server.admin.heartbeatOutboundCall(beat)).toMatchObject({
        Status: 'Processing',
      });
    }
    expect(await lease()).toEqual([]);
    expect(await decisions(queueId)).toEqual(['Enqueued', 'Leased']);
  });

  test('a cancel ends the lease', async () => {
    const queueId = await initiate();
    const { LeaseToken } = await leaseOne();
    await server.admin.cancelOutboundQueue({ businessId, queueId });
    await expect(complete(queueId, LeaseToken)).rejects.toMatchObject({
      ...conflict,
      message: 'The call was canceled.',
    });
    await expect(complete(queueId, 'lease_other')).rejects.toMatchObject(conflict);
    await expect(complete('queue_none', LeaseToken)).rejects.toMatchObject({ status: 404 });
  });

  test('a waiting worker gets a new call immediately', async () => {
    const waiting = lease({ WaitSeconds: 60 });
    await untilWaiting(1);
    const queueId = await initiate();
    expect((await waiting)[0]?.QueueId).toBe(queueId);
    const abort = new AbortController();
    const gone = server.admin
      .leaseOutboundCalls(
        { businessId, WorkerId: 'w', Max: 1, LeaseSeconds: 60, WaitSeconds: 60 },
        { signal: abort.signal },
      )
      .catch(() => 'aborted');
    await untilWaiting(1);
    abort.abort();
    expect(await gone).toBe('aborted');
    await untilWaiting(0);
    const next = await initiate();
    expect((await read(next)).Status).toBe('Queued');
    expect(await leasedIds()).toEqual([next]);
  });
});

describe('limits', () => {
  test('calls of a paused campaign are not leased', async () => {
    const queueId = await initiate({ CampaignId: 'c' });
    await server.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
    expect(await lease()).toEqual([]);
    await server.admin.putCampaign({ businessId, campaignId: 'c' });
    expect(await leasedIds()).toEqual([queueId]);
  });

  test('a campaign has at most MaxConcurrent calls in progress', async () => {
    await server.admin.putCampaign({ businessId, campaignId: 'c', MaxConcurrent: 2 });
    for (let count = 0; count < 4; count += 1) {
      await initiate({ CampaignId: 'c', Priority: count % 2 });
    }
    const first = await lease({ Max: 10 });
    expect(first).toHaveLength(2);
    expect(await lease({ Max: 10 })).toEqual([]);
    const waiting = await server.admin.getOutboundQueues({
      businessId,
      Filter: { QueueStatusTypes: ['Queued'] },
    });
    const held = waiting.Items[0];
    expect(held).toMatchObject({ LastReason: 'NO_SLOT' });
    server.clock.advance(5);
    await complete(first[0]?.QueueId ?? '', first[0]?.LeaseToken ?? '');
    expect(await lease({ Max: 10 })).toHaveLength(1);
    expect(await lease({ Max: 10 })).toEqual([]);
    server.clock.advance(5);
    await complete(first[1]?.QueueId ?? '', first[1]?.LeaseToken ?? '');
    expect(await lease({ Max: 10 })).toHaveLength(1);
    const heldDecisions = await decisions(held?.QueueId ?? '');
    expect(
      heldDecisions.filter((decision) => decision === 'HeldBack NO_SLOT').length,
    ).toBeLessThanOrEqual(2);
    expect(heldDecisions.slice(0, 2)).toEqual(['Enqueued', 'HeldBack NO_SLOT']);
  });

  test('a number is attempted at most MaxAttemptsPerNumberPerDay times per day of its zone', async () => {
    await server.admin.putCampaign({
      businessId,
      campaignId: 'c',
      MaxAttemptsPerNumberPerDay: 2,
      Retry: { MaxAttempts: 10, On: ['UserNoAnswer'], DelaySeconds: 60 },
    });
    const queueId = await initiate({ CampaignId: 'c', TimeZone: 'Asia/Tokyo' });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { LeaseToken } = await leaseOne();
      await fail(queueId, LeaseToken);
      server.clock.advance(60);
    }
    expect(await lease()).toEqual([]);
    const { NextAttemptAt, LastReason } = await read(queueId);
    expect(LastReason).toBe('NUMBER_CAPPED');
    expect(NextAttemptAt).toMatch(/T15:00:00Z$/);
    expect(await lease()).toEqual([]);
    expect(await decisions(queueId)).toEqual([
      'Enqueued',
      ...['Leased', 'AttemptEnded UserNoAnswer', 'RetryScheduled UserNoAnswer'],
      ...['Leased', 'AttemptEnded UserNoAnswer', 'RetryScheduled UserNoAnswer'],
      'HeldBack NUMBER_CAPPED',
    ]);
    server.clock.advance((Date.parse(NextAttemptAt ?? '') - server.clock.now()) / 1000);
    expect(await leasedIds()).toEqual([queueId]);
  });

  test('a number on the do-not-call list is leased only after its removal', async () => {
    const number = nextNumber();
    const queueId = await initiate({ RecipientNumber: number });
    await server.admin.addDoNotCall({ businessId, Numbers: [number] });
    expect(await lease()).toEqual([]);
    expect(await read(queueId)).toMatchObject({ LastReason: 'DO_NOT_CALL', NextAttemptAt: null });
    server.clock.advance(10);
    await server.admin.removeDoNotCall({ businessId, number });
    expect(await read(queueId)).toMatchObject({ LastReason: null, NextAttemptAt: at() });
    expect(await leasedIds()).toEqual([queueId]);
    expect(await decisions(queueId)).toEqual(['Enqueued', 'HeldBack DO_NOT_CALL', 'Leased']);
  });

  test('a due call is held back if its window has closed before the lease', async () => {
    const Windows = [
      { Days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], From: '00:00', To: '23:59' },
    ];
    const queueId = await initiate({ Windows });
    const end = new Date(server.clock.now()).setUTCHours(23, 59, 0, 0);
    server.clock.advance((end - server.clock.now()) / 1000);
    expect(await lease()).toEqual([]);
    expect(await read(queueId)).toMatchObject({
      LastReason: 'OUTSIDE_WINDOW',
      NextAttemptAt: at(60),
    });
    server.clock.advance(60);
    expect(await leasedIds()).toEqual([queueId]);
  });
});

describe('retries', () => {
  const Retry = { MaxAttempts: 4, On: ['UserNoAnswer'], DelaySeconds: 600, Backoff: 'Exponential' };

  test('retries follow the policy until all attempts are used', async () => {
    const queueId = await initiate({ Retry });
    for (const delay of [600, 1_200, 2_400]) {
      const { LeaseToken } = await leaseOne();
      expect(await fail(queueId, LeaseToken)).toMatchObject({
        Status: 'Queued',
        NextAttemptAt: at(delay),
        LastReason: 'UserNoAnswer',
      });
      server.clock.advance(delay);
    }
    const { LeaseToken } = await leaseOne();
    expect(await fail(queueId, LeaseToken)).toMatchObject({ Status: 'Failed', Attempts: 4 });
    expect((await decisions(queueId)).slice(-2)).toEqual([
      'AttemptEnded UserNoAnswer',
      'Failed UserNoAnswer',
    ]);
  });

  test('other end types are retried only if the worker sets Retryable', async () => {
    const queueId = await initiate({ Retry });
    const first = await leaseOne();
    const kept = await fail(queueId, first.LeaseToken, 'InitializeError', { Retryable: true });
    expect(kept.Status).toBe('Queued');
    server.clock.advance(600);
    const second = await leaseOne();
    const given = await fail(queueId, second.LeaseToken, 'UserNoAnswer', {
      Retryable: false,
      Reason: 'wrong number',
    });
    expect(given.Status).toBe('Failed');
    expect((await history(queueId)).at(-2)?.Details).toBe(
      'Attempt 2 ended with UserNoAnswer (wrong number).',
    );
  });
});

describe('conversations that name a call', () => {
  test('a conversation ends its call with its end type', async () => {
    const queueId = await initiate();
    const { LeaseToken } = await leaseOne();
    await append('s1', started(queueId));
    await until(async () => (await read(queueId)).SessionId === 's1');
    // The call follows the conversation now; its lease no longer matters.
    server.clock.advance(800);
    expect(await lease()).toEqual([]);
    expect(await complete(queueId, LeaseToken)).toMatchObject({
      Status: 'Processing',
      SessionStatus: 'Active',
    });
    await expect(server.admin.cancelOutboundQueue({ businessId, queueId })).rejects.toMatchObject(
      conflict,
    );
    await append('s1', ended('AgentEndedCall'));
    await becomes(queueId, 'Completed');
    const entry = await read(queueId);
    expect(entry).toMatchObject({
      SessionStatus: 'Completed',
      SessionEndType: 'AgentEndedCall',
      Attempts: 1,
    });
    expect(await complete(queueId, LeaseToken, { EndType: 'Normal' })).toEqual(entry);
    expect(await decisions(queueId)).toEqual([
      'Enqueued',
      'Leased',
      'AttemptEnded AgentEndedCall',
      'Completed AgentEndedCall',
    ]);
  });

  test('a failed conversation fails its call, or retries it if Retry.On has its end type', async () => {
    const queueId = await initiate({
      Retry: { MaxAttempts: 2, On: ['VoicemailDetected'], DelaySeconds: 60 },
    });
    await leaseOne();
    await append('v1', started(queueId), ended('VoicemailDetected'));
    await becomes(queueId, 'Queued');
    expect(await read(queueId)).toMatchObject({
      NextAttemptAt: at(60),
      Attempts: 1,
      SessionId: 'v1',
    });
    server.clock.advance(60);
    await leaseOne();
    await append('v2', started(queueId), ended('MidSessionFailure', { Status: 'Failed' }));
    await becomes(queueId, 'Failed');
    expect(await read(queueId)).toMatchObject({
      SessionId: 'v2',
      SessionStatus: 'Failed',
      LastReason: 'MidSessionFailure',
    });
  });

  test('a conversation after the report changes only the session fields', async () => {
    const queueId = await initiate();
    const { LeaseToken } = await leaseOne();
    await complete(queueId, LeaseToken);
    await append('s3', started(queueId), ended());
    await until(async () => (await read(queueId)).SessionEndType === 'Normal');
    expect(await read(queueId)).toMatchObject({ Status: 'Completed', SessionId: 's3' });
    expect(await decisions(queueId)).toHaveLength(4);
  });

  test('a conversation keeps its call although the lease has expired, even before it is followed', async () => {
    const queueId = await initiate();
    const { LeaseToken } = await leaseOne();
    await server.sql.query(
      `INSERT INTO conversations (business_id, id, start_time, status, initiation_type, head, queue_id)
       VALUES ($1, 'unheard', $2, 'Active', 'Outbound', '{}', $3)`,
      [businessId, at(), queueId],
    );
    server.clock.advance(61);
    expect(await lease()).toEqual([]);
    expect(await read(queueId)).toMatchObject({ Status: 'Processing', SessionId: 'unheard' });
    expect(await complete(queueId, LeaseToken, { EndType: 'Normal' })).toMatchObject({
      Status: 'Completed',
    });
  });

  test('a conversation written as a whole ends a call that was never leased', async () => {
    const queueId = await initiate();
    await putWhole('whole', queueId);
    await becomes(queueId, 'Completed');
    expect(await read(queueId)).toMatchObject({ Attempts: 1, SessionId: 'whole' });
  });

  test('erasing a live conversation fails its call', async () => {
    const queueId = await initiate();
    await leaseOne();
    await append('gone', started(queueId));
    await until(async () => (await read(queueId)).SessionId === 'gone');
    await server.admin.deleteConversation({ businessId, sessionId: 'gone' });
    await becomes(queueId, 'Failed');
  });
});

describe('conversations that name another call later', () => {
  test('a conversation that names another call fails the first call', async () => {
    const [first, second] = [await initiate(), await initiate()];
    await append('moved', started(first));
    await until(async () => (await read(first)).SessionId === 'moved');
    await putWhole('moved', second);
    await becomes(first, 'Failed');
    await becomes(second, 'Completed');
  });
});

describe('inbound calls', () => {
  const leaseInbound = (more: object = {}) =>
    server.admin
      .leaseInboundCalls({ businessId, WorkerId: 'w', Max: 10, LeaseSeconds: 60, ...more })
      .then(({ Calls }) => Calls);

  test('an inbound call is received once, leased, and ended by its conversation', async () => {
    const call = {
      businessId,
      NumberId,
      RouteId: 'support',
      CallerNumber: '+49 30 123456',
      Provider: 'carrier',
      ProviderCallId: 'x1',
    };
    const responses = await Promise.all([
      server.admin.receiveCall(call),
      server.admin.receiveCall(call),
    ]);
    const [{ QueueId: queueId } = { QueueId: '' }] = responses;
    expect(responses[1]).toEqual(responses[0]);
    const second = await server.admin.receiveCall({ ...call, ProviderCallId: 'x2' });
    const calls = await leaseInbound();
    expect(calls.map(({ QueueId }) => QueueId)).toEqual([queueId, second.QueueId]);
    expect(calls[0]).toMatchObject({
      CallerNumber: '+49 30 123456',
      CallerE164: '+4930123456',
      RouteId: 'support',
      LeaseToken: expect.stringMatching(/^lease_/),
    });
    await append('in1', started(queueId), ended('UserEndedCall'));
    const inbound = (id: string) => server.admin.getInboundQueue({ businessId, queueId: id });
    await until(async () => (await inbound(queueId)).Status === 'Completed');
    expect(await inbound(queueId)).toMatchObject({
      SessionId: 'in1',
      SessionEndType: 'UserEndedCall',
    });
    const report = { businessId, queueId: second.QueueId, LeaseToken: calls[1]?.LeaseToken ?? '' };
    await server.admin.heartbeatInboundCall({ ...report, LeaseSeconds: 100 });
    server.clock.advance(61);
    expect(await leaseInbound()).toEqual([]);
    const failed = await server.admin.failInboundCall({ ...report, EndType: 'InitializeError' });
    expect(failed).toMatchObject({ Status: 'Failed', LastReason: 'InitializeError' });
    expect(await server.admin.completeInboundCall(report)).toEqual(failed);
    const history = await server.admin.getInboundQueueHistory({ businessId, queueId });
    expect(history.Entries.map(({ Decision }) => Decision)).toEqual([
      ...['Enqueued', 'Leased', 'AttemptEnded', 'Completed'],
    ]);
    expect(history.Entries[0]?.Details).toContain('from +4930123456');
    await expect(
      server.admin.getOutboundQueueHistory({ businessId, queueId }),
    ).rejects.toMatchObject({ reason: 'NOT_FOUND' });
  });

  test('a worker can wait for an inbound call', async () => {
    const waiting = leaseInbound({ WaitSeconds: 10 });
    const { QueueId } = await server.admin.receiveCall({
      businessId,
      NumberId,
      CallerNumber: 'anonymous',
      Provider: 'carrier',
      ProviderCallId: 'y1',
    });
    expect((await waiting).map((call) => call.QueueId)).toEqual([QueueId]);
  });
});

describe('SimulateOutboundQueue', () => {
  const simulate = (more: object = {}) =>
    server.admin.simulateOutboundQueue({ businessId, ...more } as never);

  test('the simulation lists when calls are dialed and why others are not, and changes nothing', async () => {
    const { admin } = server;
    await admin.putCampaign({ businessId, campaignId: 'paused', IsPaused: true });
    await admin.putCampaign({ businessId, campaignId: 'slow', MaxConcurrent: 1 });
    const forbidden = nextNumber();
    const ids = {
      now: await initiate(),
      later: await initiate({ Schedule: { DateTimeUTC: at(7_200) } }),
      muchLater: await initiate({ Schedule: { DateTimeUTC: at(86_400 * 9) } }),
      paused: await initiate({ CampaignId: 'paused' }),
      forbidden: await initiate({ RecipientNumber: forbidden }),
      slow1: await initiate({ CampaignId: 'slow' }),
      slow2: await initiate({ CampaignId: 'slow' }),
    };
    await admin.addDoNotCall({ businessId, Numbers: [forbidden] });
    const before = await admin.getOutboundQueues({ businessId, Limit: 100 });
    const { Calls, Hours, Waiting, ...rest } = await simulate({ Hours: 3, CallSeconds: 600 });
    const planned = Object.fromEntries(
      Object.entries(ids).map(([name, id]) => {
        const call = Calls.find(({ QueueId }) => QueueId === id);
        return [name, [call?.At, call?.Reason]];
      }),
    );
    expect(planned).toEqual({
      now: [at(), null],
      later: [at(7_200), null],
      muchLater: [null, 'LATER'],
      paused: [null, 'CAMPAIGN_PAUSED'],
      forbidden: [null, 'DO_NOT_CALL'],
      slow1: [at(), null],
      slow2: [at(600), 'NO_SLOT'],
    });
    expect(rest).toEqual({
      From: at(),
      Until: at(3 * 3600),
      Dialed: 4,
      NotDialed: 3,
      Occupied: [],
      IsComplete: true,
    });
    expect(Hours.map(({ Dialed }) => Dialed)).toEqual([3, 0, 1]);
    const waiting = Waiting.map(({ Reason, Calls }) => [Reason, Calls]);
    expect(waiting.slice(0, 2).map(([, calls]) => calls)).toEqual([2, 2]);
    expect(new Map(waiting as [string | null, number][])).toEqual(
      new Map<string | null, number>([
        [null, 2],
        ['LATER', 2],
        ['CAMPAIGN_PAUSED', 1],
        ['DO_NOT_CALL', 1],
        ['NO_SLOT', 1],
      ]),
    );
    const counted = await simulate({ Hours: 3, CallSeconds: 600, MaxCalls: 1 });
    expect(counted).toEqual({ ...rest, Hours, Waiting, Calls: Calls.slice(0, 1) });
    expect(await admin.getOutboundQueues({ businessId, Limit: 100 })).toEqual(before);
    expect((await simulate({ CampaignIds: ['slow'] })).Calls).toHaveLength(2);
  });

  test('the simulation respects windows and limits per number', async () => {
    await server.admin.putCampaign({
      businessId,
      campaignId: 'c',
      MaxAttemptsPerNumberPerDay: 1,
      Retry: { MaxAttempts: 3, On: ['UserNoAnswer'], DelaySeconds: 60 },
    });
    const queueId = await initiate({ CampaignId: 'c' });
    const { LeaseToken } = await leaseOne();
    await fail(queueId, LeaseToken);
    const Windows = [{ Days: ['Wed'], From: '00:00', To: '24:00' }];
    const wednesday = await initiate({ Windows });
    const { Calls } = await simulate({ Hours: 168 });
    const midnight = new Date(server.clock.now()).setUTCHours(24, 0, 0, 0);
    const of = (id: string) => Calls.find(({ QueueId }) => QueueId === id);
    expect(of(queueId)).toMatchObject({
      At: new Date(midnight).toISOString().replace('.000Z', 'Z'),
      Reason: 'NUMBER_CAPPED',
    });
    expect(new Date(of(wednesday)?.At ?? 0).getUTCDay()).toBe(3);
  });
});

test('counts are exact after all tests of this file', async () => {
  expect(await wrongCounts(server)).toEqual([]);
});
