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
export const DETECTOR = 2;

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
      start: last.start,
      end: Math.max(last.end, next.end),
      category,
      rank,
    };
  }
  return result.map(({ start, end, category }) => ({ start, end, category }));
}

// What stands between groups of digits, as people and recognisers write them: also the dots, hyphens
// and narrow spaces that an office program makes of them.
const GAP = String.raw`[\s.\u00ad\u2010-\u2015\u2212-]`;
const DIGITS = new RegExp(String.raw`\d(?:${GAP}{0,2}\d){12,60}`, 'gu');
const CARD_LENGTHS = [19, 18, 17, 16, 15, 14, 13];
/** A text with more of them is no conversation: what is left of it is masked without a closer look. */
const MOST_RUNS = 500;

function* cards(text: string): Generator<Stretch<FoundCategory>> {
  let runs = 0;
  for (const { 0: run, index } of text.matchAll(DIGITS)) {
    runs += 1;
    if (runs > MOST_RUNS) {
      yield { start: index, end: index + run.length, category: 'CARD' };
      continue;
    }
    const at = [...run.matchAll(/\d/g)].map((digit) => digit.index);
    const digits = run.replaceAll(/\D/g, '');
    for (let first = 0; first < digits.length; first += 1) {
      const beginsGroup = first === 0 || at[first] !== (at[first - 1] ?? 0) + 1;
      if (!beginsGroup) continue;
      const lengths = lengthsOf(digits.slice(first, first + LONGEST_PREFIX));
      const length = CARD_LENGTHS.find((n) => {
        const end = first + n;
        const endsGroup = end === digits.length || at[end] !== (at[end - 1] ?? 0) + 1;
        const isLong = end <= digits.length && lengths.has(n);
        return endsGroup && isLong && hasLuhnDigit(digits.slice(first, end));
      });
      if (length === undefined) continue;
      const [start = 0, last = 0] = [at[first], at[first + length - 1]];
      yield { start: index + start, end: index + last + 1, category: 'CARD' };
      first += length - 1;
    }
  }
}

// By the first digits of its issuer a number is a card's of some lengths (ISO/IEC 7812-1).
const ISSUERS = Object.values(issuersOf.types).flatMap((name) => {
  const { patterns, lengths } = issuersOf.getTypeInfo(name);
  return patterns.map((pattern) => {
    const [lowest = 0, highest = lowest] = Array.isArray(pattern) ? pattern : [pattern];
    return { digits: String(lowest).length, lowest, highest, lengths };
  });
});
const PREFIXES = [...new Set(ISSUERS.map(({ digits }) => digits))];
const LONGEST_PREFIX = Math.max(...PREFIXES);

/** How long a card may be whose number begins like this. */
function lengthsOf(head: string): ReadonlySet<number> {
  const prefixes = new Map(PREFIXES.map((digits) => [digits, Number(head.slice(0, digits))]));
  const found = new Set<number>();
  for (const { digits, lowest, highest, lengths } of ISSUERS) {
    const prefix = prefixes.get(digits) ?? 0;
    if (lowest <= prefix && prefix <= highest) for (const length of lengths) found.add(length);
  }
  return found;
}

/** With the right check digit (Luhn's, ISO/IEC 7812-1). */
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

const IBAN = new RegExp(String.raw`[A-Za-z]{2}\d{2}(?:${GAP}{0,2}[A-Za-z0-9]){11,30}`, 'gu');
const INSIDE_WORD = /[\p{L}\p{N}]/u;

function* ibans(text: string): Generator<Stretch<FoundCategory>> {
  IBAN.lastIndex = 0;
  for (let match = IBAN.exec(text); match; match = IBAN.exec(text)) {
    const { 0: found, index } = match;
    // What looks like the beginning of one may stand just before another.
    IBAN.lastIndex = index + 2;
    if (INSIDE_WORD.test(text[index - 1] ?? '')) continue;
    const length = countrySpecs[found.slice(0, 2).toUpperCase()]?.chars;
    if (length == null) continue;
    const at = [...found.matchAll(/[A-Za-z0-9]/g)].map((character) => character.index);
    const last = at[length - 1];
    if (last === undefined) continue;
    const account = found.slice(0, last + 1).replaceAll(/[^A-Za-z0-9]/g, '');
    if (!isValidIBAN(account.toUpperCase())) continue;
    IBAN.lastIndex = index + last + 1;
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

// The digits of a number, with what may stand between them. Where it ends is tried out.
const PHONE = /[+＋(]?\d(?:[\d()./\s\u00ad\u2010-\u2015\u2212-]{0,3}\d){6,24}/gu;
const FEWEST_DIGITS = 7;
const MOST_DIGITS = 15;
/** Each try takes some microseconds. */
const MOST_TRIES = 12;

function* phones(text: string): Generator<Stretch<FoundCategory>> {
  let runs = 0;
  PHONE.lastIndex = 0;
  for (let match = PHONE.exec(text); match; match = PHONE.exec(text)) {
    const { 0: run, index } = match;
    runs += 1;
    if (runs > MOST_RUNS) {
      yield { start: index, end: index + run.length, category: 'PHONE' };
      continue;
    }
    let done = 0;
    for (const [start, end] of phonesIn(run)) {
      yield { start: index + start, end: index + end, category: 'PHONE' };
      done = end;
    }
    // What comes behind the last number may be the beginning of one that goes on.
    if (done > 0) PHONE.lastIndex = index + done;
  }
}

/** The numbers among groups of digits, each with its country code, by the longest that is valid. */
function* phonesIn(run: string): Generator<[number, number]> {
  const groups = [...run.matchAll(/[+＋(]*\d+/g)].map(({ 0: group, index }) => ({
    start: index,
    end: index + group.length,
  }));
  let tries = 0;
  for (let first = 0; first < groups.length; first += 1) {
    const from = groups[first]?.start ?? 0;
    for (let last = groups.length - 1; last >= first; last -= 1) {
      const end = groups[last]?.end ?? 0;
      const digits = run.slice(from, end).replaceAll(/\D/g, '').replace(/^00/, '');
      if (digits.length < FEWEST_DIGITS) break;
      if (digits.length > MOST_DIGITS) continue;
      tries += 1;
      if (tries > MOST_TRIES) return;
      const number = parsePhoneNumberFromString(`+${digits}`, { extract: false });
      if (!number?.isValid()) continue;
      yield [from, end];
      first = last;
      break;
    }
  }
}
