import {
  type NationalPlan,
  type NumberPlan,
  nationalPlanOf,
  planAt,
} from '@colloquy/phone-numbers/plans';
import { classesAt, DIGIT, PHONE_GAP, WIDE_GAP } from './character-classes.ts';
import { type DigitGroups, isJoined } from './digit-groups.ts';
import type { FoundCategory, TextRange, Work } from './found.ts';

const BETWEEN_GROUPS = { classes: PHONE_GAP, longest: 3 };
const MIN_DIGITS = 7;
const MAX_DIGITS = 15;
/** Masked together with the number. */
const BEFORE = '+(';
const MAX_BEFORE = 3;

/** Limits full matches, the slowest step. Then code and length decide, which may mask too much. */
const FREE_TRIES = 32;
const CHARACTERS_FOR_A_TRY = 8;

interface Search {
  readonly text: string;
  readonly groups: DigitGroups;
  readonly work: Work;
  readonly budget: { tries: number };
}

interface Run {
  readonly group: number;
  readonly first: number;
  /** With phone separators only. */
  readonly end: number;
  /** With any separators except letters. */
  readonly wideEnd: number;
}

type Found = TextRange<FoundCategory>[];

/** Numbers with a country code: valid ones, after a plus also possible ones. National ones of `country`. */
export function findPhones(text: string, groups: DigitGroups, work: Work, country: string | null) {
  const budget = { tries: FREE_TRIES + Math.floor(text.length / CHARACTERS_FOR_A_TRY) };
  const search = { text, groups, work, budget };
  const plan = country === null ? null : nationalPlanOf(country);
  return [
    ...findWith(search, ({ first, end }) =>
      end - first < MIN_DIGITS ? -1 : lastOfNumber(search, first, end, 'valid'),
    ),
    ...findWith(search, (run) => lastAfterPlus(search, run)),
    ...(plan ? findWith(search, (run) => lastOfNational(search, run, plan)) : []),
  ];
}

type LastOf = (run: Run) => number;

function findWith({ text, groups, work }: Search, lastOf: LastOf): Found {
  const { firsts, places, isWide } = groups;
  const found: Found = [];
  let done = 0;
  for (let group = 0, end = 0, wideEnd = 0; group < firsts.length - 1; group += 1) {
    const first = firsts[group] ?? 0;
    if (first >= end) {
      let next = group + 1;
      while (next < firsts.length - 1 && isJoined(text, groups, next, BETWEEN_GROUPS)) next += 1;
      end = firsts[next] ?? 0;
    }
    if (first >= wideEnd) {
      let next = group + 1;
      while (isWide[next] === 1) next += 1;
      wideEnd = firsts[next] ?? 0;
    }
    work.steps += 1;
    const run = { group, first, end, wideEnd: Math.max(end, wideEnd) };
    if (first < done || run.wideEnd - first < MIN_DIGITS) continue;
    const last = lastOf(run);
    if (last < 0) continue;
    const start = startBefore(text, places[first] ?? 0);
    found.push({ start, end: (places[last] ?? 0) + 1, category: 'PHONE' });
    done = last + 1;
  }
  return found;
}

/** Shorter numbers may continue after a comma or a pause. */
const WHOLE_DIGITS = 10;

function lastAfterPlus(search: Search, { group, first, end, wideEnd }: Run): number {
  const plus = plusOf(search, group);
  if (plus === null) return -1;
  const isPlus = plus === '+';
  for (const rule of isPlus ? (['valid', 'possible'] as const) : (['valid'] as const)) {
    const near = lastOfNumber(search, first, end, rule);
    if (near - first + 1 >= WHOLE_DIGITS) return near;
    const wide = Math.max(near, lastOfNumber(search, first, wideEnd, rule));
    if (wide >= 0) return wide;
  }
  return -1;
}

function plusOf({ text, groups: { digits, places, firsts } }: Search, group: number) {
  const first = firsts[group] ?? 0;
  const start = places[first] ?? 0;
  for (let at = start - 1; at >= Math.max(0, start - MAX_BEFORE_APART); at -= 1) {
    if (text[at] === '+') return '+';
    if ((classesAt(text, at) & WIDE_GAP) === 0) break;
  }
  return digits[first] === 0 && digits[first + 1] === 0 ? '00' : null;
}

