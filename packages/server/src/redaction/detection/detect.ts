import { ERASED } from '../number-spellings.ts';
import { moveBack, normalise } from '../text/normalise.ts';
import { groupDigits } from './digit-groups.ts';
import { findCards } from './find-cards.ts';
import { findEmails } from './find-emails.ts';
import { findIbans } from './find-ibans.ts';
import { findPhones } from './find-phones.ts';
import { findSpokenEmails } from './find-spoken-emails.ts';
import type { FoundCategory, TextRange, Work } from './found.ts';
import { maySayDigits, readSpoken } from './spoken.ts';

export { FOUND_CATEGORIES, type FoundCategory, type TextRange } from './found.ts';

/** Increment it when a pattern changes: texts are then searched again. */
export const DETECTOR = 7;

/** Identifies the patterns and the region of national numbers. */
export function detectorOf(country: string | null): number {
  if (country === null) return DETECTOR;
  const [first, second] = [country.charCodeAt(0) - LETTER_A, country.charCodeAt(1) - LETTER_A];
  return DETECTOR + MAX_DETECTORS * (1 + first * LETTERS + second);
}

const MAX_DETECTORS = 1000;
const LETTERS = 26;
const LETTER_A = 'A'.charCodeAt(0);

const MIN_DIGITS = 7;

/** Results may overlap. `country`: region of national phone numbers. Takes linear time. */
export function detect(text: string, country: string | null = null, work: Work = { steps: 0 }) {
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
    found.push(...said.map((range) => moveBack(range, spoken)));
  }
  const distinct = found.length > 1 ? inOrder(found) : found;
  return plain.places ? distinct.map((range) => moveBack(range, plain)) : distinct;
}

/** Sorts by precedence; removes ranges that another one of their category contains. */
function inOrder(found: TextRange<FoundCategory>[]): TextRange<FoundCategory>[] {
  const rank = ({ category }: TextRange<FoundCategory>) => ORDER.indexOf(category);
  found.sort((a, b) => rank(a) - rank(b) || a.start - b.start || b.end - a.end);
  let category: FoundCategory | null = null;
  let end = 0;
  return found.filter((range) => {
    if (range.category !== category) end = 0;
    category = range.category;
    if (range.end <= end) return false;
    end = range.end;
    return true;
  });
}

/** Precedence: some digits of an account are a card by chance, but not the other way round. */
const ORDER: readonly FoundCategory[] = ['IBAN', 'CARD', 'EMAIL', 'PHONE'];

function findNumbers(text: string, country: string | null, work: Work) {
  const groups = groupDigits(text, MIN_DIGITS);
  return [
    ...findIbans(text, work),
    ...(groups ? [...findCards(groups, work), ...findPhones(text, groups, work, country)] : []),
  ];
}

/** Recordings still contain an erased number. */
function findErased(text: string): TextRange<FoundCategory>[] {
  const found: TextRange<FoundCategory>[] = [];
  for (let start = text.indexOf(ERASED); start >= 0; start = text.indexOf(ERASED, start + 1)) {
    found.push({ start, end: start + ERASED.length, category: 'PHONE' });
  }
  return found;
}

/** In text order and disjoint. Of overlapping ranges, the first one wins and covers both. */
export function apart(ranges: readonly TextRange[]): TextRange[] {
  const inOrder = ranges
    .map((range, rank) => ({ ...range, rank }))
    .sort((a, b) => a.start - b.start || a.rank - b.rank);
  const result: (TextRange & { rank: number })[] = [];
  for (const next of inOrder) {
    const last = result.at(-1);
    if (!last || next.start >= last.end) {
      result.push(next);
      continue;
    }
    const { category, rank } = next.rank < last.rank ? next : last;
    const end = Math.max(last.end, next.end);
    result[result.length - 1] = { start: last.start, end, category, rank };
  }
  return result.map(({ start, end, category }) => ({ start, end, category }));
}
