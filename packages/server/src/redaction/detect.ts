import { groupDigits } from './digit-groups.ts';
import { findCards } from './find-cards.ts';
import { findEmails } from './find-emails.ts';
import { findIbans } from './find-ibans.ts';
import { findPhones } from './find-phones.ts';
import type { FoundCategory, Stretch, Work } from './found.ts';
import { normalise, type Plain } from './normalise.ts';

export { FOUND_CATEGORIES, type FoundCategory, type Stretch } from './found.ts';

/** Counts the changes of the patterns: texts that earlier ones went through are searched again. */
export const DETECTOR = 4;

/** A phone number has no fewer; whatever else has digits has more. */
const MIN_DIGITS = 7;

/**
 * Card numbers, bank accounts, e-mail addresses and phone numbers in a text; they may overlap. What has
 * a check digit counts only if that is right. The time it takes grows with the length of the text alone.
 */
export function detect(text: string, work: Work = { steps: 0 }): Stretch<FoundCategory>[] {
  const plain = normalise(text);
  const groups = groupDigits(plain.text, MIN_DIGITS);
  const found = [
    ...(groups ? findCards(plain.text, groups, work) : []),
    ...(groups ? findIbans(plain.text, groups, work) : []),
    ...(plain.text.includes('@') ? findEmails(plain.text, work) : []),
    ...(groups ? findPhones(plain.text, groups, work) : []),
  ];
  return plain.offsets ? found.map((stretch) => moveBack(stretch, plain)) : found;
}

function moveBack<S extends Stretch>(stretch: S, { offsets }: Plain): S {
  const { start, end } = stretch;
  return { ...stretch, start: offsets?.[start] ?? start, end: offsets?.[end] ?? end };
}

/** In the order of the text; where two overlap the first of the list counts, and covers both. */
export function apart<Category extends string>(
  stretches: readonly Stretch<Category>[],
): Stretch<Category>[] {
  const inOrder = stretches
    .map((stretch, rank) => ({ ...stretch, rank }))
    .sort((a, b) => a.start - b.start || a.rank - b.rank);
  const result: (Stretch<Category> & { rank: number })[] = [];
  for (const next of inOrder) {
    const last = result.at(-1);
    if (!last || next.start >= last.end) {
      result.push(next);
      continue;
    }
    const { category, rank } = next.rank < last.rank ? next : last;
    result[result.length - 1] = {
      start: last.start,
      end: Math.max(last.end, next.end),
      category,
      rank,
    };
  }
  return result.map(({ start, end, category }) => ({ start, end, category }));
}
