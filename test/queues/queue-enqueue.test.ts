import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wrongCounts } from '../fixtures/queue-actions.ts';
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

const NumberId = 'number_1';
const iso = (text: string) => new Date(text).toISOString().replace('.000Z', 'Z');
const now = () => iso(new Date(server.clock.now()).toISOString());
const later = (seconds: number) => iso(new Date(server.clock.now() + seconds * 1000).toISOString());
type Initiate = Parameters<TestServer['admin']['initiateCall']>[0];
const initiate = (body: object) =>
  server.admin.initiateCall({ businessId, NumberId, ...body } as Initiate);
const read = (queueId: string | null | undefined) =>
  server.admin.getOutboundQueue({ businessId, queueId: queueId ?? '' });
const history = async (queueId: string | null | undefined) =>
  (await server.admin.getOutboundQueueHistory({ businessId, queueId: queueId ?? '' })).Entries;
const decisions = async (queueId: string | null | undefined) =>
  (await history(queueId)).map(({ Decision, Reason }) =>
    Reason === null ? Decision : `${Decision} ${Reason}`,
  );
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

describe('InitiateCall', () => {
  test('InitiateCall enqueues one call with all given values', async () => {
    const { QueueIds, Rejected } = await initiate({
      CampaignId: 'spring',
      RecipientNumber: '+49 (30) 123456',
      NumberProvider: 'twilio',
      Priority: 7,
      DynamicVariables: { name: 'Ada', nested: { a: [1] } },
      Metadata: { order: 17 },
    });
    expect(Rejected).toEqual([]);
    expect(QueueIds).toEqual([expect.stringMatching(/^queue_[0-9a-z]{26}$/)]);
    expect(await read(QueueIds[0])).toEqual({
      QueueId: QueueIds[0],
      Status: 'Queued',
      EnqueuedAt: now(),
      ProcessingStartedAt: null,
      CompletedAt: null,
      DynamicVariables: { name: 'Ada', nested: { a: [1] } },
      Metadata: { order: 17 },
      CampaignId: 'spring',
      NumberId,
      RecipientNumber: '+4930123456',
      SessionId: null,
      SessionStatus: null,
      SessionEndType: null,
      Attempts: 0,
      NextAttemptAt: now(),
      ScheduledFor: null,
      ExpiresAt: null,
      Priority: 7,
      LastReason: null,
    });
    expect(await history(QueueIds[0])).toEqual([
      {
        At: now(),
        Decision: 'Enqueued',
        Reason: null,
        Details: 'Enqueued to call +4930123456 from number_1.',
      },
    ]);
  });

  test('InitiateCall reports rejected recipients by index and enqueues the others', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: ['+4930000001'] });
    await initiate({ CampaignId: 'c', RecipientNumber: '+4930000002' });
    const numbers = [
      '+4930000001',
      '+4930000002',
      '12',
      '+4930000003',
      '030 000003',
      '+4930000004',
    ];
    const { QueueIds, Rejected } = await initiate({
      CampaignId: 'c',
      DefaultCountry: 'DE',
      DynamicVariables: { all: 1, own: 1 },
      Recipients: numbers.map((RecipientNumber) => ({
        RecipientNumber,
        DynamicVariables: { own: RecipientNumber },
      })),
    });
    expect(Rejected.map(({ Index, Reason }) => [Index, Reason])).toEqual([
      [0, 'DO_NOT_CALL'],
      [1, 'DUPLICATE'],
      [2, 'INVALID_NUMBER'],
      [4, 'DUPLICATE'],
    ]);
    for (const { Message } of Rejected) expect(Message).toMatch(/^.{10,}\.$/);
    expect(QueueIds.map((id) => id !== null)).toEqual([false, false, false, true, false, true]);
    const { DynamicVariables } = await read(QueueIds[3]);
    expect(DynamicVariables).toEqual({ all: 1, own: '+4930000003' });
    // The number may wait in another campaign, or without one, too.
    for (const CampaignId of ['d', null]) {
      await initiate({ CampaignId, RecipientNumber: '+4930000002' });
    }
    expect(await server.admin.countOutboundQueues({ businessId })).toBe(5);
  });

  test.each([
    ['no recipient', {}, 'Give either RecipientNumber or Recipients.'],
    ['an impossible number', { RecipientNumber: '123' }, /not a possible phone number/],
    [
      'two ways',
      { RecipientNumber: '+4930123456', Recipients: [{ RecipientNumber: '+1' }] },
      /either/,
    ],
    ['no country', { RecipientNumber: '+4930123456', DefaultCountry: 'XX' }, /DefaultCountry/],
    ['no zone', { RecipientNumber: '+4930123456', TimeZone: 'Mars/Base' }, /^TimeZone must be/],
    [
      'an empty window',
      { RecipientNumber: '+4930123456', Windows: [{ Days: ['Mon'], From: '09:00', To: '09:00' }] },
      /Windows\[0\]\.To/,
    ],
    [
      'no time left',
      { RecipientNumber: '+4930123456', Schedule: { MaxDateTimeUTC: '2020-01-01T00:00:00Z' } },
      /MaxDateTimeUTC/,
    ],
    [
      'an unknown key',
      { RecipientNumber: '+4930123456', Retry: { MaxAttempts: 1, On: [], Delay: 1 } },
      /Retry/,
    ],
  ])('InitiateCall refuses %s', async (_what, body, message) => {
    await expect(initiate(body)).rejects.toMatchObject({
      status: 400,
      code: 'InitiateCall:INVALID_REQUEST',
      message: expect.stringMatching(message),
    });
    expect(await server.admin.countOutboundQueues({ businessId })).toBe(0);
  });

  test('a single recipient that is on the do-not-call list or already waits is a 400', async () => {
    await server.admin.addDoNotCall({ businessId, Numbers: ['+49 30 000001'] });
    await expect(initiate({ RecipientNumber: '+4930000001' })).rejects.toMatchObject({
      status: 400,
    });
    await initiate({ CampaignId: 'c', RecipientNumber: '+4930000002' });
    const again = initiate({ CampaignId: 'c', Recipients: [{ RecipientNumber: '+4930000002' }] });
    await expect(again).rejects.toMatchObject({ status: 400 });
  });

  test('a repeated request with the same Idempotency-Key gets the first answer for a day', async () => {
    const options = { idempotencyKey: 'order-17' };
    const body: Initiate = { businessId, NumberId, RecipientNumber: '+4930123456' };
    const both = await Promise.all([
      server.admin.initiateCall(body, options),
      server.admin.initiateCall(body, options),
    ]);
    expect(both[0]).toEqual(both[1]);
    server.clock.advance(86_399);
    expect(await server.admin.initiateCall(body, options)).toEqual(both[0]);
    await expect(
      server.admin.initiateCall({ ...body, RecipientNumber: '+4930123457' }, options),
    ).rejects.toMatchObject({ status: 409, code: 'InitiateCall:CONFLICT' });
    const elsewhere = { ...body, businessId: await server.newBusiness() };
    expect(await server.admin.initiateCall(elsewhere, options)).not.toEqual(both[0]);
    expect(await server.admin.countOutboundQueues({ businessId })).toBe(1);
    server.clock.advance(1);
    await server.runJob('drop-call-days');
    expect(await server.admin.initiateCall(body, options)).not.toEqual(both[0]);
  });

  test('concurrent requests enqueue each number of a campaign once', async () => {
    const numbers = Array.from({ length: 50 }, (_, at) => ({
      RecipientNumber: `+4930${100_000 + at}`,
    }));
    const answers = await Promise.all(
      [numbers, numbers.toReversed()].map((Recipients) =>
        initiate({ CampaignId: 'c', Recipients }),
      ),
    );
    const taken = answers.flatMap(({ QueueIds }) => QueueIds.filter((id) => id !== null));
    expect(taken).toHaveLength(50);
    expect(await server.admin.countOutboundQueues({ businessId, CampaignIds: ['c'] })).toBe(50);
  });

  test('a request of 150 recipients enqueues those that do not wait, each with one history entry', async () => {
    const all = Array.from({ length: 150 }, (_, at) => ({
      RecipientNumber: `+4930${100_000 + at}`,
    }));
    const waits = (_: unknown, at: number) => at % 4 === 1;
    await initiate({ CampaignId: 'c', Recipients: all.filter(waits) });
    const { QueueIds, Rejected } = await initiate({ CampaignId: 'c', Recipients: all });
    expect(QueueIds.map((id) => id === null)).toEqual(all.map(waits));
    expect(Rejected).toHaveLength(all.filter(waits).length);
    expect(await server.admin.countOutboundQueues({ businessId, CampaignIds: ['c'] })).toBe(150);
    for (const [index, id] of QueueIds.entries()) {
      if (id === null) continue;
      expect(await read(id)).toMatchObject(all[index] ?? {});
      expect(await decisions(id)).toEqual(['Enqueued']);
    }
  });
});

