import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Nothing that would ask another host; what plays needs no click first. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** Where a browser is; null where there is none. */
export const browserPath = (): string | null => PATHS.find((path) => existsSync(path)) ?? null;

/** @throws where there is no browser. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === null)
    throw new Error('There is no Chromium; install the package chromium.');
  return chromium.launch({ executablePath, args: FLAGS });
}
