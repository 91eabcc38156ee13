import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

const DIGITS = '4915112345678';
const NUMBER = `+${DIGITS}`;
const OTHER = '+4915187654321';
const T = '2026-02-27T12:00:00Z';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
const PERMISSIONS = {
  ...MASKED_READER,
  MakeCall: ['Full' as const],
  Settings: ['Full' as const],
};
beforeEach(async () => {
  businessId = await server.newBusiness();
  masked = await server.newClient(businessId, PERMISSIONS);
  await server.admin.putRedaction({ businessId, Categories: ['PHONE'] });
});

/** All that a caller learns: the answer, or status, code and message of the failure. */
const outcomeOf = (request: Promise<unknown>): Promise<unknown> =>
  request.catch(({ status, code, message }) => ({ status, code, message }));

const conversation = (sessionId: string, more: object = {}) =>
  ({
    ...{ businessId, sessionId, Status: 'Completed', InitiationType: 'Web' },
    ...{ StartTime: T, EndTime: T, EndType: 'Normal', ...more },
  }) as Parameters<TestServer['admin']['putConversation']>[0];
const initiate = (client: TestServer['admin'], RecipientNumber: string, more: object = {}) =>
  client.initiateCall({ businessId, NumberId: 'n', RecipientNumber, ...more });

describe('a conversation id that contains a number', () => {
  test('an id with a number is opaque for a masked key, and the opaque id works for every key', async () => {
    const sessionId = `call-${DIGITS}`;
    await server.admin.putConversation(conversation(sessionId));
    const [item] = (await masked.getConversations({ businessId })).Items;
    const opaque = item?.Id ?? '';
    expect(opaque).toMatch(/^masked_[A-Za-z0-9_-]+$/);
    expect((await masked.getConversation({ businessId, sessionId: opaque })).Id).toBe(opaque);
    expect((await server.admin.getConversation({ businessId, sessionId: opaque })).Id).toBe(
      sessionId,
    );
    const hold = await masked.createHold({
      ...{ businessId, Name: 'x', Reason: 'x', SessionIds: [opaque] },
    });
    expect(hold.Held).toBe(1);
    const { Items } = await masked.getAudit({ businessId, Filter: { SubjectId: opaque } });
    expect(Items.map(({ SubjectId }) => SubjectId)).toContain(opaque);
  });

  test('an opaque id works only in its business', async () => {
    await server.admin.putConversation(conversation(`call-${DIGITS}`));
    const opaque = (await masked.getConversations({ businessId })).Items[0]?.Id ?? '';
    const other = await server.newBusiness();
    await server.admin.putConversation({
      ...conversation(`call-${DIGITS}`),
      businessId: other,
    });
    await expect(
      server.admin.getConversation({ businessId: other, sessionId: opaque }),
    ).rejects.toMatchObject({ status: 404 });
  });

  test('an id with a number in clear from a masked key is refused by every operation, whether it exists or not', async () => {
    const [live, gone, none] = [1, 2, 3].map((n) => `call-491511234567${n}`) as [
      string,
      string,
      string,
    ];
    await server.admin.putConversation(conversation(live));
    await server.admin.putConversation(conversation(gone));
    await server.admin.deleteConversation({ businessId, sessionId: gone });
    const requests = (sessionId: string) => [
      masked.getConversation({ businessId, sessionId }),
      masked.deleteConversation({ businessId, sessionId }),
      masked.putConversation(conversation(sessionId)),
      masked.appendConversationEvents({
        ...{ businessId, sessionId },
        Events: [{ EventId: '1', Type: 'LogAdded', Level: 'Info', Message: 'x', Timestamp: T }],
      }),
      masked.getRedactions({ businessId, sessionId }),
      masked.getRecordingPeaks({ businessId, sessionId, participantId: 'client' }),
      masked.createHold({ businessId, Name: 'x', Reason: 'x', SessionIds: [sessionId] }),
      masked.getAudit({ businessId, Filter: { SubjectId: sessionId } }),
      masked.getOutboundQueue({ businessId, queueId: sessionId }),
      masked.getCampaign({ businessId, campaignId: sessionId }),
      masked.putConversation(conversation('mine', { QueueId: sessionId })),
    ];
    const first = await Promise.all(requests(live).map(outcomeOf));
    for (const answer of first) expect(answer).toMatchObject({ status: 403 });
    expect(await Promise.all(requests(gone).map(outcomeOf))).toEqual(first);
    expect(await Promise.all(requests(none).map(outcomeOf))).toEqual(first);
  });

  test('generated ids are not treated as numbers', async () => {
    for (const sessionId of [
      '49151123-4567-4a11-8234-491511234567',
      'session_01k0n5wq7mfd3c8v2t1b9xz4ae',
    ]) {
      await masked.putConversation(conversation(sessionId));
      expect((await masked.getConversation({ businessId, sessionId })).Id).toBe(sessionId);
    }
  });
});

