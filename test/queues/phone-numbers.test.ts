import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});

const NumberId = 'number_1';
const E164 = '+493023125060';
const SPELLINGS = [
  ...['+49 30 23125060', ' +493023125060', 'tel:+493023125060', '00493023125060'],
  ...['(+49) 30 23125060', 'sip:+493023125060@carrier.example', '+٤٩٣٠٢٣١٢٥٠٦٠'],
  ...['<sip:+493023125060@carrier.example>', '\u202a+49\u00a030\u200b23125060'],
];
let received = 0;
async function receive(CallerNumber: string) {
  received += 1;
  const call = { Provider: 'p', ProviderCallId: String(received) };
  return (await server.admin.receiveCall({ businessId, NumberId, CallerNumber, ...call })).QueueId;
}
const inbound = (filter: object) => server.admin.getInboundQueues({ businessId, Filter: filter });

describe('outbound calls', () => {
  test('all spellings of a number are one number in JSON and in filters', async () => {
    const given = { businessId, NumberId, CampaignId: 'c' };
    const Recipients = SPELLINGS.map((RecipientNumber) => ({ RecipientNumber }));
    const { QueueIds, Rejected } = await server.admin.initiateCall({ ...given, Recipients });
    expect(Rejected.map(({ Reason }) => Reason)).toEqual(SPELLINGS.slice(1).map(() => 'DUPLICATE'));
    const queueId = QueueIds[0] ?? '';
    const call = await server.admin.getOutboundQueue({ businessId, queueId });
    expect(call.RecipientNumber).toBe(E164);
    for (const number of SPELLINGS) {
      const Filter = { RecipientNumbers: [number] };
      const { Items } = await server.admin.getOutboundQueues({ businessId, Filter });
      expect([number, Items.length]).toEqual([number, 1]);
    }
  });

  test.each([
    ['+493023125001.0', 'DE', /decimals/],
    ['4917604069012.0', 'DE', /format the column as text/],
    ['3912345678,00', 'IT', /decimals/],
    ['4.93023125001E+11', 'DE', /scientific/],
    ['\u200bcall\u00a0me', 'DE', /"\\u200bcall\\u00a0me" is not a phone number/],
    ['sip:493023125001@host', 'DE', /not a phone number/],
    ['+14155550136;ext=5', 'US', /extension/],
  ])(
    'the recipient %j is refused as INVALID_NUMBER',
    async (RecipientNumber, DefaultCountry, Message) => {
      const Recipients = [{ RecipientNumber }, { RecipientNumber: '+4930123456' }];
      const given = { businessId, NumberId, DefaultCountry, Recipients };
      const { QueueIds, Rejected } = await server.admin.initiateCall(given);
      expect(QueueIds).toEqual([null, expect.any(String)]);
      expect(Rejected).toMatchObject([
        { Index: 0, Reason: 'INVALID_NUMBER', Message: expect.stringMatching(Message) },
      ]);
    },
  );

  test('a default country does not replace a country code in brackets', async () => {
    const given = { businessId, NumberId, DefaultCountry: 'US' };
    const RecipientNumber = '(+501) 623-6848';
    const { QueueIds } = await server.admin.initiateCall({ ...given, RecipientNumber });
    const queueId = QueueIds[0] ?? '';
    const call = await server.admin.getOutboundQueue({ businessId, queueId });
    expect(call.RecipientNumber).toBe('+5016236848');
  });
});

describe('the do-not-call list', () => {
  test('a number is added, found and removed in every spelling', async () => {
    for (const number of SPELLINGS) {
      const added = await server.admin.addDoNotCall({ businessId, Numbers: [number] });
      expect([number, added]).toMatchObject([number, { Added: 1 }]);
      const removed = await server.admin.removeDoNotCall({ businessId, number });
      expect(removed).toEqual({ Number: E164 });
    }
    await server.admin.addDoNotCall({ businessId, Numbers: [E164] });
    for (const StartsWith of ['+4930', '4930', '0049 30', '(+49) 30', 'tel:+49-30', '+٤٩']) {
      const { Items } = await server.admin.getDoNotCall({ businessId, StartsWith });
      expect([StartsWith, Items.length]).toEqual([StartsWith, 1]);
    }
    const wrong = server.admin.getDoNotCall({ businessId, StartsWith: '+4930.0' });
    await expect(wrong).rejects.toMatchObject({ reason: 'INVALID_REQUEST' });
  });
});

describe('inbound calls', () => {
  test('an inbound call keeps the caller id as given, together with its E.164 form', async () => {
    const ids = [
      ...SPELLINGS.map((text) => [text, E164]),
      [`${E164};ext=1`, E164],
      ...['anonymous', '72345', 'sip:alice@host', 'sip:493023125060@host'].map((id) => [id, null]),
      [` ${'🂡'.repeat(1_023)}`, null],
      [' ', null],
    ] as const;
    for (const [CallerNumber, CallerE164] of ids) {
      const queueId = await receive(CallerNumber ?? '');
      const call = await server.admin.getInboundQueue({ businessId, queueId });
      expect(call).toMatchObject({ CallerNumber, CallerE164 });
      const { Items } = await inbound({ CallingNumbers: [CallerNumber ?? ''] });
      expect(Items.map(({ QueueId }) => QueueId)).toContain(queueId);
    }
    expect((await inbound({ CallingNumbers: [E164] })).Items).toHaveLength(SPELLINGS.length + 1);
  });

  test('an inbound call with a withheld caller id is queued', async () => {
    const queueId = await receive('');
    const call = await server.admin.getInboundQueue({ businessId, queueId });
    expect(call).toMatchObject({ CallerNumber: '', CallerE164: null });
    const { Entries } = await server.admin.getInboundQueueHistory({ businessId, queueId });
    expect(Entries[0]?.Details).toBe('Enqueued as a call from a withheld number to number_1.');
  });

  test('a masked reader cannot see whether a caller id is a phone number', async () => {
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
    const masked = await server.newClient(businessId, MASKED_READER);
    for (const id of [` ${E164}`, 'anonymous']) {
      const queueId = await receive(id);
      const call = await masked.getInboundQueue({ businessId, queueId });
      expect(call).toMatchObject({ CallerNumber: '[PHONE]', CallerE164: '[PHONE]' });
      const history = await masked.getInboundQueueHistory({ businessId, queueId });
      expect(JSON.stringify(history)).not.toContain('3023125060');
    }
  });
});

describe('participants of conversations', () => {
  const now = () => new Date(server.clock.now()).toISOString();
  const put = (sessionId: string, PhoneNumber: string) =>
    server.admin.putConversation({
      businessId,
      sessionId,
      StartTime: now(),
      Status: 'Active',
      InitiationType: 'Inbound',
      Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: now(), PhoneNumber }],
    } as Parameters<TestServer['admin']['putConversation']>[0]);

  test("a participant's number without a country code is refused with a fix", async () => {
    await expect(put('national', '0151 2345')).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/begin it with \+ and the code\.$/),
    });
  });

  test("a participant's number is stored in E.164", async () => {
    for (const [at, number] of SPELLINGS.entries()) {
      await put(`s${at}`, number);
      const { Clients } = await server.admin.getConversation({ businessId, sessionId: `s${at}` });
      expect([number, Clients[0]?.PhoneNumber]).toEqual([number, E164]);
    }
  });

  test("a participant's number that is not a phone number is refused", async () => {
    const refused = { reason: 'INVALID_REQUEST', message: expect.stringMatching(/decimals/) };
    await expect(put('f', '+493023125001.0')).rejects.toMatchObject(refused);
  });
});
