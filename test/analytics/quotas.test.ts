import { type Client, createClient, type InputOf } from '@colloquy/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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
async function untilRefused(businessId: number, text?: string): Promise<Error> {
  let added = 0;
  let refusal: Error | undefined;
  await until(async () => {
    added += 1;
    const given = { seconds: 0, ...(text !== undefined && { text }) };
    await put(businessId, `more-${added}`, given).catch((error: Error) => {
      refusal = error;
    });
    return refusal !== undefined;
  });
  if (!refusal) throw new Error('nothing was refused');
  return refusal;
}

/** A refusal may be up to two seconds old. */
const untilAdmitted = (businessId: number, sessionId: string) =>
  until(() =>
    put(businessId, sessionId).then(
      () => true,
      () => false,
    ),
  );

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
});

test('a StartTime in another month avoids neither the quota of that month nor of the current one', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 1 });
  const startsAt = Date.parse('2026-02-28T23:59:59.999Z');
  await put(businessId, 'earlier', { startsAt });
  await expect(put(businessId, 'earlier-2', { startsAt })).rejects.toThrow('in 2026-02 (UTC)');
  await put(businessId, 'a');
  const january = Date.parse('2026-01-01T00:00:00Z');
  for (const startsAt of [january, Date.parse('2026-04-01T00:00:00Z')]) {
    const another = put(businessId, `at ${startsAt}`.replace(' ', '-'), { startsAt });
    await expect(another).rejects.toThrow('began 1 conversations in 2026-03 (UTC)');
  }
});

test('of conversations that are put at once, only as many as the quota are admitted', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 5 });
  await put(businessId, 'known');
  const puts = Array.from({ length: 40 }, (_, n) =>
    put(businessId, n % 2 === 0 ? 'known' : `c${n}`),
  );
  await Promise.allSettled(puts);
  const { TotalCount } = await server.admin.getConversations({ businessId });
  expect(TotalCount).toBeLessThanOrEqual(5);
});

test('repeats do not count as new conversations', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 3 });
  for (let n = 0; n < 5; n += 1) await put(businessId, 'a');
  for (let n = 0; n < 5; n += 1) await begin(businessId, 'b');
  await put(businessId, 'c');
  await expect(put(businessId, 'd')).rejects.toMatchObject(exceeded(/began 3 conversations/));
});

test('an erased id is gone, also when a quota is reached', async () => {
  const businessId = await businessWith({ ConversationsPerMonth: 1 });
  await put(businessId, 'a');
  await server.admin.deleteConversation({ businessId, sessionId: 'a' });
  await expect(put(businessId, 'a')).rejects.toMatchObject({ status: 410 });
  await expect(begin(businessId, 'a')).rejects.toMatchObject({ status: 410 });
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
  const businessId = await businessWith({ StoredBytes: 1100 });
  await put(businessId, 'a');
  await put(businessId, 'b');
  expect((await upload(businessId, 'a')).Bytes).toBe(844);
  await expect(upload(businessId, 'b')).rejects.toMatchObject(
    exceeded(
      /^This recording has 844 bytes, which do not fit .* 1,100 bytes .*delete some of them/,
    ),
  );
  const message =
    /^Business \d+ has reached its quota of 1,100 bytes of stored .*delete some of them/;
  expect(await untilRefused(businessId, 'x'.repeat(200))).toMatchObject(exceeded(message));
  await expect(upload(businessId, 'b')).rejects.toMatchObject(exceeded(message));
  await upload(businessId, 'a');
  server.clock.advance(120);
  await server.admin.putRetention({ businessId, Rules: [{ Name: 'all', RecordDays: 0 }] });
  await server.admin.runRetention({ businessId });
  await untilAdmitted(businessId, 'd');
  await upload(businessId, 'd');
});

