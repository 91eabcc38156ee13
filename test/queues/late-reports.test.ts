import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nextNumber, wrongCounts } from '../fixtures/queue-actions.ts';
import { silentCallActions } from '../fixtures/silent-call-actions.ts';
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

const actions = silentCallActions(() => ({ server, businessId }));
const { at, initiate, leaseOne, read, history, decisions, append, ended, becomes } = actions;
const { complete, fail, heartbeat, cancel, abandoned, underWay, endSilent } = actions;
const Retry = { MaxAttempts: 3, On: ['UserNoAnswer'], DelaySeconds: 60 };
const conflict = { status: 409, code: expect.stringMatching(/:CONFLICT$/) };

const ABANDONED = [
  'Enqueued',
  'Leased',
  'AttemptEnded MidSessionFailure',
  'Failed MidSessionFailure',
];
const NO_ANSWER = ['AttemptEnded UserNoAnswer', 'RetryScheduled UserNoAnswer'];
const COMPLETED = ['AttemptEnded Normal', 'Completed Normal'];
const noAnswer = () => append('s1', ended('UserNoAnswer', { Status: 'Failed' }));
const followed = () =>
  until(async () => {
    const jobs = `SELECT FROM graphile_worker.jobs WHERE task_identifier = 'follow-conversation'`;
    return (await server.sql.query(jobs)).rowCount === 0;
  });

describe('a worker that reports after its attempt was abandoned', () => {
  test('a late completion replaces MidSessionFailure, and the history shows both', async () => {
    const { queueId, LeaseToken } = await abandoned({ Retry });
    expect(await complete(queueId, LeaseToken, { EndType: 'Normal' })).toMatchObject({
      Status: 'Completed',
      CompletedAt: at(),
      LastReason: null,
      Attempts: 1,
      SessionId: 's1',
      SessionEndType: 'Normal',
    });
    expect(await decisions(queueId)).toEqual([...ABANDONED, ...COMPLETED]);
    expect((await history(queueId)).at(-2)?.Details).toBe(
      'Attempt 1 ended with Normal, as its worker reported late; this replaces MidSessionFailure.',
    );
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a late failure in Retry.On schedules a retry', async () => {
    const { queueId, LeaseToken } = await abandoned({ Retry });
    const failed = await fail(queueId, LeaseToken, 'UserNoAnswer', { Reason: 'rang out' });
    expect(failed).toMatchObject({ Status: 'Queued', NextAttemptAt: at(60), CompletedAt: null });
    expect(await decisions(queueId)).toEqual([...ABANDONED, ...NO_ANSWER]);
    server.clock.advance(60);
    expect(await leaseOne()).toMatchObject({ QueueId: queueId, Attempts: 2 });
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a late failure schedules no retry if no attempts remain or Retryable is false', async () => {
    const last = await abandoned({ Retry: { ...Retry, MaxAttempts: 1 } });
    expect(await fail(last.queueId, last.LeaseToken)).toMatchObject({
      Status: 'Failed',
      LastReason: 'UserNoAnswer',
    });
    const refused = await abandoned({ Retry }, 's2');
    expect(
      await fail(refused.queueId, refused.LeaseToken, 'UserNoAnswer', { Retryable: false }),
    ).toMatchObject({ Status: 'Failed', LastReason: 'UserNoAnswer' });
  });

  test('a late failure schedules no retry if the number waits in its campaign again', async () => {
    const RecipientNumber = nextNumber();
    const { queueId, LeaseToken } = await abandoned({ Retry, RecipientNumber });
    await initiate({ CampaignId: 'c', RecipientNumber });
    expect(await fail(queueId, LeaseToken, 'UserNoAnswer', { Retryable: true })).toMatchObject({
      Status: 'Failed',
      LastReason: 'UserNoAnswer',
    });
  });

  test('two concurrent late failures of one number schedule one retry', async () => {
    const RecipientNumber = nextNumber();
    const first = await abandoned({ Retry, RecipientNumber });
    const second = await abandoned({ Retry, RecipientNumber }, 's2');
    const reports = [first, second].map(({ queueId, LeaseToken }) => fail(queueId, LeaseToken));
    const statuses = (await Promise.all(reports)).map(({ Status }) => Status);
    expect(statuses.sort()).toEqual(['Failed', 'Queued']);
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a late completion without EndType leaves the outcome to the conversation', async () => {
    const { queueId, LeaseToken } = await abandoned({ Retry });
    expect(await complete(queueId, LeaseToken)).toMatchObject({ Status: 'Failed' });
    expect(await decisions(queueId)).toEqual(ABANDONED);
    await noAnswer();
    await becomes(queueId, 'Queued');
    expect(await decisions(queueId)).toEqual([...ABANDONED, ...NO_ANSWER]);
  });

  test('a late heartbeat changes nothing', async () => {
    const { queueId, LeaseToken } = await abandoned({ Retry });
    expect(await heartbeat(queueId, LeaseToken)).toMatchObject({ Status: 'Failed' });
    expect(await decisions(queueId)).toEqual(ABANDONED);
  });

  test('a late report is refused with the token of another call or of an earlier call lease', async () => {
    const other = await initiate();
    const { LeaseToken: lost } = await leaseOne({ LeaseSeconds: 1 });
    server.clock.advance(1);
    await cancel(other);
    const { queueId } = await abandoned();
    await expect(fail(queueId, lost)).rejects.toMatchObject(conflict);
    expect(await decisions(queueId)).toEqual(ABANDONED);
  });
});

