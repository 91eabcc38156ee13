import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

/**
 * A part of a page that is loaded when it is shown. Where its file has been replaced by that of another version, the
 * page is loaded anew, once, as the router does for pages.
 */
export const lazyPart = <P extends object>(
  load: () => Promise<ComponentType<P>>,
): LazyExoticComponent<ComponentType<P>> =>
  lazy(() => load().then((part) => ({ default: part }), reloadOnce));

/** What only a page that is loaded anew can show. */
export class PartFailure extends Error {
  constructor(cause: unknown) {
    super('A part of this page could not be loaded. Check your connection, then try again.', {
      cause,
    });
  }
}

const RELOADED = 'colloquy.reloaded';

async function reloadOnce(error: unknown): Promise<never> {
  // The message names the file, of which the next version has another.
  const file = String(error);
  const answers = await fetch(document.baseURI, { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!answers || sessionStorage.getItem(RELOADED) === file) throw new PartFailure(error);
  sessionStorage.setItem(RELOADED, file);
  location.reload();
  return new Promise(() => undefined);
}
