import type { EndType } from '@colloquy/wire';
import type { EndReasons } from '../sources/source.ts';

/** Null for a word without an entry. */
export const endTypeOf = (reasons: EndReasons, word: string): EndType | null =>
  reasons.find(([pattern]) => matches(pattern.toLowerCase(), word.toLowerCase()))?.[1] ?? null;

function matches(pattern: string, word: string): boolean {
  if (!pattern.endsWith('*')) return word === pattern;
  const text = pattern.slice(0, -1);
  return text.startsWith('*') ? word.includes(text.slice(1)) : word.startsWith(text);
}
