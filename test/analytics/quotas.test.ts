import { type Client, createClient, type InputOf } from '@colloquy/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Scope, systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { QuotaGuard } from '../../packages/server/src/conversations/usage/quotas.ts';
import { wavOf } from '../fixtures/wav.ts';
import { until } from '../servers/server-process.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

type Quotas = NonNullable<InputOf<'UpdateBusiness'>['Quotas']>;

const NONE: Quotas = { ConversationsPerMonth: null, MinutesPerMonth: null, StoredBytes: null };
const iso = (instant: number) => new Date(instant).toISOString();
const AUDIO = { audio: wavOf(8000, 400, 1, () => 0), contentType: 'audio/wav' } as const;

async function businessWith(quotas: Partial<Quotas>): Promise<number> {
  const businessId = await server.newBusiness();
  await setQuotas(businessId, quotas);
  return businessId;
}

const setQuotas = (businessId: number, quotas: Partial<Quotas>) =>
  server.admin.updateBusiness({ businessId, Quotas: { ...NONE, ...quotas } });

interface Given {
  readonly seconds?: number;
  readonly text?: string;
  readonly startsAt?: number;
  readonly queueId?: string;
}

function put(
  businessId: number,
  sessionId: string,
  { seconds = 60, text = 'Hello', startsAt = server.clock.now(), queueId }: Given = {},
  client: Client = server.admin,
) {
  const at = iso(startsAt);
  return client.putConversation({
    ...{ businessId, sessionId, InitiationType: 'Web', Status: 'Completed', EndType: 'Normal' },
    ...{ StartTime: at, EndTime: iso(startsAt + seconds * 1000) },
    ...(queueId !== undefined && { QueueId: queueId }),
    Clients: [{ ClientId: 'ann', ClientType: 'Web', JoinedAt: at }],
    Messages: [{ SenderId: 'ann', Role: 'User', Content: text, Timestamp: at }],
  });
}

function begin(businessId: number, sessionId: string, queueId?: string) {
  const Timestamp = iso(server.clock.now());
  return server.admin.appendConversationEvents({
    businessId,
    sessionId,
    Events: [
      {
        ...{ EventId: 'start', Type: 'SessionStarted', Timestamp, InitiationType: 'Inbound' },
        ...(queueId !== undefined && { QueueId: queueId }),
      },
    ],
  });
}

const say = (businessId: number, sessionId: string, EventId: string) =>
  server.admin.appendConversationEvents({
    ...{ businessId, sessionId },
    Events: [
      {
        ...{ EventId, Type: 'LogAdded', Level: 'Info', Message: 'still here' },
        Timestamp: iso(server.clock.now()),
      },
    ],
  });

const upload = (businessId: number, sessionId: string) =>
  server.admin.putRecording({ businessId, sessionId, participantId: 'ann', ...AUDIO });

/** Adds empty conversations until one is refused: usage may have been read up to two seconds before. */
async function untilRefused(businessId: number): Promise<Error> {
  let added = 0;
  let refusal: Error | undefined;
  await until(async () => {
    added += 1;
    await put(businessId, `more-${added}`, { seconds: 0 }).catch((error: Error) => {
      refusal = error;
    });
    return refusal !== undefined;
  });
  if (!refusal) throw new Error('nothing was refused');
  return refusal;
}

const exceeded = (message: RegExp) => ({
  status: 403,
  code: expect.stringMatching(/:QUOTA_EXCEEDED$/),
  message: expect.stringMatching(message),
});
const CONVERSATIONS = /^Business \d+ began 2 conversations in 2026-03 \(UTC\) and its quota is 2/;

test('conversations over the quota of a month are refused, however they are written', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 2 });
  await put(businessId, 'a');
  await begin(businessId, 'b');
  await expect(put(businessId, 'c')).rejects.toMatchObject(exceeded(CONVERSATIONS));
  await expect(begin(businessId, 'c')).rejects.toMatchObject(exceeded(CONVERSATIONS));
  await expect(server.admin.getConversation({ businessId, sessionId: 'c' })).rejects.toMatchObject({
    status: 404,
  });
  await expect(begin(businessId, 'c')).rejects.toThrow(
    'ask an admin of the server to raise it, or wait for the next month.',
  );
});