describe('windows', () => {
  const weekdays = { Days: DAYS.slice(0, 5), From: '09:00', To: '17:30' };

  test('a call waits for its next window in the zone of the recipient', async () => {
    // The clock starts at Sunday, 1 March 2026, 12:00 UTC.
    server.clock.advance((Date.parse('2026-03-01T12:00:00Z') - server.clock.now()) / 1000);
    const { QueueIds } = await initiate({
      Windows: [{ ...weekdays, TimeZone: 'America/New_York' }],
      Recipients: [
        { RecipientNumber: '+4930000001', TimeZone: 'Europe/Berlin' },
        { RecipientNumber: '+12125550101' },
      ],
    });
    expect(await read(QueueIds[0])).toMatchObject({
      NextAttemptAt: '2026-03-02T08:00:00Z',
      LastReason: 'OUTSIDE_WINDOW',
    });
    expect(await read(QueueIds[1])).toMatchObject({ NextAttemptAt: '2026-03-02T14:00:00Z' });
    expect(await decisions(QueueIds[0])).toEqual(['Enqueued', 'HeldBack OUTSIDE_WINDOW']);
  });

  test('windows use the zone of the business if no other is given, and follow its changes', async () => {
    const { QueueIds } = await initiate({ Windows: [weekdays], RecipientNumber: '+4930000001' });
    expect((await read(QueueIds[0])).NextAttemptAt).toBe('2026-03-02T09:00:00Z');
    await server.admin.updateBusiness({ businessId, TimeZone: 'Asia/Tokyo' });
    const next = await initiate({ Windows: [weekdays], RecipientNumber: '+4930000002' });
    expect((await read(next.QueueIds[0])).NextAttemptAt).toBe('2026-03-02T00:00:00Z');
    await server.runJob('plan-calls');
    expect((await read(QueueIds[0])).NextAttemptAt).toBe('2026-03-02T00:00:00Z');
  });

  test('windows of a campaign apply to its calls, also to waiting calls when they change', async () => {
    const campaign = { businessId, campaignId: 'c' };
    await server.admin.putCampaign({ ...campaign, Windows: [weekdays] as never });
    const { QueueIds } = await initiate({ CampaignId: 'c', RecipientNumber: '+4930000001' });
    const always = [{ Days: DAYS, From: '00:00', To: '24:00' }];
    const own = await initiate({
      CampaignId: 'c',
      RecipientNumber: '+4930000002',
      Windows: always,
    });
    expect((await read(QueueIds[0])).NextAttemptAt).toBe('2026-03-02T09:00:00Z');
    expect((await read(own.QueueIds[0])).NextAttemptAt).toBe(now());
    const Windows = [{ Days: ['Sun'], From: '11:00', To: '13:00' }] as never;
    await server.admin.putCampaign({ ...campaign, Windows });
    await server.runJob('plan-calls');
    expect(await read(QueueIds[0])).toMatchObject({ NextAttemptAt: now(), LastReason: null });
  });
});

