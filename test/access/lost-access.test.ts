import type { Client } from '@colloquy/sdk';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { NumberId, nextNumber, wrongCounts } from '../fixtures/queue-actions.ts';
import { wavOf } from '../fixtures/wav.ts';
import { Browser, newEmail, openBrowser, reason } from '../servers/browser.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const WAITING = { Max: 1, LeaseSeconds: 60, WaitSeconds: 30 };

let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({
    connection: server.connection,
    overrides: { clock: server.clock },
  });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function newWorker(ExpiresAt?: string) {
  const businessId = await server.newBusiness();
  const user = await server.admin.createUser({ Email: newEmail(), Name: 'Worker' });
  const { UserId } = user;
  await server.admin.putMember({ businessId, UserId, Role: 'Admin' });
  const key = await server.admin.createApiKey({
    UserId,
    Name: 'worker',
    ...(ExpiresAt && { ExpiresAt }),
  });
  // Creates the queue, which a look-up locks.
  const queueId = await enqueue(businessId);
  await server.admin.cancelOutboundQueue({ businessId, queueId });
  return { businessId, user, key };
}
type Worker = Awaited<ReturnType<typeof newWorker>>;

async function enqueue(businessId: number, more: object = {}): Promise<string> {
  const call = { businessId, NumberId, RecipientNumber: nextNumber(), ...more };
  return (await server.admin.initiateCall(call as never)).QueueIds[0] ?? '';
}

const isBlocked = async () => {
  const { rows } = await server.sql.query(
    `SELECT count(*)::int AS blocked FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'colloquy'`,
  );
  return rows[0].blocked > 0;
};

/** Does `work` while `lock` blocks the request that `begin` started. */
async function whileBlocked<T>(
  lock: string,
  begin: () => T,
  work: () => Promise<unknown>,
): Promise<T> {
  const locker = new pg.Client(server.connection);
  locker.on('error', () => undefined);
  await locker.connect();
  await locker.query(`BEGIN; ${lock}`);
  try {
    const begun = begin();
    await vi.waitFor(async () => expect(await isBlocked()).toBe(true), 5_000);
    await work();
    await locker.query('COMMIT');
    return begun;
  } finally {
    await locker.end();
  }
}

const queueOf = (businessId: number) =>
  `SELECT FROM call_queues WHERE business_id = ${businessId} FOR NO KEY UPDATE`;

/** Starts a lease that waits for a call; resolves once its first look-up has begun. */
const startWaiting = async (client: Client, businessId: number, WorkerId = 'lost') => {
  const lease = () => ({
    promise: client.leaseOutboundCalls({ businessId, WorkerId, ...WAITING }),
  });
  return whileBlocked(queueOf(businessId), lease, async () => {});
};

const CHANGES: Record<string, { change(worker: Worker): Promise<unknown>; code: string }> = {
  'its key was revoked': {
    change: ({ key }) => server.admin.revokeApiKey({ apiKeyId: key.ApiKeyId }),
    code: 'API_KEY_INVALID',
  },
  'its key expired': {
    change: async () => server.clock.advance(120),
    code: 'API_KEY_INVALID',
  },
  'its user was disabled': {
    change: ({ user }) => server.admin.updateUser({ userId: user.UserId, IsDisabled: true }),
    code: 'USER_DISABLED',
  },
  'its user was removed from the business': {
    change: ({ businessId, user }) =>
      server.admin.removeMember({ businessId, userId: user.UserId }),
    code: 'BUSINESS_ACCESS_DENIED',
  },
  'its user became a Viewer': {
    change: ({ businessId, user }) =>
      server.admin.putMember({ businessId, UserId: user.UserId, Role: 'Viewer' }),
    code: 'PERMISSION_DENIED',
  },
  'the business was disabled': {
    change: ({ businessId }) => server.admin.updateBusiness({ businessId, IsDisabled: true }),
    code: 'BUSINESS_DISABLED',
  },
  'editing was disabled for the business': {
    change: ({ businessId }) =>
      server.admin.updateBusiness({ businessId, IsEditingEnabled: false }),
    code: 'BUSINESS_EDITING_DISABLED',
  },
};
const NODES = { 'the same node': () => server, 'another node': () => other };
const closesBusiness = (condition: string) =>
  condition.includes('business was') || condition.startsWith('editing');
