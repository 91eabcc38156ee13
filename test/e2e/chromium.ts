import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

/**
 * Usable browsers, best first; scripts/test-packages.sh has the same list. The headless shell has
 * the same engine and needs half the processor time.
 */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
/** Prevents requests to other hosts, and allows playing without a click. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // One process per page costs more than the page.
  '--renderer-process-limit=1',
  '--autoplay-policy=no-user-gesture-required',
  // On loopback, compiling scripts while loading costs more than it saves.
  '--disable-features=ScriptStreaming',
  // Optimizing code that runs for a second costs more than it saves; axe runs longer and still
  // gains.
  '--js-flags=--invocation-count-for-maglev=3000',
];

/** The path of a browser; null if there is none. */
export function browserPath(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws if there is no browser. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === null)
    throw new Error('There is no Chromium; install the package chromium.');
  // Imported late: every test file calls browserPath(), but few start a browser.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: FLAGS });
}
