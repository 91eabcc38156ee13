import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { browserPath, launchBrowser } from '../test/e2e/chromium.ts';
import {
  compareInRounds,
  type Measured,
  median,
  medianOf,
  ratioOf,
  summarize,
} from './measured.ts';
import type { BenchSetup, Business } from './setup.ts';
import type { Result } from './table.ts';

const PERSON = { email: 'reader@example.com', name: 'Reader', password: 'a long enough password' };
const TURNS = 20;

/** Paging through the list of conversations in a browser, in a large and a small business. */
export async function measureConsole(setup: BenchSetup): Promise<Result[]> {
  const { large, options, server, small } = setup;
  if (browserPath() === null) {
    setup.say('console: left out, there is no browser (package chromium)');
    return [];
  }
  await using browser = await launchBrowser();
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  for (const business of [large, small]) await join(setup, page, business);
  setup.say('console: turning pages');
  const load = async ({ businessId }: Business): Promise<Measured> => {
    await page.goto(`/b/${businessId}/conversations`);
    await page.locator('[data-row-link]').first().waitFor();
    const times = await turnPages(page, TURNS);
    return summarize(times, times.reduce((sum, time) => sum + time, 0) / 1000);
  };
  const compared = await compareInRounds(
    options.quick ? 3 : 7,
    () => load(large),
    () => load(small),
  );
  const [ours, theirs] = [compared.ours, compared.theirs].map((rounds) =>
    medianOf(rounds, 'p50').toFixed(0),
  );
  return [
    {
      work: `The console turns a page of ${large.count} conversations`,
      comparedWith: `the same of ${small.count}`,
      measured: `p50 ${ours} : ${theirs} ms`,
      ratio: ratioOf(compared, 'p50'),
      limit: { atMost: 1.3 },
    },
    await measureFirstLoad(setup, browser, await context.storageState()),
    await measureScrolling(setup, page),
  ];
}

const LOADS = 5;

/** Milliseconds until the overview is usable in a browser with an empty cache. */
async function measureFirstLoad(
  { server, small }: BenchSetup,
  browser: Browser,
  storageState: NonNullable<BrowserContextOptions['storageState']>,
): Promise<Result> {
  const times: number[] = [];
  for (let load = 0; load < LOADS; load += 1) {
    await using fresh = await browser.newContext({ baseURL: server.url, storageState });
    const page = await fresh.newPage();
    const begin = performance.now();
    await page.goto(`/b/${small.businessId}/overview`, { waitUntil: 'commit' });
    await page.getByRole('link', { name: 'Conversations', exact: true }).click({ trial: true });
    await page.getByRole('heading', { level: 1 }).waitFor();
    times.push(performance.now() - begin);
  }
  return {
    work: 'The first load of the console until it can be used',
    comparedWith: '',
    measured: `median of ${LOADS} loads, best ${Math.min(...times).toFixed(0)} ms`,
    ratio: median(times),
    limit: { atMost: 1_000 },
    unit: 'ms',
  };
}

const MESSAGES = 5_000;
const FRAMES = 180;

/** The time per frame while scrolling a long conversation; 60 frames per second are 16.7 ms each. */
async function measureScrolling({ api, small }: BenchSetup, page: Page): Promise<Result> {
  const { businessId } = small;
  const StartTime = '2026-01-01T00:00:00Z';
  const Messages = Array.from({ length: MESSAGES }, (_, at) => ({
    ...{ SenderId: 'c', Role: 'User' as const, Content: `This is message number ${at}.` },
    Timestamp: new Date(Date.parse(StartTime) + at * 1000).toISOString(),
  }));
  await api.putConversation({
    ...{ businessId, sessionId: 'scrolled', Status: 'Completed', StartTime, EndType: 'Normal' },
    ...{ EndTime: '2026-01-01T02:00:00Z', InitiationType: 'Web', Messages },
  });
  await page.goto(`/b/${businessId}/conversations/scrolled`);
  await page.getByRole('article').first().waitFor();
  const lengths = await page.locator('[role=log]').evaluate(async (element, frames) => {
    const lengths: number[] = [];
    let before = performance.now();
    while (lengths.length < frames) {
      element.scrollTop += 160;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = performance.now();
      lengths.push(now - before);
      before = now;
    }
    return lengths.sort((a, b) => a - b);
  }, FRAMES);
  return {
    work: `A frame while ${MESSAGES} messages are scrolled`,
    comparedWith: '',
    measured: `95 of 100 frames within ${(lengths[Math.floor(FRAMES * 0.95)] ?? 0).toFixed(1)} ms`,
    ratio: median(lengths),
    limit: { atMost: 34 },
    unit: 'ms',
  };
}

/** Adds the user of the page to a business, and sets a password the first time. */
async function join({ api }: BenchSetup, page: Page, { businessId }: Business): Promise<void> {
  const { Url } = await api.createInvitation({ businessId, Email: PERSON.email, Role: 'Owner' });
  await page.goto(Url);
  const password = page.getByLabel(/password/i);
  await password.waitFor();
  const name = page.getByLabel('Your name');
  if (await name.isVisible()) await name.fill(PERSON.name);
  await password.fill(PERSON.password);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Milliseconds from a key until the rows of the next page are drawn, for each page. */
function turnPages(page: Page, turns: number): Promise<number[]> {
  return page.evaluate(async (turns) => {
    const first = () => document.querySelector('[data-row-link]')?.getAttribute('href');
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const times: number[] = [];
    while (times.length < turns) {
      const [before, began] = [first(), performance.now()];
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: ']', bubbles: true }));
      while (first() === before || first() === undefined) await frame();
      times.push(performance.now() - began);
      // Waits until the page is idle before the next key.
      await frame();
    }
    return times;
  }, turns);
}
