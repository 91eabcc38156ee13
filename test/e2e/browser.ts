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

/** Milliseconds; the machine may be busy with other tests. */
const TIMEOUT_MILLISECONDS = 120_000;

export { DEMO_BUSINESS };
export const PERSON = {
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  password: 'a long enough password',
};

/** A server with the sample data and a browser in which the first admin is signed in. */
export interface BrowserSession extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly admin: Client;
  /** Opens a page as the first admin, or as a stranger. Errors of the page fail the test. */
  open(path: string, options?: PageOptions): Promise<SessionPage>;
}

interface PageOptions extends Omit<BrowserContextOptions, 'viewport'> {
  readonly isStranger?: boolean;
  readonly viewport?: ViewportSize;
  /** Uses a new browser context, like pages of strangers and pages with other options. */
  readonly isFirst?: boolean;
  /** The page gets no stream of events, so its network becomes idle. */
  readonly isWithoutStream?: boolean;
}

export type SessionPage = Page & AsyncDisposable;

export const WITH_FFMPEG = { PATH: process.env.PATH ?? '' };

interface BrowserSessionOptions {
  /** Called before the first request of a browser. */
  readonly onReady?: (server: ServerProcess) => void | Promise<void>;
  /** Creates the account of the first admin and returns the storage state of the browser. */
  readonly createAccount?: (browser: Browser, link: string) => Promise<SessionState>;
}

type SessionState = Awaited<ReturnType<BrowserContext['storageState']>>;

export async function openBrowserSession(
  settings: Settings = {},
  { onReady, createAccount = createAccountByApi }: BrowserSessionOptions = {},
): Promise<BrowserSession> {
  // Disposes of what was started if a later step fails.
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
      // Animations would be drawn 60 times a second.
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(TIMEOUT_MILLISECONDS);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    return context;
  };
  // Pages share scripts that are loaded and compiled, which halves the work. One page stays open
  // because the renderer that keeps them ends with its last page.
  const shared = await openContext({ storageState: state });
  // Preloading is half of the cost of a page; only new contexts do it.
  await shared.addInitScript(saveData);
  const stays = await shared.newPage();
  await stays.goto('/icon.svg');
  const opened = closing.move();
  return {
    server,
    admin: server.admin,
    async open(path, given = {}) {
      const { isStranger = false, isFirst = false, isWithoutStream = false } = given;
      const { viewport, isStranger: _s, isFirst: _f, isWithoutStream: _w, ...options } = given;
      const isAlone = isStranger || isFirst || Object.keys(options).length > 0;
      const own = { ...(!isStranger && { storageState: state }), ...options };
      const context = isAlone ? await openContext(own) : shared;
      const page = await context.newPage();
      const complaints = listen(page);
      if (viewport) await page.setViewportSize(viewport);
      if (isWithoutStream) await page.route('**/stream', (route) => route.fulfill({ status: 204 }));
      await page.goto(path);
      return Object.assign(page, {
        async [Symbol.asyncDispose]() {
          if (isAlone) await context.close();
          else {
            // Removes choices of previous tests.
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
 * Handles matching requests instead of the server; returns a function that ends it. The route
 * stays, because requests in flight may never be answered if a route is removed.
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

/** Simulates the data saver, with which the console preloads nothing. */
export const saveData = () =>
  Object.defineProperty(navigator, 'connection', { value: { saveData: true } });

/** The link in the server's first output. */
export function firstLink(server: ServerProcess): string {
  const link = /https?:\S+\/join#\S+/.exec(server.printed.join('\n'))?.[0];
  if (link === undefined) throw new Error(`no link was printed: ${server.printed.join('\n')}`);
  return link;
}

async function createAccountByApi(browser: Browser, link: string): Promise<SessionState> {
  const { href, hash } = new URL(link);
  const context = await browser.newContext();
  const answer = await context.request.post(href.replace(/join#.*/, 'api/v1/invitations/accept'), {
    timeout: TIMEOUT_MILLISECONDS,
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

/** Uses the page, which takes as long as a test. */
export async function createAccountOnPage(browser: Browser, link: string): Promise<SessionState> {
  const context = await browser.newContext();
  context.setDefaultTimeout(TIMEOUT_MILLISECONDS);
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

/** Collects errors of scripts, the Content-Security-Policy and missing files. */
function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // Refusals are expected, and React logs those that a page cannot show.
    const isRefusal = /status of 4\d\d|^ColloquyError: /.test(message.text());
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  return complaints;
}

const RULES: RunOnly = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};

/** The only rule that depends on colors. */
const OF_COLOURS: RunOnly = { type: 'rule', values: ['color-contrast'] };

/** Waits until the page is loaded and its animations have ended. */
export async function settle(page: Page): Promise<void> {
  await expect
    .poll(() => page.getByText('Loading…').count(), { timeout: TIMEOUT_MILLISECONDS })
    .toBe(0);
  // Elements fade in, and half-transparent colors have no contrast.
  await page.evaluate(() => {
    // Animations of hidden elements never end.
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

/** Accessibility violations found by axe: rule and elements. */
export async function findBarriers(page: Page, { onlyColours = false } = {}): Promise<string[]> {
  await settle(page);
  const hasAxe = await page.evaluate(() => 'axe' in globalThis);
  if (!hasAxe) await page.evaluate(axe.source);
  return page.evaluate(
    async (runOnly) => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(document, {
        runOnly,
        // Preloading copies style sheets into shadow trees, which the page's policy forbids.
        preload: false,
        // Skips details of passing elements and selectors, which are half the work.
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

/** Elements that extend beyond the right edge of the window and cannot be scrolled to. */
export const findOverflow = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    // Pages and dialogs must not scroll sideways.
    const WHOLE = 'main, [role=dialog] > *';
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      !element.matches(WHOLE) &&
      (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    return [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { width, right } = element.getBoundingClientRect();
        const isOut = width > 1 && right > window.innerWidth + 1;
        // A word that cannot break extends beyond an element that fits.
        const isOverfull = element.matches(WHOLE) && element.scrollWidth > element.clientWidth + 1;
        return isOverfull || (isOut && !scrolls(element.parentElement));
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 120));
  });