describe('waiting calls', () => {
  test('a waiting call is canceled once, and repeated cancels change nothing', async () => {
    const { QueueIds } = await initiate({ RecipientNumber: '+4930000001' });
    const queueId = QueueIds[0] ?? '';
    const canceled = await server.admin.cancelOutboundQueue({
      businessId,
      queueId,
      Reason: 'called us',
    });
    expect(canceled).toMatchObject({
      Status: 'Canceled',
      CompletedAt: now(),
      NextAttemptAt: null,
      LastReason: 'called us',
    });
    expect(await server.admin.cancelOutboundQueue({ businessId, queueId })).toEqual(canceled);
    expect(await history(queueId)).toMatchObject([
      { Decision: 'Enqueued' },
      { Decision: 'Canceled', Details: 'Canceled: called us' },
    ]);
    const reschedule = { businessId, queueId, Schedule: { DateTimeUTC: later(60) } };
    await expect(server.admin.rescheduleOutboundQueue(reschedule)).rejects.toMatchObject({
      status: 409,
    });
    const unknown = { businessId, queueId: 'queue_none' };
    await expect(server.admin.cancelOutboundQueue(unknown)).rejects.toMatchObject({ status: 404 });
  });

  test('a waiting call can be rescheduled', async () => {
    const { QueueIds } = await initiate({
      RecipientNumber: '+4930000001',
      Schedule: { DateTimeUTC: later(3600), MaxDateTimeUTC: later(7200) },
    });
    const queueId = QueueIds[0] ?? '';
    expect(await read(queueId)).toMatchObject({
      ScheduledFor: later(3600),
      NextAttemptAt: later(3600),
      ExpiresAt: later(7200),
    });
    const Schedule = { DateTimeUTC: later(60) };
    const moved = await server.admin.rescheduleOutboundQueue({ businessId, queueId, Schedule });
    expect(moved).toMatchObject({
      ScheduledFor: later(60),
      NextAttemptAt: later(60),
      ExpiresAt: null,
    });
    expect(await decisions(queueId)).toEqual(['Enqueued', 'Rescheduled']);
  });

  test('a rescheduled call outside its window is held back again', async () => {
    const hour = new Date(server.clock.now()).getUTCHours();
    const text = (hours: number) => `${String(hours % 24).padStart(2, '0')}:00`;
    const Windows = [{ Days: DAYS, From: text(hour + 4), To: text(hour + 5), TimeZone: 'UTC' }];
    const { QueueIds } = await initiate({ RecipientNumber: '+4930000001', Windows });
    const queueId = QueueIds[0] ?? '';
    const { NextAttemptAt } = await read(queueId);
    const Schedule = { DateTimeUTC: later(60) };
    const moved = await server.admin.rescheduleOutboundQueue({ businessId, queueId, Schedule });
    expect(moved.NextAttemptAt).toBe(NextAttemptAt);
    expect(await decisions(queueId)).toEqual([
      'Enqueued',
      'HeldBack OUTSIDE_WINDOW',
      'Rescheduled',
      'HeldBack OUTSIDE_WINDOW',
    ]);
  });

  test('a waiting call expires at MaxDateTimeUTC', async () => {
    const { QueueIds } = await initiate({
      RecipientNumber: '+4930000001',
      Schedule: { MaxDateTimeUTC: later(60) },
    });
    server.clock.advance(59);
    await server.runJob('expire-calls');
    expect((await read(QueueIds[0])).Status).toBe('Queued');
    server.clock.advance(1);
    await server.runJob('expire-calls');
    expect(await read(QueueIds[0])).toMatchObject({ Status: 'Expired', CompletedAt: now() });
    expect(await decisions(QueueIds[0])).toEqual(['Enqueued', 'Expired']);
    expect(
      await server.admin.countOutboundQueues({ businessId, QueueStatusTypes: ['Expired'] }),
    ).toBe(1);
  });
});

