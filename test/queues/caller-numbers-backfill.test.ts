import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const E164 = '+4930123456';
const SPELLINGS = ['+49 30 123456', 'tel:+49-30-123456', 'sip:+4930123456@voip.example', E164];
const OTHERS = ['anonymous', '110', '+49 30 999999', '+493023125001.0'];

/** Calls as stored by a release without the column `caller_e164`. */
async function receiveEarlier(businessId: number): Promise<void> {
  for (const [at, CallerNumber] of [...SPELLINGS, ...OTHERS].entries()) {
    await server.admin.receiveCall({
      ...{ businessId, CallerNumber, Provider: 'twilio', NumberId: 'number' },
      ProviderCallId: `call-${at}`,
    });
  }
  await server.sql.query('UPDATE inbound_calls SET caller_e164 = NULL WHERE business_id = $1', [
    businessId,
  ]);
}

async function callersOf(businessId: number, number: string): Promise<(string | null)[]> {
  const Filter = { CallingNumbers: [number] };
  const { Items } = await server.admin.getInboundQueues({ businessId, Filter });
  const count = await server.admin.countInboundQueues({ businessId, ...Filter });
  expect(count).toBe(Items.length);
  return Items.map(({ CallerNumber }) => CallerNumber).toSorted();
}

test('after the backfill, CallingNumbers finds calls of an earlier release in any spelling', async () => {
  const businesses = [await server.newBusiness(), await server.newBusiness()];
  for (const businessId of businesses) await receiveEarlier(businessId);
  for (const businessId of businesses) expect(await callersOf(businessId, E164)).toEqual([E164]);

  expect(await server.app.backfills.run()).toBe(true);

  for (const businessId of businesses) {
    expect(await callersOf(businessId, E164)).toEqual(SPELLINGS.toSorted());
    expect(await callersOf(businessId, '+4930999999')).toEqual(['+49 30 999999']);
    for (const id of ['anonymous', '110']) expect(await callersOf(businessId, id)).toEqual([id]);
    const { Items } = await server.admin.getBackfills({ businessId });
    expect(Items.find(({ Name }) => Name === 'read-caller-numbers')).toMatchObject({
      ...{ Status: 'Finished', RowsEstimated: SPELLINGS.length + OTHERS.length },
      RowsDone: SPELLINGS.length + OTHERS.length,
    });
  }
  const { rows } = await server.sql.query(
    'SELECT DISTINCT caller_number FROM inbound_calls WHERE caller_e164 IS NULL ORDER BY 1',
  );
  expect(rows.map(({ caller_number }) => caller_number)).toEqual([
    '+493023125001.0',
    '110',
    'anonymous',
  ]);
});
