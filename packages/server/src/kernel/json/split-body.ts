import type { TextBytes } from '../threads/text-bytes.ts';

/** `rest` is a small body with all that the operation needs first, `texts` are the stored parts. */
interface SplitBody<Facts> {
  readonly rest: unknown;
  readonly texts: readonly string[];
  readonly facts: Facts;
}

export interface Splitting<Body, Facts, Parts> {
  split(body: Body): SplitBody<Facts>;
  /** Throws if the texts do not match the facts. */
  join(facts: Facts, texts: readonly string[], bytes: readonly TextBytes[]): Parts;
}

/** JSON text cannot contain this character. */
export const SEPARATOR = '\u0001';

export function separate(text: string | undefined, count: number): string[] {
  const texts = text === undefined || count === 0 ? [] : text.split(SEPARATOR);
  if (texts.length !== count) throw new Error(`${texts.length} texts instead of ${count}`);
  return texts;
}
