import type { SilentStretch } from '../../recordings/derived/silenced-store.ts';
import type { Stretch } from '../../redaction/detection/detect.ts';
import { maskedOf } from '../../redaction/mask.ts';
import { byItem, type FoundSpans, type Spans, stretchesOfText } from '../../redaction/spans.ts';
import { type Place, placeWords } from '../erasure/word-places.ts';
import type { Conversation, Message, Word } from '../model/conversation.ts';
import { possibleStarts, type RecordingPlace } from '../model/recording-start.ts';
import { CONTENT, UNPLACED_WORDS } from '../model/texts.ts';

/** Recognisers do not cut words to the sample. */
const MARGIN_MILLISECONDS = 150;

/**
 * When something is said in a recording that is masked for these categories: in seconds from its start,
 * apart and in their order. null: it is no longer known, since the messages were purged.
 */
export function silentStretches(
  conversation: Conversation,
  { found, added }: { readonly found: FoundSpans; readonly added: Spans['added'] },
  categories: ReadonlySet<string>,
  recording: RecordingPlace,
): SilentStretch[] | null {
  const { messages, purged } = conversation;
  if (purged?.transcript !== undefined) return null;
  const { participantId } = recording;
  const [foundIn, addedTo] = [byItem(found.messages), Map.groupBy(added, (span) => span.message)];
  const starts = possibleStarts(conversation, recording);
  const next = nextOf(messages);
  const stretches: SilentStretch[] = [];
  for (const [at, message] of messages.entries()) {
    if (participantId !== '_mixed' && message.senderId !== participantId) continue;
    const own = foundIn.get(at) ?? [];
    const spans = {
      content: [...(addedTo.get(at) ?? []), ...stretchesOfText(own, CONTENT)],
      words: stretchesOfText(own, UNPLACED_WORDS),
    };
    for (const [from, to] of timesOf(message, spans, categories, next)) {
      for (const { earliest, latest } of starts) {
        const end = to + MARGIN_MILLISECONDS - earliest;
        if (end <= 0) continue;
        stretches.push([Math.max(0, from - MARGIN_MILLISECONDS - latest) / 1000, end / 1000]);
      }
    }
  }
  return joined(stretches);
}

/** When the next message begins after one of a time. */
function nextOf(messages: readonly Message[]): ReadonlyMap<number, number> {
  const times = [...new Set(messages.map(({ at }) => at))].sort((a, b) => a - b);
  return new Map(times.map((at, index) => [at, times[index + 1] ?? Number.POSITIVE_INFINITY]));
}

/** In milliseconds since 1970: of the words that are masked where their times are told, else of all. */
function timesOf(
  message: Message,
  spans: { readonly content: readonly Stretch[]; readonly words: readonly Stretch[] },
  categories: ReadonlySet<string>,
  next: ReadonlyMap<number, number>,
): [number, number][] {
  const { at, endedAt, content, words = [] } = message;
  const places = placeWords(content, words);
  // Words that do not stand in the content may say what it leaves out.
  const heard = places ? [] : maskedOf(spans.words, { categories });
  const byWords = heard.map((stretch) => timesOfWords(at, saidIn(inARow(words), stretch)));
  const masked = maskedOf(spans.content, { categories });
  const times = masked.map((stretch) => {
    const said = saidIn(places ?? [], stretch);
    return isCovered(content, stretch, said) ? timesOfWords(at, said) : null;
  });
  const known = times.filter((time) => time !== null);
  if (known.length === times.length) return [...known, ...byWords];
  const end = Math.max(at, endedAt ?? next.get(at) ?? Number.POSITIVE_INFINITY);
  return [[at, end], ...byWords];
}

/** Where words stand in the text that they make by themselves. */
function inARow(words: readonly Word[]): Place[] {
  let end = -1;
  return words.map((word) => {
    const start = end + 1;
    end = start + word.word.length;
    return { word, start, end };
  });
}

const saidIn = (places: readonly Place[], stretch: Stretch) =>
  places.filter(({ start, end }) => start < stretch.end && stretch.start < end);

const timesOfWords = (at: number, said: readonly Place[]): [number, number] => [
  at + Math.min(...said.map(({ word }) => word.startMs)),
  at + Math.max(...said.map(({ word }) => word.endMs)),
];

/** Whether every letter and digit of a stretch is in one of those words. */
function isCovered(content: string, { start, end }: Stretch, said: readonly Place[]): boolean {
  let from = start;
  for (const place of said) {
    if (SOUND.test(content.slice(from, Math.max(from, place.start)))) return false;
    from = Math.max(from, place.end);
  }
  return said.length > 0 && !SOUND.test(content.slice(from, Math.max(from, end)));
}

const SOUND = /[\p{L}\p{N}]/u;

/** What overlaps becomes one. The end of a message that nothing follows is that of the file. */
function joined(stretches: readonly SilentStretch[]): SilentStretch[] {
  const result: [number, number][] = [];
  for (const [from, to] of stretches.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    const end = Number.isFinite(to) ? to : END_OF_TIME;
    if (last && from <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([from, end]);
  }
  return result;
}

/** As JSON can say it: 300 years of seconds. */
const END_OF_TIME = 1e10;
