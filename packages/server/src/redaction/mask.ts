import { apart, detect, detectorOf, type TextRange } from './detection/detect.ts';
import { detectInArray, detectInGroups, type Piece } from './detection/joined-texts.ts';
import { type MapText, mapJson } from './text/map-json.ts';
import type { TextGroup } from './text/text-groups.ts';

export interface Masking {
  readonly categories: ReadonlySet<string>;
  /** Region of the national phone numbers to mask; null: none. */
  readonly country: string | null;
  tokenOf(participantId: string): string;
  showId(id: string): string;
}

export const mutedFor = (categories: readonly string[], country: string | null) =>
  `${detectorOf(country)} ${categories.toSorted().join()}`;

type Categories = Pick<Masking, 'categories'>;

/** Sorted and disjoint. */
export function maskedOf(ranges: readonly TextRange[], { categories }: Categories) {
  return apart(ranges.filter(({ category }) => categories.has(category)));
}

export function maskRanges(text: string, ranges: readonly TextRange[]): string {
  let masked = '';
  let done = 0;
  for (const { start, end, category } of ranges) {
    if (start >= text.length) continue;
    masked += `${text.slice(done, start)}[${category}]`;
    done = Math.min(end, text.length);
  }
  return masked + text.slice(done);
}

/** For texts without spans added by users. */
export const maskText = (text: string, masking: Masking) =>
  maskRanges(text, maskedOf(detect(text, masking.country), masking));

export const textMask = (masking: Masking): MapText =>
  Object.assign((text: string) => maskText(text, masking), {
    array: (texts: readonly string[]) =>
      maskTogether(texts, detectInArray(texts, masking.country), masking),
    objects: (texts: readonly string[], groups: readonly TextGroup[]) =>
      maskTogether(texts, detectInGroups(texts, groups, masking.country), masking),
  });

export const maskJson = (value: unknown, masking: Masking): unknown =>
  mapJson(value, textMask(masking));

function maskTogether(texts: readonly string[], acrossTexts: readonly Piece[], masking: Masking) {
  const pieces = Map.groupBy(acrossTexts, ({ text }) => text);
  return texts.map((text, at) => {
    const ranges = [...(pieces.get(at) ?? []), ...detect(text, masking.country)];
    return maskRanges(text, maskedOf(ranges, masking));
  });
}
