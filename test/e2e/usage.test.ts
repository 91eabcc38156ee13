import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  openBrowserSession,
  type SessionPage,
  settle,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const businessId = DEMO_BUSINESS;
const HERE = `/b/${businessId}/settings/usage`;
/** The folder for screenshots; none are taken without it. */
const SCREENSHOTS = process.env.SCREENSHOTS ?? null;
let session: BrowserSession;

const press = (page: SessionPage, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).click();
const currentMonth = async () => {
  const { Months } = await session.admin.getUsage({ businessId });
  return Months.at(-1);
};

async function show(page: SessionPage, name: string): Promise<void> {
  await settle(page);
  if (SCREENSHOTS === null) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    await page.screenshot({ path: `${SCREENSHOTS}/${name}-${colorScheme}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

describe.skipIf(browserPath() === null)('the usage page', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('an admin sets quotas, sees what is used of them, and removes one', async () => {
    await using page = await session.open(HERE);
    const levels = page.getByRole('list', { name: 'Quotas' });
    await levels.getByText('no quota').first().waitFor();
    await press(page, 'Set quotas');
    const dialog = page.getByRole('dialog', { name: 'Quotas' });
    await dialog.getByLabel('Conversations a month').fill('1');
    await dialog.getByLabel('Minutes a month').fill('5000');
    await dialog.getByLabel('Stored data in GB').fill('2.5');
    await settle(page);
    expect(await findBarriers(page)).toEqual([]);
    await show(page, 'usage-quotas');
    await press(page, 'Save');
    await dialog.waitFor({ state: 'detached' });
    await levels.getByText('of 5,000').waitFor();
    await levels.getByText('of 2.5 GB').waitFor();
    await levels.getByText('Reached').waitFor();
    const { Quotas } = await session.admin.getUsage({ businessId });
    expect(Quotas).toEqual({
      ConversationsPerMonth: 1,
      MinutesPerMonth: 5000,
      StoredBytes: 2_500_000_000,
    });
    expect(await findBarriers(page)).toEqual([]);
    await show(page, 'usage');
    await page.setViewportSize({ width: 360, height: 740 });
    await show(page, 'usage-phone');
    await page.setViewportSize({ width: 1280, height: 800 });
    await press(page, 'Set quotas');
    await dialog.getByLabel('Conversations a month').fill('');
    await press(page, 'Save');
    await dialog.waitFor({ state: 'detached' });
    await levels.getByText('Reached').waitFor({ state: 'detached' });
    expect((await session.admin.getUsage({ businessId })).Quotas).toMatchObject({
      ConversationsPerMonth: null,
      MinutesPerMonth: 5000,
    });
  });

  test('charts and table show the months that the API returns', async () => {
    await using page = await session.open(HERE);
    const chart = page.getByRole('region', { name: 'Conversations begun', exact: true });
    await chart.getByRole('button', { name: 'Show as table' }).click();
    const cells = await chart.getByRole('row').nth(1).getByRole('cell').allTextContents();
    const month = await currentMonth();
    expect(cells).toEqual([month?.Conversations.toLocaleString('en-US')]);
    expect(await chart.getByRole('row').count()).toBe(13);
  });

  test('the months are saved as CSV', async () => {
    await using page = await session.open(HERE);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV', exact: true }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`usage-${businessId}.csv`);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    const month = await currentMonth();
    expect(lines).toHaveLength(13);
    expect(lines[0]).toMatch(/^BusinessId,Name,Month,Conversations,Seconds,Minutes,/);
    expect(lines.at(-1)).toContain(`,${month?.Month},${month?.Conversations},${month?.Seconds},`);
  });

  test('an admin sees all businesses by month, also those whose quota is reached', async () => {
    const { BusinessId } = await session.admin.createBusiness({ Name: 'Small & Co.' });
    const Quotas = { ConversationsPerMonth: 0, MinutesPerMonth: null, StoredBytes: null };
    await session.admin.updateBusiness({ businessId: BusinessId, Quotas });
    await using page = await session.open(HERE);
    const table = page.getByRole('region', { name: 'Usage of all businesses, table' });
    const line = table.getByRole('row', { name: /Small & Co\./ });
    await line.getByText('Quota reached').waitFor();
    await table.scrollIntoViewIfNeeded();
    await show(page, 'usage-of-all');
    expect(await line.getByRole('link').getAttribute('href')).toMatch(
      new RegExp(`/b/${BusinessId}/settings/usage$`),
    );
    const chosen = page.getByRole('combobox', { name: 'Month' });
    const months = await chosen
      .locator('option')
      .evaluateAll((all) => all.map((one) => one.getAttribute('value')));
    expect(months[0]).toBe((await currentMonth())?.Month);
    await chosen.selectOption(months[1] ?? '');
    await table.getByRole('row', { name: /Small & Co\./ }).waitFor();
  });

  test('the CSV of all businesses has more than the page shows', async () => {
    const BUSINESSES = 55;
    for (let n = 0; n < BUSINESSES; n += 1) {
      await session.admin.createBusiness({ Name: `One of many ${n}` });
    }
    await using page = await session.open(HERE);
    const table = page.getByRole('region', { name: 'Usage of all businesses, table' });
    await table.getByRole('row').nth(50).waitFor();
    expect(await table.getByText(`One of many ${BUSINESSES - 1}`).count()).toBe(0);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save all as CSV' }).click();
    const text = await readFile(await (await downloading).path(), 'utf8');
    expect(text).toContain(`,One of many ${BUSINESSES - 1},`);
    await page.getByRole('button', { name: 'Show more' }).click();
    await table.getByText(`One of many ${BUSINESSES - 1}`).waitFor();
  });

  test('an Owner sees the usage of the business, but sets no quotas', async () => {
    const { UserId } = await session.admin.createUser({ Email: 'olga@example.com', Name: 'Olga' });
    await session.admin.putMember({ businessId, UserId, Role: 'Owner' });
    const { Url } = await session.admin.createSignInLink({ userId: UserId });
    await using page = await session.open(Url, { isStranger: true });
    await page.getByLabel('Choose a password').fill('a long enough password');
    await press(page, 'Sign in');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForURL(/overview/);
    await page.goto(HERE);
    await page.getByText('Only admins of the installation set quotas.').waitFor();
    expect(await page.getByRole('button', { name: 'Set quotas' }).count()).toBe(0);
    expect(await page.getByText('Usage of all businesses').count()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
  });
});