const soon = () => new Date(server.clock.now() + 60_000).toISOString();
const newWorkerFor = (condition: string) =>
  newWorker(condition.includes('expired') ? soon() : undefined);

describe.each(Object.entries(NODES))('a waiting lease on %s', (_, node) => {
  describe.each(Object.entries(CHANGES))('if %s', (condition, { change, code }) => {
    it('a waiting lease is refused, and the call goes to another waiting worker', async () => {
      const worker = await newWorkerFor(condition);
      const { businessId } = worker;
      const { promise: lost } = await startWaiting(node().client(worker.key.Key), businessId);
      const refusal = reason(lost);
      await change(worker);
      if (closesBusiness(condition)) {
        // Wakes the lease, as a new call would.
        node().app.ctx.notifier.publish(`outbound calls ${businessId}`);
        expect(await refusal).toBe(code);
        return;
      }
      const good = node().admin.leaseOutboundCalls({ businessId, WorkerId: 'good', ...WAITING });
      const queueId = await enqueue(businessId);
      expect((await good).Calls.map(({ QueueId }) => QueueId)).toEqual([queueId]);
      expect(await refusal).toBe(code);
      const { Attempts } = await server.admin.getOutboundQueue({ businessId, queueId });
      expect(Attempts).toBe(1);
    });

    it('a lease is refused if the change happens while it waits for the queue lock', async () => {
      const worker = await newWorkerFor(condition);
      const { businessId } = worker;
      const queueId = await enqueue(businessId);
      const client = node().client(worker.key.Key);
      const refusal = await whileBlocked(
        queueOf(businessId),
        () => ({
          reason: reason(client.leaseOutboundCalls({ businessId, WorkerId: 'lost', ...WAITING })),
        }),
        () => change(worker),
      );
      expect(await refusal.reason).toBe(code);
      const { rows } = await server.sql.query(
        `SELECT status, attempts, (SELECT count(*)::int FROM outbound_decisions d
           WHERE d.business_id = c.business_id AND d.call_id = c.id) AS decisions
         FROM outbound_calls c WHERE business_id = $1 AND id = $2`,
        [businessId, queueId],
      );
      expect(rows).toEqual([{ status: 'Queued', attempts: 0, decisions: 1 }]);
    });

    it('a lease returns its call to the queue if the change happens while it takes the call', async () => {
      const worker = await newWorkerFor(condition);
      const { businessId } = worker;
      await server.admin.putCampaign({
        businessId,
        campaignId: 'c',
        MaxAttemptsPerNumberPerDay: 1,
      });
      const queueId = await enqueue(businessId, { CampaignId: 'c' });
      const client = node().client(worker.key.Key);
      const refusal = await whileBlocked(
        'LOCK TABLE outbound_decisions IN SHARE MODE',
        () => ({
          reason: reason(client.leaseOutboundCalls({ businessId, WorkerId: 'lost', ...WAITING })),
        }),
        () => change(worker),
      );
      expect(await refusal.reason).toBe(code);
      await server.admin.updateBusiness({ businessId, IsDisabled: false, IsEditingEnabled: true });
      const { Status, Attempts } = await server.admin.getOutboundQueue({ businessId, queueId });
      expect({ Status, Attempts }).toEqual({ Status: 'Queued', Attempts: 0 });
      const { Entries } = await server.admin.getOutboundQueueHistory({ businessId, queueId });
      expect(Entries.map(({ Decision }) => Decision)).toEqual([
        'Enqueued',
        'Leased',
        'LeaseExpired',
      ]);
      expect(Entries.at(-1)?.Details).toContain(
        'the worker lost its access; this does not count as an attempt',
      );
      // The attempt does not count towards the daily limit.
      const { Calls } = await node().admin.leaseOutboundCalls({
        businessId,
        WorkerId: 'good',
        ...WAITING,
      });
      expect(Calls.map(({ QueueId }) => QueueId)).toEqual([queueId]);
      await vi.waitFor(async () => expect(await wrongCounts(server)).toEqual([]), 5_000);
    });
  });

  it('a waiting lease of a session is refused after the person signs out', async () => {
    const { businessId, user } = await newWorker();
    const browser = await openBrowser(node(), user.UserId);
    const { promise: lost } = await startWaiting(browser.client, businessId);
    const refusal = reason(lost);
    const again = new Browser(server.url);
    for (const [name, value] of browser.cookies) again.cookies.set(name, value);
    again.csrfToken = browser.csrfToken;
    await again.client.signOut({});
    const good = node().admin.leaseOutboundCalls({ businessId, WorkerId: 'good', ...WAITING });
    const queueId = await enqueue(businessId);
    expect((await good).Calls.map(({ QueueId }) => QueueId)).toEqual([queueId]);
    expect(await refusal).toBe('SESSION_EXPIRED');
  });

  it('a waiting lease gets its call if an unrelated access change happens', async () => {
    const { businessId, key } = await newWorker();
    const { promise } = await startWaiting(node().client(key.Key), businessId);
    await newWorker();
    const queueId = await enqueue(businessId);
    expect((await promise).Calls.map(({ QueueId }) => QueueId)).toEqual([queueId]);
  });
});

