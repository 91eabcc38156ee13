import { ABOUT_KEYS } from '../about-keys.ts';
import { normalise } from '../text/normalise.ts';
import { detect } from './detect.ts';
import { detectAcross } from './joined-texts.ts';
import { findOtherFigures, MADE_BY_MACHINE } from './other-figures.ts';

interface Place {
  readonly item: number;
  readonly text: number;
  readonly at: number;
}

interface Digits extends Omit<Place, 'at'> {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
}

interface Column {
  readonly entries: Digits[];
  lastAt: number;
}

/** In longer texts, digits belong together only after words that announce them. */
const MAX_TEMPLATE = 200;
const MAX_TEXT = 10_000;
const MIN_ID = 26;
const crossedOut = (id: string) => 'x'.repeat(id.length);
const MAX_PLACES = 8;
const MAX_ANNOUNCED = 64;
const MAX_GAP_MILLISECONDS = 60_000;
const MAX_ENTRIES = 256;
/** More than the digits of a card: these may be the start of one. */
const KEPT_ENTRIES = 24;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
const MAX_COLUMNS = 10_000;
const ABOUT_COUNTS = /token|\bcount|latency|duration|bytes/i;
const ABOUT_RECEIPT = /(?:\bivr|received|\bgot|\bheard|sequence|buffer)[^\p{L}]*$/iu;
const NOTHING_MORE = /^[\s"'\])}.#]*$/;
const MAX_WORDS = 24;

const GROUP = /[0-9]+/g;
const RUN = /[0-9]+(?:[ -][0-9]+)*/g;

/** Finds card numbers in consecutive texts that differ only in digits, such as a log of pressed keys. */
export class DigitColumns {
  readonly #columns = new Map<string, Column>();
  readonly #found: (entry: Digits) => void;

  constructor(found: (entry: Digits) => void) {
    this.#found = found;
  }

  add(text: string, before: string, place: Place): void {
    if (text.length > MAX_TEXT) return;
    const { text: written, places } = normalise(text);
    if (places || !/[0-9]/.test(written)) return;
    const plain = crossOut(written);
    const context = before.length > MAX_TEMPLATE || /\p{Nd}/u.test(before) ? '' : before;
    if (plain.length <= MAX_TEMPLATE) this.#addByTemplate(plain, context, place);
    this.#addByWords(plain, context, place);
  }

  #addByTemplate(plain: string, context: string, place: Place): void {
    const groups = [...plain.matchAll(GROUP)];
    if (groups.length > MAX_PLACES) return;
    const template = `${context}\n${plain.replaceAll(GROUP, '#')}`;
    const isGroup = ABOUT_KEYS.test(template) && !ABOUT_COUNTS.test(template);
    for (const [slot, { 0: digits, index }] of groups.entries())
      this.#add(`${template}\n${slot}`, entryOf(place, index, digits), place.at, isGroup);
  }

  #addByWords(plain: string, context: string, place: Place): void {
    let left = MAX_ANNOUNCED;
    for (const { 0: digits, index } of plain.matchAll(RUN)) {
      const before = plain.slice(Math.max(0, index - MAX_WORDS), index);
      const words = (index < MAX_WORDS ? `${context}\n${before}` : before).replaceAll(GROUP, '#');
      if (!isAnnounced(words, plain, index + digits.length)) continue;
      if (left === 0) return;
      left -= 1;
      this.#add(`behind\n${words}`, entryOf(place, index, digits), place.at, true);
    }
  }

  finish(): void {
    for (const column of this.#columns.values()) this.#search(column);
    this.#columns.clear();
  }

  #add(key: string, entry: Digits, at: number, isGroup: boolean): void {
    if (this.#columns.size >= MAX_COLUMNS) this.finish();
    const column = this.#columns.get(key) ?? { entries: [], lastAt: at };
    this.#columns.set(key, column);
    const isTaken = (isGroup || entry.digits.length === 1) && entry.digits.length <= MAX_DIGITS;
    if (at - column.lastAt > MAX_GAP_MILLISECONDS || !isTaken) {
      this.#search(column);
      column.entries.length = 0;
    }
    column.lastAt = at;
    if (!isTaken) return;
    column.entries.push(entry);
    if (column.entries.length < MAX_ENTRIES) return;
    this.#search(column);
    column.entries.splice(0, MAX_ENTRIES - KEPT_ENTRIES);
  }

  #search({ entries }: Column): void {
    const texts = entries.map(({ digits }) => digits);
    if (texts.length < 2 || texts.join('').length < MIN_DIGITS) return;
    for (const { text } of detectAcross(texts, ' ', ['CARD'])) {
      const entry = entries[text];
      if (entry) this.#found(entry);
    }
    this.#searchGrowing(entries);
  }

  /** For texts that repeat the digits typed so far. */
  #searchGrowing(entries: readonly Digits[]): void {
    let first = 0;
    for (const [at, { digits }] of entries.entries()) {
      if (entries[at + 1]?.digits.startsWith(digits)) continue;
      const isCard = at > first && digits.length >= MIN_DIGITS && isCardNumber(digits);
      if (isCard) for (const entry of entries.slice(first, at)) this.#found(entry);
      first = at + 1;
    }
  }
}

/** People do not type machine ids, dates, times and amounts. */
function crossOut(written: string): string {
  const plain = written.length < MIN_ID ? written : written.replaceAll(MADE_BY_MACHINE, crossedOut);
  let crossed = '';
  for (const { start, end } of findOtherFigures(plain)) {
    crossed += plain.slice(crossed.length, start);
    crossed += plain.slice(start, end).replaceAll(/[0-9]/g, '_');
  }
  return crossed + plain.slice(crossed.length);
}

function isAnnounced(words: string, plain: string, end: number): boolean {
  if (ABOUT_KEYS.test(words)) return !ABOUT_COUNTS.test(words);
  return ABOUT_RECEIPT.test(words) && NOTHING_MORE.test(plain.slice(end, end + MAX_TEMPLATE));
}

function entryOf({ item, text }: Place, start: number, written: string): Digits {
  const digits = written.replaceAll(/[^0-9]/g, '');
  return { item, text, start, end: start + written.length, digits };
}

const isCardNumber = (digits: string) =>
  detect(digits).some(({ category, start }) => category === 'CARD' && start === 0);
