import type { EndType } from '@colloquy/wire';
import type { EndReasons } from '../sources/source.ts';

/** Null for a word without an entry. */
export function endTypeOf(reasons: EndReasons, word: string): EndType | null {
  const found = reasons.find(([pattern]) =>
    pattern.endsWith('*') ? word.startsWith(pattern.slice(0, -1)) : word === pattern,
  );
  return found?.[1] ?? null;
}
