import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@colloquy/sdk';
import axe, { type RunOnly } from 'axe-core';
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Page,
  Route,
  ViewportSize,
} from 'playwright-core';
import { expect } from 'vitest';
import { type ServerProcess, type Settings, startServer } from '../servers/server-process.ts';
import { launchBrowser } from './chromium.ts';
import { copyDemoData, DEMO_BUSINESS, NO_FFMPEG } from './demo-data.ts';

/** For a machine that is busy with other tests too. */
const PATIENCE = 120_000;

export { DEMO_BUSINESS };
export const PERSON = {
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  password: 'a long enough password',
};

/** A server with the sample data, a browser, and somebody who is signed in as its first admin. */
export interface BrowserSession extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly admin: Client;
  /** A page of whoever is signed in, or of a stranger; what it complains about fails the test. */
  open(path: string, options?: PageOptions): Promise<VisitPage>;
}

interface PageOptions extends Omit<BrowserContextOptions, 'viewport'> {
  readonly isStranger?: boolean;
  readonly viewport?: ViewportSize;
  /** In a browser that has loaded nothing yet; so are pages of strangers and with options of their own. */
  readonly isFirst?: boolean;
}

export type VisitPage = Page & AsyncDisposable;

export const WITH_FFMPEG = { PATH: process.env.PATH ?? '' };

interface BrowserSessionOptions {
  /** Called before the first request of a browser. */
  readonly onReady?: (server: ServerProcess) => void | Promise<void>;
  /** Makes the first admin's account by its link, and returns what the browser keeps of the session. */
  readonly createAccount?: (browser: Browser, link: string) => Promise<SessionState>;
}

type SessionState = Awaited<ReturnType<BrowserContext['storageState']>>;