describe('campaigns', () => {
  const settings = {
    Name: 'Spring',
    IsPaused: true,
    MaxConcurrent: 3,
    Windows: [{ Days: ['Mon', 'Sat'], From: '22:00', To: '02:30', TimeZone: 'Europe/Berlin' }],
    Retry: { MaxAttempts: 3, On: ['UserNoAnswer'], DelaySeconds: 60, Backoff: 'Exponential' },
    MaxAttemptsPerNumberPerDay: 2,
    AbandonAfterSeconds: 60,
  };

  test('a campaign can be put, read and listed with its counts', async () => {
    const campaign = { businessId, campaignId: 'spring' };
    await expect(server.admin.getCampaign(campaign)).rejects.toMatchObject({ status: 404 });
    const put = await server.admin.putCampaign({ ...campaign, ...settings } as never);
    expect(put).toEqual({ CampaignId: 'spring', ...settings, CreatedAt: now() });
    expect(await server.admin.getCampaign(campaign)).toEqual(put);
    // A call creates the campaign that it names.
    await initiate({ CampaignId: 'autumn', RecipientNumber: '+4930000001' });
    const { QueueIds } = await initiate({ CampaignId: 'spring', RecipientNumber: '+4930000001' });
    await initiate({ CampaignId: 'spring', RecipientNumber: '+4930000002' });
    await server.admin.cancelOutboundQueue({ businessId, queueId: QueueIds[0] ?? '' });
    const none = { Queued: 0, Processing: 0, Completed: 0, Failed: 0, Canceled: 0, Expired: 0 };
    const { Items, NextCursor } = await server.admin.getCampaigns({ businessId });
    expect(NextCursor).toBeNull();
    expect(Items).toEqual([
      expect.objectContaining({ CampaignId: 'autumn', Counts: { ...none, Queued: 1 } }),
      { ...put, Counts: { ...none, Queued: 1, Canceled: 1 } },
    ]);
    const first = await server.admin.getCampaigns({ businessId, Limit: 1 });
    expect(first.Items).toHaveLength(1);
    const NextCursor1 = first.NextCursor ?? '';
    const second = await server.admin.getCampaigns({ businessId, NextCursor: NextCursor1 });
    expect(second.Items.map(({ CampaignId }) => CampaignId)).toEqual(['spring']);
    expect(await server.admin.putCampaign({ ...campaign })).toMatchObject({
      Name: 'spring',
      IsPaused: false,
      MaxConcurrent: null,
      Windows: [],
      Retry: null,
    });
  });

  test('a paused campaign is recorded once per pause in its due calls', async () => {
    const pause = (IsPaused: boolean) =>
      server.admin.putCampaign({ businessId, campaignId: 'c', IsPaused });
    const { QueueIds } = await initiate({ CampaignId: 'c', RecipientNumber: '+4930000001' });
    const waiting = await initiate({
      CampaignId: 'c',
      RecipientNumber: '+4930000002',
      Schedule: { DateTimeUTC: later(3600) },
    });
    server.clock.advance(10);
    await pause(true);
    await pause(true);
    expect(await read(QueueIds[0])).toMatchObject({ LastReason: 'CAMPAIGN_PAUSED' });
    server.clock.advance(10);
    await pause(false);
    expect(await read(QueueIds[0])).toMatchObject({ LastReason: null });
    await pause(true);
    server.clock.advance(1);
    expect(await decisions(QueueIds[0])).toEqual([
      'Enqueued',
      'HeldBack CAMPAIGN_PAUSED',
      'HeldBack CAMPAIGN_PAUSED',
    ]);
    expect(await decisions(waiting.QueueIds[0])).toEqual(['Enqueued']);
    server.clock.advance(3600);
    expect(await decisions(waiting.QueueIds[0])).toEqual(['Enqueued', 'HeldBack CAMPAIGN_PAUSED']);
  });
});

