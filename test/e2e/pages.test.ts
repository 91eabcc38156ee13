import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ROOT } from '../servers/server-process.ts';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  findOverflow,
  openBrowserSession,
  type SessionPage,
  settle,
  WITH_FFMPEG,
} from './browser.ts';
import { browserPath } from './chromium.ts';

/** The folder for screenshots; none are taken without it. */
const SCREENSHOTS = process.env.SCREENSHOTS ?? null;
const HERE = `/b/${DEMO_BUSINESS}`;
/** A conversation with recordings, interruptions and a tool call. */
const SPOKEN = 'session_demo_050';

const DESK = { width: 1280, height: 800 };
/** This page also has screenshots in dark and on a narrow screen. */
const SHOWN_TWICE = 'conversation';

/** Pages by the name of their screenshot: address and heading. */
const PAGES: Record<string, readonly [path: string, heading: string]> = {
  overview: [`${HERE}/overview`, 'Overview'],
  conversations: [`${HERE}/conversations`, 'Conversations'],
  conversation: [`${HERE}/conversations/${SPOKEN}`, ''],
  outbound: [`${HERE}/outbound`, 'Outbound calls'],
  call: [`${HERE}/outbound/queue_xyz789`, ''],
  inbound: [`${HERE}/inbound`, 'Inbound calls'],
  received: [`${HERE}/inbound/%received%`, '+14155550199'],
  campaigns: [`${HERE}/campaigns`, 'Campaigns'],
  campaign: [`${HERE}/campaigns/spring`, ''],
  business: [`${HERE}/settings/business`, ''],
  people: [`${HERE}/settings/people`, ''],
  keys: [`${HERE}/settings/keys`, ''],
  retention: [`${HERE}/settings/retention`, ''],
  holds: [`${HERE}/settings/holds`, ''],
  erasures: [`${HERE}/settings/erasures`, ''],
  redaction: [`${HERE}/settings/redaction`, ''],
  'do-not-call': [`${HERE}/settings/do-not-call`, ''],
  webhooks: [`${HERE}/settings/webhooks`, ''],
  webhook: [`${HERE}/settings/webhooks/%webhook%`, 'CRM'],
  usage: [`${HERE}/settings/usage`, 'Usage'],
  audit: [`${HERE}/settings/audit`, ''],
  account: ['/account', 'Your account'],
};

let session: BrowserSession;
/** One page for all tests: loading the console for each would double the time. */
let page: SessionPage;
/** Requests of the page that have no answer yet. */
const pending = new Set<Request>();
/** The id of an inbound call. */
let received = '';
let webhookId = '';

async function untilLoaded(page: SessionPage): Promise<void> {
  // A dialog hides the page from roles.
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await settle(page);
}

/** Navigates like a jump in the history. */
async function goTo(page: SessionPage, path: string): Promise<void> {
  await page.evaluate((path) => {
    for (const heading of document.querySelectorAll('h1')) heading.dataset.left = '';
    history.pushState({}, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
  await page.locator('h1:not([data-left])').first().waitFor();
  await expect.poll(() => pending.size).toBe(0);
  await settle(page);
}

async function keepScreenshot(page: SessionPage, name: string): Promise<void> {
  if (SCREENSHOTS === null) return;
  const folder = resolve(ROOT, SCREENSHOTS);
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Checks the page in light, in dark and on a narrow screen. */
async function expectOpenToAll(page: SessionPage, name: string | null = null): Promise<void> {
  await page.setViewportSize(DESK);
  expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
  expect(await page.title()).toMatch(/. · Colloquy$/);
  expect(await findBarriers(page)).toEqual([]);
  if (name !== null) await keepScreenshot(page, name);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await findBarriers(page, { onlyColours: true })).toEqual([]);
  if (name === SHOWN_TWICE) await keepScreenshot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 360, height: 740 });
  await settle(page);
  // Charts are drawn again in the next frame.
  await expect.poll(() => findOverflow(page)).toEqual([]);
  expect(await findBarriers(page)).toEqual([]);
  if (name === SHOWN_TWICE) await keepScreenshot(page, `${name}-phone`);
}

describe.skipIf(browserPath() === null)('every page', () => {
  beforeAll(async () => {
    // Waveforms take a long time to make, and only screenshots show them.
    session = await openBrowserSession(SCREENSHOTS === null ? {} : WITH_FFMPEG);
    await fillQueues(session);
    await fillSettings(session);
    if (SCREENSHOTS !== null) await untilDrawn(session);
    // A page that is not tested here.
    page = await session.open('/b/abc/overview', { isWithoutStream: true });
    await page.locator('h1').first().waitFor();
    page.on('request', (request) => pending.add(request));
    page.on('requestfinished', (request) => pending.delete(request));
    page.on('requestfailed', (request) => pending.delete(request));
    await page.emulateMedia({ colorScheme: 'light' });
  });
  afterAll(async () => {
    await page?.[Symbol.asyncDispose]();
    await session?.[Symbol.asyncDispose]();
  });

  test.each(Object.entries(PAGES))(
    'page %s is accessible in light, dark and on a narrow screen',
    async (name, [path, heading]) => {
      await page.setViewportSize(DESK);
      await goTo(page, path.replace('%received%', received).replace('%webhook%', webhookId));
      if (heading !== '') await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await expectOpenToAll(page, name);
    },
  );

  test('pages without a business or session are accessible', async () => {
    await using page = await session.open(`${HERE}/conversations?status=Failed`, {
      isStranger: true,
    });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).searchParams.get('to')).toBe(`${HERE}/conversations?status=Failed`);
    await expectOpenToAll(page, 'sign-in');
    await page.goto('/join');
    await page.getByText('The link is incomplete').waitFor();
    await expectOpenToAll(page);
    const user = await session.admin.createUser({ Email: 'joan@example.com', Name: 'Joan' });
    const { Url } = await session.admin.createSignInLink({ userId: user.UserId });
    await page.goto(Url);
    await page.getByLabel('Choose a password').waitFor();
    await expectOpenToAll(page);
    await page.getByLabel('Choose a password').fill('another long password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No business yet').waitFor();
    await expectOpenToAll(page);
    await page.goto(`${HERE}/overview`);
    await page.getByText('may not use business').waitFor();
    await expectOpenToAll(page);
  });

  test('the CSV form is accessible', async () => {
    await using page = await session.open(`${HERE}/outbound`, { isWithoutStream: true });
    await page.getByRole('button', { name: 'New calls' }).click();
    await page.getByRole('tab', { name: 'Many, from a CSV file' }).click();
    const rows = 'RecipientNumber,name\n+14155550100,Ada\n0151 2345,Bert\n+14155550101,Chen\n';
    const file = { name: 'calls.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('1 of them will be refused').waitFor();
    await untilLoaded(page);
    expect(await findBarriers(page)).toEqual([]);
    await keepScreenshot(page, 'new-calls');
  });
});

