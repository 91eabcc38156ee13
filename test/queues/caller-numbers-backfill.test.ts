import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from '../servers/test-server.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const E164 = '+4930123456';
const SPELLINGS = ['+49 30 123456', 'tel:+49-30-123456', 'sip:+4930123456@voip.example', E164];
const OTHERS = ['anonymous', '110', '+49 30 999999', '+493023125001.0'];

/** Calls as a release without the column `caller_e164` stored them. */
async function receiveEarlier(businessId: number): Promise<void> {
  for (const [at, CallerNumber] of [...SPELLINGS, ...OTHERS].entries()) {
    await house.admin.receiveCall({
      ...{ businessId, CallerNumber, Provider: 'twilio', NumberId: 'number' },
      ProviderCallId: `call-${at}`,
    });
  }
  await house.sql.query('UPDATE inbound_calls SET caller_e164 = NULL WHERE business_id = $1', [
    businessId,
  ]);
}

async function callersOf(businessId: number, number: string): Promise<(string | null)[]> {
  const Filter = { CallingNumbers: [number] };
  const { Items } = await house.admin.getInboundQueues({ businessId, Filter });
  const count = await house.admin.countInboundQueues({ businessId, ...Filter });
  expect(count).toBe(Items.length);
  return Items.map(({ CallerNumber }) => CallerNumber).toSorted();
}

test('a backfill has CallingNumbers find calls that an earlier release stored in any spelling', async () => {
  const businesses = [await house.newBusiness(), await house.newBusiness()];
  for (const businessId of businesses) await receiveEarlier(businessId);
  for (const businessId of businesses) expect(await callersOf(businessId, E164)).toEqual([E164]);

  expect(await house.app.backfills.run()).toBe(true);

  for (const businessId of businesses) {
    expect(await callersOf(businessId, E164)).toEqual(SPELLINGS.toSorted());
    expect(await callersOf(businessId, '+4930999999')).toEqual(['+49 30 999999']);
    for (const id of ['anonymous', '110']) expect(await callersOf(businessId, id)).toEqual([id]);
    const { Items } = await house.admin.getBackfills({ businessId });
    expect(Items.find(({ Name }) => Name === 'read-caller-numbers')).toMatchObject({
      ...{ Status: 'Finished', RowsEstimated: SPELLINGS.length + OTHERS.length },
      RowsDone: SPELLINGS.length + OTHERS.length,
    });
  }
  const { rows } = await house.sql.query(
    'SELECT DISTINCT caller_number FROM inbound_calls WHERE caller_e164 IS NULL ORDER BY 1',
  );
  expect(rows.map(({ caller_number }) => caller_number)).toEqual([
    '+493023125001.0',
    '110',
    'anonymous',
  ]);
});
