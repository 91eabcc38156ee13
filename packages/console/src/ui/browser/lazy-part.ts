import { type ComponentType, createElement, type ReactNode, use } from 'react';

interface LazyPart<P> {
  (props: P): ReactNode;
  /** Loads it, if that is possible now. */
  readonly preload: () => Promise<void>;
}

/** How to load each part that is known; what a part has inside becomes known when it is loaded. */
const preloads = new Set<() => Promise<void>>();
/** How to forget why parts could not be loaded. */
const failures = new Set<() => void>();

/**
 * A part of the console, or a page, that is loaded when it is shown. Where its file has been replaced by that of
 * another version, the page is loaded anew, once.
 */
export function lazyPart<P extends object>(load: () => Promise<ComponentType<P>>): LazyPart<P> {
  let part: ComponentType<P> | undefined;
  let shown: Promise<ComponentType<P>> | undefined;
  const get = async () => {
    part = await load();
    preloads.delete(preload);
    return part;
  };
  const preload = async () => {
    if (!part) await get().catch(() => undefined);
  };
  preloads.add(preload);
  // biome-ignore lint/correctness/noComponentHookFactories: it is called once for each part, by modules
  const Part = (props: P) => {
    if (part) return createElement(part, props);
    shown ??= get().catch((error) => {
      failures.add(() => {
        shown = undefined;
      });
      return reloadOnce(error);
    });
    return createElement(use(shown), props);
  };
  return Object.assign(Part, { preload });
}

/** Loads one part after the other, so that each is there at once, also while the server is not. */
export async function preloadParts(): Promise<void> {
  for (const preload of preloads) await preload();
}

/** Lets what could not be loaded be tried again when it is shown again. */
export function forgetFailures(): void {
  sessionStorage.removeItem(RELOADED);
  for (const forget of failures) forget();
  failures.clear();
}

/** Says that a part is not there; whoever tries again forgets it first. */
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
