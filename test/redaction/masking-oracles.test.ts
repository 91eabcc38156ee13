import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, silence } from '../fixtures/kept-calls.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

const NUMBER = '+4915112345678';
const OTHER = '+4915187654321';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
  const permissions = {
    ...MASKED_READER,
    MakeCall: ['Full' as const],
    Settings: ['Full' as const],
  };
  masked = await server.newClient(businessId, permissions);
  await server.admin.putRedaction({ businessId, Categories: ['PHONE', 'EMAIL', 'CARD', 'NAME'] });
});
const { finished } = callActions(() => ({ server, businessId }));

/** All that a caller learns: the answer, or status, code and message of the failure. */
async function outcomeOf(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    (data) => data,
    (error: { status: number; code: string; message: string }) => ({
      status: error.status,
      code: error.code,
      message: error.message,
    }),
  );
}

const call = (RecipientNumber: string, more: object = {}) =>
  server.admin.initiateCall({ businessId, NumberId: 'n', RecipientNumber, ...more });
const receive = (CallerNumber: string) =>
  server.admin.receiveCall({
    ...{ businessId, NumberId: 'n', CallerNumber },
    ...{ Provider: 'carrier', ProviderCallId: 'c1' },
  });

describe('filters by phone number from a masked key', () => {
  test.each(['PHONE', 'NAME'] as const)(
    'a filter by phone number is refused for known and unknown numbers if %s is masked',
    async (category) => {
      await server.admin.putRedaction({ businessId, Categories: [category] });
      await call(NUMBER);
      await receive(NUMBER);
      const ask = (number: string) => [
        masked.getOutboundQueues({ businessId, Filter: { RecipientNumbers: [number] } }),
        masked.countOutboundQueues({ businessId, RecipientNumbers: [number] }),
        masked.getInboundQueues({ businessId, Filter: { CallingNumbers: [number] } }),
        masked.countInboundQueues({ businessId, CallingNumbers: [number] }),
      ];
      const right = await Promise.all(ask(NUMBER).map(outcomeOf));
      expect(right).toEqual(await Promise.all(ask(OTHER).map(outcomeOf)));
      for (const answer of right) {
        expect(answer).toMatchObject({
          status: 403,
          message: expect.stringContaining('Conversations.Unredacted'),
        });
      }
    },
  );

  test('a filter by phone number in the cursor of another key is refused', async () => {
    await call(NUMBER, { CampaignId: 'one' });
    await call(NUMBER, { CampaignId: 'two' });
    const Filter = { RecipientNumbers: [NUMBER] };
    const page = await server.admin.getOutboundQueues({ businessId, Limit: 1, Filter });
    const NextCursor = page.NextCursor ?? '';
    expect((await server.admin.getOutboundQueues({ businessId, NextCursor })).Items).toHaveLength(
      1,
    );
    await expect(masked.getOutboundQueues({ businessId, NextCursor })).rejects.toMatchObject({
      status: 403,
    });
  });

  test('a filter by phone number is allowed for a key with Conversations.Unredacted', async () => {
    await call(NUMBER);
    const count = await server.admin.countOutboundQueues({
      businessId,
      RecipientNumbers: [NUMBER],
    });
    expect(count).toBe(1);
  });
});

test('a cursor contains no ids or filters in clear, and is the same for the same page', async () => {
  for (const CampaignId of ['one', 'two']) await call(NUMBER, { CampaignId });
  const ask = () =>
    server.admin.getOutboundQueues({
      ...{ businessId, Limit: 1, Filter: { RecipientNumbers: [NUMBER] } },
    });
  const { NextCursor } = await ask();
  expect((await ask()).NextCursor).toBe(NextCursor);
  expect(NextCursor).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(Buffer.from(NextCursor ?? '', 'base64url').toString('latin1')).not.toMatch(/15112345678/);
});

describe('changes of the do-not-call list by a masked key', () => {
  const entries = async () => {
    const { Items } = await masked.getAudit({ businessId, Filter: { Actions: ACTIONS } });
    return Items.map(({ Action, SubjectKind, SubjectId }) => ({ Action, SubjectKind, SubjectId }));
  };
  const ACTIONS = ['DoNotCallAdded' as const, 'DoNotCallRemoved' as const];

  test('adding a number to the do-not-call list has the same answer whether it is listed or not', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    const listed = await outcomeOf(masked.addDoNotCall({ businessId, Numbers: [NUMBER] }));
    const unlisted = await outcomeOf(masked.addDoNotCall({ businessId, Numbers: [OTHER] }));
    expect(listed).toEqual({ Added: 1, Rejected: [] });
    expect(unlisted).toEqual(listed);
    const rows = (number: string) => masked.addDoNotCall({ businessId, csv: `${number}\nnone\n` });
    expect(await outcomeOf(rows(NUMBER))).toEqual(await outcomeOf(rows(OTHER)));
    const [last, before] = await entries();
    expect(last).toEqual(before);
    expect(await server.admin.addDoNotCall({ businessId, Numbers: [OTHER] })).toEqual({
      Added: 0,
      Rejected: [],
    });
  });

  test('removing a number from the do-not-call list has the same answer whether it is listed or not', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    expect(await outcomeOf(masked.removeDoNotCall({ businessId, number: NUMBER }))).toEqual({
      Number: NUMBER,
    });
    expect(await outcomeOf(masked.removeDoNotCall({ businessId, number: OTHER }))).toEqual({
      Number: OTHER,
    });
    const [last, before] = await entries();
    expect(last).toEqual(before);
    await expect(server.admin.removeDoNotCall({ businessId, number: OTHER })).rejects.toMatchObject(
      {
        status: 404,
      },
    );
    expect((await server.admin.getDoNotCall({ businessId })).Items).toEqual([]);
  });
});

