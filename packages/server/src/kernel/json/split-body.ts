import type { TextBytes } from '../threads/text-bytes.ts';

/**
 * A checked body in two. `rest` is a small body of the same form, with all that is looked at before the
 * operation begins, such as ids. Of the large parts there is what is stored, as texts.
 */
export interface SplitBody<Facts> {
  readonly rest: unknown;
  readonly texts: readonly string[];
  /** What else must be known of the large parts: some thousands of short values at most. */
  readonly facts: Facts;
}

/** How a body is split in a thread, and its large parts are put together outside of it. */
export interface Splitting<Body, Facts, Parts> {
  split(body: Body): SplitBody<Facts>;
  /** `bytes` are those of the texts. Throws if the texts are not those of `split`. */
  join(facts: Facts, texts: readonly string[], bytes: readonly TextBytes[]): Parts;
}

/** JSON text cannot contain it, so it separates JSON texts. */
export const SEPARATOR = '\u0001';

/** The texts that were joined by `SEPARATOR`. */
export function separate(text: string | undefined, count: number): string[] {
  const texts = text === undefined || count === 0 ? [] : text.split(SEPARATOR);
  if (texts.length !== count) throw new Error(`${texts.length} texts in place of ${count}`);
  return texts;
}
