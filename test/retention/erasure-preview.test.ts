import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { minuteJobs, namedJobs } from '../../packages/server/src/minute-jobs.ts';
import { callDesk } from '../fixtures/kept-calls.ts';
import { type House, openHouse } from '../servers/test-server.ts';

let house: House;
let businessId: number;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await house.newBusiness();
});
const { finished, record, statusOf } = callDesk(() => ({ house, businessId }));

const NUMBER = '+493023125060';
const T = '2026-01-01T00:00:00Z';
const body = () => ({ businessId, PhoneNumber: NUMBER, Mode: 'Erase', Reason: 'asked' }) as const;
const client = (ClientId: string) => ({ ClientId, ClientType: 'Phone', JoinedAt: T });
const preview = async () => {
  const { PreviewId: previewId } = await house.admin.previewErasure(body());
  await namedJobs(house.app.ctx)['preview-erasure']?.({ businessId, previewId });
  return { previewId, read: () => house.admin.getErasurePreview({ businessId, previewId }) };
};

test('a preview counts what the erasure erases, changes nothing and names mentions', async () => {
  const own = await finished(1, { Clients: [{ ...client('client'), PhoneNumber: NUMBER }] });
  await record(own);
  await house.admin.receiveCall({
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
  const { ErasureId: erasureId } = await house.admin.createErasure(body());
  await namedJobs(house.app.ctx)['erase-person']?.({ businessId, erasureId });
  const { Counts } = await house.admin.getErasure({ businessId, erasureId });
  expect(Counts).toEqual(found.Counts);
  await expect(read()).rejects.toMatchObject({ status: 404 });
});

test('a second preview is refused while one runs, and a preview expires after a day', async () => {
  const { PreviewId: previewId } = await house.admin.previewErasure(body());
  const read = () => house.admin.getErasurePreview({ businessId, previewId });
  expect(await read()).toMatchObject({ Status: 'Running', Progress: 0, Mentions: [] });
  await expect(house.admin.previewErasure(body())).rejects.toMatchObject({ status: 409 });
  await namedJobs(house.app.ctx)['preview-erasure']?.({ businessId, previewId });
  await preview();
  house.clock.advance(24 * 3600);
  await minuteJobs(house.app.ctx)['expire-erasure-previews']?.();
  await expect(read()).rejects.toMatchObject({ status: 404 });
});

test('of previews requested in the same instant one runs', async () => {
  const requests = Array.from({ length: 8 }, () => house.admin.previewErasure(body()));
  const results = await Promise.allSettled(requests);
  const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.status] : []));
  expect(refused).toEqual(Array(7).fill(409));
});

test('a preview whose job is lost gets it again, and its mentions are those of the erasure', async () => {
  await finished(1, { Metadata: { back: '030 231 250 60' } });
  await finished(1, { EndReason: 'plus four nine three oh two three one two five oh six oh' });
  await finished(1, { Metadata: { back: '+44 (0)30 23125060' } });
  const { PreviewId: previewId } = await house.admin.previewErasure(body());
  const hasJob = async () => {
    const found = await house.sql.query('SELECT FROM graphile_worker.jobs WHERE key = $1', [
      `preview-erasure:${previewId}`,
    ]);
    return found.rowCount === 1;
  };
  await house.sql.query('SELECT graphile_worker.remove_job($1)', [`preview-erasure:${previewId}`]);
  expect(await hasJob()).toBe(false);
  await minuteJobs(house.app.ctx)['go-on-previewing']?.();
  expect(await hasJob()).toBe(true);
  await namedJobs(house.app.ctx)['preview-erasure']?.({ businessId, previewId });
  const { Mentions } = await house.admin.getErasurePreview({ businessId, previewId });
  expect(Mentions.map(({ In }) => In)).toEqual([['Metadata'], ['Metadata']]);
  const { ErasureId: erasureId } = await house.admin.createErasure({
    ...body(),
    IncludeMentions: true,
  });
  await namedJobs(house.app.ctx)['erase-person']?.({ businessId, erasureId });
  const erasure = await house.admin.getErasure({ businessId, erasureId });
  expect(erasure.Mentions).toEqual({ Changed: Mentions.length, Held: 0 });
});