test('numbers are added to, listed in and removed from the do-not-call list', async () => {
  const { admin } = server;
  const Numbers = ['+49 30 000002', '+4930000001', '+4930000001'];
  expect(await admin.addDoNotCall({ businessId, Numbers })).toEqual({ Added: 2, Rejected: [] });
  expect(await admin.addDoNotCall({ businessId, Numbers })).toEqual({ Added: 0, Rejected: [] });
  expect(await admin.getDoNotCall({ businessId })).toEqual({
    Items: [
      { Number: '+4930000001', AddedAt: now() },
      { Number: '+4930000002', AddedAt: now() },
    ],
    NextCursor: null,
  });
  expect(await admin.removeDoNotCall({ businessId, number: '+4930000001' })).toEqual({
    Number: '+4930000001',
  });
  const again = admin.removeDoNotCall({ businessId, number: '+4930000001' });
  await expect(again).rejects.toMatchObject({ status: 404 });
});

test('600 numbers are added to the do-not-call list at once, without those that are listed', async () => {
  const { admin } = server;
  const all = Array.from({ length: 600 }, (_, at) => `+4930${100_000 + at}`);
  await admin.addDoNotCall({ businessId, Numbers: all.slice(500, 510) });
  const { Added } = await admin.addDoNotCall({ businessId, Numbers: all });
  expect(Added).toBe(590);
  const listed: string[] = [];
  let NextCursor: string | null = null;
  do {
    const more: object = NextCursor === null ? {} : { NextCursor };
    const page = await admin.getDoNotCall({ businessId, Limit: 100, ...more });
    listed.push(...page.Items.map((item) => item.Number));
    ({ NextCursor } = page);
  } while (NextCursor !== null);
  expect(listed).toEqual(all);
});

test('numbers of the do-not-call list are found by their first digits', async () => {
  const { admin } = server;
  const Numbers = ['+4930000029', '+493000003', '+4930000030', '+4930000031', '+4930000040'];
  await admin.addDoNotCall({ businessId, Numbers });
  const found = async (StartsWith: string) =>
    (await admin.getDoNotCall({ businessId, StartsWith })).Items.map((one) => one.Number);
  expect(await found('+493000003')).toEqual(['+493000003', '+4930000030', '+4930000031']);
  expect(await found('4930000031')).toEqual(['+4930000031']);
  expect(await found('+49300000311')).toEqual([]);
  const input = { businessId, StartsWith: '+493000003', Limit: 1 };
  const paged: string[] = [];
  for await (const one of admin.items('getDoNotCall', input)) paged.push(one.Number);
  expect(paged).toEqual(['+493000003', '+4930000030', '+4930000031']);
  const { NextCursor } = await admin.getDoNotCall(input);
  const other = { businessId, StartsWith: '+49', NextCursor: NextCursor ?? '' };
  await expect(admin.getDoNotCall(other)).rejects.toMatchObject({ reason: 'INVALID_CURSOR' });
  for (const StartsWith of ['', '+', '+49.0', '%', 'x']) {
    await expect(admin.getDoNotCall({ businessId, StartsWith })).rejects.toMatchObject({
      reason: 'INVALID_REQUEST',
    });
  }
});

