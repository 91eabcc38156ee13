import type { Word } from '../model/conversation.ts';

export interface Place {
  readonly word: Word;
  readonly start: number;
  readonly end: number;
}

/** Searches each word after the previous one; undefined if one is not found. */
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

/** Places in the text that results from joining the words by spaces. */
export function placeInSequence(words: readonly Word[]): Place[] {
  let end = -1;
  return words.map((word) => {
    const start = end + 1;
    end = start + word.word.length;
    return { word, start, end };
  });
}