const newConversation = (businessId: number, sessionId: string, Content: string) =>
  server.admin.putConversation({
    ...{ businessId, sessionId, Status: 'Completed', EndType: 'Normal', InitiationType: 'Web' },
    ...{ StartTime: '2026-03-01T10:00:00Z', EndTime: '2026-03-01T10:01:00Z' },
    Clients: [{ ClientId: 'ann', ClientType: 'Web', JoinedAt: '2026-03-01T10:00:00Z' }],
    Messages: [{ SenderId: 'ann', Role: 'User', Content, Timestamp: '2026-03-01T10:00:01Z' }],
  } as never);

/** Posts for a streamed answer; resolves after the first chunk, and `rest` reads the others. */
async function openStream(key: string, path: string, body: object) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { Authorization: `Token ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  if (!reader) throw new Error('no body');
  const first = await reader.read();
  const rest = async () => {
    let bytes = first.value?.byteLength ?? 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return { bytes, isWhole: true };
        bytes += value.byteLength;
      }
    } catch {
      return { bytes, isWhole: false };
    }
  };
  return { rest };
}

const MEBIBYTE = 1024 * 1024;
const WAIT = { timeout: 60_000, interval: 50 };

test('a page of transcripts is cut off if the key of its reader is revoked', async () => {
  const { businessId, key } = await newWorker();
  for (let at = 0; at < 30; at += 1) {
    await newConversation(businessId, `session_${at}`, 'x'.repeat(MEBIBYTE - 1));
  }
  const page = { Limit: 30, Include: ['Messages'] };
  const path = `/business/${businessId}/conversations`;
  const whole = await openStream(key.Key, path, page);
  expect(await whole.rest()).toMatchObject({ isWhole: true });
  const { rest } = await openStream(key.Key, path, page);
  await server.admin.revokeApiKey({ apiKeyId: key.ApiKeyId });
  const { bytes, isWhole } = await rest();
  expect(isWhole).toBe(false);
  expect(bytes).toBeLessThan(20 * MEBIBYTE);
});

test('a backup is cut off if the key of its admin is revoked', async () => {
  const admin = await server.admin.createUser({ Email: newEmail(), Name: 'x', IsAdmin: true });
  const key = await server.admin.createApiKey({ UserId: admin.UserId, Name: 'backup' });
  const businessId = await server.newBusiness();
  await newConversation(businessId, 'recorded', 'x');
  await server.admin.putRecording({
    ...{ businessId, sessionId: 'recorded', participantId: 'ann', contentType: 'audio/wav' },
    audio: wavOf(8_000, 16 * MEBIBYTE, 1, () => 0),
  });
  const { rest } = await openStream(key.Key, '/admin/backup', { WithRecordings: true });
  await server.admin.revokeApiKey({ apiKeyId: key.ApiKeyId });
  expect(await rest()).toMatchObject({ isWhole: false });
  const { Key } = await server.admin.createApiKey({ UserId: admin.UserId, Name: 'b' });
  // The next backup can begin as soon as the server notices the end of the first.
  const next = await vi.waitFor(() => openStream(Key, '/admin/backup', {}), WAIT);
  expect(await next.rest()).toMatchObject({ isWhole: true });
});
