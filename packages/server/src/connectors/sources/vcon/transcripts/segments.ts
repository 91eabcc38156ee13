import {
  type Fields,
  fieldsOf,
  isEmpty,
  jsonOrText,
  listOf,
  numberOf,
  textOf,
} from '../../fields.ts';
import { firstText } from '../values.ts';

/** What one speaker says at once, as a transcript has it. */
export interface Segment {
  readonly text: string;
  readonly speaker: SpeakerName | null;
  /** RFC 3339, or a number: since the beginning of the dialog, in the unit of the transcript. */
  readonly start: unknown;
  readonly end: unknown;
  /** In seconds. */
  readonly duration: unknown;
  readonly confidence: number | null;
  readonly words: readonly Fields[];
}

/** A label is a name, a role, or the number of a voice. */
export interface SpeakerName {
  readonly kind: 'Label' | 'Party' | 'Channel';
  readonly value: unknown;
}

const MAX_DEPTH = 8;
/** Where transcripts have their segments: WTF, Deepgram, Whisper, AssemblyAI and those of models. */
const LISTS = [
  'utterances',
  'segments',
  'paragraphs',
  'messages',
  'turns',
  'conversation',
  'entries',
  'sentences',
];
const CONTAINERS = ['results', 'result', 'data', 'transcript', 'transcription'];
const TEXTS = ['text', 'message', 'content', 'transcript', 'utterance', 'sentence', 'body'];
const LABELS = ['speaker', 'speaker_id', 'speaker_name', 'speaker_label', 'role', 'name', 'from'];
const STARTS = ['start', 'start_time', 'startTime', 'timestamp', 'time', 'begin', 'offset'];
const ENDS = ['end', 'end_time', 'endTime'];
const WORD_TEXTS = ['punctuated_word', 'text', 'word'];

/** A text without any speaker is one segment. Empty if the form is not known. */
export function segmentsIn(body: unknown, isSpeaker: (label: string) => boolean): Segment[] {
  return read(body, isSpeaker, 0).filter(({ text }) => text.trim() !== '');
}

function read(value: unknown, isSpeaker: (label: string) => boolean, depth: number): Segment[] {
  if (depth > MAX_DEPTH) return [];
  const within = (inner: unknown) => read(inner, isSpeaker, depth + 1);
  if (typeof value === 'string') {
    const json = /^\s*[[{"]/.test(value) ? jsonOrText(value) : value;
    return json === value ? segmentsOfText(value, isSpeaker) : within(json);
  }
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item === 'string')) return within(value.join('\n'));
    const items = listOf(value);
    return items.some((item) => 'word' in item) ? segmentsOfWords(items) : items.map(segmentOf);
  }
  if (typeof value !== 'object' || value === null) return [];
  const fields = fieldsOf(value);
  for (const name of LISTS) {
    if (Array.isArray(fields[name])) {
      const segments = within(withWords(fields, name));
      if (segments.length > 0) return withLabels(segments, fields);
    } else if (name in fieldsOf(fields[name])) {
      // Deepgram has the list of paragraphs in an object beside their text.
      return within(fields[name]);
    }
  }
  if (listOf(fields.channels).length > 0) return segmentsOfChannels(fields.channels, within);
  if (listOf(fields.alternatives).length > 0) return within(listOf(fields.alternatives)[0]);
  if (listOf(fields.words).length > 0) return segmentsOfWords(listOf(fields.words));
  const container = CONTAINERS.map((name) => fields[name]).find(
    (inner) => !isEmpty(fieldsOf(inner)),
  );
  return within(container ?? firstText(fields, TEXTS));
}

function segmentOf(fields: Fields): Segment {
  const sentences = listOf(fields.sentences).map((sentence) => firstText(sentence, TEXTS) ?? '');
  const content = Array.isArray(fields.content) ? fields.content.filter(isText).join('\n') : null;
  return {
    text: firstText(fields, TEXTS) ?? content ?? sentences.join(' '),
    speaker: speakerOf(fields),
    start: firstOf(fields, STARTS),
    end: firstOf(fields, ENDS),
    duration: fields.duration,
    confidence: numberOf(fields.confidence),
    words: listOf(fields.words),
  };
}

const isText = (value: unknown) => typeof value === 'string';

const firstOf = (fields: Fields, names: readonly string[]): unknown =>
  names.map((name) => fields[name]).find((value) => value !== undefined && value !== null);

