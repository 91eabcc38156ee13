import type { ConversationEvent } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrowserSession, DEMO_BUSINESS, openBrowserSession } from './browser.ts';
import { browserPath } from './chromium.ts';

let session: BrowserSession;
const BASE = `/b/${DEMO_BUSINESS}`;
const businessId = DEMO_BUSINESS;

describe.skipIf(browserPath() === null)('what a page shows of running calls', () => {
  beforeAll(async () => {
    session = await openBrowserSession();
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  const append = (sessionId: string, event: Record<string, unknown>) => {
    const Timestamp = new Date().toISOString();
    const Events = [{ Timestamp, ...event }] as unknown as ConversationEvent[];
    return session.admin.appendConversationEvents({ businessId, sessionId, Events });
  };
  const start = (sessionId: string) =>
    append(sessionId, { EventId: 'start', Type: 'SessionStarted', InitiationType: 'Inbound' });
  const say = (sessionId: string, Content: string) => {
    const said = { Type: 'MessageAdded', SenderId: 'caller', Role: 'User', Content };
    return append(sessionId, { EventId: `said-${Content.length}`, ...said });
  };

  test('messages appear as they are spoken, and only then the conversation is read', async () => {
    await start('session_spoken');
    await using page = await session.open('about:blank');
    const streams: string[] = [];
    let reads = 0;
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.endsWith(`/business/${businessId}/stream`)) streams.push(pathname);
      if (pathname.endsWith('/conversations/session_spoken')) reads += 1;
    });
    const isFollowing = page.waitForResponse((response) => response.url().endsWith('/stream'));
    await page.goto(`${BASE}/conversations/session_spoken`);
    await isFollowing;
    const speak = async (text: string) => {
      await say('session_spoken', text);
      await page.getByText(text, { exact: true }).waitFor();
    };
    await speak('Good morning');
    reads = 0;
    await speak('I would like to move my appointment');
    await speak('To Friday, please');
    expect(streams).toHaveLength(1);
    // One for each message, and perhaps a late one for the first.
    expect(reads).toBeLessThanOrEqual(3);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  });

  test('the list and the number of live conversations follow calls that begin and end', async () => {
    await using overview = await session.open(`${BASE}/overview`);
    await using list = await session.open(`${BASE}/conversations`);
    const tile = overview.locator('dt', { hasText: 'Live now' }).locator('xpath=..');
    await expect.poll(() => tile.textContent()).toMatch(/\d/);
    const live = async () => Number(/\d+/.exec((await tile.textContent()) ?? '')?.[0]);
    const before = await live();
    await start('session_begun');
    await list.locator('[data-row-link][href*="session_begun"]').waitFor();
    await expect.poll(live).toBe(before + 1);
    await append('session_begun', { EventId: 'end', Type: 'SessionEnded', EndType: 'Normal' });
    await expect.poll(live).toBe(before);
  });

  test.each([
    ['overview', 'Live now'],
    ['conversations', 'Conversations'],
    ['conversations/session_quiet', 'Good morning'],
  ])(
    '%s is not polled while the stream is open, and polled once it is lost',
    async (path, text) => {
      await start('session_quiet');
      await say('session_quiet', 'Good morning');
      await using page = await session.open('about:blank');
      await page.clock.install();
      let reads = 0;
      const underWay = new Set<unknown>();
      const isRead = (url: string) =>
        /\/conversations(\/session_quiet)?$/.test(new URL(url).pathname);
      page.on('request', (request) => {
        if (!/\/api\//.test(request.url()) || !isRead(request.url())) return;
        reads += 1;
        underWay.add(request);
      });
      page.on('requestfinished', (request) => underWay.delete(request));
      page.on('requestfailed', (request) => underWay.delete(request));
      const open = async () => {
        const isFollowing = page.waitForResponse((response) => response.url().endsWith('/stream'));
        await page.goto(`${BASE}/${path}`);
        await isFollowing;
        await page.getByText(text, { exact: true }).first().waitFor();
        // What was missed before the stream is read once.
        await page.clock.runFor(2_000);
        await expect.poll(() => underWay.size).toBe(0);
        reads = 0;
        await page.clock.runFor(30_000);
        await page.evaluate(() => document.readyState);
      };
      await open();
      expect(reads).toBe(0);
      // Its body ends, and the client waits before it connects again.
      const body = 'retry: 3600000\n\nid: 1.e\n\n';
      const contentType = 'text/event-stream';
      await page.route(/\/stream$/, (route) => route.fulfill({ contentType, body }));
      await open();
      await expect.poll(() => reads).toBeGreaterThan(0);
    },
  );
});
