import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver, withStatus } from '../fixtures/webhook-receiver.ts';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  findOverflow,
  openBrowserSession,
  type SessionPage,
  settle,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const businessId = DEMO_BUSINESS;
const HERE = `/b/${businessId}/settings/webhooks`;
let session: BrowserSession;
let receiver: Receiver;

const press = (page: SessionPage, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).click();
const deliveriesOf = (page: SessionPage) =>
  page.getByRole('list', { name: 'Deliveries' }).locator(':scope > li');

async function expectOpenToAll(page: SessionPage): Promise<void> {
  await settle(page);
  expect(await findBarriers(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await findBarriers(page, { onlyColours: true })).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 360, height: 740 });
  await settle(page);
  // Charts are drawn again in the next frame.
  await expect.poll(() => findOverflow(page)).toEqual([]);
  expect(await findBarriers(page)).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function startConversation(sessionId: string): Promise<void> {
  const Timestamp = new Date().toISOString();
  const started = { EventId: 'start', Type: 'SessionStarted', Timestamp } as const;
  const Events = [{ ...started, InitiationType: 'Web' as const }];
  await session.admin.appendConversationEvents({ businessId, sessionId, Events });
}

async function addWebhook(Description: string): Promise<string> {
  const Events = ['conversation.started' as const];
  const given = { businessId, Url: receiver.url, Events, Description };
  return (await session.admin.createWebhook(given)).WebhookId;
}

