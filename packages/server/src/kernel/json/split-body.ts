import type { TextBytes } from '../threads/text-bytes.ts';

/**
 * A checked body in two parts: `rest` is a small body of the same form, with everything that the operation
 * needs before it starts, such as ids. `texts` are the large parts as they are stored.
 */
export interface SplitBody<Facts> {
  readonly rest: unknown;
  readonly texts: readonly string[];
  /** Other facts about the large parts, at most some thousands of short values. */
  readonly facts: Facts;
}

/** `split` runs in a thread, `join` on the event loop. */
export interface Splitting<Body, Facts, Parts> {
  split(body: Body): SplitBody<Facts>;
  /** `bytes` are those of the texts. Throws if the texts do not match the facts. */
  join(facts: Facts, texts: readonly string[], bytes: readonly TextBytes[]): Parts;
}

/** JSON text cannot contain this character, so it can separate JSON texts. */
export const SEPARATOR = '\u0001';

export function separate(text: string | undefined, count: number): string[] {
  const texts = text === undefined || count === 0 ? [] : text.split(SEPARATOR);
  if (texts.length !== count) throw new Error(`${texts.length} texts instead of ${count}`);
  return texts;
}
