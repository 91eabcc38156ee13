import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nextNumber, queueActions, wrongCounts } from '../fixtures/queue-actions.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await open();
});
async function open() {
  businessId = await server.newBusiness();
  const permissions = {
    'Conversations.ConversationPermissions': ['Full' as const],
    MakeCall: ['Full' as const],
  };
  masked = server.client(await server.newKey(businessId, permissions));
  await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
}
const { initiate, lease, leaseOne, leasedIds, read, decisions, complete } = queueActions(() => ({
  server,
  businessId,
}));
const guess = async (RecipientNumber: string) => {
  const request = { businessId, NumberId: 'n', CampaignId: 'c', RecipientNumber };
  return (await masked.initiateCall(request)).QueueIds[0] ?? '';
};

/** All that a masked key is told when it enqueues a number and reads what became of it. */
async function tell(number: string): Promise<string> {
  const enqueued = [];
  for (const more of [{}, { AllOrNothing: true }]) {
    const Recipients = [{ RecipientNumber: number }, { RecipientNumber: '+4930900000' }];
    const request = { businessId, NumberId: 'n', CampaignId: 'c', Recipients, ...more };
    enqueued.push(
      await masked.initiateCall(request as never).catch(({ code, message }) => [code, message]),
    );
  }
  const queueId = await guess(number);
  const here = { businessId, queueId };
  const answers = [
    ...enqueued,
    await masked.getOutboundQueue(here),
    await masked.getOutboundQueueHistory(here),
    await masked.getOutboundQueues({ businessId, Limit: 4 }),
    await masked.simulateOutboundQueue({ businessId, Hours: 1 }),
    await masked.countOutboundQueues({ businessId }),
    await masked.getCampaigns({ businessId }),
    await masked.cancelOutboundQueue(here),
    await masked.getOutboundQueueHistory(here),
  ];
  return JSON.stringify(answers)
    .replace(/queue_\w+/g, 'queue')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');
}

describe('a number that a masked key enqueues', () => {
  test('gets the same answers whether or not it waits in the campaign already', async () => {
    await server.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
    const number = nextNumber();
    await initiate({ CampaignId: 'c', RecipientNumber: number });
    const known = await tell(number);
    await open();
    await server.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
    await initiate({ CampaignId: 'c' });
    const unknown = await tell(nextNumber());
    expect(known).toBe(unknown);
  });

  test('is not handed out while another call of the campaign waits for it or is under way', async () => {
    const RecipientNumber = nextNumber();
    const first = await initiate({ CampaignId: 'c', RecipientNumber });
    const repeat = await guess(RecipientNumber);
    expect(repeat).not.toBe('');
    const { LeaseToken, QueueId } = await leaseOne();
    expect(QueueId).toBe(first);
    expect(await lease({ Max: 10 })).toEqual([]);
    expect(await read(repeat)).toMatchObject({ Status: 'Queued', LastReason: 'DUPLICATE' });
    expect(await decisions(repeat)).toEqual(['Enqueued', 'HeldBack DUPLICATE']);
    const here = { businessId, queueId: repeat };
    expect(await masked.getOutboundQueue(here)).toMatchObject({ LastReason: null });
    const { Entries } = await masked.getOutboundQueueHistory(here);
    expect(Entries.map(({ Decision }) => Decision)).toEqual(['Enqueued']);
    await complete(first, LeaseToken, { EndType: 'Normal' });
    expect(await lease({ Max: 10 })).toEqual([]);
    expect(await wrongCounts(server)).toEqual([]);
  });

  test('is handed out once if no other call waits for it any more, and is known from then on', async () => {
    const RecipientNumber = nextNumber();
    const first = await initiate({ CampaignId: 'c', RecipientNumber });
    const repeats = [await guess(RecipientNumber), await guess(RecipientNumber)];
    await server.admin.cancelOutboundQueue({ businessId, queueId: first });
    const taken = await leasedIds({ Max: 10 });
    expect(taken).toHaveLength(1);
    expect(repeats).toContain(taken[0]);
    await expect(initiate({ CampaignId: 'c', RecipientNumber })).rejects.toMatchObject({
      status: 400,
    });
  });

  test('is held back, and the lease answered, if the other call appears while it is handed out', async () => {
    const RecipientNumber = nextNumber();
    const first = await initiate({ CampaignId: 'c', RecipientNumber });
    const [oldest = '', other = ''] = [await guess(RecipientNumber), await guess(RecipientNumber)];
    await server.admin.cancelOutboundQueue({ businessId, queueId: first });
    // What enqueueing the number does, before it has committed.
    const enqueueing = await server.sql.connect();
    await enqueueing.query('BEGIN');
    const make = 'UPDATE outbound_calls SET is_repeat = false WHERE business_id = $1 AND id = $2';
    await enqueueing.query(make, [businessId, other]);
    const leasing = leasedIds({ Max: 1 });
    const waiting = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await server.sql.query(waiting)).rowCount === 1);
    await enqueueing.query('COMMIT');
    enqueueing.release();
    expect(await leasing).toEqual([other]);
    expect(await read(oldest)).toMatchObject({ Status: 'Queued', LastReason: 'DUPLICATE' });
  });
});
