import { detectAcross } from './joined-texts.ts';
import { normalise } from './normalise.ts';
import { findOtherFigures, MADE_BY_MACHINE } from './other-figures.ts';

/** Where some digits stand: in which text of which item. */
interface Digits {
  readonly item: number;
  readonly text: number;
  readonly start: number;
  readonly end: number;
  readonly digits: string;
}

interface Column {
  readonly entries: Digits[];
  lastAt: number;
}

const MAX_TEXT = 200;
/** The length of the shortest id of a machine. */
const MIN_ID = 26;
const crossedOut = (id: string) => 'x'.repeat(id.length);
const MAX_PLACES = 8;
const MAX_GAP_MILLISECONDS = 60_000;
const MAX_ENTRIES = 256;
/** A card has no more digits, so these may be the beginning of one. */
const KEPT_ENTRIES = 24;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
const MAX_COLUMNS = 10_000;
/** What digits of any length are groups of; elsewhere only single digits are. */
const ABOUT_KEYS = /dtmf|digit|key|press|tone|card|\bpan\b|input|collect|gather|enter/i;

/**
 * Finds card numbers whose digits stand in texts that follow one another and differ by them alone, as in
 * the log of a telephone's keys.
 */
export class DigitColumns {
  readonly #columns = new Map<string, Column>();
  readonly #found: (entry: Digits) => void;

  /** `found` is called with each place of the digits of a card. */
  constructor(found: (entry: Digits) => void) {
    this.#found = found;
  }

  /** Takes one of the texts, with the one before it in its item. */
  add(text: string, before: string, place: { item: number; text: number; at: number }): void {
    if (text.length > MAX_TEXT) return;
    const { text: written, places } = normalise(text);
    const plain =
      written.length < MIN_ID ? written : written.replaceAll(MADE_BY_MACHINE, crossedOut);
    const groups = [...plain.matchAll(/[0-9]+/g)];
    if (groups.length === 0 || groups.length > MAX_PLACES || places) return;
    const others = findOtherFigures(plain);
    const context = before.length > MAX_TEXT || /\p{Nd}/u.test(before) ? '' : before;
    const template = `${context}\n${plain.replaceAll(/[0-9]+/g, '#')}`;
    for (const [slot, { 0: digits, index }] of groups.entries()) {
      if (others.some(({ start, end }) => start <= index && index < end)) continue;
      const { item, text: textPlace } = place;
      const entry = { item, text: textPlace, start: index, end: index + digits.length, digits };
      this.#add(`${template}\n${slot}`, entry, place.at);
    }
  }

  finish(): void {
    for (const column of this.#columns.values()) this.#search(column);
    this.#columns.clear();
  }

  #add(key: string, entry: Digits, at: number): void {
    if (this.#columns.size >= MAX_COLUMNS) this.finish();
    const column = this.#columns.get(key) ?? { entries: [], lastAt: at };
    this.#columns.set(key, column);
    const isGroup = entry.digits.length === 1 || ABOUT_KEYS.test(key);
    if (at - column.lastAt > MAX_GAP_MILLISECONDS || !isGroup || entry.digits.length > MAX_DIGITS) {
      this.#search(column);
      column.entries.length = 0;
    }
    column.lastAt = at;
    if (!isGroup) return;
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
  }
}
