import { type Fields, fieldsOf, numberOf, textOf, type Warnings } from '../../fields.ts';
import type { Moment, ReportedMessage } from '../../source.ts';
import type { Dialog } from '../dialogs.ts';
import type { Party } from '../parties.ts';
import { bodyOf, firstText, indicesOf, millisecondsOf, vconInstantOf } from '../values.ts';
import { type Segment, segmentsIn, wordTextOf, wordTimesOf } from './segments.ts';
import { Speakers, voiceOf } from './speakers.ts';

type KnownMoment = NonNullable<Moment>;

export interface Reading {
  readonly vcon: Fields;
  readonly dialogs: readonly Dialog[];
  readonly parties: readonly (Party | null)[];
  readonly startTime: number | null;
  readonly warnings: Warnings;
}

const TRANSCRIPTS: ReadonlySet<string> = new Set([
  'transcript',
  'transcript-redacted',
  'transcription',
  'wtf_transcription',
  'wtf',
  'diarized',
]);

export const isTranscript = ({ type }: Fields): boolean => TRANSCRIPTS.has(textOf(type) ?? '');

/** Texts and transcripts in the order of time; dialogs are in the order in which they were added. */
export function readMessages(reading: Reading): ReportedMessage[] {
  const texts = reading.dialogs.flatMap((dialog) => textMessage(dialog, reading));
  const spoken = chooseTranscripts(reading).flatMap((transcript) => spokenIn(transcript, reading));
  const timeOf = ({ at }: ReportedMessage) => (typeof at === 'number' ? at : (at?.sinceStart ?? 0));
  return [...texts, ...spoken].sort((a, b) => timeOf(a) - timeOf(b));
}

function textMessage(dialog: Dialog, { parties, startTime, warnings }: Reading): ReportedMessage[] {
  const { fields, type, start, end } = dialog;
  if (type !== 'text') return [];
  const body = bodyOf(fields, warnings);
  if (body === null) {
    if (textOf(fields.url) !== null) {
      warnings.add('The text of a dialog is in another file and was left out.');
    }
    return [];
  }
  const mediatype = textOf(fields.mediatype)?.toLowerCase() ?? 'text/plain';
  if (!/^text\/plain\b|\bjson\b/.test(mediatype)) {
    warnings.add('A text that is not text/plain was kept as it is, with its markup.');
  }
  const party = dialog.originator === null ? null : (parties[dialog.originator] ?? null);
  const at = start ?? startTime;
  return [
    {
      ...senderOf(party),
      content:
        typeof body === 'string'
          ? body
          : (firstText(fieldsOf(body), ['text', 'message', 'content', 'body']) ??
            JSON.stringify(body)),
      at: at ?? { sinceStart: 0 },
      ...(end !== null && start !== null && end > start && { endedAt: end }),
    },
  ];
}

function senderOf(party: Party | null): Pick<ReportedMessage, 'senderId' | 'role'> {
  if (party === null) return { senderId: null, role: 'System' };
  return { senderId: party.id, role: party.side === 'Client' ? 'User' : 'Agent' };
}

interface Transcript {
  readonly dialog: Dialog | null;
  readonly indices: readonly number[];
  readonly segments: readonly Segment[];
  readonly speakers: Speakers;
  readonly isMilliseconds: boolean;
}

/** The fullest one of each dialog that has no texts of its own; the last one of equals. */
function chooseTranscripts(reading: Reading): Transcript[] {
  const { vcon, dialogs } = reading;
  const entries: readonly unknown[] = Array.isArray(vcon.analysis) ? vcon.analysis : [];
  const found = entries
    .map(fieldsOf)
    .filter(isTranscript)
    .map((entry) => readTranscript(entry, reading))
    .filter(({ segments }) => segments.length > 0)
    .reverse()
    .sort((a, b) => fullness(b) - fullness(a));
  const covered = new Set(dialogs.keys().filter((index) => dialogs[index]?.type === 'text'));
  const chosen: Transcript[] = [];
  for (const transcript of found) {
    const { indices } = transcript;
    const isNew = indices.length > 0 ? !indices.some((at) => covered.has(at)) : chosen.length === 0;
    if (!isNew) continue;
    chosen.push(transcript);
    for (const index of indices) covered.add(index);
  }
  return chosen;
}

/** Who spoke counts before the number of segments. */
const fullness = ({ segments }: Transcript) =>
  segments.filter(({ speaker }) => speaker !== null).length * 1000 + segments.length;

