import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nextNumber, queueActions, wrongCounts } from '../fixtures/queue-actions.ts';
import {
  MASKED_READER,
  startTestServer,
  type TestServer,
  untilBlocked,
} from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await openBusiness();
});
async function openBusiness() {
  businessId = await server.newBusiness();
  const permissions = {
    ...MASKED_READER,
    MakeCall: ['Full' as const],
  };
  masked = await server.newClient(businessId, permissions);
  await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
}
const { initiate, lease, leaseOne, leasedIds, read, decisions, complete } = queueActions(() => ({
  server,
  businessId,
}));
const enqueueMasked = async (RecipientNumber: string) => {
  const request = { businessId, NumberId: 'n', CampaignId: 'c', RecipientNumber };
  return (await masked.initiateCall(request)).QueueIds[0] ?? '';
};

/** All answers that a masked key gets about a number that it enqueues. */
async function collectAnswers(number: string): Promise<string> {
  const enqueued = [];
  for (const more of [{}, { AllOrNothing: true }]) {
    const Recipients = [{ RecipientNumber: number }, { RecipientNumber: '+4930900000' }];
    const request = { businessId, NumberId: 'n', CampaignId: 'c', Recipients, ...more };
    enqueued.push(
      await masked.initiateCall(request as never).catch(({ code, message }) => [code, message]),
    );
  }
  const queueId = await enqueueMasked(number);
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

describe('a number enqueued by a masked key', () => {
  test('a masked key gets the same answers whether or not the number waits in the campaign', async () => {
    await server.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
    const number = nextNumber();
    await initiate({ CampaignId: 'c', RecipientNumber: number });
    const known = await collectAnswers(number);
    await openBusiness();
    await server.admin.putCampaign({ businessId, campaignId: 'c', IsPaused: true });
    await initiate({ CampaignId: 'c' });
    const unknown = await collectAnswers(nextNumber());
    expect(known).toBe(unknown);
  });

  test('a repeated number is not leased while another call of the campaign waits or is in progress', async () => {
    const RecipientNumber = nextNumber();
    const first = await initiate({ CampaignId: 'c', RecipientNumber });
    const repeat = await enqueueMasked(RecipientNumber);
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

  test('a repeated number is leased once when no other call to it waits, and is refused afterwards', async () => {
    const RecipientNumber = nextNumber();
    const first = await initiate({ CampaignId: 'c', RecipientNumber });
    const repeats = [await enqueueMasked(RecipientNumber), await enqueueMasked(RecipientNumber)];
    await server.admin.cancelOutboundQueue({ businessId, queueId: first });
    const taken = await leasedIds({ Max: 10 });
    expect(taken).toHaveLength(1);
    expect(repeats).toContain(taken[0]);
    await expect(initiate({ CampaignId: 'c', RecipientNumber })).rejects.toMatchObject({
      status: 400,
    });
  });

  test('a repeated number is held back if the other call is enqueued while it is leased', async () => {
    const RecipientNumber = nextNumber();
    const first = await initiate({ CampaignId: 'c', RecipientNumber });
    const [oldest = '', other = ''] = [
      await enqueueMasked(RecipientNumber),
      await enqueueMasked(RecipientNumber),
    ];
    await server.admin.cancelOutboundQueue({ businessId, queueId: first });
    // As enqueueing the number does before its commit.
    const enqueueing = await server.sql.connect();
    await enqueueing.query('BEGIN');
    const make = 'UPDATE outbound_calls SET is_repeat = false WHERE business_id = $1 AND id = $2';
    await enqueueing.query(make, [businessId, other]);
    const leasing = leasedIds({ Max: 1 });
    await untilBlocked(server);
    await enqueueing.query('COMMIT');
    enqueueing.release();
    expect(await leasing).toEqual([other]);
    expect(await read(oldest)).toMatchObject({ Status: 'Queued', LastReason: 'DUPLICATE' });
  });
});
