import { expect, test } from 'vitest';
import { callActions } from '../fixtures/kept-calls.ts';
import { queueActions } from '../fixtures/queue-actions.ts';
import { loseNode, nodeOf } from '../servers/citus.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';
import { StreamActions } from '../streams/stream-actions.ts';

/** What people and programs do all day; each entry writes or reads in one business. */
function work(server: TestServer, businessId: number): Record<string, () => Promise<unknown>> {
  const { admin } = server;
  const here = { businessId };
  const current = () => ({ server, businessId });
  const [calls, queue] = [callActions(current), queueActions(current)];
  const stream = new StreamActions(server, businessId);
  let [made, name] = ['', 0];
  return {
    append: () =>
      stream.append('live', ...(name++ === 0 ? [stream.started()] : []), stream.said('x')),
    put: async () => {
      made = await calls.finished(2);
    },
    record: () => calls.record(made),
    get: () => admin.getConversation({ ...here, sessionId: made }),
    list: () => admin.getConversations(here),
    count: () => admin.getConversationAnalytics({ ...here, ...range(server) } as never),
    enqueue: () => queue.initiate(),
    lease: async () => {
      const { QueueId, LeaseToken } = await queue.leaseOne();
      await queue.complete(QueueId, LeaseToken);
    },
    'list of calls': () => admin.getOutboundQueues(here),
    'do not call': () => admin.addDoNotCall({ ...here, Numbers: ['+4930123456'] } as never),
    redaction: () => admin.putRedaction({ ...here, Categories: ['PHONE'] }),
    key: () => server.newKey(businessId),
    audit: () => admin.getAudit(here),
    erase: () => admin.deleteConversation({ ...here, sessionId: made }),
    'run retention': () => server.runJob('purge-expired'),
  };
}

const range = ({ clock }: TestServer) => ({
  From: new Date(clock.now() - 86_400_000).toISOString(),
  To: new Date(clock.now()).toISOString(),
});

/** Transactions that were prepared on several nodes; the coordinator keeps a row of each for a while. */
const prepared = async ({ sql }: TestServer) =>
  (await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_dist_transaction')).rows[0]
    ?.n ?? 0;

async function businessesOfTwoNodes(server: TestServer) {
  const byNode = new Map<string, number>();
  while (byNode.size < 2) {
    const businessId = await server.newBusiness();
    byNode.set(await nodeOf(server.connection, businessId), businessId);
  }
  const [[lost = '', ofLost = 0] = [], [, other = 0] = []] = [...byNode];
  return { lost, ofLost, other };
}

test('no write needs a two-phase commit, and a lost node stops only its own businesses', async () => {
  await using server = await startTestServer();
  const { lost, ofLost, other } = await businessesOfTwoNodes(server);
  const [own, others] = [work(server, ofLost), work(server, other)];
  const before = await prepared(server);
  for (const [name, act] of Object.entries(own)) {
    await act();
    expect({ name, prepared: await prepared(server) }).toEqual({ name, prepared: before });
  }
  // Writes on several nodes do need one, so the count says something.
  await server.sql.query('UPDATE live_conversations SET next_seq = next_seq');
  expect(await prepared(server)).toBeGreaterThan(before);

  const node = await loseNode(server.connection, lost);
  for (const act of Object.values(others)) await act();
  for (const name of ['append', 'put', 'get', 'list', 'enqueue', 'audit']) {
    const refused = own[name]?.();
    await expect(refused, name).rejects.toMatchObject({ status: 503 });
  }
  // Another server can start meanwhile.
  const { dataDir } = server.app.ctx.config;
  await using second = await startTestServer({ connection: server.connection, dataDir });
  await second.admin.getConversations({ businessId: other });

  await node.back();
  for (const name of ['append', 'put', 'get', 'list']) {
    await expect.poll(() => own[name]?.().then(() => 'works', String)).toBe('works');
  }
});
