import type { Word } from '../model/conversation.ts';

/** Where a word stands in a text. */
export interface Place {
  readonly word: Word;
  readonly start: number;
  readonly end: number;
}

/** Each word is searched for after the one before it; undefined if one is not found. */
export function placeWords(content: string, words: readonly Word[]): Place[] | undefined {
  const places: Place[] = [];
  let from = 0;
  for (const word of words) {
    const start = content.indexOf(word.word, from);
    if (start < 0) return undefined;
    from = start + word.word.length;
    places.push({ word, start, end: from });
  }
  return places;
}