describe.skipIf(browserPath() === null)('webhooks', () => {
  beforeAll(async () => {
    session = await openBrowserSession({
      ALLOW_PRIVATE_TARGETS: '1',
      // A failed delivery waits until it is sent by the test.
      WEBHOOK_RETRY_SECONDS: '3600',
    });
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('a webhook is created with the keyboard, shows its secret once and sends a test', async () => {
    await using started = await startReceiver();
    receiver = started;
    await using page = await session.open(HERE);
    await page.getByText('No webhooks yet').waitFor();
    await page.getByRole('button', { name: 'New webhook' }).focus();
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'New webhook' });
    await form.locator(':focus').waitFor();
    await page.keyboard.type(receiver.url);
    await form.getByLabel('Description').fill('CRM');
    await form.getByLabel('conversation.completed').uncheck();
    await form.getByText('Choose at least one event.').waitFor();
    expect(await form.getByRole('button', { name: 'Create webhook' }).isDisabled()).toBe(true);
    await form.getByLabel('conversation.started').check();
    await form.getByLabel('Headers, one per line').fill('Authorization');
    await form.getByText('Line 1: write a name, a colon and a value.').waitFor();
    await form.getByLabel('Headers, one per line').fill('Authorization: Bearer hidden');
    await expectOpenToAll(page);
    await form.getByLabel('URL').press('Enter');
    const secret = page.getByRole('dialog', { name: 'Secret of the webhook' });
    await secret.getByText(/^whsec_/).waitFor();
    const guide = secret.getByRole('link', { name: 'guide to webhooks' });
    const href = await guide.evaluate((link) => (link as HTMLAnchorElement).href);
    expect(await (await page.request.get(href)).text()).toContain('<h1 id="receive-webhooks">');
    await expectOpenToAll(page);
    await page.keyboard.press('Escape');
    await secret.getByRole('button', { name: 'Copy' }).first().click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^whsec_.{40,}$/);
    await press(page, 'Done');

    await page.getByRole('heading', { level: 1, name: 'CRM' }).waitFor();
    await page.getByText('Nothing sent yet').waitFor();
    expect(await page.locator('main').textContent()).not.toMatch(/whsec_|Bearer hidden/);
    await press(page, 'Send a test');
    await page.getByText('Test sent; see its delivery below.').waitFor();
    const delivery = deliveriesOf(page).first();
    await delivery.getByText('Delivered', { exact: true }).waitFor();
    expect(receiver.received[0]).toMatchObject({ type: 'webhook.test' });
    expect(receiver.received[0]?.headers.authorization).toBe('Bearer hidden');
    await delivery.getByText('Request and 1 attempt').click();
    await delivery.locator('pre', { hasText: '"type": "webhook.test"' }).waitFor();
    await delivery.getByRole('listitem').getByText('HTTP 204').waitFor();
    await delivery.getByRole('button', { name: 'Copy' }).click();
    const body = await page.evaluate(() => navigator.clipboard.readText());
    expect(body).toBe(receiver.received[0]?.body);
    await expectOpenToAll(page);
  });

  test('a failed delivery shows the answer of the receiver and is sent again', async () => {
    await using started = await startReceiver();
    receiver = started;
    receiver.answer = withStatus(500);
    const webhookId = await addWebhook('Warehouse');
    await using page = await session.open(`${HERE}/${webhookId}`);
    await startConversation('session_failing');
    const delivery = deliveriesOf(page).first();
    await delivery.getByText('Pending', { exact: true }).waitFor();
    await delivery.getByText(/next attempt/).waitFor();
    await delivery.getByText('Request and 1 attempt').click();
    await delivery.getByText('The receiver answered with 500.').waitFor();
    await delivery.getByText('Answer of the receiver').click();
    await delivery.locator('pre', { hasText: /^seen$/ }).waitFor();
    await page.getByText('All requests have failed since').waitFor();
    await expectOpenToAll(page);
    receiver.answer = withStatus(200);
    await delivery.getByRole('button', { name: /^Send now conversation.started/ }).click();
    await delivery.getByText('Delivered', { exact: true }).waitFor();
    await delivery.getByText('Request and 2 attempts').waitFor();
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    await page.getByText('All requests have failed since').waitFor({ state: 'detached' });

    await page.getByLabel('Event').selectOption('webhook.test');
    await press(page, 'Filter');
    await page.waitForURL(/\?type=webhook\.test$/);
    await page.getByText('No matching deliveries').waitFor();
    await press(page, 'Clear all');
    await press(page, 'Only this conversation: session_failing');
    await page.waitForURL(/\?conversation=session_failing$/);
    await press(page, 'Replay many');
    const dialog = page.getByRole('dialog', { name: 'Replay deliveries' });
    expect(await dialog.getByLabel('Conversation id').inputValue()).toBe('session_failing');
    await expectOpenToAll(page);
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByText('1 delivery is sent again.').waitFor();
    await press(page, 'Done');
    await delivery.getByText('Request and 3 attempts').waitFor();
    await press(page, 'Replay many');
    await dialog.getByLabel('All deliveries that were created in a time range').check();
    await dialog.getByLabel('From').fill('2020-01-01T00:00');
    await dialog.getByLabel('Until').fill('2020-01-02T00:00');
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByText('There are no deliveries in this time range.').waitFor();
    await press(page, 'Done');
    await page.getByRole('link', { name: 'session_failing' }).click();
    await page.waitForURL(/\/conversations\/session_failing$/);
  });

  test('a disabled webhook is announced and is enabled again', async () => {
    await using started = await startReceiver();
    receiver = started;
    receiver.answer = withStatus(410);
    const webhookId = await addWebhook('Gone');
    await startConversation('session_gone');
    const disabled = async () =>
      (await session.admin.getWebhook({ businessId, webhookId })).IsEnabled;
    await expect.poll(disabled).toBe(false);
    await using page = await session.open(`/b/${businessId}/overview`);
    const banner = page.getByRole('list', { name: 'Disabled webhooks' });
    await banner.getByText('The webhook Gone is disabled.').waitFor();
    await banner.getByText(/answered with 410 Gone/).waitFor();
    await expectOpenToAll(page);
    await page.goto(`${HERE}`);
    await banner.waitFor();
    await expectOpenToAll(page);
    await press(page, 'Enable the webhook Gone');
    await banner.waitFor({ state: 'detached' });
    expect(await session.admin.getWebhook({ businessId, webhookId })).toMatchObject({
      IsEnabled: true,
      DisabledReason: null,
    });
  });

  test('a webhook is edited, gets a new secret and is deleted', async () => {
    await using started = await startReceiver();
    receiver = started;
    const webhookId = await addWebhook('Reports');
    await using page = await session.open(HERE);
    await page.getByRole('link', { name: 'Reports' }).click();
    await page.locator('h1:focus', { hasText: 'Reports' }).waitFor();
    await press(page, 'Edit');
    await page.getByLabel('Description').fill('Monthly reports');
    await page.getByLabel('queue.completed').check();
    await page.getByLabel(/^Enabled/).uncheck();
    await press(page, 'Save');
    await page.getByRole('heading', { level: 1, name: 'Monthly reports' }).waitFor();
    await page.getByText('Enable the webhook to replay its deliveries.').waitFor();
    const webhook = () => session.admin.getWebhook({ businessId, webhookId });
    expect(await webhook()).toMatchObject({
      Description: 'Monthly reports',
      Events: ['conversation.started', 'queue.completed'],
      IsEnabled: false,
    });
    await press(page, 'Enable the webhook Monthly reports');
    await page.getByText('Enabled', { exact: true }).waitFor();
    expect(await webhook()).toMatchObject({ IsEnabled: true });
    for (const isSecond of [false, true]) {
      await press(page, 'Rotate secret');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Rotate secret' }).click();
      if (isSecond) {
        await dialog.getByText('two secrets sign now').waitFor();
        await expectOpenToAll(page);
        await press(page, 'Drop the oldest and rotate');
      }
      await dialog.getByText('The previous secret also signs until').waitFor();
      await press(page, 'Done');
    }
    await press(page, 'Delete the webhook');
    await press(page, 'Delete webhook');
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor();
    await expect(webhook()).rejects.toMatchObject({ reason: 'NOT_FOUND' });
    await page.getByRole('link', { name: 'CRM' }).waitFor();
    expect(await page.getByRole('link', { name: 'Monthly reports' }).count()).toBe(0);
    await page.goto(`${HERE}/${webhookId}`);
    await page.getByText('No such webhook').waitFor();
  });
});
