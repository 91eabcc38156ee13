import { ABOUT_KEYS } from '../about-keys.ts';
import type { TextGroup } from '../text/text-groups.ts';
import { detect, type FoundCategory, type TextRange } from './detect.ts';

export interface Piece extends TextRange<FoundCategory> {
  readonly text: number;
}

/** Finds what several texts contain only together. */
export function detectAcross(
  texts: readonly string[],
  separator: string,
  categories: readonly FoundCategory[],
  country: string | null = null,
): Piece[] {
  const starts: number[] = [];
  let length = 0;
  for (const text of texts) {
    starts.push(length);
    length += text.length + separator.length;
  }
  const joined = texts.join(separator);
  const found = detect(joined, country).filter(({ category }) => categories.includes(category));
  found.sort((a, b) => a.start - b.start);
  let first = 0;
  return found.flatMap((range) => {
    while ((starts[first + 1] ?? length) <= range.start) first += 1;
    const isWithin = range.end <= (starts[first + 1] ?? length);
    return isWithin ? [] : piecesOf(range, texts, starts, first);
  });
}

function piecesOf(
  { start, end, category }: TextRange<FoundCategory>,
  texts: readonly string[],
  starts: readonly number[],
  first: number,
): Piece[] {
  const pieces: Piece[] = [];
  for (let text = first; (starts[text] ?? end) < end; text += 1) {
    const from = starts[text] ?? 0;
    const first = Math.max(0, start - from);
    const last = Math.min(texts[text]?.length ?? 0, end - from);
    if (first < last) pieces.push({ text, start: first, end: last, category });
  }
  return pieces;
}

const IS_FRACTION = /^-?\d+\.\d|e[+-]\d/i;

export function detectInArray(texts: readonly string[], country: string | null): Piece[] {
  const groups = texts.map((text) => (IS_FRACTION.test(text) ? 'x' : text));
  return detectAcross(groups, ' ', ['CARD', 'IBAN', 'PHONE'], country).filter(
    ({ text, end }) => end <= (texts[text]?.length ?? 0),
  );
}

export function detectInGroups(
  texts: readonly string[],
  groups: readonly TextGroup[],
  country: string | null,
): Piece[] {
  return groups.flatMap(({ key, places }) => {
    const own = places.map((place) => texts[place] ?? '');
    const pieces = key === null ? detectInArray(own, country) : detectInColumn(own, key);
    return pieces.map((piece) => ({ ...piece, text: places[piece.text] ?? 0 }));
  });
}

/** Prices are a card number only together or if their key indicates it. */
function detectInColumn(texts: readonly string[], key: string): Piece[] {
  const pieces = detectInArray(texts, null).filter(({ category }) => category !== 'PHONE');
  const isTyped = ABOUT_KEYS.test(key) || texts.every((text) => text.length <= 1);
  const isWhole = new Set(pieces.map(({ text }) => text)).size === texts.length;
  return isTyped || isWhole ? pieces : [];
}
