import type { Page } from 'playwright-core';
import { browserPath, launchBrowser } from '../test/e2e/chromium.ts';
import { compareInRounds, type Measured, medianOf, ratioOf, summarize } from './measured.ts';
import type { Business, Stage } from './stage.ts';
import type { Result } from './table.ts';

const PERSON = { email: 'reader@example.com', name: 'Reader', password: 'a long enough password' };
const TURNS = 20;

/** Pages of the list of conversations turned in a browser, in a large business and in a small one. */
export async function measureConsole(stage: Stage): Promise<Result[]> {
  const { large, options, server, small } = stage;
  if (browserPath() === null) {
    stage.say('console: left out, there is no browser (package chromium)');
    return [];
  }
  await using browser = await launchBrowser();
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  for (const business of [large, small]) await join(stage, page, business);
  stage.say('console: turning pages');
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
  ];
}

/** Whoever is at the page becomes a member of a business, and has a password from the first one on. */
async function join({ api }: Stage, page: Page, { businessId }: Business): Promise<void> {
  const { Url } = await api.createInvitation({ businessId, Email: PERSON.email, Role: 'Owner' });
  await page.goto(Url);
  const password = page.getByLabel(/password/);
  await password.waitFor();
  const name = page.getByLabel('Your name');
  if (await name.isVisible()) await name.fill(PERSON.name);
  await password.fill(PERSON.password);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Milliseconds from a key until the rows of the next page are drawn, of each of so many pages. */
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
      // The page is at rest before the next key.
      await frame();
    }
    return times;
  }, turns);
}
