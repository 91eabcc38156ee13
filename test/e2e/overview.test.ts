import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../servers/server-process.ts';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  openBrowserSession,
  type SessionPage,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const run = promisify(execFile);
let session: BrowserSession;
/** Inside of the server, to resolve `@colloquy/sdk`. */
let folder: string;

describe.skipIf(browserPath() === null)('the overview', () => {
  beforeAll(async () => {
    await mkdir(join(ROOT, '.vitest'), { recursive: true });
    folder = await mkdtemp(join(ROOT, '.vitest', 'first-'));
    session = await openBrowserSession();
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await session?.[Symbol.asyncDispose]();
  });

  test('each number of the overview links to the list that it counts', async () => {
    await using page = await session.open(`/b/${DEMO_BUSINESS}/overview?range=30d`);
    for (const name of ['Conversations', 'Live now', 'Ended normally', 'Failed']) {
      const figure = page.locator('dl div').filter({ hasText: name }).first();
      const value = figure.getByRole('link', { name: /^\d+/ }).first();
      const count = /\d+/.exec((await value.textContent()) ?? '')?.[0];
      await value.click();
      await page.getByText(`${count} match`).waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    }
    // The same name has the same count in number and chart.
    await expectSame(page, 'Ended normally');
    await expectSame(page, 'Failed');
    for (const [name, least] of [
      ['Conversations by outcome', 10],
      ['Conversation length', 4],
    ] as const) {
      const chart = page.getByRole('region', { name, exact: true });
      await chart.getByRole('button', { name: 'Show as table' }).click();
      const cells = chart.getByRole('cell').getByRole('link');
      expect(await cells.count()).toBeGreaterThan(least);
      const last = cells.last();
      const count = await last.textContent();
      await last.click();
      await page.getByText(new RegExp(`^${count} match`)).waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    }
  });

  test('a click on a part of a bar opens the list that it counts', async () => {
    await using page = await session.open(`/b/${DEMO_BUSINESS}/overview?range=30d`);
    const chart = page.getByRole('region', { name: 'Conversations by outcome' });
    await chart.getByRole('button', { name: 'Show as table' }).click();
    await chart.getByRole('cell').getByRole('link').first().waitFor();
    const rows = await Promise.all(
      (await chart.getByRole('row').all()).slice(1).map(async (row) => {
        return (await row.getByRole('cell').allTextContents()).map(Number);
      }),
    );
    // The table starts with the latest bucket, the drawing with the earliest.
    rows.reverse();
    const sumOf = (row: readonly number[]) => row.reduce((sum, count) => sum + count, 0);
    const FAILED = 3;
    const at = rows.findIndex((row) => (row[FAILED] ?? 0) > 0);
    const row = rows[at] ?? [];
    await chart.getByRole('button', { name: 'Show as chart' }).click();
    const area = chart.locator('.u-over');
    const { width, height } = (await area.boundingBox()) ?? { width: 0, height: 0 };
    // The middle of that part of the bar; the axis is higher than the highest bar.
    const middle = sumOf(row.slice(0, FAILED)) + (row[FAILED] ?? 0) / 2;
    const share = middle / (Math.max(...rows.map(sumOf)) * 1.05);
    const position = { x: ((at + 0.5) / rows.length) * width, y: (1 - share) * height };
    await area.click({ position });
    await page.waitForURL(/outcome=MidSessionFailure%2C/);
    await page.getByText(new RegExp(`^${row[FAILED]} match`)).waitFor();
  });

  test('the number of due calls links to their list', async () => {
    const { admin } = session;
    const businessId = DEMO_BUSINESS;
    const later = { DateTimeUTC: new Date(Date.now() + 3_600_000).toISOString() };
    const call = (at: number) => ({
      businessId,
      NumberId: 'n',
      RecipientNumber: `+1415555020${at}`,
    });
    await admin.initiateCall(call(1));
    await admin.initiateCall(call(2));
    await admin.initiateCall({ ...call(3), Schedule: later });
    await using page = await session.open(`/b/${DEMO_BUSINESS}/overview`);
    const figure = page.locator('dl div').filter({ hasText: 'Due now' }).first();
    await figure.getByRole('link', { name: '2', exact: true }).click();
    await page.getByRole('button', { name: 'Remove the filter Due' }).waitFor();
    await page.getByRole('link', { name: '+14155550201' }).waitFor();
    expect(await page.locator('[data-row-link]').count()).toBe(2);
    await page.getByRole('button', { name: 'Remove the filter Due' }).click();
    await page.getByRole('link', { name: '+14155550203' }).waitFor();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByLabel('Only calls that are due now').check();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('link', { name: '+14155550203' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('due')).toBe('now');
  });

  test('the overview compares a range with the one before and shows all of its buckets', async () => {
    await using page = await session.open(`/b/${DEMO_BUSINESS}/overview?range=7d`);
    const zone = page.getByRole('link', { name: 'Set the time zone' });
    expect(await zone.getAttribute('href')).toMatch(/settings\/business$/);
    const before = page.getByRole('link', { name: /^previously \d+$/ }).first();
    const count = /\d+/.exec((await before.textContent()) ?? '')?.[0];
    await before.click();
    await page.getByText(`${count} match`).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Inbound', exact: true }).click();
    await page.getByRole('region', { name: 'Inbound calls' }).waitFor();
    const queued = page.locator('dl div').filter({ hasText: 'Queued now' }).first();
    expect(await queued.getByRole('link').getAttribute('href')).toMatch(/inbound\?status=Queued$/);
    for (const range of ['24h', '90d', '52w', '12m']) {
      await page.getByRole('combobox', { name: 'Range' }).selectOption(range);
      await page.waitForURL(`**/overview?range=${range}&calls=inbound`);
      await page.getByText(/UTC .*· compared with the previous/).waitFor();
      const chart = page.getByRole('slider', { name: 'Conversations by outcome' });
      await chart.focus();
      const buckets = { '24h': 23, '90d': 89, '52w': 51, '12m': 11 }[range];
      await expect.poll(() => chart.getAttribute('aria-valuemax')).toBe(String(buckets));
    }
  });

  test('a new business guides its user to the first conversation', async () => {
    const { BusinessId } = await session.admin.createBusiness({ Name: 'Brand new' });
    await using page = await session.open(`/b/${BusinessId}/overview`);
    await page.getByRole('heading', { name: 'Getting started' }).waitFor();
    // The page polls in a way that does not log an error for a missing conversation.
    const missed: string[] = [];
    page.on('response', (answer) => answer.status() === 404 && missed.push(answer.url()));
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByRole('button', { name: 'Copy key' }).waitFor();
    const command = await copied(page);
    // The copied command runs without changes.
    const { stdout } = await run('sh', ['-c', command]);
    expect(JSON.parse(stdout)).toMatchObject({ Success: true, Data: { Accepted: 7 } });
    await page.getByRole('link', { name: 'Open the conversation' }).waitFor();
    expect(missed).toEqual([]);
    // The key is still visible, because it is not shown elsewhere, and other snippets send the same
    // conversation.
    await page.getByRole('button', { name: 'Copy key' }).waitFor();
    for (const [tab, file] of [
      ['TypeScript SDK', 'first.mts'],
      ['Node', 'first.mjs'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      const path = join(folder, file);
      await writeFile(path, await copied(page));
      const sent = await run(process.execPath, [path]);
      expect(sent.stdout).toMatch(/Accepted: 0,\s+Duplicates: 7/);
    }
    await page.getByRole('button', { name: 'See the overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('link', { name: '1', exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Send a conversation' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create a key' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
  });
});

async function copied(page: SessionPage): Promise<string> {
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The number equals the sum of the series of that name in the chart of outcomes. */
async function expectSame(page: SessionPage, name: string): Promise<void> {
  const figure = page.locator('dl div').filter({ hasText: name }).first();
  const value = figure.getByRole('link', { name: /^\d+/ }).first();
  const count = Number(/\d+/.exec((await value.textContent()) ?? '')?.[0]);
  const chart = page.getByRole('region', { name: 'Conversations by outcome', exact: true });
  await chart.getByRole('button', { name: 'Show as table' }).click();
  await chart.getByRole('cell').getByRole('link').first().waitFor();
  const names = (await chart.getByRole('columnheader').allTextContents()).slice(1);
  const rows = await Promise.all(
    (await chart.getByRole('row').all())
      .slice(1)
      .map((row) => row.getByRole('cell').allTextContents()),
  );
  await chart.getByRole('button', { name: 'Show as chart' }).click();
  const at = names.indexOf(name);
  expect(rows.reduce((sum, cells) => sum + Number(cells[at]), 0)).toBe(count);
}
