import type { MutedRange } from '../../recordings/derived/muted-store.ts';
import type { TextRange } from '../../redaction/detection/detect.ts';
import { maskedOf } from '../../redaction/mask.ts';
import { byItem, type FoundSpans, rangesOfText, type Spans } from '../../redaction/spans.ts';
import { type Place, placeInSequence, placeWords } from '../erasure/word-places.ts';
import type { Conversation, Message } from '../model/conversation.ts';
import { possibleStarts, type RecordingPlace } from '../model/recording-start.ts';
import { CONTENT, UNPLACED_WORDS } from '../model/texts.ts';

/** Speech recognition does not cut words to the sample. */
const MARGIN_MILLISECONDS = 150;

/** In seconds from the start, sorted and disjoint. null: unknown, because the messages were purged. */
export function findMutedRanges(
  conversation: Conversation,
  { found, added }: { readonly found: FoundSpans; readonly added: Spans['added'] },
  categories: ReadonlySet<string>,
  recording: RecordingPlace,
): MutedRange[] | null {
  const { messages, purged } = conversation;
  if (purged?.transcript !== undefined) return null;
  const { participantId } = recording;
  const [foundIn, addedTo] = [byItem(found.messages), Map.groupBy(added, (span) => span.message)];
  const starts = possibleStarts(conversation, recording);
  const next = findNextTimes(messages);
  const ranges: MutedRange[] = [];
  for (const [at, message] of messages.entries()) {
    if (participantId !== '_mixed' && message.senderId !== participantId) continue;
    const foundHere = foundIn.get(at) ?? [];
    const spans = {
      content: [...(addedTo.get(at) ?? []), ...rangesOfText(foundHere, CONTENT)],
      words: rangesOfText(foundHere, UNPLACED_WORDS),
    };
    for (const [from, to] of timesOf(message, spans, categories, next)) {
      for (const { earliest, latest } of starts) {
        const end = to + MARGIN_MILLISECONDS - earliest;
        if (end <= 0) continue;
        ranges.push([Math.max(0, from - MARGIN_MILLISECONDS - latest) / 1000, end / 1000]);
      }
    }
  }
  return mergeRanges(ranges);
}

function findNextTimes(messages: readonly Message[]): ReadonlyMap<number, number> {
  const times = [...new Set(messages.map(({ at }) => at))].sort((a, b) => a - b);
  return new Map(times.map((at, index) => [at, times[index + 1] ?? Number.POSITIVE_INFINITY]));
}

function timesOf(
  message: Message,
  spans: { readonly content: readonly TextRange[]; readonly words: readonly TextRange[] },
  categories: ReadonlySet<string>,
  next: ReadonlyMap<number, number>,
): [number, number][] {
  const { at, endedAt, content, words = [] } = message;
  const places = placeWords(content, words);
  // Words without a place in the content may contain text that the content omits.
  const unplaced = places ? [] : maskedOf(spans.words, { categories });
  const byWords = unplaced.map((range) => timesOfWords(at, saidIn(placeInSequence(words), range)));
  const masked = maskedOf(spans.content, { categories });
  const times = masked.map((range) => {
    const said = saidIn(places ?? [], range);
    return isCovered(content, range, said) ? timesOfWords(at, said) : null;
  });
  const known = times.filter((time) => time !== null);
  if (known.length === times.length) return [...known, ...byWords];
  const end = Math.max(at, endedAt ?? next.get(at) ?? Number.POSITIVE_INFINITY);
  return [[at, end], ...byWords];
}

const saidIn = (places: readonly Place[], range: TextRange) =>
  places.filter(({ start, end }) => start < range.end && range.start < end);

const timesOfWords = (at: number, said: readonly Place[]): [number, number] => [
  at + Math.min(...said.map(({ word }) => word.startMs)),
  at + Math.max(...said.map(({ word }) => word.endMs)),
];

function isCovered(content: string, { start, end }: TextRange, said: readonly Place[]): boolean {
  let from = start;
  for (const place of said) {
    if (SOUND.test(content.slice(from, Math.max(from, place.start)))) return false;
    from = Math.max(from, place.end);
  }
  return said.length > 0 && !SOUND.test(content.slice(from, Math.max(from, end)));
}

const SOUND = /[\p{L}\p{N}]/u;

/** A range that no message follows extends to the end of the file. */
function mergeRanges(ranges: readonly MutedRange[]): MutedRange[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    const end = Number.isFinite(to) ? to : END_OF_TIME;
    if (last && from <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([from, end]);
  }
  return result;
}

/** A finite number for JSON; 300 years in seconds. */
const END_OF_TIME = 1e10;
