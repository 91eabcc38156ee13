import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { namedJobs } from '../packages/server/src/minute-jobs.ts';
import { type House, openHouse } from './house.ts';
import { callDesk } from './kept-calls.ts';

let house: House;
let businessId: number;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await house.newBusiness();
});
const { finished, statusOf } = callDesk(() => ({ house, businessId }));

const NUMBER = '+493023125060';
const SPELLINGS = [
  '+49 30 23125060',
  ' +493023125060',
  'tel:+493023125060',
  '00493023125060',
  '(+49) 30 23125060',
  'sip:+493023125060@carrier.example',
  '<sip:+493023125060@carrier.example;user=phone>;tag=1',
  '+493023125060;ext=1',
  '+49\u200b3023125060',
  '+٤٩ ٣٠ ٢٣١٢٥٠٦٠',
  '+49 (0)30 23125060',
];
const OTHERS = ['+493023125061', 'sip:493023125060@carrier.example', 'anonymous', '+49302312506'];

async function erase(PhoneNumber: string, Mode: 'Erase' | 'Anonymise' = 'Erase') {
  const { ErasureId: erasureId } = await house.admin.createErasure({
    businessId,
    PhoneNumber,
    Mode,
    Reason: 'asked',
  });
  await namedJobs(house.app.ctx)['erase-person']?.({ businessId, erasureId });
  return house.admin.getErasure({ businessId, erasureId });
}

/** As releases stored them that did not read these spellings. */
async function receiveStored(spellings: readonly string[]) {
  for (const [at, spelling] of spellings.entries()) {
    const { QueueId } = await house.admin.receiveCall({
      businessId,
      NumberId: 'n',
      CallerNumber: 'anonymous',
      Provider: 'p',
      ProviderCallId: `call ${at}`,
    });
    await house.sql.query(
      'UPDATE inbound_calls SET caller_number = $3 WHERE business_id = $1 AND id = $2',
      [businessId, QueueId, spelling],
    );
  }
}

describe('an erasure by phone number', () => {
  test.each(['Erase', 'Anonymise'] as const)(
    'removes inbound queue entries in every stored spelling and keeps other callers (%s)',
    async (mode) => {
      await receiveStored([...SPELLINGS, ...OTHERS]);
      const { Counts } = await erase(NUMBER, mode);
      expect(Counts.QueueEntries).toBe(SPELLINGS.length);
      const { rows } = await house.sql.query<{ caller_number: string }>(
        `SELECT caller_number FROM inbound_calls
         WHERE business_id = $1 AND caller_number <> 'anonymised'`,
        [businessId],
      );
      expect(rows.map((row) => row.caller_number).sort()).toEqual(OTHERS.toSorted());
    },
  );

  test('removes outbound queue entries in spellings that are stored', async () => {
    const { QueueIds } = await house.admin.initiateCall({
      businessId,
      NumberId: 'n',
      RecipientNumber: NUMBER,
    });
    await house.sql.query(
      'UPDATE outbound_calls SET recipient_number = $2 WHERE business_id = $1',
      [businessId, SPELLINGS[0]],
    );
    expect((await erase(NUMBER)).Counts.QueueEntries).toBe(1);
    await expect(
      house.admin.getOutboundQueue({ businessId, queueId: QueueIds[0] ?? '' }),
    ).rejects.toMatchObject({ status: 410 });
  });

  test('removes conversations whose ClientId or PhoneNumber is the number in another spelling', async () => {
    const client = (ClientId: string, more: object = {}) => ({
      ClientId,
      ClientType: 'Phone',
      JoinedAt: '2026-01-01T00:00:00Z',
      ...more,
    });
    const ids = [
      NUMBER,
      '493023125060',
      'tel:+493023125060',
      'sip:+493023125060@carrier.example',
      '00493023125060',
      '+49-30-23125060',
      '+49.30.23125060',
    ];
    const gone: string[] = [];
    for (const id of ids) gone.push(await finished(1, { Clients: [client(id)] }));
    gone.push(await finished(1, { Clients: [client('x', { PhoneNumber: NUMBER })] }));
    const kept = [
      await finished(1, { Clients: [client('sip:493023125060@carrier.example')] }),
      await finished(1, { Clients: [client('+493023125061')], Metadata: { ClientId: NUMBER } }),
    ];
    expect((await erase(NUMBER)).Counts.Conversations).toBe(gone.length);
    for (const id of gone) expect([id, await statusOf(id)]).toEqual([id, 410]);
    for (const id of kept) expect([id, await statusOf(id)]).toEqual([id, 200]);
  });

  test.each(SPELLINGS)('accepts the number as %j', async (spelling) => {
    await receiveStored([NUMBER]);
    expect((await erase(spelling)).Counts.QueueEntries).toBe(1);
  });

  test('refuses a number that is written as a float and says how to fix it', async () => {
    await expect(erase('+493023125060.0')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('decimals'),
    });
  });

  test('names in its certificate what was searched and how numbers were compared', async () => {
    const { Certificate } = await erase(NUMBER);
    const payload = Buffer.from(Certificate?.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(payload).Searched).toEqual({
      Kinds: ['Participants', 'OutboundQueue', 'InboundQueue'],
      Compared: 'NormalForm',
    });
  });
});
