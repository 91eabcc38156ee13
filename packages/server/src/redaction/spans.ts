import { detect, FOUND_CATEGORIES, type FoundCategory, type Stretch } from './detection/detect.ts';
import { DigitColumns } from './detection/digit-columns.ts';
import { detectInArray, detectInGroups, type Piece } from './detection/joined-texts.ts';
import { type Masking, maskedOf, maskStretches } from './mask.ts';
import type { MapText } from './text/map-json.ts';
import type { TextGroup } from './text/text-groups.ts';

/** A stretch of the content of a message, which is named by its place among the messages. */
export interface Span extends Stretch {
  readonly message: number;
}

/**
 * What patterns found in a text: the place of its item (a message or log), its place among the texts of
 * the item, then start, end and category of each stretch. Numbers alone, since a hostile conversation
 * may have a million of them.
 */
export type TextSpans = readonly number[];

/** By part, in the order of its items and texts. */
export interface FoundSpans {
  readonly head: readonly TextSpans[];
  readonly messages: readonly TextSpans[];
  readonly logs: readonly TextSpans[];
}

export interface Spans {
  /** null: nothing was searched yet, or by earlier patterns. */
  readonly found: FoundSpans | null;
  /** Marked by a user. */
  readonly added: readonly Span[];
}

const NUMBERS_A_STRETCH = 3;
const FIRST_STRETCH = 2;

/** Searches each text that it is given, as one of an item, and what several of them say together. */
export class TextSearch {
  readonly #country: string | null;
  readonly #alone: TextSpans[] = [];
  /** What was found in several texts: item, text, start, end, category. */
  readonly #together: (readonly [number, number, number, number, number])[] = [];
  readonly #columns = new DigitColumns(({ item, text, ...stretch }) =>
    this.add(item, text, { ...stretch, category: 'CARD' }),
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

  /** Adds what was found by looking at more than this text. */
  add(item: number, text: number, { start, end, category }: Stretch<FoundCategory>): void {
    this.#together.push([item, text, start, end, FOUND_CATEGORIES.indexOf(category)]);
  }

  readonly map: MapText = Object.assign((text: string) => this.#search(text), {
    array: (texts: readonly string[]) => {
      const [first, name] = [this.#text, this.#before];
      // Each item is named by what is before the array.
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
    for (const { text, ...stretch } of pieces) this.add(this.#item, first + text, stretch);
    return texts;
  }

  /** Those texts that have something, in their order. */
  finish(): readonly TextSpans[] {
    this.#columns.finish();
    if (this.#together.length === 0) return this.#alone;
    // They come first: digits that are a phone number alone are part of a card.
    const byText = new Map<string, number[]>();
    for (const [item, text, ...numbers] of this.#together) {
      const known = byText.get(`${item} ${text}`) ?? [item, text];
      byText.set(`${item} ${text}`, known);
      if (!includesStretch(known, numbers)) known.push(...numbers);
    }
    for (const [item = 0, text = 0, ...numbers] of this.#alone) {
      const known = byText.get(`${item} ${text}`) ?? [item, text];
      byText.set(`${item} ${text}`, known.concat(numbers));
    }
    return [...byText.values()].sort(
      ([itemA = 0, textA = 0], [itemB = 0, textB = 0]) => itemA - itemB || textA - textB,
    );
  }

  #search(text: string, name = this.#before): string {
    const stretches = detect(text, this.#country);
    if (stretches.length > 0) {
      const numbers = stretches.flatMap(({ start, end, category }) => [
        start,
        end,
        FOUND_CATEGORIES.indexOf(category),
      ]);
      this.#alone.push([this.#item, this.#text, ...numbers]);
    }
    const place = { item: this.#item, text: this.#text };
    if (this.#at !== null) this.#columns.add(text, name, { ...place, at: this.#at });
    this.#before = text;
    this.#text += 1;
    return text;
  }
}

/** Looks at the last stretches alone: others are of another place. */
function includesStretch(spans: readonly number[], [start, end, category]: readonly number[]) {
  const first = Math.max(FIRST_STRETCH, spans.length - MAX_COMPARED * NUMBERS_A_STRETCH);
  for (let at = first; at < spans.length; at += NUMBERS_A_STRETCH) {
    if (spans[at] === start && spans[at + 1] === end && spans[at + 2] === category) return true;
  }
  return false;
}

const MAX_COMPARED = 8;

/** By item what was found in it. */
export const byItem = (part: readonly TextSpans[]): ReadonlyMap<number, readonly TextSpans[]> =>
  Map.groupBy(part, ([item = 0]) => item);

export function stretchesOf(spans: TextSpans): Stretch[] {
  const stretches: Stretch[] = [];
  for (let at = FIRST_STRETCH; at < spans.length; at += NUMBERS_A_STRETCH) {
    const [start = 0, end = 0, category = 0] = spans.slice(at, at + NUMBERS_A_STRETCH);
    stretches.push({ start, end, category: FOUND_CATEGORIES[category] ?? 'OTHER' });
  }
  return stretches;
}

/** Stretches of one text of an item, in the order in which they count where they overlap. */
export function stretchesOfText(spans: readonly TextSpans[], text: number): Stretch[] {
  return spans.filter((found) => found[1] === text).flatMap(stretchesOf);
}

/** Cuts the stretches that are masked out of the texts of an item, one text after the other. */
export function cutTexts(
  spans: readonly TextSpans[],
  masking: Pick<Masking, 'categories'>,
): (text: string) => string {
  const byText = new Map(spans.map((found) => [found[1], found]));
  let next = 0;
  return (text) => {
    const found = byText.get(next);
    next += 1;
    return found ? maskStretches(text, maskedOf(stretchesOf(found), masking)) : text;
  };
}

/** What was found in the contents of messages, which are the first text of each. */
export function contentSpans(found: FoundSpans): Span[] {
  return found.messages
    .filter(([, text]) => text === 0)
    .flatMap((spans) =>
      stretchesOf(spans).map((stretch) => ({ message: spans[0] ?? 0, ...stretch })),
    );
}

/** Spans as they are stored: JSON texts, which a thread can be given as bytes. */
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
