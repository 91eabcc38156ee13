import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, silence } from '../fixtures/kept-calls.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

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
    'Conversations.ConversationPermissions': ['Full' as const],
    MakeCall: ['Full' as const],
    Settings: ['Full' as const],
  };
  masked = server.client(await server.newKey(businessId, permissions));
  await server.admin.putRedaction({ businessId, Categories: ['PHONE', 'EMAIL', 'CARD', 'NAME'] });
});
const { finished } = callActions(() => ({ server, businessId }));

/** All that a caller is told: the answer, or status, code and message of the failure. */
async function told(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
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

describe('a filter by phone number from a masked key', () => {
  test.each(['PHONE', 'NAME'] as const)(
    'is refused for a right and a wrong number alike when %s is masked',
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
      const right = await Promise.all(ask(NUMBER).map(told));
      expect(right).toEqual(await Promise.all(ask(OTHER).map(told)));
      for (const answer of right) {
        expect(answer).toMatchObject({
          status: 403,
          message: expect.stringContaining('Conversations.Unredacted'),
        });
      }
    },
  );

  test('is refused when it comes in a cursor that another key was given', async () => {
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

  test('stays possible for a key with Conversations.Unredacted', async () => {
    await call(NUMBER);
    const count = await server.admin.countOutboundQueues({
      businessId,
      RecipientNumbers: [NUMBER],
    });
    expect(count).toBe(1);
  });
});

test('a cursor does not hold ids or filters in clear, and is the same for the same page', async () => {
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

describe('the do-not-call list answers a masked key alike', () => {
  const entries = async () => {
    const { Items } = await masked.getAudit({ businessId, Filter: { Actions: ACTIONS } });
    return Items.map(({ Action, SubjectKind, SubjectId }) => ({ Action, SubjectKind, SubjectId }));
  };
  const ACTIONS = ['DoNotCallAdded' as const, 'DoNotCallRemoved' as const];

  test('when it adds a number that is listed and one that is not', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    const listed = await told(masked.addDoNotCall({ businessId, Numbers: [NUMBER] }));
    const unlisted = await told(masked.addDoNotCall({ businessId, Numbers: [OTHER] }));
    expect(listed).toEqual({ Added: 1, Rejected: [] });
    expect(unlisted).toEqual(listed);
    const rows = (number: string) => masked.addDoNotCall({ businessId, csv: `${number}\nnone\n` });
    expect(await told(rows(NUMBER))).toEqual(await told(rows(OTHER)));
    const [last, before] = await entries();
    expect(last).toEqual(before);
    expect(await server.admin.addDoNotCall({ businessId, Numbers: [OTHER] })).toEqual({
      Added: 0,
      Rejected: [],
    });
  });

  test('when it removes a number that is listed and one that is not', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    expect(await told(masked.removeDoNotCall({ businessId, number: NUMBER }))).toEqual({
      Number: NUMBER,
    });
    expect(await told(masked.removeDoNotCall({ businessId, number: OTHER }))).toEqual({
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

describe('a participant id from a masked key', () => {
  const put = (client: TestServer['admin'], sessionId: string, participantId: string) =>
    client.putRecording({
      ...{ businessId, sessionId, participantId },
      ...{ audio: silence(), contentType: 'audio/wav' },
    } as never);
  const client = (ClientId: string) => ({
    ...{ ClientId, ClientType: 'Phone', JoinedAt: '2026-02-27T12:00:00Z' },
  });

  test('is refused if it holds a number, whether or not it exists', async () => {
    const sessionId = await finished(1, { Clients: [client(NUMBER)] });
    const right = await told(put(masked, sessionId, NUMBER));
    expect(right).toMatchObject({ status: 403 });
    expect(await told(put(masked, sessionId, OTHER))).toEqual(right);
    expect(await told(put(masked, 'no-such', OTHER))).toEqual(right);
    const peaks = (participantId: string) =>
      told(masked.getRecordingPeaks({ businessId, sessionId, participantId }));
    expect(await peaks(NUMBER)).toMatchObject({ status: 403 });
    expect(await peaks(OTHER)).toEqual(await peaks(NUMBER));
  });

  test('is taken as the opaque id that reads give', async () => {
    const sessionId = await finished(1, { Clients: [client(NUMBER)] });
    const seen = await masked.getConversation({ businessId, sessionId });
    const token = seen.Clients[0]?.ClientId ?? '';
    expect(token).toMatch(/^person_/);
    expect(await put(masked, sessionId, token)).toMatchObject({ ParticipantId: token });
    const original = await server.admin.getConversation({ businessId, sessionId });
    expect(original.Recordings).toMatchObject([{ ParticipantId: NUMBER }]);
  });
});
