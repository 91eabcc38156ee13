import { type ComponentType, createElement, type ReactNode, use } from 'react';

interface LazyPart<P> {
  (props: P): ReactNode;
  readonly preload: () => Promise<void>;
}

type PropsOf<Component> = Component extends (props: infer P) => ReactNode ? P : never;

/** Loading a part adds the parts inside it. */
const preloads = new Set<() => Promise<void>>();
const failures = new Set<() => void>();

/** Loaded when first shown. If a new version has replaced its file, the page reloads once. */
export function lazyPart<File, Name extends keyof File>(
  load: () => Promise<File>,
  name: Name,
): LazyPart<PropsOf<File[Name]>> {
  let part: ComponentType | undefined;
  let loading: Promise<ComponentType> | undefined;
  const get = async () => {
    part = (await load())[name] as ComponentType;
    preloads.delete(preload);
    return part;
  };
  const preload = async () => {
    if (!part) await get().catch(() => undefined);
  };
  preloads.add(preload);
  // biome-ignore lint/correctness/noComponentHookFactories: called once per part, when modules load
  const Part = (props: object) => {
    if (part) return createElement(part, props);
    loading ??= get().catch((error) => {
      failures.add(() => {
        loading = undefined;
      });
      return reloadOnce(error);
    });
    return createElement(use(loading), props);
  };
  return Object.assign(Part, { preload }) as unknown as LazyPart<PropsOf<File[Name]>>;
}

export async function preloadParts(): Promise<void> {
  for (const preload of preloads) await preload();
}

export function forgetFailures(): void {
  sessionStorage.removeItem(RELOADED);
  for (const forget of failures) forget();
  failures.clear();
}

/** A part failed to load; a retry calls `forgetFailures` first. */
export class PartFailure extends Error {
  constructor(cause: unknown) {
    super('A part of this page could not be loaded. Check your connection, then try again.', {
      cause,
    });
  }
}

const RELOADED = 'colloquy.reloaded';

async function reloadOnce(error: unknown): Promise<never> {
  // The message contains the file name, which is different in the next version.
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
