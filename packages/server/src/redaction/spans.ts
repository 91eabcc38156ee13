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

/** A range in the content of the message with this index. */
export interface Span extends TextRange {
  readonly message: number;
}

/**
 * Indexes of an item (a message or log) and a text in it, then start, end and category of each range.
 * Only numbers, because a hostile conversation may have a million ranges.
 */
export type TextSpans = readonly number[];

export interface FoundSpans {
  readonly head: readonly TextSpans[];
  readonly messages: readonly TextSpans[];
  readonly logs: readonly TextSpans[];
}

export interface Spans {
  /** null: not searched with the current patterns. */
  readonly found: FoundSpans | null;
  readonly added: readonly Span[];
}

const NUMBERS_PER_RANGE = 3;
const FIRST_RANGE = 2;

export class TextSearch {
  readonly #country: string | null;
  readonly #inText: TextSpans[] = [];
  readonly #acrossTexts: TextSpans[] = [];
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

  /** Digits in items of about the same time may belong together. */
  begin(item: number, at: number): void {
    this.#item = item;
    this.#text = 0;
    this.#at = at;
    this.#before = '';
  }

  add(item: number, text: number, range: TextRange<FoundCategory>): void {
    this.#acrossTexts.push([item, text, ...numbersOf(range)]);
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
    for (const [item = 0, text = 0, ...numbers] of this.#acrossTexts) {
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
      this.#inText.push([this.#item, this.#text, ...ranges.flatMap(numbersOf)]);
    }
    const place = { item: this.#item, text: this.#text };
    if (this.#at !== null) this.#columns.add(text, name, { ...place, at: this.#at });
    this.#before = text;
    this.#text += 1;
    return text;
  }
}

const numbersOf = ({ start, end, category }: TextRange<FoundCategory>) =>
  [start, end, FOUND_CATEGORIES.indexOf(category)] as const;

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

function rangesOf(spans: TextSpans): TextRange[] {
  const ranges: TextRange[] = [];
  for (let at = FIRST_RANGE; at < spans.length; at += NUMBERS_PER_RANGE) {
    const [start = 0, end = 0, category = 0] = spans.slice(at, at + NUMBERS_PER_RANGE);
    ranges.push({ start, end, category: FOUND_CATEGORIES[category] ?? 'OTHER' });
  }
  return ranges;
}

export function rangesOfText(spans: readonly TextSpans[], text: number): TextRange[] {
  return spans.filter((found) => found[1] === text).flatMap(rangesOf);
}

/** Returns a function that masks the texts of an item, one per call in order. */
export function cutTexts(spans: readonly TextSpans[], masking: Pick<Masking, 'categories'>) {
  const byText = new Map(spans.map((found) => [found[1], found]));
  let next = 0;
  return (text: string) => {
    const found = byText.get(next);
    next += 1;
    return found ? maskRanges(text, maskedOf(rangesOf(found), masking)) : text;
  };
}

/** The content is the first text of a message. */
export function contentSpans(found: FoundSpans): Span[] {
  return found.messages
    .filter(([, text]) => text === 0)
    .flatMap((spans) => rangesOf(spans).map((range) => ({ message: spans[0] ?? 0, ...range })));
}

/** JSON texts, which can be sent to a thread as bytes. */
export interface StoredSpans {
  readonly found: SpanTexts | null;
  readonly added: string;
}

export type SpanTexts = Readonly<Record<keyof FoundSpans, string>>;

export const spanTextsOf = ({ head, messages, logs }: FoundSpans): SpanTexts => ({
  head: JSON.stringify(head),
  messages: JSON.stringify(messages),
  logs: JSON.stringify(logs),
});

export function parseFound({ head, messages, logs }: SpanTexts): FoundSpans {
  return { head: JSON.parse(head), messages: JSON.parse(messages), logs: JSON.parse(logs) };
}

export function parseSpans({ found, added }: StoredSpans): Spans {
  return { found: found && parseFound(found), added: JSON.parse(added) };
}
