import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { topicOf } from '../../packages/server/src/queues/lease/notify-workers.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

// Workers poll only after an hour, longer than a test may take, so only a notification ends a wait.
const overrides = { clock: systemClock, lookAgainMs: 3_600_000 };
const NumberId = 'n';
const LONG = { WorkerId: 'w', Max: 1, LeaseSeconds: 60, WaitSeconds: 60 };
const TEST_TIMEOUT = 50_000;
const untilWaiting = ({ app }: TestServer, businessId: number) =>
  expect.poll(() => app.ctx.notifier.waitingFor(topicOf({ businessId }, 'outbound'))).toBe(1);

describe('a worker that waits on another server', { timeout: TEST_TIMEOUT }, () => {
  let first: TestServer;
  let second: TestServer;
  let businessId: number;
  beforeAll(async () => {
    first = await startTestServer({ overrides });
    second = await startTestServer({ connection: first.connection, overrides });
  });
  afterAll(async () => {
    await second[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    businessId = await first.newBusiness();
  });

  const initiate = async (more: object = {}) => {
    const call = { businessId, NumberId, RecipientNumber: '+4930123456', ...more };
    return (await first.admin.initiateCall(call as never)).QueueIds[0] ?? '';
  };
  /** Waits on the second server until it gets the call that the change makes due. */
  async function expectWoken(change: () => Promise<unknown>): Promise<void> {
    const waiting = second.admin.leaseOutboundCalls({ businessId, ...LONG });
    await untilWaiting(second, businessId);
    await change();
    expect((await waiting).Calls).toHaveLength(1);
  }

  test('a waiting worker is notified when a call is enqueued on another server', async () => {
    await expectWoken(() => initiate());
  });

  test('a waiting worker gets a call when its scheduled time comes', async () => {
    await initiate({ Schedule: { DateTimeUTC: new Date(Date.now() + 800).toISOString() } });
    await expectWoken(async () => undefined);
  });

  test('a waiting worker is notified when a campaign is resumed on another server', async () => {
    await first.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
    await initiate({ CampaignId: 'c' });
    const resume = () => first.admin.putCampaign({ businessId, campaignId: 'c' });
    await expectWoken(resume);
  });

  test('a waiting worker is notified when a call of a full campaign ends', async () => {
    await first.admin.putCampaign({ businessId, campaignId: 'c', MaxConcurrent: 1 });
    await initiate({ CampaignId: 'c' });
    await initiate({ CampaignId: 'c', RecipientNumber: '+4930123457' });
    const { Calls } = await first.admin.leaseOutboundCalls({ businessId, ...LONG });
    const { QueueId: queueId = '', LeaseToken = '' } = Calls[0] ?? {};
    const complete = () => first.admin.completeOutboundCall({ businessId, queueId, LeaseToken });
    await expectWoken(complete);
  });

  test('a waiting worker gets a call when its lease expires', async () => {
    await initiate();
    const short = { ...LONG, LeaseSeconds: 1 };
    expect((await first.admin.leaseOutboundCalls({ businessId, ...short })).Calls).toHaveLength(1);
    await expectWoken(async () => undefined);
  });

  test('a waiting worker is notified although the connection of the notifier was lost', async () => {
    await expectWoken(async () => {
      await first.sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'colloquy-wake' AND datname = current_database()`,
      );
      await initiate();
    });
  });
});

test(
  'a waiting worker is answered when the server stops',
  async () => {
    const server = await startTestServer({ overrides: { lookAgainMs: overrides.lookAgainMs } });
    const businessId = await server.newBusiness();
    const waiting = server.admin.leaseOutboundCalls({ businessId, ...LONG });
    await untilWaiting(server, businessId);
    const closing = server[Symbol.asyncDispose]();
    expect(await waiting).toEqual({ Calls: [] });
    await closing;
  },
  TEST_TIMEOUT,
);
