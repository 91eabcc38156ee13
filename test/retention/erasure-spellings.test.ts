import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions } from '../fixtures/kept-calls.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { finished, statusOf, ...actions } = callActions(() => ({ server, businessId }));

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

const NEW_YORK = '+12127365011';
const CALLERS_WITH_TEXT = [
  'tel:12127365011',
  '12127365011 ext 5',
  '12127365011x5',
  '1 212 736 5011;ext=5',
  '12127365011@gw',
  '12127365011@10.0.0.1:5060',
  'sip:0012127365011@h',
  'whatsapp:+12127365011',
  'whatsapp:12127365011',
  'callto:+12127365011',
  'callto://12127365011',
  '+12127365011,123#',
  '+12127365011,,,123456#',
  '12127365011p99',
  '011 1 212 736 5011',
  '+12127365011 (Bob)',
  'Bob +12127365011',
  'Bob (+1 212 736-5011)',
  'Bob (12127365011)',
  'Bob 212-736-5011',
  'h323:12127365011@gw',
  'https://wa.me/12127365011',
  '1.2127365011E+10',
  '+12127365011.0',
  '="+12127365011"',
  '="12127365011"',
  '"12127365011" <sip:12127365011@h>',
  '212-736-5011',
  '(212) 736-5011',
  '2127365011@gw',
  '+12127365011 (+12127365012)',
  '+12127365011, +12127365012',
  '"Bob" <+12127365011>;via=+12127365012',
  '+12127365011 / 0012127365012',
];
const OTHER_CALLERS = [
  'sip:12127365011@h',
  '<sips:12127365011@h>;tag=1',
  'sip:2127365011@h',
  '+12127365012 ext 1',
  '+4412127365011',
  '+121273650110',
  'room-12127365011',
  '12127365011abc',
  '5 12127365011',
  'tel:12127365012',
];

const erase = (PhoneNumber: string, Mode: 'Erase' | 'Anonymise' = 'Erase') =>
  actions.erase({ PhoneNumber, Mode });

async function preview(PhoneNumber: string) {
  const { PreviewId: previewId } = await server.admin.previewErasure({
    ...{ businessId, PhoneNumber, Mode: 'Erase', Reason: 'asked' },
  });
  await server.runJob('preview-erasure', { businessId, previewId });
  return (await server.admin.getErasurePreview({ businessId, previewId })).Counts;
}

/** As stored by releases that did not recognize these spellings. */
async function receiveStored(spellings: readonly string[]) {
  for (const [at, spelling] of spellings.entries()) {
    const { QueueId } = await server.admin.receiveCall({
      businessId,
      NumberId: 'n',
      CallerNumber: 'anonymous',
      Provider: 'p',
      ProviderCallId: `call ${at}`,
    });
    await server.sql.query(
      'UPDATE inbound_calls SET caller_number = $3 WHERE business_id = $1 AND id = $2',
      [businessId, QueueId, spelling],
    );
  }
}

describe('erasures by phone number', () => {
  test.each(['Erase', 'Anonymise'] as const)(
    'an erasure removes inbound calls in every stored spelling and keeps other callers (%s)',
    async (mode) => {
      await receiveStored([...SPELLINGS, ...OTHERS]);
      const { Counts } = await erase(NUMBER, mode);
      expect(Counts.QueueEntries).toBe(SPELLINGS.length);
      const { rows } = await server.sql.query<{ caller_number: string }>(
        `SELECT caller_number FROM inbound_calls
         WHERE business_id = $1 AND caller_number <> 'anonymised'`,
        [businessId],
      );
      expect(rows.map((row) => row.caller_number).sort()).toEqual(OTHERS.toSorted());
    },
  );

  test('an erasure and its preview find inbound calls whose caller contains other text', async () => {
    await receiveStored([...CALLERS_WITH_TEXT, ...OTHER_CALLERS]);
    expect((await preview(NEW_YORK)).QueueEntries).toBe(CALLERS_WITH_TEXT.length);
    const { Counts } = await erase(NEW_YORK);
    const { rows } = await server.sql.query<{ caller_number: string }>(
      'SELECT caller_number FROM inbound_calls WHERE business_id = $1',
      [businessId],
    );
    expect(rows.map((row) => row.caller_number).sort()).toEqual(OTHER_CALLERS.toSorted());
    expect(Counts.QueueEntries).toBe(CALLERS_WITH_TEXT.length);
  });

  test('an erasure removes outbound calls in stored spellings', async () => {
    const { QueueIds } = await server.admin.initiateCall({
      businessId,
      NumberId: 'n',
      RecipientNumber: NUMBER,
    });
    await server.sql.query(
      'UPDATE outbound_calls SET recipient_number = $2 WHERE business_id = $1',
      [businessId, SPELLINGS[0]],
    );
    expect((await erase(NUMBER)).Counts.QueueEntries).toBe(1);
    await expect(
      server.admin.getOutboundQueue({ businessId, queueId: QueueIds[0] ?? '' }),
    ).rejects.toMatchObject({ status: 410 });
  });

  test('an erasure removes conversations whose ClientId or PhoneNumber is another spelling', async () => {
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
      'whatsapp:493023125060',
    ];
    const erasedIds: string[] = [];
    for (const id of ids) erasedIds.push(await finished(1, { Clients: [client(id)] }));
    erasedIds.push(await finished(1, { Clients: [client('x', { PhoneNumber: NUMBER })] }));
    const keptIds = [
      await finished(1, { Clients: [client('sip:493023125060@carrier.example')] }),
      // Other ids may contain the digits of a national number.
      await finished(1, { Clients: [client('03023125060')] }),
      await finished(1, { Clients: [client('order-493023125060')] }),
      await finished(1, { Clients: [client('+493023125061')], Metadata: { ClientId: NUMBER } }),
    ];
    expect((await erase(NUMBER)).Counts.Conversations).toBe(erasedIds.length);
    for (const id of erasedIds) expect([id, await statusOf(id)]).toEqual([id, 410]);
    for (const id of keptIds) expect([id, await statusOf(id)]).toEqual([id, 200]);
  });

  test('an erasure removes conversations whose ClientId is a national number of the DefaultCountry', async () => {
    const client = (ClientId: string) => ({
      Clients: [{ ClientId, ClientType: 'Phone', JoinedAt: '2026-01-01T00:00:00Z' }],
    });
    const [own, other] = [await finished(1, client('03023125060')), await finished(1, client('x'))];
    const inFrance = { businessId, Categories: [], DefaultCountry: 'FR' };
    await server.admin.putRedaction(inFrance);
    expect((await erase(NUMBER)).Counts.Conversations).toBe(0);
    await server.admin.putRedaction({ ...inFrance, DefaultCountry: 'DE' });
    expect((await preview(NUMBER)).Conversations).toBe(1);
    expect((await erase(NUMBER)).Counts.Conversations).toBe(1);
    expect([await statusOf(own), await statusOf(other)]).toEqual([410, 200]);
  });

  test.each(SPELLINGS)('an erasure accepts the number as %j', async (spelling) => {
    await receiveStored([NUMBER]);
    expect((await erase(spelling)).Counts.QueueEntries).toBe(1);
  });

  test('an erasure refuses a number written as a float and names the fix', async () => {
    await expect(erase('+493023125060.0')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('decimals'),
    });
  });

  test('the certificate of an erasure states what was searched and how numbers were compared', async () => {
    const { Certificate } = await erase(NUMBER);
    const payload = Buffer.from(Certificate?.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(payload).Searched).toEqual({
      Kinds: ['Participants', 'OutboundQueue', 'InboundQueue'],
      Compared: 'NormalForm',
    });
  });
});