describe('a late worker and a late conversation', () => {
  const orders = {
    'worker, worker, conversation, conversation': {
      steps: ['worker', 'worker', 'conversation', 'conversation'],
      outcome: COMPLETED,
    },
    'worker, conversation, worker, conversation': {
      steps: ['worker', 'conversation', 'worker', 'conversation'],
      outcome: COMPLETED,
    },
    'conversation, conversation, worker, worker': {
      steps: ['conversation', 'conversation', 'worker', 'worker'],
      outcome: NO_ANSWER,
    },
    'conversation, worker, conversation, worker': {
      steps: ['conversation', 'worker', 'conversation', 'worker'],
      outcome: NO_ANSWER,
    },
  };
  test.each(Object.entries(orders))(
    'the first of a late worker and a late conversation decides: %s',
    async (_, { steps, outcome }) => {
      const { queueId, LeaseToken } = await abandoned({ Retry });
      for (const step of steps) {
        if (step === 'worker') await complete(queueId, LeaseToken, { EndType: 'Normal' });
        else await noAnswer();
        await followed();
      }
      expect(await decisions(queueId)).toEqual([...ABANDONED, ...outcome]);
      expect(await wrongCounts(server)).toEqual([]);
    },
  );

  test('a conversation that ended before the late report decides, even if no job has followed it', async () => {
    await using idle = await startTestServer();
    const business = await idle.newBusiness();
    const other = silentCallActions(() => ({ server: idle, businessId: business }));
    await other.campaign({ AbandonAfterSeconds: 30 });
    const queueId = await other.initiate({ CampaignId: 'c', Retry });
    const { LeaseToken } = await other.leaseOne({ LeaseSeconds: 10 });
    await other.append('s1', other.started(queueId));
    await other.heartbeat(queueId, LeaseToken, 10);
    idle.clock.advance(10);
    expect(await other.lease()).toEqual([]);
    idle.clock.advance(30);
    await other.endSilent();
    await other.append('s1', other.ended('UserNoAnswer', { Status: 'Failed' }));
    expect(await other.complete(queueId, LeaseToken, { EndType: 'Normal' })).toMatchObject({
      Status: 'Queued',
    });
    expect(await other.decisions(queueId)).toEqual([...ABANDONED, ...NO_ANSWER]);
  });
});

describe('a worker whose attempt was abandoned and whose conversation reported', () => {
  const requeued = async () => {
    const call = await abandoned({ Retry });
    await noAnswer();
    await becomes(call.queueId, 'Queued');
    return call;
  };

  test('a late report changes nothing while the next attempt waits', async () => {
    const { queueId, LeaseToken } = await requeued();
    expect(await fail(queueId, LeaseToken)).toMatchObject({ Status: 'Queued', Attempts: 1 });
    expect(await decisions(queueId)).toEqual([...ABANDONED, ...NO_ANSWER]);
  });

  test('a late report is refused once the next attempt has begun', async () => {
    const { queueId, LeaseToken } = await requeued();
    server.clock.advance(60);
    const next = await leaseOne();
    for (const report of [complete, fail, heartbeat]) {
      await expect(report(queueId, LeaseToken)).rejects.toMatchObject(conflict);
    }
    expect(await read(queueId)).toMatchObject({ Status: 'Processing', Attempts: 2 });
    expect(await complete(queueId, next.LeaseToken, { EndType: 'Normal' })).toMatchObject({
      Status: 'Completed',
    });
    await expect(fail(queueId, LeaseToken)).rejects.toMatchObject(conflict);
  });

  test('a late report is refused once the call was canceled', async () => {
    const { queueId, LeaseToken } = await requeued();
    await cancel(queueId, { Force: true });
    await expect(complete(queueId, LeaseToken, { EndType: 'Normal' })).rejects.toMatchObject({
      ...conflict,
      message: 'The call was canceled.',
    });
    expect(await read(queueId)).toMatchObject({ Status: 'Canceled' });
  });
});

test('an accepted late report may be repeated after the next attempt has begun', async () => {
  const { queueId, LeaseToken } = await abandoned({ Retry });
  await fail(queueId, LeaseToken);
  server.clock.advance(60);
  await leaseOne();
  expect(await fail(queueId, LeaseToken)).toMatchObject({ Status: 'Processing', Attempts: 2 });
});

test('a conversation that ends after the late report of its worker does not end the next attempt', async () => {
  const { queueId, LeaseToken } = await abandoned({ Retry });
  await fail(queueId, LeaseToken);
  server.clock.advance(60);
  await leaseOne();
  await append('s1', ended('Normal'));
  await followed();
  expect(await read(queueId)).toMatchObject({ Status: 'Processing', Attempts: 2 });
});

test('an attempt abandoned again accepts only the token of its own call lease', async () => {
  const first = await abandoned({ Retry });
  await fail(first.queueId, first.LeaseToken);
  server.clock.advance(60);
  const { LeaseToken } = await leaseOne({ LeaseSeconds: 10 });
  await append('s2', actions.started(first.queueId));
  await until(async () => (await read(first.queueId)).SessionId === 's2');
  server.clock.advance(30);
  await endSilent();
  expect(await read(first.queueId)).toMatchObject({ Status: 'Failed', Attempts: 2 });
  expect(await fail(first.queueId, first.LeaseToken)).toMatchObject({ Status: 'Failed' });
  expect(await complete(first.queueId, LeaseToken, { EndType: 'Normal' })).toMatchObject({
    Status: 'Completed',
    Attempts: 2,
  });
});

test('the report of a live worker is not recorded as late', async () => {
  const { queueId, LeaseToken } = await underWay('s1', { Retry });
  await complete(queueId, LeaseToken, { EndType: 'Normal' });
  expect((await history(queueId)).at(-2)?.Details).toBe('Attempt 1 ended with Normal.');
});
