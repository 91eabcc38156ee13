import { beginsWithExtension, toE164 } from '@colloquy/phone-numbers';
import { classesAt, LETTER, WIDE_GAP } from './detection/character-classes.ts';
import type { TextRange } from './detection/found.ts';
import { type PhoneForm, phoneFormsOf } from './detection/phone-forms.ts';
import { maySayDigits, readSpoken } from './detection/spoken.ts';
import { decodeEscapes } from './text/escapes.ts';
import { moveBack, normalise, type Plain } from './text/normalise.ts';
import type { TextGroup } from './text/text-groups.ts';

export const ERASED = '[ERASED]';

export type Place = Pick<TextRange, 'start' | 'end'>;

export type Spelled = 'Anyhow' | 'WithCountryCode';

export interface NumberSpellings {
  find(text: string): readonly Place[];
  replace(text: string): string;
  /** Like `replace`, for texts of an array that may contain the number together. */
  replaceAcross(texts: readonly string[]): readonly string[];
  /** Like `replaceAcross`, for texts of objects; each group may contain the number together. */
  replaceInGroups(texts: readonly string[], groups: readonly TextGroup[]): readonly string[];
}

/**
 * Spellings in running text: international or national; with any separators, invisible characters and
 * digits of any script; escaped as in JSON or a URI; in English number words. Takes linear time.
 */
export function spellingsOf(e164: string, spelled: Spelled = 'Anyhow'): NumberSpellings {
  const isAny = spelled === 'Anyhow';
  const forms = phoneFormsOf(e164).filter(({ isInternational }) => isInternational || isAny);
  const minDigits = Math.min(...forms.map(({ digits }) => digits.length));
  const find = (text: string): readonly Place[] => {
    const found = viewsOf(text, minDigits).flatMap((views) => {
      const places = findForms(views.at(-1)?.text ?? text, forms, e164);
      return places.map((place) => views.reduceRight(moveBack, place));
    });
    if (found.length > 0 || !isWhole(text, e164)) return merge(found);
    return [{ start: 0, end: text.length }];
  };
  const replace = (text: string) => cutPlaces(text, find(text));
  return {
    find,
    replace,
    replaceAcross: (texts) => replaceAcross(texts, find),
    replaceInGroups: (texts, groups) => replaceInGroups(texts, groups, find),
  };
}

const MAX_WHOLE = 200;
const LAST_DIGITS = 4;

/** True if the whole text is a special spelling, such as `tel:` with a `phone-context`. */
function isWhole(text: string, e164: string): boolean {
  if (text.length > MAX_WHOLE) return false;
  const digits = normalise(text).text.replace(/[^0-9]+/g, '');
  return digits.includes(e164.slice(-LAST_DIGITS)) && toE164(text) === e164;
}

/** A text and its decoded form, each also with digits instead of words. */
function viewsOf(text: string, minDigits: number): Plain[][] {
  const plain = normalise(text);
  const decoded = decodeEscapes(plain.text);
  const views = [[plain], ...(decoded ? [[plain, decoded, normalise(decoded.text)]] : [])];
  return views.flatMap((view) => {
    const last = view.at(-1)?.text ?? '';
    if (!maySayDigits(last, minDigits)) return [];
    const spoken = readSpoken(last);
    return spoken ? [view, [...view, spoken]] : [view];
  });
}

interface Digits {
  readonly text: string;
  readonly digits: string;
  readonly places: Uint32Array;
}

function digitsOf(text: string): Digits {
  const places = new Uint32Array(text.length);
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < ZERO || unit > NINE) continue;
    places[count] = at;
    count += 1;
  }
  return { text, digits: text.replace(/[^0-9]+/g, ''), places: places.subarray(0, count) };
}

const ZERO = '0'.charCodeAt(0);
const NINE = '9'.charCodeAt(0);

function findForms(text: string, forms: readonly PhoneForm[], e164: string): Place[] {
  const written = digitsOf(text);
  const { digits } = written;
  const found: Place[] = [];
  for (const form of forms) {
    for (let at = digits.indexOf(form.digits); at >= 0; at = digits.indexOf(form.digits, at + 1)) {
      const place = readForm(written, at, form, e164);
      if (place) found.push(place);
    }
  }
  return found;
}

