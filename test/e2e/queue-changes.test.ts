import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  findOverflow,
  intercept,
  openBrowserSession,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const businessId = DEMO_BUSINESS;
const CAMPAIGNS = `/b/${DEMO_BUSINESS}/campaigns`;
let session: BrowserSession;

describe.skipIf(browserPath() === null)('changes of queues', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  /** A waiting call with an expiry. */
  async function enqueue(RecipientNumber: string): Promise<string> {
    const Schedule = {
      DateTimeUTC: '2030-01-01T09:00:30Z',
      MaxDateTimeUTC: '2030-01-02T09:00:30Z',
    };
    const { QueueIds } = await session.admin.initiateCall({
      businessId,
      NumberId: 'number_1',
      RecipientNumber,
      Schedule,
    });
    return QueueIds[0] ?? '';
  }

  test('rescheduling a call keeps its expiry', async () => {
    const queueId = await enqueue('+14155550201');
    await using page = await session.open(`/b/${DEMO_BUSINESS}/outbound/${queueId}`);
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await page.getByLabel('Not before').fill('');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Reschedule' }).click();
    await page.getByText('Due: waiting for a worker').waitFor();
    const call = await session.admin.getOutboundQueue({ businessId, queueId });
    expect(call.ScheduledFor).toBeNull();
    expect(call.ExpiresAt).toBe('2030-01-02T09:00:30Z');
  });

  test('a call is canceled from its row with a free-text reason', async () => {
    const queueId = await enqueue('+14155550202');
    await using page = await session.open(`/b/${DEMO_BUSINESS}/outbound?number=%2B14155550202`);
    await page.getByRole('button', { name: 'Change the call to +14155550202' }).click();
    await page.getByRole('menuitem', { name: 'Cancel call' }).click();
    await page.getByLabel('Reason').fill('Ada McKay rang Us');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel call' }).click();
    await page.getByRole('cell', { name: 'Ada McKay rang Us' }).waitFor();
    // The row with the focus looks different.
    await page.keyboard.press('j');
    const row = page.locator('tr:has([data-row-link]:focus)');
    expect(await row.evaluate((one) => getComputedStyle(one).outlineStyle)).toBe('solid');
    expect(await session.admin.getOutboundQueue({ businessId, queueId })).toMatchObject({
      Status: 'Canceled',
    });
  });

  test('the page of a call stays visible during an outage and shows if the call was erased', async () => {
    const queueId = await enqueue('+14155550204');
    await using page = await session.open(`/b/${DEMO_BUSINESS}/outbound/${queueId}`);
    await page.getByText('Scheduled for later').waitFor();
    await page.getByText('Enqueued', { exact: true }).nth(1).waitFor();
    const calls = new RegExp(`/queues/outbound/${queueId}`);
    const answer = await intercept(page, calls, (route) =>
      route.fulfill({ status: 429, json: {} }),
    );
    await expect.poll(() => page.getByRole('alert').count()).toBe(2);
    await page.getByText('Scheduled for later').waitFor();
    await page.getByText('Enqueued', { exact: true }).nth(1).waitFor();
    answer();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await session.admin.createErasure({
      businessId,
      PhoneNumber: '+14155550204',
      Mode: 'Erase',
      Reason: 'Ticket 17',
    });
    await page.getByText('No such call').waitFor();
    expect(await page.getByText('Scheduled for later').count()).toBe(0);
  });

  test('repeating a request after a lost answer adds one call', async () => {
    await using page = await session.open(`/b/${DEMO_BUSINESS}/outbound`);
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByLabel('Number to call').fill('+14155550205');
    await page.getByLabel('Call from').fill('number_1');
    let sent = 0;
    // Not removed: requests in flight may never continue if a route is removed.
    await page.route(/initiate/, async (route) => {
      sent += 1;
      if (sent > 1) return route.continue();
      await route.fetch();
      await route.fulfill({ status: 429, json: {} });
    });
    await page.getByRole('button', { name: 'Add to queue' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Add to queue' }).click();
    await page.getByRole('heading', { name: '+14155550205' }).waitFor();
    const { TotalCount } = await session.admin.getOutboundQueues({
      businessId,
      Filter: { RecipientNumbers: ['+14155550205'] },
    });
    expect(TotalCount).toBe(1);
  });

  test('a long and a withheld caller id do not hide the other columns', async () => {
    for (const [at, CallerNumber] of ['x'.repeat(1_024), ''].entries()) {
      await session.admin.receiveCall({
        ...{ businessId, NumberId: 'number_1', CallerNumber },
        ...{ Provider: 'carrier', ProviderCallId: `long-${at}` },
      });
    }
    await using page = await session.open(`/b/${DEMO_BUSINESS}/inbound`);
    await page.getByRole('link', { name: 'Withheld' }).waitFor();
    const last = await page.getByRole('columnheader', { name: 'Conversation' }).boundingBox();
    expect((last?.x ?? 9_999) + (last?.width ?? 0)).toBeLessThanOrEqual(1_280);
    await page.getByRole('link', { name: 'xxx' }).click();
    await page.getByRole('heading', { level: 1, name: 'xxx' }).waitFor();
    expect(await findOverflow(page)).toEqual([]);
  });

  test('an inbound call shows its history', async () => {
    const { QueueId: queueId } = await session.admin.receiveCall({
      businessId,
      NumberId: 'number_1',
      RouteId: 'support',
      CallerNumber: '+14155550203',
      Provider: 'carrier',
      ProviderCallId: 'history',
    });
    await using page = await session.open(`/b/${DEMO_BUSINESS}/inbound`);
    await page.getByRole('link', { name: '+14155550203' }).click();
    await page.getByRole('heading', { level: 1, name: '+14155550203' }).waitFor();
    await page.getByText('Enqueued as a call from +14155550203 to number_1.').waitFor();
    const { Calls } = await session.admin.leaseInboundCalls({
      businessId,
      WorkerId: 'actions-1',
      Max: 100,
      LeaseSeconds: 60,
    });
    expect(Calls.map((call) => call.QueueId)).toContain(queueId);
    await page.getByText('Leased to worker actions-1').waitFor();
    await page.getByText('A worker has taken the call').waitFor();
    await page.goto(`/b/${DEMO_BUSINESS}/inbound/queue_of_nobody`);
    await page.getByText('No such call').waitFor();
  });

  test('editing a campaign that the API created keeps all of its settings', async () => {
    const made = {
      Name: 'Night',
      IsPaused: false,
      MaxConcurrent: 3,
      MaxAttemptsPerNumberPerDay: null,
      Windows: [{ Days: ['Sat' as const], From: '00:00', To: '24:00', TimeZone: 'Asia/Kolkata' }],
      Retry: {
        MaxAttempts: 4,
        On: ['Normal' as const],
        DelaySeconds: 90,
        Backoff: 'Exponential' as const,
      },
    };
    await session.admin.putCampaign({ businessId, campaignId: 'night', ...made });
    await using page = await session.open(`${CAMPAIGNS}/night`);
    await page.getByText('Sat, 00:00 to 24:00 (Asia/Kolkata)').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Saturday');
    expect(await findBarriers(page)).toEqual([]);
    // Another user has paused it.
    await session.admin.putCampaign({ businessId, campaignId: 'night', ...made, IsPaused: true });
    await page.getByRole('button', { name: 'Save campaign' }).click();
    await page.getByRole('heading', { name: 'Saturday' }).waitFor();
    const saved = await session.admin.getCampaign({ businessId, campaignId: 'night' });
    expect(saved).toMatchObject({ ...made, Name: 'Saturday', IsPaused: true });
  });

  test('creating a campaign with an existing id does not replace it', async () => {
    await session.admin.putCampaign({ businessId, campaignId: 'first', Name: 'First' });
    await using page = await session.open(CAMPAIGNS);
    await page.getByRole('button', { name: 'New campaign' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Second');
    await page.getByLabel('Id', { exact: true }).fill('first');
    await page.getByRole('button', { name: 'Save campaign' }).click();
    await page.getByText('Campaign first already exists: "First".').waitFor();
    const campaign = await session.admin.getCampaign({ businessId, campaignId: 'first' });
    expect(campaign.Name).toBe('First');
  });

  test('each page of the campaign list has a URL', async () => {
    const { BusinessId } = await session.admin.createBusiness({ Name: 'Many campaigns' });
    for (let at = 10; at < 71; at += 1) {
      const campaign = { campaignId: `c-${at}`, Name: `Campaign ${at}` };
      await session.admin.putCampaign({ businessId: BusinessId, ...campaign });
    }
    await using page = await session.open(`/b/${BusinessId}/campaigns`);
    await page.getByRole('link', { name: 'Campaign 10' }).waitFor();
    await page.getByRole('link', { name: 'Next' }).click();
    await page.waitForURL(/campaigns\?next=/);
    await page.getByRole('link', { name: 'Campaign 70' }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'Campaign 70' }).waitFor();
    expect(await page.locator('[data-row-link]').count()).toBe(1);
    await page.goto(`/b/${BusinessId}/campaigns?next=none`);
    await page.getByRole('button', { name: 'To the first page' }).click();
    await page.getByRole('link', { name: 'Campaign 10' }).waitFor();
  });

  test('a campaign outside of its calling hours shows when they begin', async () => {
    // A weekday that is neither today nor tomorrow in any zone.
    const day = new Date(Date.now() + 3 * 86_400_000).getUTCDay();
    const Days = [(['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const)[day] ?? 'Sun'];
    const Windows = [{ Days, From: '09:00', To: '10:00', TimeZone: 'UTC' }];
    await session.admin.putCampaign({ businessId, campaignId: 'later', Name: 'Later', Windows });
    const Recipients = [{ RecipientNumber: '+14155550311' }];
    await session.admin.initiateCall({
      businessId,
      CampaignId: 'later',
      NumberId: 'n',
      Recipients,
    });
    await using page = await session.open(`${CAMPAIGNS}/later`);
    await page.getByText(/^Next calling hours: \w{3}/).waitFor();
    expect(await page.getByRole('slider').count()).toBe(0);
    await page.getByLabel('Look ahead').selectOption('7 days');
    await page.getByText('In the next 7 days 1 call would be made').waitFor();
  });

  test('arrow keys read the values of a chart', async () => {
    await session.admin.putCampaign({ businessId, campaignId: 'keys', Name: 'Keys' });
    const Recipients = ['+14155550301', '+14155550302'].map((RecipientNumber) => ({
      RecipientNumber,
    }));
    await session.admin.initiateCall({ businessId, CampaignId: 'keys', NumberId: 'n', Recipients });
    await using page = await session.open(`${CAMPAIGNS}/keys`);
    const chart = page.getByRole('slider', { name: 'Simulation: calls made by hour' });
    await page.getByText('2 calls would be made').waitFor();
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/ · Dialed 2$/);
    await page.keyboard.press('End');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/ · Dialed 0$/);
    expect(await findBarriers(page)).toEqual([]);
  });
});
