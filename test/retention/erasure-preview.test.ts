import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
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
const { erase, finished, record, statusOf } = callActions(() => ({ server, businessId }));

const NUMBER = '+493023125060';
const T = '2026-01-01T00:00:00Z';
const body = () => ({ businessId, PhoneNumber: NUMBER, Mode: 'Erase', Reason: 'asked' }) as const;
const client = (ClientId: string) => ({ ClientId, ClientType: 'Phone', JoinedAt: T });
const preview = async () => {
  const { PreviewId: previewId } = await server.admin.previewErasure(body());
  await server.runJob('preview-erasure', { businessId, previewId });
  return { previewId, read: () => server.admin.getErasurePreview({ businessId, previewId }) };
};

test('a preview counts what the erasure removes, lists mentions and changes nothing', async () => {
  const own = await finished(1, { Clients: [{ ...client('client'), PhoneNumber: NUMBER }] });
  await record(own);
  await server.admin.receiveCall({
    ...{ businessId, NumberId: 'n', CallerNumber: '+49 30 23125060' },
    ...{ Provider: 'p', ProviderCallId: '1' },
  });
  const message = { SenderId: 'c', Role: 'User', Content: 'hello', Timestamp: T };
  const texts = {
    Clients: [client('c')],
    Messages: [
      { ...message, Content: 'call me at +49 30 / 231-250-60.' },
      { ...message, ToolCall: { CallId: '1', Name: 'dial', Arguments: { to: NUMBER } } },
    ],
    Metadata: { back: '0049 (30) 23125060' },
    Logs: [{ Level: 'Info', Message: `from ${NUMBER}`, Timestamp: T }],
  };
  const mentions = await finished(1, texts);
  await finished(1, { Clients: [client('c')], Metadata: { back: '1493023125060' } });
  const { read } = await preview();
  const found = await read();
  expect(found).toEqual({
    Status: 'Completed',
    Progress: 1,
    Counts: { Conversations: 1, Recordings: 1, QueueEntries: 1 },
    Mentions: [{ SessionId: mentions, In: ['Messages', 'Logs', 'Metadata', 'ToolCalls'] }],
  });
  expect(await statusOf(own)).toBe(200);
  const { Counts } = await erase(body());
  expect(Counts).toEqual(found.Counts);
  await expect(read()).rejects.toMatchObject({ status: 404 });
});

test('a second preview is refused while one runs, and a preview expires after a day', async () => {
  const { PreviewId: previewId } = await server.admin.previewErasure(body());
  const read = () => server.admin.getErasurePreview({ businessId, previewId });
  expect(await read()).toMatchObject({ Status: 'Running', Progress: 0, Mentions: [] });
  await expect(server.admin.previewErasure(body())).rejects.toMatchObject({ status: 409 });
  await server.runJob('preview-erasure', { businessId, previewId });
  await preview();
  server.clock.advance(24 * 3600);
  await server.runJob('expire-erasure-previews');
  await expect(read()).rejects.toMatchObject({ status: 404 });
});

test('only one of several concurrent previews runs', async () => {
  const requests = Array.from({ length: 8 }, () => server.admin.previewErasure(body()));
  const results = await Promise.allSettled(requests);
  const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.status] : []));
  expect(refused).toEqual(Array(7).fill(409));
});

test('a preview whose job was lost gets a new one, and lists the mentions that the erasure changes', async () => {
  await finished(1, { Metadata: { back: '030 231 250 60' } });
  await finished(1, { EndReason: 'plus four nine three oh two three one two five oh six oh' });
  await finished(1, { Metadata: { back: '+44 (0)30 23125060' } });
  const { PreviewId: previewId } = await server.admin.previewErasure(body());
  const hasJob = async () => {
    const found = await server.sql.query('SELECT FROM graphile_worker.jobs WHERE key = $1', [
      `preview-erasure:${previewId}`,
    ]);
    return found.rowCount === 1;
  };
  await server.sql.query('SELECT graphile_worker.remove_job($1)', [`preview-erasure:${previewId}`]);
  expect(await hasJob()).toBe(false);
  await server.runJob('go-on-previewing');
  expect(await hasJob()).toBe(true);
  await server.runJob('preview-erasure', { businessId, previewId });
  const { Mentions } = await server.admin.getErasurePreview({ businessId, previewId });
  expect(Mentions.map(({ In }) => In)).toEqual([['Metadata'], ['Metadata']]);
  const erasure = await erase({ ...body(), IncludeMentions: true });
  expect(erasure.Mentions).toEqual({ Changed: Mentions.length, Held: 0 });
});
