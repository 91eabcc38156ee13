import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

/**
 * Names of browsers that serve, the best first; scripts/test-packages.sh looks for the same. The shell
 * is the same engine without the windows of a browser, and takes half the processor time.
 */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
/** Nothing that would ask another host; what plays needs no click first. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A process for each page costs more than the page.
  '--renderer-process-limit=1',
  '--autoplay-policy=no-user-gesture-required',
  // Compiling each script in another thread while it loads costs more than it saves on loopback.
  '--disable-features=ScriptStreaming',
  // Optimising what runs for a second costs more than it saves; axe, which runs longer, still gains by it.
  '--js-flags=--invocation-count-for-maglev=3000',
];

/** Where a browser is on the path; null where there is none. */
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

/** @throws where there is no browser. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === null)
    throw new Error('There is no Chromium; install the package chromium.');
  // Only now: whether there is a browser is asked before any test.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: FLAGS });
}
