import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  intercept,
  openBrowserSession,
  PERSON,
  type SessionPage,
  saveData,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const HERE = `/b/${DEMO_BUSINESS}`;
const SPOKEN = `${HERE}/conversations/session_abc123`;
const TIM = { email: 'tim@example.com', password: 'the password of Tim' };
let session: BrowserSession;

const addressOf = (page: SessionPage) => {
  const { pathname, search, hash } = new URL(page.url());
  return pathname + search + hash;
};
const lastBusinessOf = (page: SessionPage) =>
  page.evaluate(() => localStorage.getItem('colloquy.business'));

async function signIn(page: SessionPage, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe.skipIf(browserPath() === null)('the app shell', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
    // Tim cannot use any business.
    const { UserId: userId } = await session.admin.createUser({ Email: TIM.email, Name: 'Tim' });
    const { Url } = await session.admin.createSignInLink({ userId });
    await using page = await session.open(Url, { isStranger: true });
    await page.getByLabel('Choose a password').fill(TIM.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No business yet').waitFor();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('the skip link moves the focus to the page, and key sequences work after going back', async () => {
    const path = `${HERE}/conversations?status=Failed`;
    await using page = await session.open(path);
    await page.getByRole('heading', { name: 'Conversations' }).waitFor();
    const skip = page.getByRole('link', { name: 'Skip to the page' });
    expect(await skip.getAttribute('href')).toBe(`${path}#page`);
    await skip.focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('page');
    expect(addressOf(page)).toBe(path);

    // Keys of the conversation (s) and of all pages (g s) work together.
    await page.goto(SPOKEN);
    await page.getByRole('button', { name: PERSON.email }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: PERSON.email }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL(`**${HERE}/settings/business`);
    await page.goto(`${HERE}/settings/settings`);
    await page.getByText('No such page in the settings').waitFor();
  });

  test('the app shell stays visible if a page fails to load, and reports a lost network', async () => {
    await using visited = await session.open('/icon.svg', { isFirst: true });
    // An extra page: without a network it logs errors, which must not fail the test.
    const page = await visited.context().newPage();
    // Prevents preloading of pages.
    await page.addInitScript(saveData);
    await page.goto(`${HERE}/account`);
    await page.getByText('There is no page at this address').waitFor();
    const offline = page.getByText('You are offline.');
    await page.context().setOffline(true);
    await offline.waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('could not be loaded').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('could not be loaded').waitFor();
    await page.getByRole('button', { name: 'Go to…' }).click();
    await page.getByRole('dialog', { name: "This can't be shown" }).getByRole('alert').waitFor();
    await page.keyboard.press('Escape');
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'Legal holds' }).waitFor();
    expect(await offline.count()).toBe(0);
    expect(addressOf(page)).toBe(`${HERE}/settings/business`);

    await page.goto('/b/abc/overview');
    await page.getByText('There is no page at this address').waitFor();
  });

  test('a slow connection shows a placeholder and requests all data in parallel', async () => {
    await using page = await session.open('/icon.svg', { isFirst: true });
    const requests: string[] = [];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await page.route('**/api/v1/**', async (route) => {
      requests.push(new URL(route.request().url()).pathname.replace('/api/v1', ''));
      await released;
      await route.continue();
    });
    await page.goto(`${HERE}/conversations`);
    await page.getByRole('status').getByText('Colloquy').waitFor();
    await expect
      .poll(() => requests.toSorted())
      .toEqual([`/business/${DEMO_BUSINESS}`, '/session']);
    release();
    await page.getByRole('heading', { name: 'Conversations' }).waitFor();
  });

  test('the palette finds targets by name, and conversations and calls by id', async () => {
    const { admin } = session;
    const businessId = DEMO_BUSINESS;
    await admin.putCampaign({ businessId, campaignId: 'spring', Name: 'Dark evenings' });
    const { QueueId } = await admin.receiveCall({
      businessId,
      NumberId: 'number_1',
      CallerNumber: '+14155550199',
      Provider: 'example',
      ProviderCallId: 'one',
    });
    await using page = await session.open(`${HERE}/overview`);
    await page.getByRole('button', { name: 'Go to…' }).click();
    const field = page.getByPlaceholder('A page');
    const options = () => page.getByRole('option').allTextContents();
    for (const [text, found] of [
      ['dark', ['Theme: dark', 'Dark evenings (spring)']],
      ['legal', ['Settings: Legal holds']],
      [String(DEMO_BUSINESS), [`Larkspur (demo) (${DEMO_BUSINESS})`]],
      ['anything', []],
      ['call-1', ['Open conversation call-1']],
      ['session_none', ['Open conversation session_none']],
      [QueueId, [`Open call ${QueueId}`]],
    ] as const) {
      await field.fill(text);
      await expect.poll(options).toEqual(found);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${HERE}/inbound/${QueueId}`);
  });

  test('navigation and dialogs move the focus to their content', async () => {
    await using page = await session.open(`${HERE}/conversations`);
    const focused = () => page.evaluate(() => document.activeElement?.tagName);
    await page.locator('[data-row-link]').first().waitFor();
    expect(await focused()).toBe('BODY');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/conversations/*');
    await expect.poll(focused).toMatch(/MAIN|H1/);
    await page.getByRole('link', { name: 'Campaigns' }).click();
    await expect.poll(focused).toBe('H1');
    // Keyboards of other scripts work like Latin ones.
    await page.evaluate(() => {
      const key = { key: 'л', code: 'KeyK', ctrlKey: true, bubbles: true };
      document.body.dispatchEvent(new KeyboardEvent('keydown', key));
    });
    await page.getByPlaceholder('A page').fill('api keys');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').waitFor();
    expect(await focused()).toBe('INPUT');
  });

  test('Space plays after a click and activates a control that was focused by keys', async () => {
    await using page = await session.open(SPOKEN);
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const skip = page.getByRole('button', { name: /^Skip/ });
    const isOn = () => skip.getAttribute('aria-pressed');
    const before = await isOn();
    await skip.click();
    const after = await isOn();
    expect(after).not.toBe(before);
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    expect(await isOn()).toBe(after);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await expect.poll(isOn).toBe(before);
  });

  test('the start page opens the last visited business, not a preloaded one', async () => {
    const { BusinessId } = await session.admin.createBusiness({
      Name: 'Pointed at',
      TimeZone: 'UTC',
    });
    await using page = await session.open(`${HERE}/overview`);
    await page.getByRole('button', { name: /Larkspur/ }).click();
    const preloaded = page.waitForResponse(new RegExp(`/business/${BusinessId}$`));
    await page.getByRole('link', { name: /Pointed at/ }).hover();
    await preloaded;
    expect(await lastBusinessOf(page)).toBe(String(DEMO_BUSINESS));
    await page.getByRole('link', { name: /Pointed at/ }).click();
    await page.waitForURL(`**/b/${BusinessId}/overview`);
    await expect.poll(() => lastBusinessOf(page)).toBe(String(BusinessId));
  });

  test('the business switcher finds a business that is not on the first page', async () => {
    for (let number = 0; number < 55; number += 1)
      await session.admin.createBusiness({ Name: `Branch ${number}`, TimeZone: 'UTC' });
    await using page = await session.open(`${HERE}/overview`);
    await page.getByRole('button', { name: 'Go to…' }).click();
    await page.keyboard.type('branch 54');
    await page.getByRole('option', { name: /Branch 54/ }).click();
    await page.getByRole('button', { name: /Branch 54/ }).waitFor();
    const last = await lastBusinessOf(page);
    await page.goto('/');
    await page.waitForURL(`**/b/${last}/overview`);
  });

  test('switching the business shows no rows of the previous one while loading', async () => {
    const { BusinessId } = await session.admin.createBusiness({ Name: 'Slow', TimeZone: 'UTC' });
    await using page = await session.open(`${HERE}/conversations`);
    const rows = page.locator('[data-row-link]');
    await rows.first().waitFor();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await page.route(`**/business/${BusinessId}/conversations?*`, async (route) => {
      await released;
      await route.continue();
    });
    // Like a jump in the history.
    await page.evaluate((path) => {
      history.pushState({}, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    }, `/b/${BusinessId}/conversations`);
    await page.getByRole('button', { name: /^Slow/ }).waitFor();
    expect(await rows.count()).toBe(0);
    release();
    await expect.poll(() => page.getByText('Loading…').count()).toBe(0);
  });

  test('a closed business shows a list of other businesses', async () => {
    const add = (Name: string) => session.admin.createBusiness({ Name, TimeZone: 'UTC' });
    const [closed, other, open] = [await add('Closed'), await add('No editing'), await add('Open')];
    const { Url } = await session.admin.createInvitation({
      businessId: closed.BusinessId,
      Email: 'bea@example.com',
      Role: 'Agent',
    });
    await using page = await session.open(Url, { isStranger: true });
    await page.getByLabel('Your name').fill('Bea');
    await page.getByLabel('Password').fill('another long password');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.waitForURL(`**/b/${closed.BusinessId}/overview`);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();

    const close = (businessId: number) =>
      session.admin.updateBusiness({ businessId, IsDisabled: true });
    await close(closed.BusinessId);
    await page.goto('/');
    await page.getByText('None of your businesses is available').waitFor();

    const { Items } = await session.admin.listUsers({ Limit: 100 });
    const UserId = Items.find(({ Email }) => Email === 'bea@example.com')?.UserId ?? '';
    for (const { BusinessId } of [other, open])
      await session.admin.putMember({ businessId: BusinessId, UserId, Role: 'Agent' });
    await session.admin.updateBusiness({ businessId: other.BusinessId, IsEditingEnabled: false });
    await page.goto('/');
    await page.waitForURL(`**/b/${open.BusinessId}/overview`);
    await page.goto(`/b/${other.BusinessId}/conversations`);
    await page.getByText('Editing is switched off').waitFor();
    expect(await page.getByRole('link', { name: /Closed/ }).textContent()).toContain('disabled');
    await page.getByRole('link', { name: /^Open/ }).click();
    await page.waitForURL(`**/b/${open.BusinessId}/overview`);
  });

  test('copying reports its result, even if the browser has no clipboard API', async () => {
    await using page = await session.open(`${HERE}/overview`, { isFirst: true });
    // Without TLS, browsers have no clipboard API.
    await page.addInitScript(() => {
      Object.assign(globalThis, { clipboard: navigator.clipboard });
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
    });
    await page.goto(`${HERE}/settings/keys`);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('copied');
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog', { name: 'API key copied' });
    await dialog.getByRole('button', { name: 'Copy' }).first().click();
    await dialog.getByText('Copied', { exact: true }).waitFor();
    const copied = await page.evaluate(() =>
      (globalThis as unknown as { clipboard: Clipboard }).clipboard.readText(),
    );
    expect(copied).toBe(await dialog.locator('code').first().textContent());
    await page.evaluate(() => {
      document.execCommand = () => false;
    });
    await dialog.getByRole('button', { name: 'Copied' }).click();
    await dialog.getByText('Not copied').waitFor();
  });

  test('a page reloads once if a new version has replaced its files', async () => {
    await using page = await session.open(`${HERE}/settings/business`);
    await page.getByRole('heading', { name: 'Business', exact: true }).waitFor();
    let hasUpgraded = false;
    await page.route(/holds-section/, (route) =>
      hasUpgraded ? route.fallback() : route.fulfill({ status: 404, body: '' }),
    );
    page.once('load', () => {
      hasUpgraded = true;
    });
    await page.getByRole('link', { name: 'Legal holds' }).click();
    await page.getByRole('button', { name: 'New hold' }).waitFor();
    expect(hasUpgraded).toBe(true);
  });

  test('a tab continues with the session of another tab only if the user is the same', async () => {
    await using page = await session.open('/account', { isStranger: true });
    await signIn(page, PERSON.email, PERSON.password);
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    const again = (email: string, password: string) =>
      page.evaluate(
        async (body) => {
          const headers = { 'Content-Type': 'application/json' };
          const answer = await fetch('api/v1/session', {
            method: 'POST',
            headers,
            body: JSON.stringify(body),
          });
          return answer.status;
        },
        { Email: email, Password: password },
      );
    await again(PERSON.email, PERSON.password);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByText('Saved.').waitFor();

    await again(TIM.email, TIM.password);
    await page.getByLabel('Your name').fill('Not Tim');
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByText(TIM.email).waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Tim');

    // When Ada is back, she sees her data without a reload.
    await page.context().clearCookies();
    await page.getByLabel('Your name').fill('Nobody');
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, PERSON.email, PERSON.password);
    await page.getByText(PERSON.email).waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Ada');
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  test('signing out removes all data and reports a failure', async () => {
    await using page = await session.open(`${HERE}/overview`, { isStranger: true });
    await signIn(page, PERSON.email, PERSON.password);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const restore = await intercept(page, '**/api/v1/session', (route) =>
      route.request().method() === 'DELETE' ? route.fulfill({ status: 418 }) : route.fallback(),
    );
    await page.getByRole('button', { name: PERSON.email }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    const dialog = page.getByRole('dialog', { name: 'You are still signed in' });
    await dialog.getByRole('alert').waitFor();
    restore();
    await dialog.getByRole('button', { name: 'Close' }).click();

    // The session expires and another user continues there.
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Conversations', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, TIM.email, TIM.password);
    await page.getByText(`may not use business ${DEMO_BUSINESS}`).waitFor();
    await page.getByRole('link', { name: 'Home' }).click();
    await page.getByText('No business yet').waitFor();
  });
});