function readTranscript(entry: Fields, { dialogs, parties, warnings }: Reading): Transcript {
  const indices = indicesOf(entry.dialog);
  const dialog = dialogs[indices[0] ?? -1] ?? null;
  const speakers = new Speakers({ parties, dialog, warnings });
  const isSpeaker = (label: string) =>
    speakers.named(label) !== null || /^speaker[\s_-]*\w{1,3}$/i.test(label.trim());
  const body = bodyOf(entry, warnings);
  const segments = body === null ? [] : segmentsIn(body, isSpeaker);
  if (segments.length === 0) {
    const isExternal = body === null && textOf(entry.url) !== null;
    warnings.add(
      isExternal
        ? 'A transcript is in another file and was left out.'
        : 'A transcript has an unknown form and was left out.',
    );
  }
  return {
    dialog,
    indices,
    segments,
    speakers,
    isMilliseconds: isInMilliseconds(segments, dialog),
  };
}

/** Most transcripts count seconds; a call of more than a day would be one in milliseconds. */
function isInMilliseconds(segments: readonly Segment[], dialog: Dialog | null): boolean {
  const seconds = millisecondsOf(dialog?.fields.duration) ?? 0;
  const latest = segments
    .flatMap(({ start, end }) => [numberOf(start) ?? 0, numberOf(end) ?? 0])
    .filter((time) => time < 1e9)
    .reduce((most, time) => Math.max(most, time), 0);
  return latest > (seconds > 0 ? Math.max(seconds / 100, 100) : 86_400);
}

function spokenIn(transcript: Transcript, { startTime, warnings }: Reading): ReportedMessage[] {
  const { segments, speakers, dialog, isMilliseconds } = transcript;
  const base = dialog?.start ?? startTime;
  const unit = isMilliseconds ? 1 : 1000;
  const labels = segments.map(({ speaker }) => voiceOf(speaker?.value));
  const voices = new Set(labels.filter((voice) => voice !== null));
  let reached: KnownMoment = base ?? { sinceStart: 0 };
  return segments.map((segment) => {
    const party = speakers.find(segment.speaker, voices);
    if (party === null) warnings.add('A transcript does not say which party spoke.');
    const at = momentOf(segment.start, { base, unit, warnings }) ?? reached;
    reached = at;
    const duration = millisecondsOf(segment.duration);
    const endedAt =
      momentOf(segment.end, { base, unit, warnings }) ??
      (duration === null ? null : plus(at, duration));
    const words = wordsOf(segment, unit);
    return {
      ...senderOf(party),
      content: segment.text.trim(),
      at,
      ...(endedAt !== null && { endedAt }),
      ...(segment.confidence !== null && { confidence: segment.confidence }),
      ...(words.length > 0 && { words }),
    };
  });
}

interface Timing {
  readonly base: number | null;
  /** Milliseconds of one. */
  readonly unit: number;
  readonly warnings: Warnings;
}

/** RFC 3339, `1:02:03`, seconds since 1970, or a number since the beginning of the dialog. */
function momentOf(value: unknown, { base, unit, warnings }: Timing): KnownMoment | null {
  const instant = vconInstantOf(value, warnings);
  if (instant !== null) return instant;
  const parts =
    typeof value === 'string' ? /^(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)$/.exec(value) : null;
  const since = parts ? clockOf(parts) : scaled(numberOf(value), unit);
  if (since === null) return null;
  return base === null ? { sinceStart: since } : base + since;
}

const clockOf = ([, hours = '0', minutes = '0', seconds = '0']: readonly string[]) =>
  Math.round(
    ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds.replace(',', '.'))) * 1000,
  );

const scaled = (number: number | null, unit: number) =>
  number === null || number < 0 || number > 1e9 ? null : Math.round(number * unit);

const plus = (moment: KnownMoment, duration: number): KnownMoment =>
  typeof moment === 'number' ? moment + duration : { sinceStart: moment.sinceStart + duration };

/** Their times count from the beginning of the message. */
function wordsOf({ words, start }: Segment, unit: number): NonNullable<ReportedMessage['words']> {
  const from = numberOf(start);
  if (from === null) return [];
  return words.flatMap((fields) => {
    const times = wordTimesOf(fields);
    const word = wordTextOf(fields);
    if (times.start === null || times.end === null || word === '') return [];
    const confidence = numberOf(fields.confidence);
    return [
      {
        word,
        startMs: Math.max(Math.round((times.start - from) * unit), 0),
        endMs: Math.max(Math.round((times.end - from) * unit), 0),
        ...(confidence !== null && { confidence }),
      },
    ];
  });
}
