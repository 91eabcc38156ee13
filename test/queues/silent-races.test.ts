import type { PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { followConversation } from '../../packages/server/src/queues/calls/follow.ts';
import { endAllSilent } from '../../packages/server/src/queues/lease/expire.ts';
import { silence } from '../fixtures/kept-calls.ts';
import { nextNumber, wrongCounts } from '../fixtures/queue-actions.ts';
import { silentCallActions } from '../fixtures/silent-call-actions.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer, untilBlocked } from '../servers/test-server.ts';

// Two servers with one database and one clock. No jobs run: tests follow conversations themselves.
let server: TestServer;
let second: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
  const { connection, clock } = server;
  second = await startTestServer({ connection, overrides: { clock } });
});
afterAll(async () => {
  await second?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  businessId = await server.newBusiness();
});

const actions = silentCallActions(() => ({ server, businessId }));
const { initiate, lease, leasedIds, read, decisions, append, ended, started } = actions;
const { campaign, cancel, complete, fail, conversation } = actions;
const Retry = { MaxAttempts: 3, On: ['UserNoAnswer'], DelaySeconds: 60 };
const follow = (queueId: string) => followConversation(server.app.ctx, { businessId, queueId });

/** A call with a lease of 10 s whose conversation has begun. */
async function underWay(sessionId: string, more: object = {}) {
  const queueId = await initiate({ CampaignId: 'c', ...more });
  const { LeaseToken } = await actions.leaseOne({ LeaseSeconds: 10 });
  await append(sessionId, started(queueId));
  await follow(queueId);
  return { queueId, LeaseToken };
}
async function abandoned(sessionId: string, more: object = {}) {
  await campaign({ AbandonAfterSeconds: 30 });
  const call = await underWay(sessionId, more);
  server.clock.advance(30);
  await actions.endSilent();
  expect(await read(call.queueId)).toMatchObject({ Status: 'Failed' });
  return call;
}

/**
 * Starts each work while a transaction of the test is open; commits once all of them wait for it.
 */
async function whileOpen(
  open: (client: PoolClient) => Promise<unknown>,
  ...works: readonly (() => Promise<unknown>)[]
): Promise<PromiseSettledResult<unknown>[]> {
  const client = await server.sql.connect();
  try {
    await client.query('BEGIN');
    await open(client);
    const running = [];
    for (const work of works) {
      running.push(work());
      // Outside of the transaction, in which PostgreSQL caches the first answer.
      await untilBlocked(server, running.length);
    }
    await client.query('COMMIT');
    return await Promise.allSettled(running);
  } finally {
    client.release();
  }
}
const lockCall = (queueId: string) => (client: PoolClient) =>
  client.query('SELECT FROM outbound_calls WHERE business_id = $1 AND id = $2 FOR UPDATE', [
    businessId,
    queueId,
  ]);

describe('a late retry while the number is enqueued', () => {
  const lateReports = {
    'its worker': ({ queueId, LeaseToken }: { queueId: string; LeaseToken: string }) =>
      fail(queueId, LeaseToken, 'UserNoAnswer', { Retryable: true }),
    'its conversation': async ({ queueId }: { queueId: string }) => {
      await append('s1', ended('UserNoAnswer', { Status: 'Failed' }));
      await follow(queueId);
    },
  };
  test.each(Object.entries(lateReports))(
    'a late report of %s schedules no retry if the other call commits first',
    async (_, report) => {
      const RecipientNumber = nextNumber();
      const call = await abandoned('s1', { Retry, RecipientNumber });
      const other = await initiate({ CampaignId: 'c', RecipientNumber });
      const setRepeat =
        'UPDATE outbound_calls SET is_repeat = $3 WHERE business_id = $1 AND id = $2';
      await server.sql.query(setRepeat, [businessId, other, true]);
      // As enqueueing the number does before its commit.
      const enqueueing = (client: PoolClient) =>
        client.query(setRepeat, [businessId, other, false]);
      const [reported] = await whileOpen(enqueueing, () => report(call));
      expect(reported).toMatchObject({ status: 'fulfilled' });
      expect(await read(call.queueId)).toMatchObject({
        Status: 'Failed',
        LastReason: 'UserNoAnswer',
      });
      expect((await decisions(call.queueId)).slice(-2)).toEqual([
        'AttemptEnded UserNoAnswer',
        'Failed UserNoAnswer',
      ]);
      expect(await leasedIds({ Max: 10 })).toEqual([other]);
      expect(await wrongCounts(server)).toEqual([]);
    },
  );

  test('a late retry or an enqueued call of the same number wins, and never both', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      businessId = await server.newBusiness();
      const RecipientNumber = nextNumber();
      const { queueId, LeaseToken } = await abandoned(`s${round}`, { Retry, RecipientNumber });
      const enqueue = () =>
        second.admin
          .initiateCall({ businessId, NumberId: 'n', CampaignId: 'c', RecipientNumber } as never)
          .then(
            () => 'enqueued',
            ({ status }) => status,
          );
      const report = () => fail(queueId, LeaseToken).then(({ Status }) => Status);
      const [enqueued, reported] =
        round % 2 === 0
          ? await Promise.all([enqueue(), report()])
          : (await Promise.all([report(), enqueue()])).reverse();
      outcomes.add(`${enqueued} ${reported}`);
      server.clock.advance(60);
      expect(await leasedIds({ Max: 10 })).toHaveLength(1);
    }
    expect(['enqueued Failed', '400 Queued']).toEqual(expect.arrayContaining([...outcomes]));
    expect(await wrongCounts(server)).toEqual([]);
  });
});