const MAX_GAP = 6;
/** Dialed before a country code instead of a plus. */
const ABROAD = ['00', '011', '0011', '010', '009', '810'];
const SOFT_HYPHEN = '\u00ad';

/** null if the digits differ or are part of another number. */
function readForm(written: Digits, first: number, form: PhoneForm, e164: string): Place | null {
  const last = first + form.digits.length - 1;
  for (let at = first + 1; at <= last; at += 1) {
    if (!isJoined(written, at, MAX_GAP)) return null;
  }
  if (form.isWritten && !form.isWritten(groupsOf(written, first, last))) return null;
  if (isAdjacent(written, last + 1) || isExtended(written, first, last, form)) return null;
  const { text, places } = written;
  const end = (places[last] ?? 0) + 1;
  const start = startOf(written, first, form);
  if (start === null || (isBare(form) && isInside(written, first, last))) return null;
  if (text[start] !== '+' && isOfOther(text, start, end, e164)) return null;
  if (!form.isInternational && isInWord(text, start, end)) return null;
  return withBrackets(text, { start, end });
}

function groupsOf(written: Digits, first: number, last: number): number[] {
  const groups = [1];
  for (let at = first + 1; at <= last; at += 1) {
    if (isAdjacent(written, at)) groups.push((groups.pop() ?? 0) + 1);
    else groups.push(1);
  }
  return groups;
}

const OPENING = /[([{][\s\u00ad]{0,2}$/;
const CLOSING = /^[\s\u00ad]{0,2}[)\]}]/;
const MAX_AROUND = 3;

/** Includes brackets that open or close inside, as in `(030) 1234`. */
function withBrackets(text: string, place: Place): Place {
  let { start, end } = place;
  let open = 0;
  let closed = 0;
  for (const sign of text.slice(start, end)) {
    if ('([{'.includes(sign)) open += 1;
    if (!')]}'.includes(sign)) continue;
    if (open > 0) open -= 1;
    else closed += 1;
  }
  for (; closed > 0; closed -= 1) {
    const sign = OPENING.exec(text.slice(Math.max(0, start - MAX_AROUND), start));
    start -= sign?.[0].length ?? 0;
  }
  for (; open > 0; open -= 1) {
    end += CLOSING.exec(text.slice(end, end + MAX_AROUND))?.[0].length ?? 0;
  }
  return { start, end };
}

const gapBefore = ({ text, places }: Digits, at: number) =>
  text.slice((places[at - 1] ?? -1) + 1, places[at] ?? text.length);

const withoutSoftHyphens = (gap: string) => gap.replaceAll(SOFT_HYPHEN, '');

function isAdjacent(written: Digits, at: number): boolean {
  if (at <= 0 || at >= written.places.length) return false;
  return withoutSoftHyphens(gapBefore(written, at)) === '';
}

function isJoined(written: Digits, at: number, most: number): boolean {
  const { text, places } = written;
  const [from, to] = [(places[at - 1] ?? 0) + 1, places[at] ?? 0];
  let separators = 0;
  for (let unit = from; unit < to; unit += 1) {
    if (text[unit] === SOFT_HYPHEN) continue;
    separators += 1;
    if (separators > most || (classesAt(text, unit) & WIDE_GAP) === 0) return false;
  }
  return true;
}

