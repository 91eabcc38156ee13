import { countrySpecs, isValidIBAN } from 'ibantools';
import { classesAt, GAP, WORD } from './character-classes.ts';
import type { DigitGroups } from './digit-groups.ts';
import type { FoundCategory, Stretch, Work } from './found.ts';

const MAX_GAP = 2;
const COUNTRY = 2;
const HEAD = 4;

/** A country's code and as many characters as its accounts have, with the right check digits. */
export function findIbans(text: string, groups: DigitGroups, work: Work): Stretch<FoundCategory>[] {
  const { firsts, places } = groups;
  const found: Stretch<FoundCategory>[] = [];
  let done = 0;
  for (let group = 0; group < firsts.length - 1; group += 1) {
    const first = firsts[group] ?? 0;
    const start = (places[first] ?? 0) - COUNTRY;
    work.steps += 1;
    if (start < done || (firsts[group + 1] ?? 0) - first < HEAD - COUNTRY) continue;
    const length = lengthAt(text, start);
    if (length === 0 || (classesAt(text, start - 1) & WORD) !== 0) continue;
    const end = endOfAccount(text, start, length, work);
    if (end === 0 || !isValidIBAN(charactersOf(text.slice(start, end)))) continue;
    found.push({ start, end, category: 'IBAN' });
    done = end;
  }
  return found;
}

const LETTERS = 26;
const LENGTHS = lengthsByCountry();

function lengthsByCountry(): Uint8Array {
  const lengths = new Uint8Array(LETTERS * LETTERS);
  for (const [country, { chars }] of Object.entries(countrySpecs)) {
    const first = letterOf(country.charCodeAt(0));
    lengths[first * LETTERS + letterOf(country.charCodeAt(1))] = chars ?? 0;
  }
  return lengths;
}

/** From 0 for A or a; -1 for what is none of the 26. */
function letterOf(unit: number): number {
  const letter = (unit | 0x20) - 0x61;
  return letter >= 0 && letter < LETTERS && unit < 0x80 ? letter : -1;
}

/** How long an account of the country is whose code stands at a place; 0 if none does. */
function lengthAt(text: string, at: number): number {
  const first = letterOf(text.charCodeAt(at));
  const second = letterOf(text.charCodeAt(at + 1));
  return first < 0 || second < 0 ? 0 : (LENGTHS[first * LETTERS + second] ?? 0);
}

/** Where so many characters end; 0 if there are fewer or their check digits are wrong (ISO 7064). */
function endOfAccount(text: string, start: number, length: number, work: Work): number {
  let remainder = 0;
  let gap = 0;
  let count = HEAD;
  for (let at = start + HEAD; at < text.length; at += 1) {
    work.steps += 1;
    const next = append(remainder, text.charCodeAt(at));
    if (next < 0) {
      gap += 1;
      if (gap > MAX_GAP || (classesAt(text, at) & GAP) === 0) return 0;
      continue;
    }
    gap = 0;
    remainder = next;
    count += 1;
    if (count < length) continue;
    // The country and the check digits count behind the account.
    for (let head = 0; head < HEAD; head += 1) {
      remainder = append(remainder, text.charCodeAt(start + head));
    }
    return remainder % MODULUS === 1 ? at + 1 : 0;
  }
  return 0;
}

const MODULUS = 97;
const MAX_REMAINDER = 10_000_000;

/** What a number that goes on with a digit, or a letter as 10 to 35, leaves by 97; -1: it goes on with neither. */
function append(remainder: number, unit: number): number {
  const letter = unit > 0x39 ? letterOf(unit) : -1;
  if (letter < 0 && (unit < 0x30 || unit > 0x39)) return -1;
  const next = letter < 0 ? remainder * 10 + unit - 0x30 : remainder * 100 + letter + 10;
  return next > MAX_REMAINDER ? next % MODULUS : next;
}

const charactersOf = (text: string) => text.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase();
