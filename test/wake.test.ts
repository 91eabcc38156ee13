import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../packages/server/src/base/clock.ts';
import { type House, openHouse } from './house.ts';
import { until } from './server-process.ts';

const overrides = { clock: systemClock };
const NumberId = 'n';
const LONG = { WorkerId: 'w', Max: 1, LeaseSeconds: 60, WaitSeconds: 30 };
/** In which a worker that waits has its call; it would look by itself only after five seconds. */
const SOON_MILLISECONDS = 2_500;

describe('a worker that waits on another server', () => {
  let first: House;
  let second: House;
  let businessId: number;
  beforeAll(async () => {
    first = await openHouse({ overrides });
    second = await openHouse({ connection: first.connection, overrides });
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
  /** Waits on the second server, and gives how long after the change it had its call. */
  async function waitsFor(change: () => Promise<unknown>): Promise<number> {
    const waiting = second.admin.leaseOutboundCalls({ businessId, ...LONG });
    await sleep(300);
    const begin = performance.now();
    await change();
    expect((await waiting).Calls).toHaveLength(1);
    return performance.now() - begin;
  }

  test('is woken when a call is enqueued', async () => {
    expect(await waitsFor(() => initiate())).toBeLessThan(SOON_MILLISECONDS);
  });

  test('is woken when the time of a call has come', async () => {
    await initiate({ Schedule: { DateTimeUTC: new Date(Date.now() + 800).toISOString() } });
    expect(await waitsFor(async () => undefined)).toBeLessThan(SOON_MILLISECONDS);
  });

  test('is woken when a campaign goes on', async () => {
    await first.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
    await initiate({ CampaignId: 'c' });
    const goOn = () => first.admin.putCampaign({ businessId, campaignId: 'c' });
    expect(await waitsFor(goOn)).toBeLessThan(SOON_MILLISECONDS);
  });

  test('is woken when a slot is free', async () => {
    await first.admin.putCampaign({ businessId, campaignId: 'c', MaxConcurrent: 1 });
    await initiate({ CampaignId: 'c' });
    await initiate({ CampaignId: 'c', RecipientNumber: '+4930123457' });
    const { Calls } = await first.admin.leaseOutboundCalls({ businessId, ...LONG });
    const { QueueId: queueId = '', LeaseToken = '' } = Calls[0] ?? {};
    const complete = () => first.admin.completeOutboundCall({ businessId, queueId, LeaseToken });
    expect(await waitsFor(complete)).toBeLessThan(SOON_MILLISECONDS);
  });

  test('is woken when a lease runs out', async () => {
    await initiate();
    const short = { ...LONG, LeaseSeconds: 1 };
    expect((await first.admin.leaseOutboundCalls({ businessId, ...short })).Calls).toHaveLength(1);
    expect(await waitsFor(async () => undefined)).toBeLessThan(SOON_MILLISECONDS);
  });

  test('is woken although its connection was lost meanwhile', async () => {
    const waitedFor = await waitsFor(async () => {
      await first.sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'colloquy-wake' AND datname = current_database()`,
      );
      await initiate();
    });
    expect(waitedFor).toBeLessThan(SOON_MILLISECONDS);
  });
});

test('a worker that waits is answered when the server stops', async () => {
  const house = await openHouse();
  const businessId = await house.newBusiness();
  const waiting = house.admin.leaseOutboundCalls({ businessId, ...LONG });
  const begin = performance.now();
  await until(() => performance.now() - begin > 200, 1_000);
  const closing = house[Symbol.asyncDispose]();
  expect(await waiting).toEqual({ Calls: [] });
  await closing;
  expect(performance.now() - begin).toBeLessThan(5_000);
});