describe('concurrent forced cancels and reports', () => {
  const force = (queueId: string) => cancel(queueId, { Force: true });
  const conflict = { status: 'rejected', reason: { status: 409 } };

  test('a forced cancel before a report ends the call as Canceled, with its conversation', async () => {
    await campaign();
    const { queueId, LeaseToken } = await underWay('s1', { Retry });
    const [canceled, reported] = await whileOpen(
      lockCall(queueId),
      () => force(queueId),
      () => complete(queueId, LeaseToken, { EndType: 'Normal' }),
    );
    expect(canceled).toMatchObject({ status: 'fulfilled', value: { Status: 'Canceled' } });
    expect(reported).toMatchObject(conflict);
    expect(await conversation('s1')).toMatchObject({ EndType: 'MidSessionFailure' });
    await follow(queueId);
    expect(await decisions(queueId)).toEqual(['Enqueued', 'Leased', 'Canceled']);
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a completion before a forced cancel ends the call as Completed and keeps its conversation', async () => {
    await campaign();
    const { queueId, LeaseToken } = await underWay('s1');
    const [reported, canceled] = await whileOpen(
      lockCall(queueId),
      () => complete(queueId, LeaseToken, { EndType: 'Normal' }),
      () => force(queueId),
    );
    expect(reported).toMatchObject({ status: 'fulfilled', value: { Status: 'Completed' } });
    expect(canceled).toMatchObject(conflict);
    expect(await conversation('s1')).toMatchObject({ Status: 'Active', EndType: null });
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a forced cancel after a failure cancels the scheduled retry', async () => {
    await campaign();
    const { queueId, LeaseToken } = await underWay('s1', { Retry });
    const [reported, canceled] = await whileOpen(
      lockCall(queueId),
      () => fail(queueId, LeaseToken),
      () => force(queueId),
    );
    expect(reported).toMatchObject({ status: 'fulfilled', value: { Status: 'Queued' } });
    expect(canceled).toMatchObject({ status: 'fulfilled', value: { Status: 'Canceled' } });
    server.clock.advance(60);
    expect(await lease()).toEqual([]);
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('two concurrent forced cancels end the call and its conversation once', async () => {
    await campaign();
    const { queueId } = await underWay('s1');
    const both = await whileOpen(
      lockCall(queueId),
      () => force(queueId),
      () => second.admin.cancelOutboundQueue({ businessId, queueId, Force: true }),
    );
    const canceled = { status: 'fulfilled', value: { Status: 'Canceled' } };
    expect(both).toMatchObject([canceled, canceled]);
    expect(await decisions(queueId)).toEqual(['Enqueued', 'Leased', 'Canceled']);
    const { Logs } = await conversation('s1');
    expect(Logs).toHaveLength(1);
  });

  test('a forced cancel and a concurrent end of the conversation end it once', async () => {
    await campaign();
    for (const round of [1, 2, 3, 4]) {
      const { queueId } = await underWay(`s${round}`, { Retry });
      const [canceled, appended] = await Promise.allSettled([
        force(queueId),
        append(`s${round}`, ended('Normal')),
      ]);
      const { EndType } = await conversation(`s${round}`);
      const { Status } = await read(queueId);
      if (canceled.status === 'fulfilled') expect(Status).toBe('Canceled');
      else expect(Status).toBe('Processing');
      if (appended.status === 'fulfilled') expect(EndType).toBe('Normal');
      else expect(EndType).toBe('MidSessionFailure');
      await follow(queueId);
      expect(await read(queueId)).toMatchObject({ SessionEndType: EndType });
    }
    expect(await wrongCounts(server)).toEqual([]);
  });
});

test('a silent call found by two servers concurrently is ended once', async () => {
  await campaign({ AbandonAfterSeconds: 30 });
  const { queueId } = await underWay('s1');
  server.clock.advance(30);
  await whileOpen(
    lockCall(queueId),
    () => endAllSilent(server.app.ctx),
    () => endAllSilent(second.app.ctx),
  );
  expect(await decisions(queueId)).toEqual([
    'Enqueued',
    'Leased',
    'AttemptEnded MidSessionFailure',
    'Failed MidSessionFailure',
  ]);
  expect(await wrongCounts(server)).toEqual([]);
});

test('a silent call whose worker reports while servers look for it has one outcome', async () => {
  await campaign({ AbandonAfterSeconds: 30 });
  const { queueId, LeaseToken } = await underWay('s1', { Retry });
  server.clock.advance(30);
  const [, reported] = await whileOpen(
    lockCall(queueId),
    () => endAllSilent(server.app.ctx),
    () => second.admin.completeOutboundCall({ businessId, queueId, LeaseToken, EndType: 'Normal' }),
  );
  expect(reported).toMatchObject({ status: 'fulfilled', value: { Status: 'Completed' } });
  expect((await decisions(queueId)).slice(2)).toEqual([
    'AttemptEnded MidSessionFailure',
    'Failed MidSessionFailure',
    'AttemptEnded Normal',
    'Completed Normal',
  ]);
  expect(await wrongCounts(server)).toEqual([]);
});

describe('a call whose recording is still being uploaded to another server', () => {
  function startUpload(sessionId: string) {
    const chunks = new TransformStream<Uint8Array, Uint8Array>();
    const writer = chunks.writable.getWriter();
    const upload = { participantId: '_mixed', audio: chunks.readable, contentType: 'audio/wav' };
    const response = server.admin.putRecording({ businessId, sessionId, ...upload });
    return {
      response,
      send: (chunk: Uint8Array) => writer.write(chunk),
      end: () => writer.close(),
      abort: () => writer.abort(new Error('the test breaks off')),
    };
  }
  const isNoted = async () => {
    const { rows } = await server.sql.query<{ noted: boolean }>(
      'SELECT coalesce(audio_at = $2, false) AS noted FROM live_conversations WHERE business_id = $1',
      [businessId, new Date(server.clock.now())],
    );
    return rows[0]?.noted ?? false;
  };
  const look = () => endAllSilent(second.app.ctx);

  test('a call stays in progress until AbandonAfterSeconds after the last byte of an upload', async () => {
    await campaign({ AbandonAfterSeconds: 30 });
    const { queueId } = await underWay('s1');
    const upload = startUpload('s1');
    const audio = silence();
    for (const part of [0, 1000, 2000]) {
      server.clock.advance(29);
      await upload.send(audio.subarray(part, part + 1000));
      await until(isNoted);
      await look();
    }
    server.clock.advance(29);
    await look();
    expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
    server.clock.advance(1);
    await look();
    expect(await read(queueId)).toMatchObject({
      Status: 'Failed',
      LastReason: 'MidSessionFailure',
    });
    await upload.send(audio.subarray(3000));
    await upload.end();
    expect(await upload.response).toMatchObject({ Bytes: audio.length });
  });

  test('a call stays in progress until AbandonAfterSeconds after the last byte of an aborted upload', async () => {
    await campaign({ AbandonAfterSeconds: 30 });
    const { queueId } = await underWay('s1');
    const upload = startUpload('s1');
    server.clock.advance(29);
    await upload.send(silence().subarray(0, 1000));
    await until(isNoted);
    await upload.abort();
    await expect(upload.response).rejects.toThrow();
    server.clock.advance(29);
    await look();
    expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
    server.clock.advance(1);
    await look();
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('bytes that arrive after the end of the conversation do not keep its call in progress', async () => {
    await campaign({ AbandonAfterSeconds: 30 });
    await underWay('s1');
    await append('s1', ended('AgentEndedCall'));
    await server.admin.putRecording({
      ...{ businessId, sessionId: 's1', participantId: '_mixed' },
      ...{ audio: silence(), contentType: 'audio/wav' },
    });
    expect(await isNoted()).toBe(false);
  });
});

test('a forced cancel answers with the ended conversation before any job has run', async () => {
  await campaign();
  const { queueId } = await underWay('s1');
  const ended = { SessionStatus: 'Failed', SessionEndType: 'MidSessionFailure' };
  expect(await cancel(queueId, { Force: true })).toMatchObject({ Status: 'Canceled', ...ended });
  expect(await read(queueId)).toMatchObject({ Status: 'Canceled', ...ended });
  expect((await decisions(queueId)).at(-1)).toBe('Canceled');
  expect(await wrongCounts(server)).toEqual([]);
});