test('known conversations can be repeated, continued and replaced when a quota is reached', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 2 });
  await put(businessId, 'a');
  await begin(businessId, 'b');
  expect(await begin(businessId, 'b')).toMatchObject({ Accepted: 0, Duplicates: 1 });
  expect(await say(businessId, 'b', 'more')).toMatchObject({ Accepted: 1 });
  await put(businessId, 'a');
  await put(businessId, 'a', { text: 'Corrected' });
  await upload(businessId, 'a');
});

test('a deletion frees no conversation of the month, and the next month begins with none', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 1 });
  await put(businessId, 'a');
  await server.admin.deleteConversation({ businessId, sessionId: 'a' });
  await expect(put(businessId, 'b')).rejects.toMatchObject({ status: 403 });
  await put(businessId, 'earlier', { startsAt: Date.parse('2026-02-28T23:59:59.999Z') });
  await put(businessId, 'later', { startsAt: Date.parse('2026-04-01T00:00:00Z') });
  const again = put(businessId, 'later-2', { startsAt: Date.parse('2026-04-30T23:59:59Z') });
  await expect(again).rejects.toThrow('began 1 conversations in 2026-04 (UTC)');
});

test('conversations are refused when the minutes of the month are used up', async () => {
  const businessId = await businessWith({ MinutesPerMonth: 2 });
  await put(businessId, 'a', { seconds: 119.9 });
  await put(businessId, 'b', { seconds: 31.1 });
  expect(await untilRefused(businessId)).toMatchObject(
    exceeded(/used 2\.52 minutes in 2026-03 \(UTC\) and its quota is 2 a month/),
  );
});

test('conversations and recordings are refused while too many bytes are stored', async () => {
  const businessId = await businessWith({ StoredBytes: 1000 });
  await put(businessId, 'a');
  await put(businessId, 'b');
  const { Bytes } = await upload(businessId, 'a');
  expect(Bytes).toBe(844);
  const refusal = await untilRefused(businessId);
  const { Months } = await server.admin.getUsage({ businessId });
  const stored = Number(Months.at(-1)?.TranscriptBytesStored) + Bytes;
  expect(stored).toBeGreaterThan(1000);
  const bytes = stored.toLocaleString('en-US');
  const message = new RegExp(`stores ${bytes} bytes of .* quota is 1,000; .*delete some of them`);
  expect(refusal).toMatchObject(exceeded(message));
  await expect(upload(businessId, 'b')).rejects.toMatchObject(exceeded(message));
  await upload(businessId, 'a');
  server.clock.advance(120);
  await server.admin.putRetention({ businessId, Rules: [{ Name: 'all', RecordDays: 0 }] });
  await server.admin.runRetention({ businessId });
  await put(businessId, 'd');
  await upload(businessId, 'd');
});

test('a conversation that is live gets its recording over a quota of bytes', async () => {
  const businessId = await businessWith({ StoredBytes: 100 });
  await begin(businessId, 'live');
  await put(businessId, 'a', { text: 'x'.repeat(200) });
  await server.admin.putRecording({
    ...{ businessId, sessionId: 'live', participantId: '_mixed', ...AUDIO },
  });
  await untilRefused(businessId);
  const sealed = { businessId, sessionId: 'a', participantId: '_mixed', ...AUDIO };
  await expect(server.admin.putRecording(sealed)).rejects.toMatchObject({ status: 403 });
});

test('calls are neither handed out nor received over a quota, but those under way are recorded', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 1 });
  const call = { businessId, NumberId: 'n', RecipientNumber: '+15551234567' };
  await server.admin.initiateCall(call);
  await server.admin.initiateCall({ ...call, RecipientNumber: '+15551234568' });
  const lease = { businessId, WorkerId: 'w', Max: 1, LeaseSeconds: 60 };
  const received = { businessId, NumberId: 'n', CallerNumber: '+15551234569', Provider: 'p' };
  const { QueueId: inbound } = await server.admin.receiveCall({ ...received, ProviderCallId: '1' });
  const [outbound] = (await server.admin.leaseOutboundCalls(lease)).Calls;
  await put(businessId, 'a');
  await expect(server.admin.leaseOutboundCalls(lease)).rejects.toMatchObject(exceeded(/quota/));
  const second = server.admin.receiveCall({ ...received, ProviderCallId: '2' });
  await expect(second).rejects.toMatchObject(exceeded(/quota/));
  const repeat = await server.admin.receiveCall({ ...received, ProviderCallId: '1' });
  expect(repeat.QueueId).toBe(inbound);
  expect((await server.admin.leaseInboundCalls(lease)).Calls).toHaveLength(1);
  await begin(businessId, 'b', outbound?.QueueId);
  await begin(businessId, 'c', inbound);
  await expect(begin(businessId, 'd', 'no-such-call')).rejects.toMatchObject(exceeded(/quota/));
  await setQuotas(businessId, { ConversationsPerMonth: 4 });
  expect((await server.admin.leaseOutboundCalls(lease)).Calls).toHaveLength(1);
});