/** Including a plus or an international prefix; null if other digits precede it. */
function startOf(written: Digits, first: number, form: PhoneForm): number | null {
  const { text, digits, places } = written;
  let from = first;
  while (isAdjacent(written, from)) from -= 1;
  const before = digits.slice(from, first);
  if (before !== '' && !(form.isInternational && ABROAD.includes(before))) return null;
  if (before === '' && form.isInternational) {
    // "00 49 …": the prefix is a separate group.
    let group = first - 1;
    while (isAdjacent(written, group)) group -= 1;
    const isPrefix = group >= 0 && ABROAD.includes(digits.slice(group, first));
    if (isPrefix && isJoined(written, first, 2)) from = group;
  }
  const start = places[from] ?? 0;
  const [signs = ''] = /(?:\+[\s(\u00ad]{0,3}|\(\+?)$/.exec(text.slice(0, start)) ?? [];
  return signs.includes('+') ? start - signs.length + signs.indexOf('+') : start;
}

const MAX_BEFORE = 20;

/** Such as the digits after `+44 (0)` in `+44 (0)30 1234`. */
function isOfOther(text: string, start: number, end: number, e164: string): boolean {
  const before = text.slice(Math.max(0, start - MAX_BEFORE), start);
  const begin = /(?:\+|(?<![0-9])00)[0-9][^\p{L}+,;@]*$/u.exec(before);
  if (!begin) return false;
  const other = toE164(text.slice(start - begin[0].length, end).replaceAll(SOFT_HYPHEN, ''));
  return other !== null && other !== e164;
}

const isBare = ({ isInternational, prefixLength }: PhoneForm) =>
  !isInternational && prefixLength === 0;

/** A hyphen or similar joins other digits, as in an order number. */
function isInside(written: Digits, first: number, last: number): boolean {
  const isTight = (at: number) =>
    at > 0 && at < written.places.length && TIGHT.test(withoutSoftHyphens(gapBefore(written, at)));
  return isTight(first) || isTight(last + 1);
}

const MAX_EXTENSION = 24;

function isInWord(text: string, start: number, end: number): boolean {
  if ((classesAt(text, start - 1) & LETTER) !== 0) return true;
  if ((classesAt(text, end) & LETTER) === 0) return false;
  return !beginsWithExtension(text.slice(end, end + MAX_EXTENSION));
}

const TIGHT = /^\)?[-./\u2010-\u2015\u2212]\(?$/;
const SPACE = /^\s{1,2}$/;
/** A number with this many digits does not continue after a space. */
const WHOLE_DIGITS = 10;
const MAX_DIGITS = 15;

/** True if following digits extend it to another number, such as an extension: `+49 30 1234-56`. */
function isExtended(written: Digits, first: number, last: number, form: PhoneForm): boolean {
  const next = last + 1;
  if (next >= written.places.length) return false;
  const gap = withoutSoftHyphens(gapBefore(written, next));
  const isWhole = form.digits.length >= WHOLE_DIGITS;
  const isGrouped = !isOneRun(written, first + form.prefixLength + 1, last);
  if (TIGHT.test(gap) ? !isGrouped && isWhole : isWhole || !SPACE.test(gap)) return false;
  let end = next;
  while (isAdjacent(written, end + 1)) end += 1;
  const longer = form.international + written.digits.slice(next, end + 1);
  return longer.length <= MAX_DIGITS && toE164(`+${longer}`) !== null;
}

function isOneRun(written: Digits, from: number, to: number): boolean {
  for (let at = from; at <= to; at += 1) if (!isAdjacent(written, at)) return false;
  return true;
}

function merge(places: readonly Place[]): Place[] {
  const merged: Place[] = [];
  for (const place of places.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last && place.start < last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, place.end) };
    } else merged.push(place);
  }
  return merged;
}

export function cutPlaces(text: string, places: readonly Place[], mark = ERASED): string {
  if (places.length === 0) return text;
  let output = '';
  let done = 0;
  for (const { start, end } of places) {
    output += text.slice(done, start) + mark;
    done = end;
  }
  return output + text.slice(done);
}

const BETWEEN_ITEMS = ' ';

type Find = NumberSpellings['find'];

/** Sets the first text of a shared number to `ERASED` and the others to empty. */
function replaceAcross(texts: readonly string[], find: Find): readonly string[] {
  const places = find(texts.join(BETWEEN_ITEMS));
  if (places.length === 0) return texts.map((text) => cutPlaces(text, find(text)));
  let from = 0;
  return texts.map((text) => {
    const start = from;
    from += text.length + BETWEEN_ITEMS.length;
    let output = '';
    let done = 0;
    for (const place of places) {
      const begin = Math.max(0, place.start - start);
      const end = Math.min(text.length, place.end - start);
      if (begin >= end) continue;
      output += text.slice(done, begin) + (place.start >= start ? ERASED : '');
      done = end;
    }
    const rest = output + text.slice(done);
    return done === 0 ? cutPlaces(text, find(text)) : rest;
  });
}

function replaceInGroups(texts: readonly string[], groups: readonly TextGroup[], find: Find) {
  const replaced = texts.map((text) => cutPlaces(text, find(text)));
  for (const { places } of groups) {
    // Texts of a nested group belong to both groups.
    const given = places.map((place) => replaced[place] ?? '');
    const own = replaceAcross(given, find);
    for (const [at, place] of places.entries()) replaced[place] = own[at] ?? '';
  }
  return replaced;
}