/** The last digit of the longest number that begins here; -1 if there is none. */
function lastOfNumber(
  { groups: { digits, digitText, isLast }, budget, work }: Search,
  first: number,
  runEnd: number,
  rule: 'valid' | 'possible',
): number {
  const start = digits[first] === 0 && digits[first + 1] === 0 ? first + 2 : first;
  const found = planAt(digits, start);
  if (!found) return -1;
  const { plan, codeLength } = found;
  const national = start + codeLength;
  const longest = Math.min(start + MAX_DIGITS, runEnd) - 1;
  for (let last = longest; last >= start + MIN_DIGITS - 1; last -= 1) {
    if (isLast[last] !== 1 || !mayHaveLength(plan, digits[national], last + 1 - national)) continue;
    work.steps += 1;
    if (rule === 'possible') return last;
    budget.tries -= 1;
    if (budget.tries < 0 || plan.isValid(digitText.slice(national, last + 1))) return last;
  }
  return -1;
}

function mayHaveLength(plan: NumberPlan, firstDigit: number | undefined, length: number): boolean {
  if ((plan.lengths & (1 << length)) !== 0) return true;
  return firstDigit === plan.trunkDigit && (plan.lengths & (1 << (length - 1))) !== 0;
}

function lastOfNational(search: Search, run: Run, plan: NationalPlan): number {
  const { text, groups } = search;
  if (run.wideEnd - run.first < plan.shortest) return -1;
  for (const rule of ['valid', 'possible'] as const) {
    const last = longestNational(search, run, plan, rule);
    if (last < 0) continue;
    const [start = 0, end = 0] = [groups.places[run.first], groups.places[last]];
    if (!isOtherNumber(text, start, end)) return last;
  }
  return -1;
}

function longestNational(
  { text, groups, budget, work }: Search,
  { group, first, end, wideEnd }: Run,
  plan: NationalPlan,
  rule: 'valid' | 'possible',
): number {
  const longest = Math.min(first + plan.longest, wideEnd) - 1;
  for (let last = longest; last >= first + plan.shortest - 1; last -= 1) {
    if (groups.isLast[last] !== 1) continue;
    const sizes = sizesOf(groups, group, last);
    if (sizes === null || (last >= end && !areShort(sizes))) continue;
    const isWide = last >= end;
    if (isListOfOthers({ text, groups }, { first, last, group, isWide }, sizes)) continue;
    work.steps += 1;
    const written = groups.digitText.slice(first, last + 1);
    if (rule === 'valid') budget.tries -= 1;
    if (budget.tries < 0) return last;
    if (rule === 'valid' ? plan.isValid(written) : plan.isPossible(written, sizes)) return last;
  }
  return -1;
}

/** null if a group is part of a date, a time or an amount. */
function sizesOf({ firsts, isOther }: DigitGroups, group: number, last: number): number[] | null {
  const sizes: number[] = [];
  for (let at = group; (firsts[at] ?? Number.POSITIVE_INFINITY) <= last; at += 1) {
    if (isOther[at] === 1) return null;
    sizes.push((firsts[at + 1] ?? 0) - (firsts[at] ?? 0));
  }
  return sizes;
}

const MAX_SHORT_GROUP = 5;
const MIN_SHORT_GROUPS = 3;

/** Commas or pauses between other groups usually separate several numbers. */
const areShort = (sizes: readonly number[]) =>
  sizes.length >= MIN_SHORT_GROUPS && sizes.every((size) => size <= MAX_SHORT_GROUP);

/** Separators of list items or thousands; a pause has only dots and dashes. */
const LIST_SIGN = /[^\d\s.\u2026\u2010-\u2015\u2212-]/;
const SPACED_SLASH = /\s\/\s/;
const THOUSANDS = /^[1-9]\d?(?:\.\d{3}){2,}$/;
const ANNOUNCED =
  /\b(?:phone|telephone|tel|mobile|cell|fax|whatsapp|dial|number|(?:call|text|reach|ring) (?:me|us|him|her|them))\b[^\d]{0,20}$/i;

