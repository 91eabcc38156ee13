import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@colloquy/sdk';
import { expect, test } from 'vitest';
import { wrongCounts } from '../fixtures/queue-actions.ts';
import { type ServerProcess, startServer, until } from '../servers/server-process.ts';
import { openProxy, type TcpProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { openPool, testDatabase } from '../servers/test-server.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const { rounds, seed, timeoutMs } = proofSettings(1, 40);
/** More packets than a forced cancel, or the start of a server after it, sends. */
const MAX_CANCEL_PACKETS = 60;
/** More packets than a lease that ends a silent call sends. */
const MAX_SILENT_PACKETS = 60;
const ABANDON_AFTER_SECONDS = 1;

test(
  'a forced cancel that is killed at any point takes effect completely or not at all',
  async () => {
    const random = randomFrom(seed);
    await proveKills('cancel', async () => {
      const packets = 1 + Math.floor(random() ** 2 * MAX_CANCEL_PACKETS);
      return { packets, run: () => killCancel(packets) };
    });
  },
  timeoutMs,
);

test(
  'a silent call is ended exactly once if its server is killed at that moment',
  async () => {
    const random = randomFrom(seed);
    await proveKills('abandonment', async () => {
      const packets = 1 + Math.floor(random() ** 2 * MAX_SILENT_PACKETS);
      return { packets, run: () => killAbandonment(packets) };
    });
  },
  timeoutMs,
);

async function proveKills(
  what: string,
  prepare: () => Promise<{ packets: number; run: () => Promise<void> }>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const { packets, run } = await prepare();
    await run().catch((error: unknown) => {
      throw new Error(`${what}, round ${round}, seed ${seed}: killed after ${packets} packets`, {
        cause: error,
      });
    });
  }
  reportProof(`${rounds} times ${what}, killed after some packets to the database, seed ${seed}`);
}

/** A database, and a server connected through a proxy that counts packets. */
async function openTarget(closing: AsyncDisposableStack) {
  const { connection } = closing.use(await testDatabase());
  const proxy: TcpProxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const settings = { DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR };
  const start = async () => closing.use(await startServer(settings));
  const sql = openPool(connection);
  closing.defer(() => sql.end());
  return { start, sql, proxy };
}

/** A campaign with one slot, a call that occupies it and another that waits for it. */
async function openCalls(admin: Client, LeaseSeconds: number) {
  const { BusinessId: businessId } = await admin.createBusiness({ Name: 'Killed' });
  const settings = { MaxConcurrent: 1, AbandonAfterSeconds: ABANDON_AFTER_SECONDS };
  await admin.putCampaign({ businessId, campaignId: 'c', ...settings } as never);
  const enqueue = async (RecipientNumber: string) => {
    const call = { businessId, NumberId: 'n', CampaignId: 'c', RecipientNumber };
    return (await admin.initiateCall(call)).QueueIds[0] ?? '';
  };
  const queueId = await enqueue('+4930100001');
  const next = await enqueue('+4930100002');
  const { Calls } = await admin.leaseOutboundCalls({
    businessId,
    WorkerId: 'w1',
    Max: 1,
    LeaseSeconds,
  });
  const Events = [
    {
      EventId: 'start',
      Type: 'SessionStarted' as const,
      Timestamp: new Date().toISOString(),
      InitiationType: 'Outbound' as const,
      QueueId: queueId,
    },
  ];
  await admin.appendConversationEvents({ businessId, sessionId: 's1', Events });
  const here = { businessId, queueId };
  await until(async () => (await admin.getOutboundQueue(here)).SessionId === 's1');
  return { businessId, queueId, next, LeaseToken: Calls[0]?.LeaseToken ?? '' };
}

const decisionsOf = async (admin: Client, call: { businessId: number; queueId: string }) =>
  (await admin.getOutboundQueueHistory(call)).Entries.map(({ Decision }) => Decision);
const lease = async ({ admin }: ServerProcess, businessId: number) => {
  const request = { businessId, WorkerId: 'w2', Max: 2, LeaseSeconds: 600 };
  return (await admin.leaseOutboundCalls(request)).Calls.map(({ QueueId }) => QueueId);
};

async function killCancel(packets: number): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { start, sql, proxy } = await openTarget(closing);
  const first = await start();
  const { businessId, queueId, next, LeaseToken } = await openCalls(first.patient, 600);
  const here = { businessId, queueId };
  const sent = proxy.untilSent(packets);
  const canceling = first.admin.cancelOutboundQueue({ ...here, Force: true }).then(
    () => true,
    () => false,
  );
  await Promise.race([sent, canceling]);
  await first.end('SIGKILL');
  const wasAnswered = await canceling;
  const server = await start();
  const { Status } = await server.patient.getOutboundQueue(here);
  expect(wasAnswered ? ['Canceled'] : ['Canceled', 'Processing']).toContain(Status);
  const conversation = () => server.patient.getConversation({ businessId, sessionId: 's1' });
  if (Status === 'Processing') {
    expect(await conversation()).toMatchObject({ Status: 'Active' });
    await server.patient.cancelOutboundQueue({ ...here, Force: true });
  }
  await until(async () => (await conversation()).EndType === 'MidSessionFailure');
  expect((await conversation()).Logs).toHaveLength(1);
  // Repeats the request, like a client without an answer.
  expect(await server.patient.cancelOutboundQueue({ ...here, Force: true })).toMatchObject({
    Status: 'Canceled',
  });
  expect(await decisionsOf(server.patient, here)).toEqual(['Enqueued', 'Leased', 'Canceled']);
  expect(await lease(server, businessId)).toEqual([next]);
  const report = { ...here, LeaseToken, EndType: 'Normal' as const };
  await expect(server.patient.completeOutboundCall(report)).rejects.toMatchObject({ status: 409 });
  await until(async () => (await wrongCounts({ sql } as never)).length === 0);
}

async function killAbandonment(packets: number): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { start, sql, proxy } = await openTarget(closing);
  const [first, other] = [await start(), await start()];
  const { businessId, queueId, next } = await openCalls(first.patient, 1);
  const here = { businessId, queueId };
  const taken: string[] = [];
  const silentAt = Date.now() + 1000 * ABANDON_AFTER_SECONDS;
  await until(() => Date.now() > silentAt);
  const sent = proxy.untilSent(packets).then(() => true);
  for (let isSent = false; !isSent && taken.length === 0; ) {
    // A lease ends silent calls. If the server is killed before it answers, the lease is lost.
    const leasing = lease(first, businessId).then((ids) => taken.push(...ids));
    isSent = await Promise.race([sent, leasing.then(() => false)]);
    if (isSent) await Promise.all([first.end('SIGKILL'), leasing.catch(() => undefined)]);
  }
  await first.end('SIGKILL');
  // The remaining server and a starting one both check for silent calls.
  const started = await start();
  await until(async () => (await other.patient.getOutboundQueue(here)).Status === 'Failed');
  const atNext = { businessId, queueId: next };
  await until(async () => {
    taken.push(...(await lease(other, businessId)), ...(await lease(started, businessId)));
    return (await other.patient.getOutboundQueue(atNext)).Status === 'Processing';
  });
  expect(taken.length).toBeLessThanOrEqual(1);
  expect(await decisionsOf(started.patient, here)).toEqual([
    'Enqueued',
    'Leased',
    'AttemptEnded',
    'Failed',
  ]);
  expect(await decisionsOf(started.patient, atNext)).toSatisfy(
    (decisions: string[]) => decisions.filter((one) => one === 'Leased').length === 1,
  );
  await until(async () => (await wrongCounts({ sql } as never)).length === 0);
}