describe('guesses of a masked key at stored values', () => {
  test('a masked key that puts a stored conversation again cannot learn whether the content is equal', async () => {
    const adding = { 'Conversations.ConversationPermissions': ['Adding' as const] };
    const writer = await server.newClient(businessId, adding);
    const secret = (Content: string) => ({
      Messages: [{ SenderId: 'a', Role: 'User', Content, Timestamp: T }],
    });
    await server.admin.putConversation(conversation('call', secret(NUMBER)));
    const right = await outcomeOf(writer.putConversation(conversation('call', secret(NUMBER))));
    expect(right).toMatchObject({ status: 409 });
    expect(await outcomeOf(writer.putConversation(conversation('call', secret(OTHER))))).toEqual(
      right,
    );
    const own = () => writer.putConversation(conversation('own', secret(NUMBER)));
    expect(await own()).toEqual(await own());
  });

  test('a masked key cannot test numbers with a retention rule on metadata', async () => {
    await server.admin.putConversation(conversation('call', { Metadata: { tel: NUMBER } }));
    const Rules = (tel: string) => [{ Name: 'x', Match: { Metadata: { tel } }, RecordDays: 0 }];
    for (const operation of [masked.previewRetention, masked.putRetention]) {
      const right = await outcomeOf(operation({ businessId, Rules: Rules(NUMBER) }));
      expect(right).toMatchObject({ status: 403 });
      expect(await outcomeOf(operation({ businessId, Rules: Rules(OTHER) }))).toEqual(right);
      expect(await outcomeOf(operation({ businessId, Rules: Rules('none') }))).not.toMatchObject({
        status: 403,
      });
    }
  });

  test('a masked key cannot test numbers with an erasure', async () => {
    const createErasure = (PhoneNumber: string) =>
      outcomeOf(masked.createErasure({ businessId, PhoneNumber, Mode: 'Anonymise', Reason: 'x' }));
    await server.admin.putConversation(
      conversation('call', {
        Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: T, PhoneNumber: NUMBER }],
      }),
    );
    expect(await createErasure(NUMBER)).toMatchObject({ status: 403 });
    expect(await createErasure(OTHER)).toEqual(await createErasure(NUMBER));
    const preview = (PhoneNumber: string) =>
      outcomeOf(masked.previewErasure({ businessId, PhoneNumber, Mode: 'Erase', Reason: 'x' }));
    expect(await preview(NUMBER)).toMatchObject({ status: 403 });
    expect(await preview(OTHER)).toEqual(await preview(NUMBER));
    const read = masked.getErasurePreview({ businessId, previewId: 'preview_x' });
    expect(await outcomeOf(read)).toMatchObject({ status: 403 });
  });

  test('a masked key cannot test numbers with hashes of the audit log', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    await masked.addDoNotCall({ businessId, Numbers: [NUMBER] });
    await masked.addDoNotCall({ businessId, Numbers: [OTHER] });
    const { Items } = await masked.getAudit({
      businessId,
      Filter: { Actions: ['DoNotCallAdded'] },
    });
    expect(Items.map(({ SubjectHash }) => SubjectHash)).toEqual(['[PHONE]', '[PHONE]', '[PHONE]']);
    await expect(masked.getAuditChain({ businessId })).rejects.toMatchObject({ status: 403 });
  });

  test('a masked key cannot learn numbers from the Idempotency-Key of another key', async () => {
    const init = { idempotencyKey: 'crm-1' };
    const body = (RecipientNumber: string) => ({ businessId, NumberId: 'n', RecipientNumber });
    const other = (await server.admin.initiateCall(body(NUMBER), init)).QueueIds;
    const right = (await masked.initiateCall(body(NUMBER), init)).QueueIds;
    expect(right).toEqual([expect.stringMatching(/^queue_/)]);
    expect(right).not.toEqual(other);
    expect((await masked.initiateCall(body(NUMBER), init)).QueueIds).toEqual(right);
  });
});

describe('the do-not-call list and masked keys', () => {
  test('a listed number that a masked key enqueues looks like any other and is not leased', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: [NUMBER] });
    const listed = await initiate(masked, NUMBER);
    expect(listed).toEqual({ QueueIds: [expect.any(String)], Rejected: [] });
    expect(await initiate(masked, OTHER)).toEqual(
      listed && { ...listed, QueueIds: [expect.any(String)] },
    );
    const seen = (await masked.getOutboundQueues({ businessId })).Items;
    const { QueueId: _a, ...one } = seen[0] ?? { QueueId: '' };
    const { QueueId: _b, ...two } = seen[1] ?? { QueueId: '' };
    expect(one).toEqual(two);
    const { Calls } = await masked.simulateOutboundQueue({ businessId });
    expect(Calls.map(({ At, Reason }) => ({ At, Reason }))).toEqual([
      { At: expect.any(String), Reason: null },
      { At: Calls[0]?.At, Reason: null },
    ]);
    const leased = await server.admin.leaseOutboundCalls({
      ...{ businessId, WorkerId: 'w', Max: 10, LeaseSeconds: 60 },
    });
    expect(leased.Calls.map(({ RecipientNumber }) => RecipientNumber)).toEqual([OTHER]);
    await expect(initiate(server.admin, NUMBER)).rejects.toMatchObject({ status: 400 });
  });
});

test('a masked key can end the stay of a participant by the opaque id that it reads', async () => {
  const sessionId = 'live';
  const append = (client: TestServer['admin'], ...Events: object[]) =>
    client.appendConversationEvents({ businessId, sessionId, Events: Events as never });
  await append(
    server.admin,
    { EventId: '1', Type: 'SessionStarted', InitiationType: 'Web', Timestamp: T },
    { EventId: '2', Type: 'ClientJoined', ClientId: NUMBER, ClientType: 'Phone', Timestamp: T },
  );
  const token =
    (await masked.getConversation({ businessId, sessionId })).Clients[0]?.ClientId ?? '';
  const left = (ClientId: string) => ({ EventId: '3', Type: 'ClientLeft', ClientId, Timestamp: T });
  const right = await outcomeOf(append(masked, left(NUMBER)));
  expect(right).toMatchObject({ status: 403 });
  expect(await outcomeOf(append(masked, left(OTHER)))).toEqual(right);
  expect(await append(masked, left(token))).toMatchObject({ Accepted: 1 });
  const [client] = (await server.admin.getConversation({ businessId, sessionId })).Clients;
  expect(client).toMatchObject({ ClientId: NUMBER, LeftAt: T });
});
