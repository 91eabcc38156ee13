import issuersOf from 'credit-card-type';
import { countrySpecs, isValidIBAN } from 'ibantools';
import { parsePhoneNumberFromString } from 'libphonenumber-js';

/** What patterns find; other categories are marked by somebody. */
export type FoundCategory = 'CARD' | 'IBAN' | 'EMAIL' | 'PHONE';

/** A stretch of a text, in UTF-16 code units; `end` is excluded. */
export interface Stretch<Category extends string = string> {
  readonly start: number;
  readonly end: number;
  readonly category: Category;
}

/** Counts the changes of the patterns: what earlier ones found is looked for anew. */
export const DETECTOR = 1;

/**
 * Card numbers, bank accounts, e-mail addresses and phone numbers in a text; they may overlap. What has
 * a check digit counts only where that is right. Takes time by the length of the text alone.
 */
export function detect(text: string): Stretch<FoundCategory>[] {
  const found: Stretch<FoundCategory>[] = [];
  if (/\d/.test(text)) found.push(...cards(text), ...ibans(text));
  if (text.includes('@')) found.push(...emails(text));
  if (/\d/.test(text)) found.push(...phones(text));
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
      ...{ start: last.start, end: Math.max(last.end, next.end), category, rank },
    };
  }
  return result.map(({ start, end, category }) => ({ start, end, category }));
}

// Digits in groups, as people and recognisers write them.
const DIGITS = /\d(?:[ -]?\d){13,60}/g;
const CARD_LENGTHS = [19, 18, 17, 16, 15, 14];

function* cards(text: string): Generator<Stretch<FoundCategory>> {
  for (const { 0: run, index } of text.matchAll(DIGITS)) {
    const at = [...run.matchAll(/\d/g)].map((digit) => digit.index);
    const digits = run.replaceAll(/\D/g, '');
    for (let first = 0; first < digits.length; first += 1) {
      const beginsGroup = first === 0 || at[first] !== (at[first - 1] ?? 0) + 1;
      if (!beginsGroup) continue;
      const length = CARD_LENGTHS.find((n) => {
        const end = first + n;
        const endsGroup = end === digits.length || at[end] !== (at[end - 1] ?? 0) + 1;
        return end <= digits.length && endsGroup && isCard(digits.slice(first, end));
      });
      if (length === undefined) continue;
      const [start = 0, last = 0] = [at[first], at[first + length - 1]];
      yield { start: index + start, end: index + last + 1, category: 'CARD' };
      first += length - 1;
    }
  }
}

/** With the right check digit (Luhn's, ISO/IEC 7812-1), and as long as its issuer's cards are. */
function isCard(digits: string): boolean {
  return (
    hasLuhnDigit(digits) && issuersOf(digits).some(({ lengths }) => lengths.includes(digits.length))
  );
}

function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - ZERO;
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const ZERO = '0'.charCodeAt(0);

const IBAN = /\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}/g;

function* ibans(text: string): Generator<Stretch<FoundCategory>> {
  for (const { 0: match, index } of text.matchAll(IBAN)) {
    const length = countrySpecs[match.slice(0, 2).toUpperCase()]?.chars;
    if (length == null) continue;
    const at = [...match.matchAll(/[A-Za-z0-9]/g)].map((character) => character.index);
    const last = at[length - 1];
    if (last === undefined) continue;
    const account = match.slice(0, last + 1).replaceAll(/[ -]/g, '');
    if (!isValidIBAN(account.toUpperCase())) continue;
    yield { start: index, end: index + last + 1, category: 'IBAN' };
  }
}

const LOCAL = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN = /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,63}/uy;
const LONGEST_LOCAL = 64;

function* emails(text: string): Generator<Stretch<FoundCategory>> {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < LONGEST_LOCAL && LOCAL.test(text[start - 1] ?? '')) start -= 1;
    if (start === at) continue;
    DOMAIN.lastIndex = at + 1;
    if (DOMAIN.test(text)) yield { start, end: DOMAIN.lastIndex, category: 'EMAIL' };
  }
}

const PHONE = /(?:\+|\(|\d)(?:[\d()./\u00a0 -]{4,24})\d/g;

function* phones(text: string): Generator<Stretch<FoundCategory>> {
  for (const { 0: match, index } of text.matchAll(PHONE)) {
    const digits = match.replaceAll(/\D/g, '');
    if (digits.length < 7 || digits.length > 17) continue;
    const international = match.startsWith('+') ? match : `+${digits.replace(/^00/, '')}`;
    const number = parsePhoneNumberFromString(international, { extract: false });
    if (!number?.isValid()) continue;
    yield { start: index, end: index + match.length, category: 'PHONE' };
  }
}
