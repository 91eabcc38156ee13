import { useCallback, useSyncExternalStore } from 'react';

const listeners = new Map<string, Set<() => void>>();
/** What was read last, by its text, so that the same text is the same value. */
const read = new Map<string, { text: string | null; value: unknown }>();

/** A choice that this browser keeps: its name, what is chosen at first, and a check of what is kept. */
export interface Kept<T> {
  readonly key: string;
  readonly first: T;
  readonly isValid: (value: unknown) => value is T;
}

export function readKept<T>({ key, first, isValid }: Kept<T>): T {
  const text = localStorage.getItem(`colloquy.${key}`);
  const known = read.get(key);
  if (known?.text === text) return known.value as T;
  const value = parse(text);
  const valid = isValid(value) ? value : first;
  read.set(key, { text, value: valid });
  return valid;
}

function parse(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function keep<T>({ key }: Kept<T>, value: T): void {
  localStorage.setItem(`colloquy.${key}`, JSON.stringify(value));
  for (const listener of listeners.get(key) ?? []) listener();
}

/** A kept choice and how to change it; all that shows it follows. */
export function useKept<T>(kept: Kept<T>): [T, (value: T) => void] {
  const { key } = kept;
  const subscribe = useCallback(
    (listener: () => void) => {
      const all = listeners.get(key) ?? new Set();
      listeners.set(key, all.add(listener));
      return () => {
        all.delete(listener);
      };
    },
    [key],
  );
  return [useSyncExternalStore(subscribe, () => readKept(kept)), (value) => keep(kept, value)];
}

/** The check of a choice that is one of a closed set. */
export const oneOf =
  <const T>(values: readonly T[]) =>
  (value: unknown): value is T =>
    values.includes(value as T);