function speakerOf(fields: Fields): SpeakerName | null {
  const party = firstOf(fields, ['party', 'parties']);
  if (party !== undefined) return { kind: 'Party', value: party };
  const label = firstOf(fields, LABELS);
  if (label !== undefined) {
    // AWS and others have an object.
    const inner = firstText(fieldsOf(label), ['label', 'name', 'id']);
    return { kind: 'Label', value: inner ?? label };
  }
  const { channel } = fields;
  return channel === undefined || channel === null ? null : { kind: 'Channel', value: channel };
}

/** WTF segments refer to words by their ids. */
function withWords(fields: Fields, name: string): unknown[] {
  const words = new Map<unknown, Fields>(
    listOf(fields.words).map((word, index) => [word.id ?? index, word]),
  );
  return listOf(fields[name]).map((segment) => {
    const ids: readonly unknown[] = Array.isArray(segment.words) ? segment.words : [];
    if (!ids.some((id) => words.has(id))) return segment;
    return { ...segment, words: ids.map((id) => words.get(id)) };
  });
}

/** WTF may say which label the number of a voice has. */
function withLabels(segments: readonly Segment[], { speakers }: Fields): Segment[] {
  const given = Object.entries(fieldsOf(speakers)).map(
    ([key, value]) => [key, fieldsOf(value)] as const,
  );
  const listed = listOf(speakers).map((speaker) => [textOf(speaker.id) ?? '', speaker] as const);
  const labels = new Map([...given, ...listed].map(([id, { label, name }]) => [id, label ?? name]));
  return segments.map((segment) => {
    const label = textOf(labels.get(textOf(segment.speaker?.value) ?? ''));
    return label === null ? segment : { ...segment, speaker: { kind: 'Label', value: label } };
  });
}

/** Of a file with several channels, each of which has speakers of its own. */
function segmentsOfChannels(channels: unknown, within: (inner: unknown) => Segment[]): Segment[] {
  const lists = listOf(channels).map(within);
  if (lists.length === 1) return lists[0] ?? [];
  return lists.flatMap((segments, value) =>
    segments.map((segment) => ({ ...segment, speaker: { kind: 'Channel' as const, value } })),
  );
}

/** Words one after the other of the same speaker. */
function segmentsOfWords(words: readonly Fields[]): Segment[] {
  const groups: Fields[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    const isSame = group?.[0]?.speaker === word.speaker && group?.[0]?.channel === word.channel;
    if (group && isSame) group.push(word);
    else groups.push([word]);
  }
  return groups.map((group) => {
    const { speaker, channel } = group[0] ?? {};
    return {
      text: group.map((word) => wordTextOf(word)).join(' '),
      speaker: speakerOf({ speaker, channel }),
      start: firstOf(group[0] ?? {}, STARTS),
      end: firstOf(group.at(-1) ?? {}, ENDS),
      duration: null,
      confidence: null,
      words: group,
    };
  });
}

export const wordTextOf = (word: Fields): string => firstText(word, WORD_TEXTS) ?? '';

export const wordTimesOf = (word: Fields) => ({
  start: numberOf(firstOf(word, STARTS)),
  end: numberOf(firstOf(word, ENDS)),
});

const MAX_LABEL = 64;

/** Lines such as `Agent: Hello`, if their labels are speakers; other lines continue the one before. */
function segmentsOfText(text: string, isSpeaker: (label: string) => boolean): Segment[] {
  const spoken: { readonly speaker: SpeakerName | null; readonly lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const colon = line.slice(0, MAX_LABEL).indexOf(':');
    // Models write labels in bold.
    const label = line.slice(0, Math.max(colon, 0)).replaceAll(/[*_]/g, '').trim();
    const rest = line
      .slice(colon + 1)
      .replace(/^[*_]+/, '')
      .trim();
    const last = spoken.at(-1);
    if (label !== '' && rest !== '' && isSpeaker(label)) {
      spoken.push({ speaker: { kind: 'Label', value: label }, lines: [rest] });
    } else if (last) {
      last.lines.push(line);
    } else if (line.trim() !== '') {
      spoken.push({ speaker: null, lines: [line] });
    }
  }
  return spoken.map(({ speaker, lines }) => plainSegment(lines.join('\n').trim(), speaker));
}

const plainSegment = (text: string, speaker: SpeakerName | null): Segment => ({
  text,
  speaker,
  start: null,
  end: null,
  duration: null,
  confidence: null,
  words: [],
});