test('a recording without Content-Length is refused after its upload, and its bytes are discarded', async () => {
  const businessId = await businessWith({ StoredBytes: 500 });
  await put(businessId, 'a');
  const key = await server.newKey(businessId);
  const url = `${server.url}/api/v1/business/${businessId}/conversations/a/recordings/ann`;
  const chunked = await fetch(url, {
    method: 'PUT',
    headers: { Authorization: `Token ${key}`, 'Content-Type': 'audio/wav' },
    body: new Blob([AUDIO.audio]).stream(),
    duplex: 'half',
  } as RequestInit);
  expect(chunked.status).toBe(403);
  expect(await chunked.text()).toContain('QUOTA_EXCEEDED');
  const { rows } = await server.sql.query('SELECT FROM unclaimed_blobs WHERE business_id = $1', [
    businessId,
  ]);
  expect(rows).toEqual([]);
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
  const another = server.admin.receiveCall({ ...received, ProviderCallId: '2' });
  await expect(another).rejects.toMatchObject(exceeded(/quota/));
  const repeat = await server.admin.receiveCall({ ...received, ProviderCallId: '1' });
  expect(repeat.QueueId).toBe(inbound);
  expect((await server.admin.leaseInboundCalls(lease)).Calls).toHaveLength(1);
  await begin(businessId, 'b', outbound?.QueueId);
  await begin(businessId, 'c', inbound);
  const second = [begin(businessId, 'e', outbound?.QueueId), begin(businessId, 'e', inbound)];
  for (const again of second) await expect(again).rejects.toMatchObject(exceeded(/quota/));
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

/** A guard, and how many statements it has sent. */
function countedGuard() {
  const { db, clock } = server.app.ctx;
  const count = { statements: 0 };
  const counted = {
    ...db,
    rows: <Row extends object>(...query: Parameters<typeof db.rows>) => {
      count.statements += 1;
      return db.rows<Row>(...query);
    },
  };
  return {
    count,
    guard: new QuotaGuard({ db: counted, clock, isCallUnderWay: async () => false }),
  };
}

test('a business without quotas is admitted without a statement, and others mostly from a cache', async () => {
  const { count, guard } = countedGuard();
  const businessId = await server.newBusiness();
  const begun = { startTime: server.clock.now(), queueId: null };
  const admit = async (quotas: Scope['quotas']) => {
    const scope = { ...systemScope(businessId), quotas };
    for (let n = 0; n < 1000; n += 1) {
      expect(await guard.admitConversation(scope, begun)).toMatchObject({ refusal: null });
      expect(await guard.refuseCall(scope)).toBeNull();
      expect(await guard.refuseRecording(scope, 1)).toBeNull();
    }
  };
  await admit(null);
  expect(count.statements).toBe(0);
  await admit({ conversations: 5000, minutes: 10, bytes: 10 });
  expect(count.statements).toBeGreaterThan(0);
  expect(count.statements).toBeLessThan(50);
});

test('a recording takes no statement if stored bytes are not limited', async () => {
  const { count, guard } = countedGuard();
  const quotas = { conversations: 0, minutes: 0, bytes: null };
  const scope = { ...systemScope(await server.newBusiness()), quotas };
  expect(await guard.refuseRecording(scope, 1)).toBeNull();
  expect(await guard.admitRecording(scope, 1)).toMatchObject({ refusal: null });
  expect(count.statements).toBe(0);
});

test('requests at the same time share a read of usage, also if they are refused', async () => {
  using _time = vi.spyOn(performance, 'now').mockReturnValue(1);
  const { count, guard } = countedGuard();
  const businessId = await server.newBusiness();
  const begun = { startTime: server.clock.now(), queueId: null };
  const admit = async (conversations: number) => {
    const scope = {
      ...systemScope(businessId),
      quotas: { conversations, minutes: null, bytes: null },
    };
    const all = Array.from({ length: 1000 }, () => guard.admitConversation(scope, begun));
    return (await Promise.all(all)).filter(({ refusal }) => refusal === null);
  };
  const admitted = await admit(10);
  expect(admitted).toHaveLength(10);
  for (const { cancel } of admitted.slice(0, 3)) cancel();
  expect(await admit(10)).toHaveLength(3);
  expect(await admit(0)).toHaveLength(0);
  expect(count.statements).toBe(1);
});

test('recordings that are received at the same time share the bytes that are left', async () => {
  const { guard } = countedGuard();
  const quotas = { conversations: null, minutes: null, bytes: 1000 };
  const scope = { ...systemScope(await server.newBusiness()), quotas };
  const all = await Promise.all(Array.from({ length: 5 }, () => guard.admitRecording(scope, 400)));
  expect(all.filter(({ refusal }) => refusal === null)).toHaveLength(2);
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
  expect(Items.map(({ Details }) => Details)).toEqual([
    { ConversationsPerMonth: 'Unlimited' },
    { ConversationsPerMonth: 1 },
  ]);
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
