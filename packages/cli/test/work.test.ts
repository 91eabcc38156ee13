import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../test/servers/server-process.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../../../test/servers/test-server.ts';
import { systemClock } from '../../server/src/kernel/clock.ts';
import { work } from '../src/work/worker.ts';
import { runCli } from './run-cli.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer({ overrides: { clock: systemClock } });
  await server.app.work();
  businessId = await server.newBusiness();
});
afterAll(() => server[Symbol.asyncDispose]());

const run = (...args: string[]) =>
  runCli(['work', '--business', String(businessId), ...args], { url: server.url, key: ADMIN_KEY });

test('work --simulate plays calls of both directions to their end', async () => {
  const Recipients = Array.from({ length: 6 }, (_, at) => ({
    RecipientNumber: `+1555123400${at}`,
  }));
  await server.admin.initiateCall({ businessId, NumberId: 'n', CampaignId: 'demo', Recipients });
  for (const [at, CallerNumber] of ['+15551234567', 'tel:+1-555-123-4567'].entries()) {
    await server.admin.receiveCall({
      businessId,
      NumberId: 'n',
      CallerNumber,
      Provider: 'carrier',
      ProviderCallId: String(at),
    });
  }
  const { code, stdout, stderr } = await run('--simulate', '--count', '8', '--speed', '100000');
  expect([code, stderr.split('\n').at(-2)]).toEqual([0, '8 calls worked.']);
  expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(8);
  const waiting = async () => {
    const QueueStatusTypes = ['Queued', 'Processing'];
    const outbound = await server.admin.countOutboundQueues({ businessId, QueueStatusTypes });
    return outbound + (await server.admin.countInboundQueues({ businessId, QueueStatusTypes }));
  };
  await until(async () => (await waiting()) === 0);
  const { Items } = await server.admin.getOutboundQueues({ businessId, Limit: 100 });
  const { Items: sessions } = await server.admin.getConversations({ businessId, Limit: 100 });
  for (const { QueueId, SessionId, SessionEndType, Attempts } of Items) {
    expect([SessionEndType, Attempts]).toEqual([expect.any(String), 1]);
    if (SessionId === null) continue;
    expect(sessions.find(({ Id }) => Id === SessionId)).toMatchObject({
      QueueId,
      Status: 'Completed',
      InitiationType: 'Outbound',
    });
  }
  const callers = sessions.filter(({ InitiationType }) => InitiationType === 'Inbound');
  expect(callers.length).toBeGreaterThan(0);
  for (const { Clients } of callers) expect(Clients[0]?.PhoneNumber).toBe('+15551234567');
}, 60_000);

test('a worker waits while a quota is reached, and continues after it was raised', async () => {
  const business = await server.newBusiness();
  const setQuota = (ConversationsPerMonth: number | null) =>
    server.admin.updateBusiness({
      businessId: business,
      Quotas: { ConversationsPerMonth, MinutesPerMonth: null, StoredBytes: null },
    });
  await setQuota(0);
  const stop = new AbortController();
  const lines: string[] = [];
  const working = work({
    ...{ client: server.admin, businessId: business, workerId: 'w', directions: ['outbound'] },
    ...{ slots: 1, speed: 100_000, count: 1, stop: stop.signal, retryQuotaAfter: 50 },
    log: (line) => lines.push(line),
  });
  await until(async () => lines.some((line) => line.includes('QUOTA_EXCEEDED')));
  await setQuota(null);
  await server.admin.initiateCall({
    ...{ businessId: business, NumberId: 'n', RecipientNumber: '+15551234567' },
  });
  expect(await working).toEqual({ played: 1, failed: 0 });
});

test('work without --simulate exits with 2 and names the option', async () => {
  const { code, stderr } = await run();
  expect([code, stderr]).toEqual([2, expect.stringMatching(/give --simulate/)]);
});
