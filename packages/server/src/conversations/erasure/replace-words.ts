import { cutPlaces, type Place as Stretch } from '../../redaction/number-spellings.ts';
import type { Word } from '../model/conversation.ts';
import { type Place, placeWords } from './word-places.ts';

/**
 * The words of a content of which stretches were replaced: those of one stretch become one word that has
 * the time of all of them.
 */
export function replaceInWords(
  content: string,
  words: readonly Word[],
  stretches: readonly Stretch[],
  find: (text: string) => readonly Stretch[],
): readonly Word[] {
  const placed = stretches.length > 0 ? placeWords(content, words) : undefined;
  const replaced = placed ? joinWords(content, placed, stretches) : words;
  // Words may say what the content leaves out.
  const said = replaced.map(({ word }) => word).join(' ');
  const found = find(said);
  return found.length === 0 ? replaced : joinWords(said, placesOf(replaced), found);
}

function placesOf(words: readonly Word[]): Place[] {
  let from = 0;
  return words.map((word) => {
    const start = from;
    from += word.word.length + 1;
    return { word, start, end: from - 1 };
  });
}

function joinWords(
  text: string,
  places: readonly Place[],
  stretches: readonly Stretch[],
): readonly Word[] {
  const words: Word[] = [];
  let next = 0;
  for (let at = 0; at < places.length; ) {
    const first = places[at];
    if (!first) break;
    let last = first;
    let count = 1;
    const touching: Stretch[] = [];
    while ((stretches[next]?.end ?? Number.POSITIVE_INFINITY) <= first.start) next += 1;
    for (let stretch = stretches[next]; stretch && stretch.start < last.end; ) {
      touching.push(stretch);
      while ((places[at + count]?.start ?? Number.POSITIVE_INFINITY) < stretch.end) {
        last = places[at + count] ?? last;
        count += 1;
      }
      next += 1;
      stretch = stretches[next];
    }
    at += count;
    words.push(touching.length === 0 ? first.word : joined(text, first, last, touching));
  }
  return words;
}

function joined(text: string, first: Place, last: Place, stretches: readonly Stretch[]): Word {
  const end = Math.max(last.end, first.end);
  const within = stretches.map((stretch) => ({
    start: Math.max(0, stretch.start - first.start),
    end: Math.min(end, stretch.end) - first.start,
  }));
  return {
    word: cutPlaces(text.slice(first.start, end), within),
    startMs: first.word.startMs,
    endMs: last.word.endMs,
  };
}
