import { useCallback, useSyncExternalStore } from 'react';

const listeners = new Map<string, Set<() => void>>();
/** The last parsed values, to return the same object for the same text. */
const read = new Map<string, { text: string | null; value: unknown }>();

export interface StoredSetting<T> {
  readonly key: string;
  readonly initial: T;
  readonly isValid: (value: unknown) => value is T;
}

export function readStored<T>({ key, initial, isValid }: StoredSetting<T>): T {
  const text = localStorage.getItem(`colloquy.${key}`);
  const known = read.get(key);
  if (known?.text === text) return known.value as T;
  const value = parse(text);
  const valid = isValid(value) ? value : initial;
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

export function writeStored<T>({ key }: StoredSetting<T>, value: T): void {
  localStorage.setItem(`colloquy.${key}`, JSON.stringify(value));
  for (const listener of listeners.get(key) ?? []) listener();
}

export function useLocalStorage<T>(setting: StoredSetting<T>): [T, (value: T) => void] {
  const { key } = setting;
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
  return [
    useSyncExternalStore(subscribe, () => readStored(setting)),
    (value) => writeStored(setting, value),
  ];
}

export const isOneOf =
  <const T>(values: readonly T[]) =>
  (value: unknown): value is T =>
    values.includes(value as T);