test('a worker that waits for a call is refused when a quota is set that is reached', async () => {
  const businessId = await server.newBusiness();
  await put(businessId, 'a');
  const lease = { businessId, WorkerId: 'w', Max: 1, LeaseSeconds: 60, WaitSeconds: 20 };
  const waiting = server.admin.leaseOutboundCalls(lease);
  const refused = expect(waiting).rejects.toMatchObject(exceeded(/quota is 1/));
  await setQuotas(businessId, { ConversationsPerMonth: 1 });
  await server.admin.initiateCall({ businessId, NumberId: 'n', RecipientNumber: '+15551234567' });
  await refused;
});

test('concurrent writers exceed a quota at most by the writes that are under way', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 10 });
  const AT_ONCE = 4;
  let next = 0;
  let refused = 0;
  const write = async () => {
    while (next < 60) {
      next += 1;
      await put(businessId, `c${next}`).catch((error: { status: number }) => {
        expect(error.status).toBe(403);
        refused += 1;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
  const { TotalCount } = await server.admin.getConversations({ businessId });
  expect(TotalCount).toBe(60 - refused);
  expect(TotalCount).toBeGreaterThanOrEqual(10);
  expect(TotalCount).toBeLessThan(10 + AT_ONCE);
});

test('a business without quotas is admitted without a statement, and others mostly from a cache', async () => {
  const { db, clock } = server.app.ctx;
  let statements = 0;
  const counted = {
    ...db,
    rows: <Row extends object>(...query: Parameters<typeof db.rows>) => {
      statements += 1;
      return db.rows<Row>(...query);
    },
  };
  const guard = new QuotaGuard({ db: counted, clock, isCallUnderWay: async () => false });
  const businessId = await server.newBusiness();
  const begun = { startTime: clock.now(), queueId: null };
  const admit = async (quotas: Scope['quotas']) => {
    const scope = { ...systemScope(businessId), quotas };
    for (let n = 0; n < 1000; n += 1) {
      expect(await guard.refuseConversation(scope, begun)).toBeNull();
      expect(await guard.refuseCall(scope)).toBeNull();
      expect(await guard.refuseRecording(scope)).toBeNull();
    }
  };
  await admit(null);
  expect(statements).toBe(0);
  await admit({ conversations: 5000, minutes: 10, bytes: 10 });
  expect(statements).toBeGreaterThan(0);
  expect(statements).toBeLessThan(50);
});

test('only an admin sets quotas, which take effect at once and are in the audit log', async () => {
  const businessId = await server.newBusiness();
  const owner = await server.newClient(businessId);
  await expect(owner.updateBusiness({ businessId, Quotas: NONE })).rejects.toMatchObject({
    code: expect.stringContaining('PERMISSION_DENIED'),
  });
  await put(businessId, 'a', {}, owner);
  const Quotas = { ...NONE, ConversationsPerMonth: 1 };
  expect(await server.admin.updateBusiness({ businessId, Quotas })).toMatchObject({ Quotas });
  expect((await owner.getUsage({ businessId })).Quotas).toEqual(Quotas);
  await expect(put(businessId, 'b', {}, owner)).rejects.toMatchObject({ status: 403 });
  await server.admin.updateBusiness({ businessId, Name: 'Renamed' });
  await server.admin.updateBusiness({ businessId, Quotas });
  await server.admin.updateBusiness({ businessId, Quotas: NONE });
  await put(businessId, 'b', {}, owner);
  const { Items } = await owner.getAudit({ businessId, Filter: { Actions: ['QuotasChanged'] } });
  expect(Items.map(({ Details }) => Details)).toEqual([{}, { ConversationsPerMonth: 1 }]);
});

test('the client does not retry a refusal because of a quota', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 0 });
  let requests = 0;
  const client = createClient({
    ...{ baseUrl: server.url, apiKey: ADMIN_KEY },
    fetch: (...request) => {
      requests += 1;
      return fetch(...request);
    },
  });
  await expect(put(businessId, 'a', {}, client)).rejects.toMatchObject({ status: 403 });
  expect(requests).toBe(1);
});