describe('CSV rows', () => {
  const send = (csv: string, more: object = {}, options = {}) =>
    server.admin.initiateCall({ businessId, NumberId, csv, ...more } as Initiate, options);

  test('CSV rows become calls, and bad rows are reported by line', async () => {
    const csv = [
      'RecipientNumber,name,city',
      '+4930000001,Ada,"Berlin, Mitte"',
      '12,Bo,Bonn',
      '',
      '+4930000003,Cy',
      '+4930000004,Di,"two\nlines"',
      '+4930000001,Ada,again',
    ].join('\r\n');
    const Windows = [{ Days: ['Mon'], From: '09:00', To: '10:00', TimeZone: 'UTC' }];
    const { QueueIds, Rejected } = await send(csv, {
      CampaignId: 'rows',
      DynamicVariables: { name: 'nobody', greeting: 'hello' },
      Windows,
      RetryMaxAttempts: 2,
      RetryOn: 'UserNoAnswer,UserDeclinedOrBusy',
      RetryDelaySeconds: 60,
    });
    expect(Rejected.map(({ Index, Line, Reason }) => [Index, Line, Reason])).toEqual([
      [1, 3, 'INVALID_NUMBER'],
      [2, 5, 'INVALID_ROW'],
      [4, 8, 'DUPLICATE'],
    ]);
    expect(QueueIds.map((id) => id !== null)).toEqual([true, false, false, true, false]);
    expect(await read(QueueIds[0])).toMatchObject({
      CampaignId: 'rows',
      DynamicVariables: { greeting: 'hello', name: 'Ada', city: 'Berlin, Mitte' },
      LastReason: 'OUTSIDE_WINDOW',
    });
    expect((await read(QueueIds[3])).DynamicVariables.city).toBe('two\nlines');
  });

  test('with AllOrNothing, CSV rows are enqueued together or not at all', async () => {
    const csv = 'RecipientNumber\n+4930000001\n12\n34\n';
    await expect(send(csv, { AllOrNothing: true })).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/^Nothing was enqueued\. Line 3: .*Line 4: /),
    });
    expect(await server.admin.countOutboundQueues({ businessId })).toBe(0);
    const { QueueIds } = await send('RecipientNumber\n+4930000001\n', { AllOrNothing: true });
    expect(QueueIds).toHaveLength(1);
  });

  test('CSV requests with the same Idempotency-Key must have the same bytes and query', async () => {
    const options = { idempotencyKey: 'rows-1' };
    const csv = 'RecipientNumber\n+4930000001\n+4930000002\n';
    const first = await send(csv, { CampaignId: 'c', Priority: 1 }, options);
    expect(await send(csv, { Priority: 1, CampaignId: 'c' }, options)).toEqual(first);
    const other = send(csv, { CampaignId: 'c', Priority: 2 }, options);
    await expect(other).rejects.toMatchObject({ status: 409 });
    const bytes = send(`${csv}\n`, { CampaignId: 'c', Priority: 1 }, options);
    await expect(bytes).rejects.toMatchObject({ status: 409 });
  });

  test.each([
    ['no column for the number', 'whom\n+4930000001\n', /RecipientNumber/],
    ['a column twice', 'RecipientNumber,a,a\n+4930000001,1,2\n', /columns 2 and 3 alike: "a"/],
    ['no rows', 'RecipientNumber\n', /no rows/],
    ['an open quote', 'RecipientNumber\n"+4930000001\n', /not CSV/],
    ['too many rows', `RecipientNumber\n${'12\n'.repeat(100_001)}`, /at most 100,000/],
  ])('a CSV file with %s is refused', async (_what, csv, message) => {
    await expect(send(csv)).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(message),
    });
  });
});

test('counts are exact after all tests of this file', async () => {
  expect(await wrongCounts(server)).toEqual([]);
});