describe('participant ids from a masked key', () => {
  const put = (client: TestServer['admin'], sessionId: string, participantId: string) =>
    client.putRecording({
      ...{ businessId, sessionId, participantId },
      ...{ audio: silence(), contentType: 'audio/wav' },
    } as never);
  const client = (ClientId: string) => ({
    ...{ ClientId, ClientType: 'Phone', JoinedAt: '2026-02-27T12:00:00Z' },
  });

  test('a participant id with a number is refused whether it exists or not', async () => {
    const sessionId = await finished(1, { Clients: [client(NUMBER)] });
    const right = await outcomeOf(put(masked, sessionId, NUMBER));
    expect(right).toMatchObject({ status: 403 });
    expect(await outcomeOf(put(masked, sessionId, OTHER))).toEqual(right);
    expect(await outcomeOf(put(masked, 'no-such', OTHER))).toEqual(right);
    const peaks = (participantId: string) =>
      outcomeOf(masked.getRecordingPeaks({ businessId, sessionId, participantId }));
    expect(await peaks(NUMBER)).toMatchObject({ status: 403 });
    expect(await peaks(OTHER)).toEqual(await peaks(NUMBER));
  });

  test('a masked key can use the opaque participant id that it reads', async () => {
    const sessionId = await finished(1, { Clients: [client(NUMBER)] });
    const seen = await masked.getConversation({ businessId, sessionId });
    const token = seen.Clients[0]?.ClientId ?? '';
    expect(token).toMatch(/^person_/);
    expect(await put(masked, sessionId, token)).toMatchObject({ ParticipantId: token });
    const original = await server.admin.getConversation({ businessId, sessionId });
    expect(original.Recordings).toMatchObject([{ ParticipantId: NUMBER }]);
  });
});

describe('quotas and a masked key', () => {
  const conversation = (sessionId: string, Content: string) => {
    const at = '2026-02-27T12:00:00Z';
    return {
      ...({ businessId, sessionId, InitiationType: 'Web', Status: 'Completed' } as const),
      ...({ StartTime: at, EndTime: at, EndType: 'Normal' } as const),
      Clients: [{ ClientId: 'ann', ClientType: 'Web' as const, JoinedAt: at }],
      Messages: [{ SenderId: 'ann', Role: 'User' as const, Content, Timestamp: at }],
    };
  };
  const limitBytes = (StoredBytes: number) => {
    const Quotas = { ConversationsPerMonth: null, MinutesPerMonth: null, StoredBytes };
    return server.admin.updateBusiness({ businessId, Quotas });
  };
  const upload = (client: TestServer['admin'], sessionId: string) =>
    client.putRecording({
      ...{ businessId, sessionId, participantId: 'ann' },
      ...{ audio: silence(), contentType: 'audio/wav' },
    } as never);

  test('a refusal because of stored bytes does not tell the size of transcripts', async () => {
    await server.admin.putConversation(conversation('a', `I am ${NUMBER}`));
    await limitBytes(100);
    const usage = await server.admin.getUsage({ businessId });
    const bytes = Number(usage.Months.at(-1)?.TranscriptBytesStored);
    expect(bytes).toBeGreaterThan(100);
    const refusals = [
      await outcomeOf(masked.putConversation(conversation('b', 'Hello'))),
      await outcomeOf(upload(masked, 'a')),
    ];
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        status: 403,
        message: expect.stringMatching(/quota of 100 /),
      });
      expect(JSON.stringify(refusal)).not.toContain(String(bytes));
    }
  });

  test('the sizes of recordings cannot be used to find the size of transcripts', async () => {
    await server.admin.putConversation(conversation('a', `I am ${NUMBER}`));
    await server.admin.putConversation(conversation('b', 'Hello'));
    await limitBytes(1000);
    await expect(upload(server.admin, 'b')).rejects.toMatchObject({ status: 403 });
    expect(await upload(masked, 'a')).toMatchObject({ Bytes: silence().length });
    expect(await outcomeOf(upload(masked, 'b'))).toMatchObject({ status: 403 });
  });
});
