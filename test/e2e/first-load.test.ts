import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../servers/server-process.ts';
import { type BrowserSession, DEMO_BUSINESS, openBrowserSession, saveData } from './browser.ts';
import { browserPath } from './chromium.ts';

const MIN_BYTES = 50 * 1024;
const MAX_BYTES = 250 * 1024;
const BUILT = join(ROOT, 'packages/console/dist');

let session: BrowserSession;

describe.skipIf(browserPath() === null)('the first load', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test.each([
    ['overview', `/b/${DEMO_BUSINESS}/overview`],
    ['conversations', `/b/${DEMO_BUSINESS}/conversations`],
    ['a conversation', `/b/${DEMO_BUSINESS}/conversations/session_abc123`],
  ])('the first load of %s needs at most 250 KiB of compressed script', async (_name, path) => {
    await using page = await session.open('/icon.svg', { isFirst: true, isWithoutStream: true });
    // With `saveData` the console does not preload other pages, so this counts only what the page
    // needs.
    await page.addInitScript(saveData);
    const scripts: string[] = [];
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname);
    });
    await page.goto(path, { waitUntil: 'commit' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    const sizes = await Promise.all(
      scripts.map(async (script) => (await stat(join(BUILT, `${script}.gz`))).size),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(MIN_BYTES);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });
});
