import { countrySpecs, isValidIBAN } from 'ibantools';
import { classesAt, DIGIT, WIDE_GAP, WORD } from './character-classes.ts';
import type { FoundCategory, TextRange, Work } from './found.ts';

/** As in cards: the length of a written pause. */
const MAX_GAP = 12;
const HEAD = 4;

export function findIbans(text: string, work: Work): TextRange<FoundCategory>[] {
  const found: { start: number; end: number; category: FoundCategory }[] = [];
  for (let at = 0; at < text.length; at += 1) {
    // Only the first digit of a group can be the first check digit.
    if (!isDigit(text.charCodeAt(at)) || isDigit(text.charCodeAt(at - 1))) continue;
    work.steps += 1;
    const head = headAt(text, at);
    if (!head) continue;
    const { start } = head;
    const end = endOfAccount(text, head, work);
    if (end === 0 || !isValidIBAN(charactersOf(text.slice(start, end)))) continue;
    const before = found.at(-1);
    if (before && start < before.end) before.end = Math.max(before.end, end);
    else found.push({ start, end, category: 'IBAN' });
  }
  return found;
}

const isDigit = (unit: number) => unit >= 0x30 && unit <= 0x39;

interface Head {
  readonly start: number;
  readonly end: number;
  readonly characters: readonly number[];
  readonly length: number;
}

function headAt(text: string, checkDigit: number): Head | null {
  const second = before(text, checkDigit);
  const start = second < 0 ? -1 : before(text, second);
  if (start < 0) return null;
  const length = lengthOf(text.charCodeAt(start), text.charCodeAt(second));
  if (length === 0 || (classesAt(text, start - 1) & WORD) !== 0) return null;
  let last = checkDigit + 1;
  while (last - checkDigit <= MAX_GAP && (classesAt(text, last) & WIDE_GAP) !== 0) last += 1;
  if ((classesAt(text, last) & DIGIT) === 0) return null;
  const characters = [start, second, checkDigit, last].map((at) => text.charCodeAt(at));
  return { start, end: last + 1, characters, length };
}

/** The position of a letter with at most one gap between; -1 if there is none. */
function before(text: string, at: number): number {
  let place = at - 1;
  while (at - place <= MAX_GAP && (classesAt(text, place) & WIDE_GAP) !== 0) place -= 1;
  return place >= 0 && letterOf(text.charCodeAt(place)) >= 0 ? place : -1;
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

/** 0 for A or a; -1 if it is not an ASCII letter. */
function letterOf(unit: number): number {
  const letter = (unit | 0x20) - 0x61;
  return letter >= 0 && letter < LETTERS && unit < 0x80 ? letter : -1;
}

function lengthOf(firstUnit: number, secondUnit: number): number {
  const [first, second] = [letterOf(firstUnit), letterOf(secondUnit)];
  return first < 0 || second < 0 ? 0 : (LENGTHS[first * LETTERS + second] ?? 0);
}

/** The end of the account; 0 if it is too short or its check digits are wrong (ISO 7064). */
function endOfAccount(text: string, head: Head, work: Work): number {
  let remainder = 0;
  let gap = 0;
  let count = HEAD;
  for (let at = head.end; at < text.length; at += 1) {
    work.steps += 1;
    const next = append(remainder, text.charCodeAt(at));
    if (next < 0) {
      gap += 1;
      if (gap > MAX_GAP || (classesAt(text, at) & WIDE_GAP) === 0) return 0;
      continue;
    }
    gap = 0;
    remainder = next;
    count += 1;
    if (count < head.length) continue;
    // Country and check digits are moved to the end for the calculation.
    for (const character of head.characters) remainder = append(remainder, character);
    return remainder % MODULUS === 1 ? at + 1 : 0;
  }
  return 0;
}

const MODULUS = 97;
const MAX_REMAINDER = 10_000_000;

/** Appends a digit, or a letter as 10 to 35, modulo 97; -1 for other characters. */
function append(remainder: number, unit: number): number {
  const letter = unit > 0x39 ? letterOf(unit) : -1;
  if (letter < 0 && (unit < 0x30 || unit > 0x39)) return -1;
  const next = letter < 0 ? remainder * 10 + unit - 0x30 : remainder * 100 + letter + 10;
  return next > MAX_REMAINDER ? next % MODULUS : next;
}

const charactersOf = (text: string) => text.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase();
