import { apart, detect, detectorOf, type Stretch } from './detection/detect.ts';
import { detectInArray, detectInGroups, type Piece } from './detection/joined-texts.ts';
import { type MapText, mapJson } from './text/map-json.ts';
import type { TextGroup } from './text/text-groups.ts';

/** What is masked for one reader. */
export interface Masking {
  readonly categories: ReadonlySet<string>;
  /** The country whose national phone numbers are masked; null: none. */
  readonly country: string | null;
  /** A stable name in place of a participant's. */
  tokenOf(participantId: string): string;
  /** An id, opaque if it contains something secret. */
  showId(id: string): string;
}

/** Names for what a copy of a recording is silenced: by which patterns, for which categories. */
export const silencedFor = (categories: readonly string[], country: string | null) =>
  `${detectorOf(country)} ${categories.toSorted().join()}`;

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
  maskStretches(text, maskedOf(detect(text, masking.country), masking));

/** Masks texts, and what the texts of an array say together. */
export const textMask = (masking: Masking): MapText =>
  Object.assign((text: string) => maskText(text, masking), {
    array: (texts: readonly string[]) =>
      maskTogether(texts, detectInArray(texts, masking.country), masking),
    objects: (texts: readonly string[], groups: readonly TextGroup[]) =>
      maskTogether(texts, detectInGroups(texts, groups, masking.country), masking),
  });

/** Masks every text in a value. */
export const maskJson = (value: unknown, masking: Masking): unknown =>
  mapJson(value, textMask(masking));

function maskTogether(
  texts: readonly string[],
  together: readonly Piece[],
  masking: Masking,
): string[] {
  const pieces = Map.groupBy(together, ({ text }) => text);
  return texts.map((text, at) => {
    const stretches = [...(pieces.get(at) ?? []), ...detect(text, masking.country)];
    return maskStretches(text, maskedOf(stretches, masking));
  });
}
