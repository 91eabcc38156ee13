import { apart, DETECTOR, detect, type Stretch } from './detect.ts';

/** What is masked for one reader. */
export interface Masking {
  readonly categories: ReadonlySet<string>;
  /** A stable name in place of a participant's. */
  tokenOf(participantId: string): string;
  /** An id, opaque if it contains something secret. */
  showId(id: string): string;
}

/** Names for what a copy of a recording is silenced: by which patterns, for which categories. */
export const silencedFor = (categories: readonly string[]) =>
  `${DETECTOR} ${categories.toSorted().join()}`;

/** Those stretches that are masked, in the order of their text and apart from each other. */
export function maskedOf<S extends Stretch>(
  stretches: readonly S[],
  { categories }: Pick<Masking, 'categories'>,
) {
  return apart(stretches.filter(({ category }) => categories.has(category)));
}

/** A text with names of categories in place of such stretches. */
export function maskStretches(text: string, stretches: readonly Stretch[]): string {
  let masked = '';
  let done = 0;
  for (const { start, end, category } of stretches) {
    if (start >= text.length) continue;
    masked += `${text.slice(done, start)}[${category}]`;
    done = Math.min(end, text.length);
  }
  return masked + text.slice(done);
}

/** A text in which nobody has marked anything. */
export const maskText = (text: string, masking: Masking) =>
  maskStretches(text, maskedOf(detect(text), masking));

/** The same for every text in a value, the names of keys included, and for numbers. */
export function maskJson(value: unknown, masking: Masking): unknown {
  if (typeof value === 'string') return maskText(value, masking);
  if (typeof value === 'number') {
    const text = String(value);
    const masked = maskText(text, masking);
    return masked === text ? value : masked;
  }
  if (Array.isArray(value)) return value.map((item) => maskJson(item, masking));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [maskText(key, masking), maskJson(item, masking)]),
  );
}
