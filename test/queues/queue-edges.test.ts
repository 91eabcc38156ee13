import { createClient } from '@colloquy/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { followConversation } from '../../packages/server/src/queues/calls/follow.ts';
import { NumberId, nextNumber, queueActions, wrongCounts } from '../fixtures/queue-actions.ts';
import {
  ADMIN_KEY,
  sessionsOfNodes,
  startTestServer,
  type TestServer,
} from '../servers/test-server.ts';

// No jobs run here: tests follow conversations themselves, to fix the order of events.
let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
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
  decisions,
  complete,
  fail,
  append,
  started,
  ended,
} = queueActions(() => ({ server, businessId }));
const follow = (queueId: string) => followConversation(server.app.ctx, { businessId, queueId });
const many = (count: number) =>
  Array.from({ length: count }, () => ({ RecipientNumber: nextNumber() }));
const initiateMany = (count: number, more: object) =>
  server.admin.initiateCall({ businessId, NumberId, Recipients: many(count), ...more });
const Days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
function thisHour() {
  const hour = new Date(server.clock.now()).getUTCHours();
  const text = (hours: number) => `${String(hours).padStart(2, '0')}:00`;
  return [{ Days: [...Days], From: text(hour), To: text(hour + 1) }];
}

describe('campaigns without a free slot', () => {
  const limit = (campaignId: string) =>
    server.admin.putCampaign({ businessId, campaignId, MaxConcurrent: 1 });

  test('NO_SLOT is recorded by the look-up that leaves calls behind', async () => {
    await limit('d');
    await initiate({ CampaignId: 'd' });
    const left = await initiate({ CampaignId: 'd' });
    expect(await lease({ Max: 10 })).toHaveLength(1);
    server.clock.advance(30);
    expect(await decisions(left)).toEqual(['Enqueued', 'HeldBack NO_SLOT']);
  });

  test('NO_SLOT is recorded once although the slot is taken again several times', async () => {
    await limit('e');
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      ids.push(await initiate({ CampaignId: 'e' }));
      server.clock.advance(1);
    }
    for (let count = 0; count < 5; count += 1) {
      const { QueueId, LeaseToken } = await leaseOne();
      expect(await lease()).toEqual([]);
      server.clock.advance(10);
      await complete(QueueId, LeaseToken);
      server.clock.advance(1);
    }
    const history = await decisions(ids[5] ?? '');
    expect(history.filter((decision) => decision === 'HeldBack NO_SLOT')).toHaveLength(1);
  });

  test('NO_SLOT is not recorded for calls enqueued after the last waiting call was canceled', async () => {
    await limit('f');
    await initiate({ CampaignId: 'f' });
    await initiate({ CampaignId: 'f' });
    const { QueueId, LeaseToken } = await leaseOne();
    expect(await lease()).toEqual([]);
    const { Items } = await server.admin.getOutboundQueues({
      businessId,
      Filter: { QueueStatusTypes: ['Queued'] },
    });
    await server.admin.cancelOutboundQueue({ businessId, queueId: Items[0]?.QueueId ?? '' });
    await complete(QueueId, LeaseToken);
    server.clock.advance(3_600);
    const later = await initiate({ CampaignId: 'f' });
    server.clock.advance(1);
    expect((await read(later)).LastReason).toBeNull();
    await leaseOne();
    expect(await decisions(later)).toEqual(['Enqueued', 'Leased']);
  });

  test('a due call is found behind many calls whose window has closed', async () => {
    await limit('g');
    await initiateMany(60, { CampaignId: 'g', Windows: thisHour() });
    server.clock.advance(60);
    const due = await initiate({ CampaignId: 'g' });
    server.clock.advance(3_600);
    expect(await leasedIds()).toEqual([due]);
  });
});

