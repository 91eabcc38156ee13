import { ERASED } from '../number-spellings.ts';
import { moveBack, normalise } from '../text/normalise.ts';
import { groupDigits } from './digit-groups.ts';
import { findCards } from './find-cards.ts';
import { findEmails } from './find-emails.ts';
import { findIbans } from './find-ibans.ts';
import { findPhones } from './find-phones.ts';
import { findSpokenEmails } from './find-spoken-emails.ts';
import type { FoundCategory, Stretch, Work } from './found.ts';
import { maySayDigits, readSpoken } from './spoken.ts';

export { FOUND_CATEGORIES, type FoundCategory, type Stretch } from './found.ts';

/** Counts the changes of the patterns: texts that earlier ones went through are searched again. */
export const DETECTOR = 7;

/**
 * Names the patterns and the country of national phone numbers with which a text was searched: if either
 * changes it is searched again.
 */
export function detectorOf(country: string | null): number {
  if (country === null) return DETECTOR;
  const [first, second] = [country.charCodeAt(0) - LETTER_A, country.charCodeAt(1) - LETTER_A];
  return DETECTOR + MAX_DETECTORS * (1 + first * LETTERS + second);
}

const MAX_DETECTORS = 1000;
const LETTERS = 26;
const LETTER_A = 'A'.charCodeAt(0);

/** A phone number has no fewer, and a card more. */
const MIN_DIGITS = 7;

/**
 * Card numbers, bank accounts, e-mail addresses and phone numbers in a text, also in English number words;
 * they may overlap. What has a check digit counts only if that is right. `country`: that of national phone
 * numbers. The time it takes grows with the length of the text alone.
 */
export function detect(
  text: string,
  country: string | null = null,
  work: Work = { steps: 0 },
): Stretch<FoundCategory>[] {
  const plain = normalise(text);
  const { text: written } = plain;
  const found = [
    ...findNumbers(written, country, work),
    ...(written.includes('@') ? findEmails(written, work) : []),
    ...findSpokenEmails(written, work),
    ...(written.includes(ERASED) ? findErased(written) : []),
  ];
  const spoken = maySayDigits(written, MIN_DIGITS) ? readSpoken(written) : null;
  if (spoken) {
    const said = findNumbers(spoken.text, country, work);
    found.push(...said.map((stretch) => moveBack(stretch, spoken)));
  }
  const distinct = found.length > 1 ? inOrder(found) : found;
  return plain.places ? distinct.map((stretch) => moveBack(stretch, plain)) : distinct;
}

/** In the order in which they count, without those that others of their category contain. */
function inOrder(found: Stretch<FoundCategory>[]): Stretch<FoundCategory>[] {
  const rank = ({ category }: Stretch<FoundCategory>) => ORDER.indexOf(category);
  found.sort((a, b) => rank(a) - rank(b) || a.start - b.start || b.end - a.end);
  let category: FoundCategory | null = null;
  let end = 0;
  return found.filter((stretch) => {
    if (stretch.category !== category) end = 0;
    category = stretch.category;
    if (stretch.end <= end) return false;
    end = stretch.end;
    return true;
  });
}

/** In which they count: some digits of an account are a card by chance, but not the other way round. */
const ORDER: readonly FoundCategory[] = ['IBAN', 'CARD', 'EMAIL', 'PHONE'];

function findNumbers(text: string, country: string | null, work: Work) {
  const groups = groupDigits(text, MIN_DIGITS);
  return [
    ...findIbans(text, work),
    ...(groups ? [...findCards(groups, work), ...findPhones(text, groups, work, country)] : []),
  ];
}

/** An erased number is still said in recordings, which keep its silence because of the mark. */
function findErased(text: string): Stretch<FoundCategory>[] {
  const found: Stretch<FoundCategory>[] = [];
  for (let start = text.indexOf(ERASED); start >= 0; start = text.indexOf(ERASED, start + 1)) {
    found.push({ start, end: start + ERASED.length, category: 'PHONE' });
  }
  return found;
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
