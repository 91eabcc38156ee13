import {
  detect,
  FOUND_CATEGORIES,
  type FoundCategory,
  type TextRange,
} from './detection/detect.ts';
import { DigitColumns } from './detection/digit-columns.ts';
import { detectInArray, detectInGroups, type Piece } from './detection/joined-texts.ts';
import { type Masking, maskedOf, maskRanges } from './mask.ts';
import type { MapText } from './text/map-json.ts';
import type { TextGroup } from './text/text-groups.ts';

/** `message` is the index of the message whose content contains the range. */
export interface Span extends TextRange {
  readonly message: number;
}

/**
 * Matches in a text: index of its item (a message or log), index of the text in the item, then start, end
 * and category of each range. Only numbers, because a hostile conversation may have a million of them.
 */
export type TextSpans = readonly number[];

/** Each in the order of items and texts. */
export interface FoundSpans {
  readonly head: readonly TextSpans[];
  readonly messages: readonly TextSpans[];
  readonly logs: readonly TextSpans[];
}

export interface Spans {
  /** null: not searched yet, or by earlier patterns. */
  readonly found: FoundSpans | null;
  readonly added: readonly Span[];
}

const NUMBERS_PER_RANGE = 3;
const FIRST_RANGE = 2;

export class TextSearch {
  readonly #country: string | null;
  readonly #inText: TextSpans[] = [];
  /** Matches across texts: item, text, start, end, category. */
  readonly #acrossTexts: (readonly [number, number, number, number, number])[] = [];
  readonly #columns = new DigitColumns(({ item, text, ...range }) =>
    this.add(item, text, { ...range, category: 'CARD' }),
  );
  #item = 0;
  #text = 0;
  #at: number | null = null;
  #before = '';

  constructor(country: string | null) {
    this.#country = country;
  }

  /** Begins an item; digits in items of about the same time may belong together. */
  begin(item: number, at: number): void {
    this.#item = item;
    this.#text = 0;
    this.#at = at;
    this.#before = '';
  }

  add(item: number, text: number, { start, end, category }: TextRange<FoundCategory>): void {
    this.#acrossTexts.push([item, text, start, end, FOUND_CATEGORIES.indexOf(category)]);
  }

  readonly map: MapText = Object.assign((text: string) => this.#search(text), {
    array: (texts: readonly string[]) => {
      const [first, name] = [this.#text, this.#before];
      // The text before the array names each item.
      for (const text of texts) this.#search(text, name);
      return this.#addAll(texts, first, detectInArray(texts, this.#country));
    },
    objects: (texts: readonly string[], groups: readonly TextGroup[]) => {
      const first = this.#text;
      for (const text of texts) this.#search(text);
      return this.#addAll(texts, first, detectInGroups(texts, groups, this.#country));
    },
  });

  #addAll(texts: readonly string[], first: number, pieces: readonly Piece[]) {
    for (const { text, ...range } of pieces) this.add(this.#item, first + text, range);
    return texts;
  }

  finish(): readonly TextSpans[] {
    this.#columns.finish();
    if (this.#acrossTexts.length === 0) return this.#inText;
    // Matches across texts come first: digits that look like a phone number may be part of a card.
    const byText = new Map<string, number[]>();
    for (const [item, text, ...numbers] of this.#acrossTexts) {
      const known = byText.get(`${item} ${text}`) ?? [item, text];
      byText.set(`${item} ${text}`, known);
      if (!includesRange(known, numbers)) known.push(...numbers);
    }
    for (const [item = 0, text = 0, ...numbers] of this.#inText) {
      const known = byText.get(`${item} ${text}`) ?? [item, text];
      byText.set(`${item} ${text}`, known.concat(numbers));
    }
    return [...byText.values()].sort(
      ([itemA = 0, textA = 0], [itemB = 0, textB = 0]) => itemA - itemB || textA - textB,
    );
  }

  #search(text: string, name = this.#before): string {
    const ranges = detect(text, this.#country);
    if (ranges.length > 0) {
      const numbers = ranges.flatMap(({ start, end, category }) => [
        start,
        end,
        FOUND_CATEGORIES.indexOf(category),
      ]);
      this.#inText.push([this.#item, this.#text, ...numbers]);
    }
    const place = { item: this.#item, text: this.#text };
    if (this.#at !== null) this.#columns.add(text, name, { ...place, at: this.#at });
    this.#before = text;
    this.#text += 1;
    return text;
  }
}

/** Checks only the last ranges; earlier ones are at other positions. */
function includesRange(spans: readonly number[], [start, end, category]: readonly number[]) {
  const first = Math.max(FIRST_RANGE, spans.length - MAX_COMPARED * NUMBERS_PER_RANGE);
  for (let at = first; at < spans.length; at += NUMBERS_PER_RANGE) {
    if (spans[at] === start && spans[at + 1] === end && spans[at + 2] === category) return true;
  }
  return false;
}

const MAX_COMPARED = 8;

export const byItem = (part: readonly TextSpans[]): ReadonlyMap<number, readonly TextSpans[]> =>
  Map.groupBy(part, ([item = 0]) => item);

export function rangesOf(spans: TextSpans): TextRange[] {
  const ranges: TextRange[] = [];
  for (let at = FIRST_RANGE; at < spans.length; at += NUMBERS_PER_RANGE) {
    const [start = 0, end = 0, category = 0] = spans.slice(at, at + NUMBERS_PER_RANGE);
    ranges.push({ start, end, category: FOUND_CATEGORIES[category] ?? 'OTHER' });
  }
  return ranges;
}

/** The ranges of one text of an item, in order of precedence. */
export function rangesOfText(spans: readonly TextSpans[], text: number): TextRange[] {
  return spans.filter((found) => found[1] === text).flatMap(rangesOf);
}

/** Returns a function that masks the texts of an item, one per call in order. */
export function cutTexts(
  spans: readonly TextSpans[],
  masking: Pick<Masking, 'categories'>,
): (text: string) => string {
  const byText = new Map(spans.map((found) => [found[1], found]));
  let next = 0;
  return (text) => {
    const found = byText.get(next);
    next += 1;
    return found ? maskRanges(text, maskedOf(rangesOf(found), masking)) : text;
  };
}

/** Matches in message contents, which are the first text of each message. */
export function contentSpans(found: FoundSpans): Span[] {
  return found.messages
    .filter(([, text]) => text === 0)
    .flatMap((spans) => rangesOf(spans).map((range) => ({ message: spans[0] ?? 0, ...range })));
}

/** Spans as stored: JSON text, which can be sent to a thread as bytes. */
export interface StoredSpans {
  readonly found: SpanTexts | null;
  readonly added: string;
}

export interface SpanTexts {
  readonly head: string;
  readonly messages: string;
  readonly logs: string;
}

export const spanTextsOf = ({ head, messages, logs }: FoundSpans): SpanTexts => ({
  head: JSON.stringify(head),
  messages: JSON.stringify(messages),
  logs: JSON.stringify(logs),
});

export function parseSpans({ found, added }: StoredSpans): Spans {
  return {
    found: found && {
      head: JSON.parse(found.head),
      messages: JSON.parse(found.messages),
      logs: JSON.parse(found.logs),
    },
    added: JSON.parse(added),
  };
}