describe('windows', () => {
  test('a call is moved to its next window although no worker asked for it', async () => {
    const queueId = await initiate({ Windows: thisHour() });
    server.clock.advance(3_600);
    await server.runJob('plan-calls');
    const { NextAttemptAt, LastReason } = await read(queueId);
    expect(LastReason).toBe('OUTSIDE_WINDOW');
    expect(Date.parse(NextAttemptAt ?? '')).toBeGreaterThan(server.clock.now());
  });

  test('windows of a campaign created while its calls are enqueued apply to these calls', async () => {
    const going = initiateMany(9_000, { CampaignId: 'p' });
    const writing =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%INTO outbound_calls%' AND state <> 'idle' AND pid <> pg_backend_pid()";
    await expect
      .poll(async () => (await server.sql.query(writing)).rowCount, { interval: 2 })
      .toBeGreaterThan(0);
    const tomorrow = Days[new Date(server.clock.now()).getUTCDay()] ?? 'Mon';
    const Windows = [{ Days: [tomorrow], From: '09:00', To: '10:00' }];
    // With retries: it gets a 503 if it waits too long for the lock of calls that are being added.
    const patient = createClient({ baseUrl: server.url, apiKey: ADMIN_KEY, retries: 20 });
    await patient.putCampaign({ businessId, campaignId: 'p', Windows });
    await going;
    expect(await lease({ Max: 5 })).toEqual([]);
  });

  test('a call scheduled for the last possible time has no next window', async () => {
    const Schedule = { DateTimeUTC: '9999-12-31T23:59:59Z' };
    const Windows = [{ Days: ['Mon' as const], From: '09:00', To: '10:00' }];
    expect((await read(await initiate({ Schedule, Windows }))).NextAttemptAt).toBeNull();
  });

  test('an expired call expires instead of waiting for a window', async () => {
    const Schedule = { MaxDateTimeUTC: at(30) };
    const queueId = await initiate({ Schedule });
    await leaseOne({ LeaseSeconds: 10 });
    server.clock.advance(40);
    await server.runJob('return-lapsed-calls');
    expect(await decisions(queueId)).toEqual(['Enqueued', 'Leased', 'LeaseExpired', 'Expired']);
  });
});

test('campaigns take turns after calls were held back', async () => {
  for (const CampaignId of ['ra', 'rb']) {
    await initiateMany(10, { CampaignId, Windows: thisHour() });
    server.clock.advance(1);
    await initiateMany(10, { CampaignId });
  }
  server.clock.advance(3_700);
  const taken = (await lease({ Max: 6 })).map(({ CampaignId }) => CampaignId);
  expect(taken.toSorted()).toEqual(['ra', 'ra', 'ra', 'rb', 'rb', 'rb']);
});

describe('reports of workers', () => {
  test('concurrent identical reports are all accepted', async () => {
    const other = await initiate();
    const { LeaseToken: token } = await leaseOne();
    const queueId = await initiate();
    const { LeaseToken } = await leaseOne();
    const beat = { businessId, queueId: other, LeaseToken: token, LeaseSeconds: 60 };
    const answers = await Promise.all([
      server.admin.heartbeatOutboundCall(beat),
      ...Array.from({ length: 6 }, () => complete(queueId, LeaseToken)),
    ]);
    expect(answers.slice(1).map(({ Status }) => Status)).toEqual(Array(6).fill('Completed'));
    expect(await decisions(queueId)).toHaveLength(4);
  });

  test('a reported failure does not replace the end of the conversation', async () => {
    const queueId = await initiate({
      Retry: { MaxAttempts: 2, On: ['MidSessionFailure'], DelaySeconds: 0 },
    });
    const { LeaseToken } = await leaseOne();
    await append('j', started(queueId), ended('Normal'));
    const reported = await fail(queueId, LeaseToken, 'MidSessionFailure');
    expect(reported).toMatchObject({
      Status: 'Completed',
      SessionId: 'j',
      SessionEndType: 'Normal',
    });
    await follow(queueId);
    expect(await decisions(queueId)).toHaveLength(4);
  });
});

