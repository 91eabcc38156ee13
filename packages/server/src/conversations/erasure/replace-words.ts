import { cutPlaces, type Place as TextRange } from '../../redaction/number-spellings.ts';
import type { Word } from '../model/conversation.ts';
import { type Place, placeInSequence, placeWords } from './word-places.ts';

/** Merges the words of each replaced range into one word, which spans their times. */
export function replaceInWords(
  content: string,
  words: readonly Word[],
  ranges: readonly TextRange[],
  find: (text: string) => readonly TextRange[],
): readonly Word[] {
  const placed = ranges.length > 0 ? placeWords(content, words) : undefined;
  const replaced = placed ? joinWords(content, placed, ranges) : words;
  // Words may contain text that the content omits.
  const said = replaced.map(({ word }) => word).join(' ');
  const found = find(said);
  return found.length === 0 ? replaced : joinWords(said, placeInSequence(replaced), found);
}

function joinWords(text: string, places: readonly Place[], ranges: readonly TextRange[]) {
  const words: Word[] = [];
  let next = 0;
  for (let at = 0; at < places.length; ) {
    const first = places[at];
    if (!first) break;
    let last = first;
    let count = 1;
    const inWord: TextRange[] = [];
    while ((ranges[next]?.end ?? Number.POSITIVE_INFINITY) <= first.start) next += 1;
    for (let range = ranges[next]; range && range.start < last.end; ) {
      inWord.push(range);
      while ((places[at + count]?.start ?? Number.POSITIVE_INFINITY) < range.end) {
        last = places[at + count] ?? last;
        count += 1;
      }
      next += 1;
      range = ranges[next];
    }
    at += count;
    words.push(inWord.length === 0 ? first.word : joinText(text, first, last, inWord));
  }
  return words;
}

function joinText(text: string, first: Place, last: Place, ranges: readonly TextRange[]): Word {
  const end = Math.max(last.end, first.end);
  const within = ranges.map((range) => ({
    start: Math.max(0, range.start - first.start),
    end: Math.min(end, range.end) - first.start,
  }));
  return {
    word: cutPlaces(text.slice(first.start, end), within),
    startMs: first.word.startMs,
    endMs: last.word.endMs,
  };
}
