import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOOK_MILLISECONDS } from '../../packages/server/src/queues/lease/expire.ts';
import { silence, tablesContaining } from '../fixtures/kept-calls.ts';
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
const { at, initiate, lease, leasedIds, leaseOne, read, history, decisions, heartbeat } = actions;
const { becomes, append, ended, complete, campaign, underWay, endSilent, cancel, conversation } =
  actions;
const Retry = { MaxAttempts: 3, On: ['UserNoAnswer'], DelaySeconds: 60 };

const sayMore = (sessionId: string, EventId: string) =>
  append(sessionId, { EventId, Type: 'LogAdded', Timestamp: at(), Level: 'Info', Message: 'm' });

describe('a call whose worker and conversation are silent', () => {
  test('a silent call ends with MidSessionFailure after AbandonAfterSeconds and frees its slot', async () => {
    expect(await campaign()).toMatchObject({ AbandonAfterSeconds: 900 });
    const { queueId, LeaseToken } = await underWay('s1', {
      Retry: { ...Retry, On: ['MidSessionFailure'] },
    });
    const next = await initiate({ CampaignId: 'c' });
    server.clock.advance(899);
    expect(await lease()).toEqual([]);
    expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
    server.clock.advance(1);
    expect(await leasedIds()).toEqual([next]);
    // No retry while its conversation is live.
    expect(await read(queueId)).toMatchObject({
      Status: 'Failed',
      CompletedAt: at(),
      LastReason: 'MidSessionFailure',
      SessionStatus: 'Active',
      NextAttemptAt: null,
    });
    expect(await decisions(queueId)).toEqual([
      'Enqueued',
      'Leased',
      'AttemptEnded MidSessionFailure',
      'Failed MidSessionFailure',
    ]);
    expect(await heartbeat(queueId, LeaseToken)).toMatchObject({ Status: 'Failed' });
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a silent call is ended although no worker asks for calls', async () => {
    await campaign({ AbandonAfterSeconds: 30 });
    const { queueId } = await underWay('s1');
    server.clock.advance(30);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('an idle server looks for silent calls at least every 10 s', async () => {
    expect(LOOK_MILLISECONDS).toBeLessThanOrEqual(10_000);
    await campaign({ AbandonAfterSeconds: 30 });
    const { queueId } = await underWay('s1');
    server.clock.advance(30);
    await becomes(queueId, 'Failed');
  });

  test('events of its conversation keep a call in progress', async () => {
    await campaign({ AbandonAfterSeconds: 60 });
    const { queueId } = await underWay('s1');
    for (const id of ['m1', 'm2', 'm3']) {
      server.clock.advance(59);
      await endSilent();
      await sayMore('s1', id);
    }
    server.clock.advance(59);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
    server.clock.advance(1);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('recordings of its conversation keep a call in progress', async () => {
    await campaign({ AbandonAfterSeconds: 60 });
    const { queueId } = await underWay('s1');
    for (const ClientId of ['c1', 'c2', 'c3']) {
      const joined = {
        Type: 'ClientJoined',
        ClientId,
        ClientType: 'Phone',
        Timestamp: at(),
      } as const;
      await append('s1', { EventId: ClientId, ...joined });
    }
    for (const participantId of ['c1', 'c2', 'c3']) {
      server.clock.advance(59);
      await endSilent();
      const upload = { audio: silence(), contentType: 'audio/wav' };
      await server.admin.putRecording({
        ...{ businessId, sessionId: 's1', participantId, ...upload },
      } as never);
    }
    server.clock.advance(59);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
    server.clock.advance(1);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('heartbeats of its worker keep a call in progress until the last lease expires', async () => {
    await campaign({ AbandonAfterSeconds: 60 });
    const { queueId, LeaseToken } = await underWay('s1');
    server.clock.advance(59);
    await heartbeat(queueId, LeaseToken, 300);
    server.clock.advance(299);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
    server.clock.advance(1);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('a silent call follows a change of AbandonAfterSeconds', async () => {
    await campaign({ AbandonAfterSeconds: 86_400 });
    const { queueId } = await underWay('s1');
    server.clock.advance(60);
    await campaign({ AbandonAfterSeconds: 20 });
    server.clock.advance(20);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('a silent call that an earlier release leased is ended too', async () => {
    await campaign({ AbandonAfterSeconds: 60 });
    const { queueId } = await underWay('s1');
    await server.sql.query(
      'UPDATE outbound_calls SET watch_at = NULL, lease_until = NULL WHERE business_id = $1',
      [businessId],
    );
    server.clock.advance(59);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Processing' });
    server.clock.advance(1);
    await endSilent();
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('an AbandonAfterSeconds outside 1 to 86,400 is refused', async () => {
    for (const AbandonAfterSeconds of [0, 86_401]) {
      await expect(campaign({ AbandonAfterSeconds })).rejects.toMatchObject({ status: 400 });
    }
  });
});

describe('a conversation that reports after its attempt was abandoned', () => {
  const abandoned = async (more: object = {}) => (await actions.abandoned(more)).queueId;

  test('a late conversation replaces MidSessionFailure by its outcome, and the history shows both', async () => {
    const queueId = await abandoned({ Retry });
    await append('s1', ended('AgentEndedCall'));
    await becomes(queueId, 'Completed');
    expect(await read(queueId)).toMatchObject({
      SessionEndType: 'AgentEndedCall',
      CompletedAt: at(),
      LastReason: null,
      Attempts: 1,
    });
    expect(await decisions(queueId)).toEqual([
      'Enqueued',
      'Leased',
      'AttemptEnded MidSessionFailure',
      'Failed MidSessionFailure',
      'AttemptEnded AgentEndedCall',
      'Completed AgentEndedCall',
    ]);
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a late conversation schedules a retry if its end type is in Retry.On', async () => {
    const queueId = await abandoned({ Retry });
    await append('s1', ended('UserNoAnswer', { Status: 'Failed' }));
    await becomes(queueId, 'Queued');
    expect(await read(queueId)).toMatchObject({ NextAttemptAt: at(60), CompletedAt: null });
    server.clock.advance(60);
    expect(await leaseOne()).toMatchObject({ QueueId: queueId, Attempts: 2 });
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('a late conversation that ends with MidSessionFailure schedules the retry for it', async () => {
    const queueId = await abandoned({ Retry: { ...Retry, On: ['MidSessionFailure'] } });
    await append('s1', ended('MidSessionFailure', { Status: 'Failed' }));
    await becomes(queueId, 'Queued');
    expect(await read(queueId)).toMatchObject({ NextAttemptAt: at(60) });
  });

  test('a late conversation schedules no retry if no attempts remain', async () => {
    const queueId = await abandoned({ Retry: { ...Retry, MaxAttempts: 1 } });
    await append('s1', ended('UserNoAnswer', { Status: 'Failed' }));
    await until(async () => (await read(queueId)).LastReason === 'UserNoAnswer');
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });

  test('a late conversation schedules no retry if the number waits in its campaign again', async () => {
    const RecipientNumber = nextNumber();
    const queueId = await abandoned({ Retry, RecipientNumber });
    await initiate({ CampaignId: 'c', RecipientNumber });
    await append('s1', ended('UserNoAnswer', { Status: 'Failed' }));
    await until(async () => (await read(queueId)).LastReason === 'UserNoAnswer');
    expect(await read(queueId)).toMatchObject({ Status: 'Failed' });
  });
});

describe('forced cancels', () => {
  test('a forced cancel ends a call in progress, its lease and its conversation, and frees its slot', async () => {
    await campaign();
    const { queueId, LeaseToken } = await underWay('s1');
    const next = await initiate({ CampaignId: 'c' });
    expect(await lease()).toEqual([]);
    await expect(cancel(queueId)).rejects.toMatchObject({ status: 409 });
    await expect(cancel(queueId, { Force: false })).rejects.toMatchObject({ status: 409 });
    server.clock.advance(2);
    const canceled = await cancel(queueId, { Force: true, Reason: 'stuck' });
    expect(canceled).toMatchObject({ Status: 'Canceled', LastReason: 'stuck', CompletedAt: at() });
    expect(await conversation('s1')).toMatchObject({
      Status: 'Failed',
      EndType: 'MidSessionFailure',
      EndTime: at(),
    });
    expect(await leasedIds()).toEqual([next]);
    await expect(complete(queueId, LeaseToken)).rejects.toMatchObject({ status: 409 });
    expect(await cancel(queueId, { Force: true })).toMatchObject({ Status: 'Canceled' });
    await until(async () => (await read(queueId)).SessionEndType === 'MidSessionFailure');
    expect((await decisions(queueId)).slice(-1)).toEqual(['Canceled stuck']);
    expect((await history(queueId)).at(-1)?.Details).toBe(
      'Canceled by force with conversation s1: stuck',
    );
  });

  test('a job ends the conversation of a forced cancel if the server died before', async () => {
    await campaign();
    const { queueId } = await underWay('s1');
    await server.sql.query(
      `SELECT graphile_worker.add_job('end-conversation',
         payload => json_build_object('businessId', $1::bigint, 'conversationId', 's1'))`,
      [businessId],
    );
    await until(async () => (await conversation('s1')).EndType === 'MidSessionFailure');
    await becomes(queueId, 'Failed');
  });

  test('a forced cancel of a waiting call acts like an ordinary one, and of an ended call is refused', async () => {
    const waiting = await initiate();
    expect(await cancel(waiting, { Force: true })).toMatchObject({ Status: 'Canceled' });
    const done = await initiate();
    const { LeaseToken } = await leaseOne();
    await complete(done, LeaseToken, { EndType: 'Normal' });
    await expect(cancel(done, { Force: true })).rejects.toMatchObject({ status: 409 });
  });
});

test('history and simulation name the calls that occupy the slots of a full campaign', async () => {
  await campaign();
  const { queueId } = await underWay('s1');
  const next = await initiate({ CampaignId: 'c' });
  expect(await lease()).toEqual([]);
  server.clock.advance(1);
  expect((await history(next)).at(-1)).toMatchObject({ Reason: 'NO_SLOT', OccupiedBy: [queueId] });
  const simulation = await server.admin.simulateOutboundQueue({ businessId, CallSeconds: 60 });
  expect(simulation.Occupied).toEqual([
    { CampaignId: 'c', MaxConcurrent: 1, OccupiedBy: [queueId] },
  ]);
});

describe('the history of a call that waited for a slot', () => {
  const occupiedBy = async (queueId: string) =>
    (await history(queueId)).flatMap(({ Reason, OccupiedBy }) =>
      Reason === 'NO_SLOT' ? [OccupiedBy] : [],
    );
  /** Leases a call, and lets another worker find the campaign full. */
  async function leaseNext() {
    const { QueueId, LeaseToken } = await leaseOne();
    expect(await lease()).toEqual([]);
    server.clock.advance(10);
    return { QueueId, finish: () => complete(QueueId, LeaseToken, { EndType: 'Normal' }) };
  }

  test('the history names the call that occupied the slot, also after the waiting call is completed', async () => {
    await campaign();
    const { queueId } = await underWay('s1');
    const next = await initiate({ CampaignId: 'c' });
    expect(await lease()).toEqual([]);
    server.clock.advance(1);
    await cancel(queueId, { Force: true });
    expect(await occupiedBy(next)).toEqual([[queueId]]);
    server.clock.advance(1);
    const { LeaseToken } = await leaseOne();
    expect(await occupiedBy(next)).toEqual([[queueId]]);
    await complete(next, LeaseToken, { EndType: 'Normal' });
    expect(await occupiedBy(next)).toEqual([[queueId]]);
  });

  test('the history does not name an erased call', async () => {
    await campaign();
    const PhoneNumber = nextNumber();
    await initiate({ CampaignId: 'c', RecipientNumber: PhoneNumber });
    const next = await initiate({ CampaignId: 'c' });
    const occupant = await leaseNext();
    await occupant.finish();
    await leaseNext();
    expect(await occupiedBy(next)).toEqual([[occupant.QueueId]]);
    const erasure = { businessId, PhoneNumber, Mode: 'Erase', Reason: 'asked' } as never;
    const { ErasureId: erasureId } = await server.admin.createErasure(erasure);
    await until(async () => {
      const { Status } = await server.admin.getErasure({ businessId, erasureId });
      return Status === 'Completed';
    });
    expect(await occupiedBy(next)).toEqual([undefined]);
    expect(await tablesContaining(server, businessId, occupant.QueueId)).not.toContain(
      'slot_occupants',
    );
  });

  test('the history names all calls that occupied the slot during the wait, and no others', async () => {
    await campaign();
    const [first, second] = [
      await initiate({ CampaignId: 'c' }),
      await initiate({ CampaignId: 'c' }),
    ];
    const a = await leaseNext();
    const third = await initiate({ CampaignId: 'c' });
    server.clock.advance(10);
    await a.finish();
    const b = await leaseNext();
    expect(b.QueueId).toBe(second);
    expect(await occupiedBy(third)).toEqual([[second]]);
    const last = await initiate({ CampaignId: 'c' });
    server.clock.advance(10);
    await b.finish();
    const c = await leaseNext();
    expect(c.QueueId).toBe(third);
    await c.finish();
    await leaseOne();
    expect(await occupiedBy(second)).toEqual([[first]]);
    expect(await occupiedBy(third)).toEqual([[first, second]]);
    expect(await occupiedBy(last)).toEqual([[second, third]]);
  });
});