export async function openBrowserSession(
  settings: Settings = {},
  { onReady, createAccount = createAccountByApi }: BrowserSessionOptions = {},
): Promise<BrowserSession> {
  // Ends what was started if a later step fails.
  await using closing = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-e2e-'));
  closing.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));
  if (settings.DEMO !== '0') await copyDemoData(dataDir);
  const server = closing.use(
    await startServer({ DATA_DIR: dataDir, DEMO: '1', ...NO_FFMPEG, ...settings }),
  );
  await onReady?.(server);
  const browser = await launchBrowser();
  closing.defer(() => browser.close());
  const state = await createAccount(browser, firstLink(server));
  const openContext = async (options: BrowserContextOptions) => {
    const context = await browser.newContext({
      baseURL: server.url,
      viewport: { width: 1280, height: 800 },
      // Whatever moves without end is drawn 60 times a second.
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    return context;
  };
  // What one page has loaded and compiled is there for the next: half the work. The renderer, which
  // keeps it, ends with its last page, so one page stays open.
  const shared = await openContext({ storageState: state });
  // To load every other page ahead is half of what a page costs. Pages in a context of their own do.
  await shared.addInitScript(saveData);
  const stays = await shared.newPage();
  await stays.goto('/icon.svg');
  const opened = closing.move();
  return {
    server,
    admin: server.admin,
    async open(path, { isStranger = false, isFirst = false, viewport, ...options } = {}) {
      const isAlone = isStranger || isFirst || Object.keys(options).length > 0;
      const own = { ...(!isStranger && { storageState: state }), ...options };
      const context = isAlone ? await openContext(own) : shared;
      const page = await context.newPage();
      const complaints = listen(page);
      if (viewport) await page.setViewportSize(viewport);
      await page.goto(path);
      return Object.assign(page, {
        async [Symbol.asyncDispose]() {
          if (isAlone) await context.close();
          else {
            // What somebody chose to see is kept in the browser.
            await page.evaluate(() => localStorage.clear());
            await page.close();
          }
          expect(complaints).toEqual([]);
        },
      });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/**
 * Handles matching requests in place of the server, and returns what ends that. The route itself stays:
 * a request that is under way while its route is removed may never be answered.
 */
export async function intercept(
  page: Page,
  url: Parameters<Page['route']>[0],
  handle: (route: Route) => Promise<void>,
): Promise<() => void> {
  let isOver = false;
  await page.route(url, (route) => (isOver ? route.fallback() : handle(route)));
  return () => {
    isOver = true;
  };
}

/** Makes a page load only what it shows, as browsers ask for that save data. */
export const saveData = () =>
  Object.defineProperty(navigator, 'connection', { value: { saveData: true } });

/** The link by which the first admin signs in, as the first start prints it. */
export function firstLink(server: ServerProcess): string {
  const link = /https?:\S+\/join#\S+/.exec(server.printed.join('\n'))?.[0];
  if (link === undefined) throw new Error(`no link was printed: ${server.printed.join('\n')}`);
  return link;
}

async function createAccountByApi(browser: Browser, link: string): Promise<SessionState> {
  const { href, hash } = new URL(link);
  const context = await browser.newContext();
  const answer = await context.request.post(href.replace(/join#.*/, 'api/v1/invitations/accept'), {
    timeout: PATIENCE,
    data: {
      Token: hash.slice(1),
      Email: PERSON.email,
      Name: PERSON.name,
      Password: PERSON.password,
    },
  });
  expect(answer.ok()).toBe(true);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** As people do it; takes as long as a test. */
export async function createAccountOnPage(browser: Browser, link: string): Promise<SessionState> {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(link);
  await page.getByLabel('Your e-mail').fill(PERSON.email);
  await page.getByLabel('Your name').fill(PERSON.name);
  await page.getByLabel('Choose a password').fill(PERSON.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Errors of the page: of its script, of its policy, of files that are missing. */
function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // What is refused is told on the page too, by React where the page cannot be shown.
    const isRefusal = /status of 4\d\d|^ColloquyError: /.test(message.text());
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  return complaints;
}

const RULES: RunOnly = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};

/** The only rule whose finding other colours can change. */
const OF_COLOURS: RunOnly = { type: 'rule', values: ['color-contrast'] };

/** Waits until all that the page shows has come and stands still. */
export async function settle(page: Page): Promise<void> {
  await expect.poll(() => page.getByText('Loading…').count(), { timeout: PATIENCE }).toBe(0);
  // What appears fades in, and a colour that is half there has no contrast.
  await page.evaluate(() => {
    // What is folded away stands still, and never comes to its end.
    const isSeen = ({ effect }: Animation) =>
      effect instanceof KeyframeEffect && effect.target?.checkVisibility() === true;
    return Promise.all(
      document
        .getAnimations()
        .filter(isSeen)
        .map((one) =>
          one.playState === 'running' && one.effect?.getComputedTiming().iterations === 1
            ? one.finished.catch(() => null)
            : null,
        ),
    );
  });
}

/** What shuts people out of the page, as axe finds it: rule, and the elements. */
export async function barriersOf(page: Page, { onlyColours = false } = {}): Promise<string[]> {
  await settle(page);
  const hasAxe = await page.evaluate(() => 'axe' in globalThis);
  if (!hasAxe) await page.evaluate(axe.source);
  return page.evaluate(
    async (runOnly) => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(document, {
        runOnly,
        // Preloading copies style sheets of shadow trees, which the policy of the page forbids.
        preload: false,
        // Details of elements that pass, and selectors, are not read; making them is half the work.
        resultTypes: ['violations'],
        selectors: false,
      });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} (${any[0]?.message ?? ''})`),
      );
    },
    onlyColours ? OF_COLOURS : RULES,
  );
}

/** What reaches out of the window to the right and cannot be scrolled to by itself. */
export const tooWideOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    // A page, or a window over it, is to be scrolled up and down and not to the side.
    const WHOLE = 'main, [role=dialog] > *';
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      !element.matches(WHOLE) &&
      (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    return [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { width, right } = element.getBoundingClientRect();
        const isOut = width > 1 && right > window.innerWidth + 1;
        // A word without a place to break reaches out of an element that does not.
        const isOverfull = element.matches(WHOLE) && element.scrollWidth > element.clientWidth + 1;
        return isOverfull || (isOut && !scrolls(element.parentElement));
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 120));
  });
