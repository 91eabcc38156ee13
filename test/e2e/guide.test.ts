import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrowserSession, findBarriers, findOverflow, openBrowserSession } from './browser.ts';
import { browserPath } from './chromium.ts';

/** The folder for screenshots; none are taken without it. */
const SCREENSHOTS = process.env.SCREENSHOTS ?? null;
const PAGES = ['', 'queues', 'configuration', 'concepts', 'adr/', 'adr/0001-own-audio-parsers'];
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

describe.skipIf(browserPath() === null)('the guide in a browser', () => {
  let session: BrowserSession;
  beforeAll(async () => {
    session = await openBrowserSession({ DEMO: '0' });
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test.each(PAGES)(
    '/docs/guide/%s is accessible in light, dark and on a narrow screen',
    async (path) => {
      await using page = await session.open(`/docs/guide/${path}`, {
        isStranger: true,
        viewport: WIDE,
      });
      const keep = async (name: string) => {
        if (SCREENSHOTS === null) return;
        const folder = join(SCREENSHOTS, 'guide');
        await mkdir(folder, { recursive: true });
        const file = `${path.replaceAll('/', '-') || 'index'}-${name}.png`;
        await page.screenshot({ path: join(folder, file) });
      };
      expect(await findBarriers(page)).toEqual([]);
      await keep('light');
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await findBarriers(page, { onlyColours: true })).toEqual([]);
      await keep('dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize(NARROW);
      expect(await findOverflow(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(NARROW.width);
      expect(await findBarriers(page)).toEqual([]);
      await keep('narrow');
    },
  );

  test('the menu of the guide on a narrow screen leads to another page', async () => {
    await using page = await session.open('/docs/guide/', { isStranger: true, viewport: NARROW });
    await page.getByText('Pages', { exact: true }).click();
    await page.getByRole('link', { name: 'Make and take calls' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Make and take calls' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/docs/guide/queues');
  });
});