/** A campaign with waiting, paused and canceled calls. */
async function fillQueues({ admin }: BrowserSession): Promise<void> {
  const businessId = DEMO_BUSINESS;
  await admin.putCampaign({
    businessId,
    campaignId: 'spring',
    Name: 'Spring check-up',
    MaxConcurrent: 5,
    Windows: [
      { Days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], From: '08:00', To: '20:00' },
    ],
    Retry: { MaxAttempts: 3, On: ['UserNoAnswer', 'UserDeclinedOrBusy'], DelaySeconds: 1800 },
  });
  await admin.putCampaign({ businessId, campaignId: 'winter', Name: 'Winter', IsPaused: true });
  const numbers = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      RecipientNumber: `+1415555${String(from + index).padStart(4, '0')}`,
      DynamicVariables: { session: index + 1 },
    }));
  const { QueueIds } = await admin.initiateCall({
    businessId,
    CampaignId: 'spring',
    NumberId: 'number_1',
    Recipients: numbers(100, 40),
  });
  await admin.initiateCall({
    businessId,
    CampaignId: 'winter',
    NumberId: 'number_1',
    Recipients: numbers(200, 5),
  });
  await admin.cancelOutboundQueue({
    businessId,
    queueId: String(QueueIds[0]),
    Reason: 'They called.',
  });
  const { QueueId } = await admin.receiveCall({
    businessId,
    NumberId: 'number_1',
    CallerNumber: '+14155550199',
    Provider: 'example',
    ProviderCallId: 'one',
  });
  received = QueueId;
}

/** Content for each page of the settings. */
async function fillSettings({ admin }: BrowserSession): Promise<void> {
  const businessId = DEMO_BUSINESS;
  const grace = await admin.createUser({ Email: 'grace@example.com', Name: 'Grace Hopper' });
  await admin.putMember({ businessId, UserId: grace.UserId, Role: 'Agent' });
  await admin.createInvitation({ businessId, Email: 'katherine@example.com', Role: 'Viewer' });
  await admin.createBusinessApiKey({
    businessId,
    Name: 'Voice engine',
    UserId: grace.UserId,
    Permissions: { 'Conversations.ConversationPermissions': ['Adding', 'Retrieving'] },
  });
  await admin.putRetention({
    businessId,
    Rules: [
      {
        Name: 'Surveys',
        Match: { CampaignIds: ['spring'] },
        RecordDays: 30,
        RecordingDays: null,
        TranscriptDays: null,
        LogDays: null,
      },
      {
        Name: 'All others',
        Match: {},
        RecordingDays: 90,
        TranscriptDays: 365,
        LogDays: 365,
        RecordDays: null,
      },
    ],
  });
  await admin.createHold({
    businessId,
    Name: 'Case 42',
    Reason: 'Requested by counsel',
    SessionIds: [SPOKEN],
  });
  const webhook = await admin.createWebhook({
    businessId,
    Url: 'https://crm.example.com/colloquy',
    Events: ['conversation.completed', 'recording.ready'],
    Description: 'CRM',
  });
  webhookId = webhook.WebhookId;
  await admin.addDoNotCall({ businessId, Numbers: ['+14155550142', '+14155550143'] });
  await admin.createErasure({
    businessId,
    PhoneNumber: '+14155550198',
    Mode: 'Erase',
    Reason: 'Asked to be forgotten',
  });
}

/** A job creates the waveforms one by one. */
async function untilDrawn({ admin }: BrowserSession): Promise<void> {
  const call = { businessId: DEMO_BUSINESS, sessionId: SPOKEN };
  const { Clients } = await admin.getConversation(call);
  const participantId = Clients[0]?.ClientId ?? '';
  const drawn = () => admin.getRecordingPeaks({ ...call, participantId }).catch(() => null);
  await vi.waitUntil(drawn, { timeout: 60_000, interval: 500 });
}