describe('conversations of a call', () => {
  const Retry = { MaxAttempts: 3, On: ['UserNoAnswer'], DelaySeconds: 5 };

  test('a conversation not yet followed prevents leasing and canceling its call', async () => {
    const queueId = await initiate();
    await leaseOne({ LeaseSeconds: 1 });
    server.clock.advance(2);
    await server.runJob('return-lapsed-calls');
    await append('c', started(queueId));
    const cancel = server.admin.cancelOutboundQueue({ businessId, queueId });
    await expect(cancel).rejects.toMatchObject({ status: 409 });
    expect(await lease()).toEqual([]);
    expect(await read(queueId)).toMatchObject({ Status: 'Processing', SessionId: 'c' });
  });

  test('a late conversation of an earlier attempt does not end the next attempt', async () => {
    const queueId = await initiate({ Retry });
    const first = await leaseOne();
    const times = { StartTime: at(), EndTime: at(20) };
    server.clock.advance(20);
    await fail(queueId, first.LeaseToken);
    server.clock.advance(6);
    const second = await leaseOne();
    await server.admin.putConversation({
      businessId,
      sessionId: 'late',
      QueueId: queueId,
      Status: 'Completed',
      ...times,
      EndType: 'UserNoAnswer',
      InitiationType: 'Outbound',
    });
    await follow(queueId);
    expect(await complete(queueId, second.LeaseToken)).toMatchObject({ Status: 'Completed' });
  });

  test('a live conversation takes the call over from an ended one', async () => {
    const queueId = await initiate({ Retry });
    await leaseOne();
    await append('one', started(queueId));
    await follow(queueId);
    await append('two', started(queueId));
    server.clock.advance(5);
    await append('one', ended('UserNoAnswer'));
    await follow(queueId);
    server.clock.advance(60);
    expect(await lease()).toEqual([]);
    expect(await read(queueId)).toMatchObject({ Status: 'Processing', SessionId: 'two' });
  });

  test('a conversation erased before its call followed it does not affect a later attempt', async () => {
    const queueId = await initiate();
    await append('gone', started(queueId));
    await server.admin.deleteConversation({ businessId, sessionId: 'gone' });
    await follow(queueId);
    const { LeaseToken } = await leaseOne();
    expect(await complete(queueId, LeaseToken)).toMatchObject({ Status: 'Completed' });
  });
});

describe('requests of InitiateCall', () => {
  test('a repeated request gets the first answer after its MaxDateTimeUTC', async () => {
    const body = { businessId, NumberId, RecipientNumber: nextNumber() };
    const Schedule = { MaxDateTimeUTC: at(60) };
    const options = { idempotencyKey: 'late' };
    const first = await server.admin.initiateCall({ ...body, Schedule }, options);
    server.clock.advance(61);
    expect(await server.admin.initiateCall({ ...body, Schedule }, options)).toEqual(first);
  });

  test('requests with too many variables in total are refused with 413', async () => {
    const DynamicVariables = { text: 'x'.repeat(60_000) };
    const large = initiateMany(2_000, { DynamicVariables });
    await expect(large).rejects.toMatchObject({ status: 413 });
    const together = server.admin.initiateCall({
      businessId,
      NumberId,
      DynamicVariables,
      Recipients: [
        { RecipientNumber: nextNumber(), DynamicVariables: { more: 'y'.repeat(10_000) } },
      ],
    });
    await expect(together).rejects.toMatchObject({ status: 413 });
  });

  test('a number too long for E.164, or with an extension, is refused', async () => {
    for (const number of ['+49301234567890123', '+4930123458 ext. 12']) {
      await expect(initiate({ RecipientNumber: number })).rejects.toMatchObject({ status: 400 });
    }
  });

  test('a large request does not block leases, other requests or campaigns', async () => {
    const rows = Array.from({ length: 30_000 }, () => nextNumber()).join('\n');
    const large = server.admin.initiateCall({
      businessId,
      NumberId,
      CampaignId: 'big',
      csv: `RecipientNumber\n${rows}`,
    });
    let isEnqueued = false;
    const enqueued = large.then(({ QueueIds }) => {
      isEnqueued = true;
      return QueueIds;
    });
    const writing = `SELECT 1 FROM ${sessionsOfNodes()}
      WHERE datname = current_database() AND xact_start < now() AND query LIKE '%outbound_calls%'
        AND backend_xid IS NOT NULL`;
    await expect
      .poll(async () => (await server.sql.query(writing)).rowCount, { interval: 5 })
      .toBeGreaterThan(0);
    await lease();
    await initiate({ CampaignId: 'big' });
    await server.admin.putCampaign({ businessId, campaignId: 'big', IsPaused: true });
    expect(isEnqueued).toBe(false);
    expect(await enqueued).toHaveLength(30_000);
  });
});

test('a new limit per number and day counts earlier attempts of the day', async () => {
  const RecipientNumber = nextNumber();
  const queueId = await initiate({ CampaignId: 'n', RecipientNumber });
  const { LeaseToken } = await leaseOne();
  await complete(queueId, LeaseToken);
  await server.admin.putCampaign({ businessId, campaignId: 'n', MaxAttemptsPerNumberPerDay: 1 });
  await initiate({ CampaignId: 'n', RecipientNumber });
  expect(await lease()).toEqual([]);
});

test('counts are exact after all tests of this file', async () => {
  expect(await wrongCounts(server)).toEqual([]);
});
