import {
  entryOf,
  type Fields,
  fieldsOf,
  instantOf,
  isEmpty,
  listOf,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { CallReport, ReportedMessage } from '../source.ts';
import { isCallSid } from './form.ts';
import { SENTENCE_FIELDS, TRANSCRIPT_FIELDS } from './known-fields.ts';

/** The sentences of a transcript, with the transcript itself beside them or in `transcript`. */
const transcriptOf = (fields: Fields): Fields => ({ ...fields, ...fieldsOf(fields.transcript) });

/** Null if the transcript is not of a call. */
export function callOfTranscript(fields: Fields): string | null {
  const transcript = transcriptOf(fields);
  const media = fieldsOf(fieldsOf(transcript.channel).media_properties);
  const given = [
    textOf(fields.call_sid),
    textOf(fieldsOf(media.reference_sids).call_sid),
    textOf(media.source_sid),
    textOf(transcript.customer_key),
  ];
  return given.find(isCallSid) ?? null;
}

export function translateTranscript(fields: Fields, warnings: Warnings): CallReport {
  const transcript = transcriptOf(fields);
  warnings.unknownFields('', transcript, TRANSCRIPT_FIELDS);
  const sid = textOf(fields.transcript_sid) ?? textOf(transcript.sid);
  const isAnnounced = !('sentences' in fields);
  const isPart = !isEmpty(fieldsOf(fields.meta).next_page_url) || !isFirstPage(fields);
  if (isPart) warnings.add('The sentences are one page of several.');
  const messages = messagesOf(transcript, listOf(fields.sentences), warnings);
  const hasSpoken = (role: string) => messages.some((message) => message.role === role);
  return {
    stage: 'Completed',
    order: instantOf(transcript.date_updated) ?? 0,
    call: { ...(sid && { metadata: { Twilio: { TranscriptSid: sid } } }) },
    clients: hasSpoken('User') ? [{ clientId: null, clientType: 'Unknown' }] : [],
    agents: hasSpoken('Agent') ? [{ agentId: null, agentType: 'Unknown' }] : [],
    messages,
    logs: [],
    audio: [],
    completeness: isAnnounced || isPart ? {} : { Transcript: 'Complete' },
    warnings: warnings.texts,
  };
}

const isFirstPage = ({ meta }: Fields) => (numberOf(fieldsOf(meta).page) ?? 0) === 0;

function messagesOf(transcript: Fields, sentences: readonly Fields[], warnings: Warnings) {
  const mediaStart = instantOf(transcript.media_start_time);
  const roles = rolesOf(transcript, sentences, warnings);
  const ordered = sentences
    .map((sentence, at) => ({ sentence, at: numberOf(sentence.sentence_index) ?? at }))
    .sort(
      (a, b) =>
        millisecondsOf(a.sentence.start_time) - millisecondsOf(b.sentence.start_time) ||
        a.at - b.at,
    );
  return ordered.flatMap(({ sentence }): ReportedMessage[] => {
    warnings.unknownFields('sentences.', sentence, SENTENCE_FIELDS);
    const content = textOf(sentence.transcript);
    if (content === null) return [];
    const moment = (value: unknown) => {
      const sinceStart = millisecondsOf(value);
      return mediaStart === null ? { sinceStart } : mediaStart + sinceStart;
    };
    const confidence = numberOf(sentence.confidence);
    const words = wordsOf(sentence);
    return [
      {
        senderId: null,
        role: roles.get(numberOf(sentence.media_channel) ?? 1) ?? 'User',
        content,
        at: moment(sentence.start_time),
        ...(numberOf(sentence.end_time) !== null && { endedAt: moment(sentence.end_time) }),
        ...(confidence !== null && { confidence }),
        ...(words.length > 0 && { words }),
      },
    ];
  });
}

const millisecondsOf = (seconds: unknown) => Math.round((numberOf(seconds) ?? 0) * 1000);

function wordsOf({ words, start_time }: Fields): NonNullable<ReportedMessage['words']> {
  const start = millisecondsOf(start_time);
  return listOf(words).flatMap((row) => {
    const word = textOf(row.word);
    const [startMs, endMs] = [row.start_time, row.end_time].map((at) => millisecondsOf(at) - start);
    return word === null || startMs === undefined || endMs === undefined
      ? []
      : [{ word, startMs, endMs }];
  });
}

const ROLES: Readonly<Record<string, 'User' | 'Agent'>> = {
  customer: 'User',
  caller: 'User',
  agent: 'Agent',
  human_agent: 'Agent',
  ai_agent: 'Agent',
};

/** By the number of the channel. */
function rolesOf(transcript: Fields, sentences: readonly Fields[], warnings: Warnings) {
  const roles = new Map<number, 'User' | 'Agent'>();
  for (const participant of listOf(fieldsOf(transcript.channel).participants)) {
    const channel = numberOf(participant.channel_participant);
    const given = textOf(participant.role);
    const name = (given ?? '').toLowerCase();
    const role = entryOf(ROLES, name);
    if (given && !role) warnings.unknownValue('role', given);
    if (channel !== null && role) roles.set(channel, role);
  }
  if (roles.size === 0 && sentences.length > 0) {
    warnings.add('The transcript names no roles: channel 1 was taken as the client.');
    roles.set(1, 'User').set(2, 'Agent');
  }
  return roles;
}
