import { detect, FOUND_CATEGORIES, type Stretch } from './detect.ts';
import { type Masking, maskedOf, maskStretches } from './mask.ts';

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

/** Searches each text that it is given, as one of an item; `found` are those that have something. */
export class TextSearch {
  readonly found: TextSpans[] = [];
  #item = 0;
  #text = 0;

  begin(item: number): void {
    this.#item = item;
    this.#text = 0;
  }

  readonly map = (text: string): string => {
    const stretches = detect(text);
    if (stretches.length > 0) {
      const numbers = stretches.flatMap(({ start, end, category }) => [
        start,
        end,
        FOUND_CATEGORIES.indexOf(category),
      ]);
      this.found.push([this.#item, this.#text, ...numbers]);
    }
    this.#text += 1;
    return text;
  };
}

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