const REPEATED = /(?<!\d)(\d)\1{2,}(?!\d)/g;

/** True for digits said one by one, possibly with "double", "triple" or "fifteen". */
function areSaid(text: string, sizes: readonly number[]): boolean {
  const singles = sizes.filter((size) => size === 1).length;
  if (singles * 2 < sizes.length) return false;
  const long = sizes.filter((size) => size > 2).length;
  return long === 0 || (text.match(REPEATED)?.length ?? 0) >= long;
}

interface Groups {
  readonly first: number;
  readonly last: number;
  readonly group: number;
  readonly isWide: boolean;
}

/** Separate numbers such as quantities: no single digits, leading zeros or announcing words. */
function isListOfOthers(
  { text, groups: { digits, places, firsts } }: Pick<Search, 'text' | 'groups'>,
  { first, last, group, isWide }: Groups,
  sizes: readonly number[],
): boolean {
  const start = places[first] ?? 0;
  const written = text.slice(start, (places[last] ?? 0) + 1);
  if (THOUSANDS.test(written)) return true;
  if (!(isWide ? LIST_SIGN : SPACED_SLASH).test(written)) return false;
  if (digits[first] === 0 || areSaid(written, sizes)) return false;
  const isPadded = sizes.some((size, at) => {
    const own = firsts[group + at] ?? 0;
    return size > 1 && digits[own] === 0 && /\s/.test(text[(places[own] ?? 0) - 1] ?? '');
  });
  return !isPadded && !ANNOUNCED.test(text.slice(Math.max(0, start - MAX_CONTEXT), start));
}

const MAX_CONTEXT = 40;
const OTHER_NUMBER = new RegExp(
  `(?:\\b(?:${[
    ...['orders?', 'invoice', 'tickets?', 'reference', 'ref', 'confirmation', 'tracking', 'case'],
    ...['booking', 'reservation', 'serial', 'policy', 'claim', 'account', 'member(?:ship)?', 'po'],
    ...['customer', 'transaction', 'sku', 'item', 'product', 'part', 'model', 'flight', 'zip'],
    ...['rechnung', 'bestellung', 'bestellnummer', 'auftrag', 'kundennummer', 'aktenzeichen'],
    ...['commande', 'facture', 'dossier', 'pedido', 'factura', 'id'],
  ].join('|')})\\b[\\p{L}\\s.:#']{0,20}|[#$\u20ac\u00a3\u00a5]\\s?|[\\p{L}\\d][-.,_/]?)$`,
  'iu',
);
const TELEPHONE = /\b(?:phone|tel|telephone|call|text|mobile|cell|fax|whatsapp|dial|ring)\b/i;

/** An extension directly after a number, such as x89 or ext. 5. */
const EXTENSION = /^[-_/]?(?:x|ext(?:en|n|ension)?|#)[.:]?\s?\d{1,7}(?![\p{L}\d])/iu;
const MAX_EXTENSION = 24;

/** Words before the digits, or attached characters, mark another kind of number. */
function isOtherNumber(text: string, start: number, last: number): boolean {
  const behind = text.slice(last + 1, last + 1 + MAX_EXTENSION);
  const isJoinedTo = /^(?:[-_/]?[\p{L}\d]|[.,]\d|\s?[%\u20ac\u00a3])/u.test(behind);
  if (isJoinedTo && !EXTENSION.test(behind)) return true;
  const before = text.slice(Math.max(0, start - MAX_CONTEXT), start).replace(/[(\s]+$/, ' ');
  const match = OTHER_NUMBER.exec(before);
  return match !== null && !TELEPHONE.test(match[0]);
}

const MAX_BEFORE_APART = 4;

function startBefore(text: string, start: number): number {
  let at = start;
  while (start - at < MAX_BEFORE && BEFORE.includes(text[at - 1] ?? ' ')) at -= 1;
  if (at < start) return at;
  // The plus may be separated from its number.
  for (let plus = start - 1; plus >= start - MAX_BEFORE_APART; plus -= 1) {
    if (text[plus] === '+') return plus;
    if ((classesAt(text, plus) & DIGIT) !== 0) break;
  }
  return start;
}
