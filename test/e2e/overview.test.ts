import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { barriersOf, browserPath, DEMO_BUSINESS, openVisit, type Visit } from './browser.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const run = promisify(execFile);
let visit: Visit;

describe.skipIf(browserPath() === null)('the overview', () => {
  beforeAll(async () => {
    visit = await openVisit();
  });
  afterAll(() => visit?.[Symbol.asyncDispose]());

  test('has figures, each the way to the list that it counts', async () => {
    await using page = await visit.open(`/b/${DEMO_BUSINESS}/overview?range=30d`);
    for (const name of ['Conversations', 'Live now', 'Ended normally', 'Failed']) {
      const figure = page.locator('dl div').filter({ hasText: name }).first();
      const count = /\d+/.exec((await figure.locator('dd').textContent()) ?? '')?.[0];
      await figure.getByRole('link').click();
      await page.getByText(`${count} match`).waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    }
    const chart = page.getByRole('region', { name: 'Conversations by outcome', exact: true });
    await chart.getByRole('button', { name: 'Show as table' }).click();
    const cells = chart.getByRole('cell').getByRole('link');
    expect(await cells.count()).toBeGreaterThan(10);
    const last = cells.last();
    const count = await last.textContent();
    await last.click();
    await page.getByText(new RegExp(`^${count} match`)).waitFor();
  });

  test('leads a newcomer to the first conversation', async () => {
    const { BusinessId } = await visit.admin.createBusiness({ Name: 'Brand new' });
    await using page = await visit.open(`/b/${BusinessId}/overview`);
    await page.getByRole('heading', { name: 'Getting started' }).waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByRole('button', { name: 'Copy key' }).waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    // What is copied runs as it stands.
    const { stdout } = await run('sh', ['-c', command]);
    expect(JSON.parse(stdout)).toMatchObject({ Success: true, Data: { Accepted: 4 } });
    await page.getByRole('link', { name: 'Open the conversation' }).click();
    await page.getByText('Hello? Is anybody there?').waitFor();
  });
});
