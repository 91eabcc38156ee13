import type { AudioType, Conversation as WireConversation } from '@colloquy/wire';
import type { Static } from 'typebox';
import { formatInstant } from '../../kernel/instant.ts';
import type { StoredText, TextBytes } from '../../kernel/threads/text-bytes.ts';
import type { SilencedCopy } from '../../recordings/derived/silenced-store.ts';
import type {
  Agent,
  Client,
  Conversation,
  Header,
  Log,
  Message,
  Presence,
} from './conversation.ts';

// A finished conversation is kept ready to send: the JSON text of the wire, in three pieces. The
// head is what a list shows. It holds two marks that JSON text cannot contain: U+0001 around the id
// of a participant whose AudioUrl goes there, and U+0002 where messages and logs go.
const AUDIO_MARK = '\u0001';
export const TRANSCRIPT_MARK = '\u0002';

type Wire = Static<typeof WireConversation>;

export interface StoredDocument {
  readonly head: string;
  readonly messages: string;
  readonly logs: string;
}

/** A document for a reader, who is not kept waiting by the length of a transcript if that stays bytes. */
export interface ReadableDocument<Text = StoredText> {
  readonly head: string;
  readonly messages: Text;
  readonly logs: Text;
  readonly recordings: readonly RecordingCopy[];
}

/** A transcript as bytes. */
export interface TranscriptBytes {
  readonly messages: TextBytes;
  readonly logs: TextBytes;
}

/** A document to be stored, with its bytes where a thread has made them. */
export interface WritableDocument extends StoredDocument {
  readonly bytes?: TranscriptBytes;
}

/** From this size on, work on a conversation would keep other requests waiting for too long. */
export const MIN_THREAD_CHARACTERS = 512 * 1024;

/** Whether it is read and changed at once. */
export function isShort<T extends Omit<ReadableDocument, 'recordings'>>(
  document: T,
): document is T & StoredDocument {
  const { head, messages, logs } = document;
  if (typeof messages !== 'string' || typeof logs !== 'string') return false;
  return !isLarge({ head, messages, logs });
}

export const isLarge = ({ head, messages, logs }: StoredDocument): boolean =>
  head.length + messages.length + logs.length >= MIN_THREAD_CHARACTERS;

/** A recording as a conversation's row repeats it, so that a read needs no second look-up. */
export interface RecordingCopy {
  /** `_mixed` for the recording of everybody. */
  readonly participantId: string;
  readonly blobKey: string;
  readonly contentType: AudioType;
  readonly bytes: number;
  readonly durationSeconds: number | null;
  /** Milliseconds since 1970; absent if it is not known. */
  readonly startTime?: number | null;
  /** What those are given who may not hear all; absent where there is nothing to give. */
  readonly silenced?: SilencedCopy;
}

/** What a conversation's row repeats of a recording. */
export function copyOf(recording: RecordingCopy): RecordingCopy {
  const { participantId, blobKey, contentType, bytes, durationSeconds } = recording;
  const { startTime, silenced } = recording;
  return {
    ...{ participantId, blobKey, contentType, bytes, durationSeconds },
    ...(startTime != null && { startTime }),
    ...(silenced && { silenced }),
  };
}

export function renderDocument(conversation: Conversation): StoredDocument {
  return {
    head: renderHead(conversation),
    messages: renderMessages(conversation.messages),
    logs: renderLogs(conversation.logs),
  };
}

export function renderHead(header: Header): string {
  // The keys before the transcript and those after it are two objects, joined at their braces.
  const before = {
    Id: header.id,
    QueueId: header.queueId,
    Status: header.status,
    StartTime: formatInstant(header.startTime),
    EndTime: header.endTime === null ? null : formatInstant(header.endTime),
    EndType: header.endType,
  };
  const after = {
    InitiationType: header.initiationType,
    Metadata: header.metadata,
    ...(header.endReason !== undefined && { EndReason: header.endReason }),
    ...(header.source && { Source: renderSource(header.source) }),
    ...(header.purged && { Purged: renderPurged(header.purged) }),
  };
  const start = JSON.stringify(before).slice(0, -1);
  const clients = header.clients.map(renderClient).join(',');
  const agents = header.agents.map(renderAgent).join(',');
  const end = JSON.stringify(after).slice(1);
  return `${start},"Clients":[${clients}],"Agents":[${agents}],${TRANSCRIPT_MARK}${end}`;
}

function renderSource(source: NonNullable<Header['source']>): Wire['Source'] {
  return {
    Provider: source.provider,
    ...(source.providerCallId !== undefined && { ProviderCallId: source.providerCallId }),
  };
}

function renderPurged(purged: NonNullable<Header['purged']>): Wire['Purged'] {
  const { transcript, recordings, logs } = purged;
  return {
    ...(transcript !== undefined && { Transcript: formatInstant(transcript) }),
    ...(recordings !== undefined && { Recordings: formatInstant(recordings) }),
    ...(logs !== undefined && { Logs: formatInstant(logs) }),
  };
}

function renderClient(client: Client): string {
  const first = { ClientId: client.clientId, ClientType: client.clientType };
  const last = {
    ...(client.phoneNumber !== undefined && { PhoneNumber: client.phoneNumber }),
    ...(client.name !== undefined && { Name: client.name }),
  };
  return renderParticipant(first, client.clientId, client, last);
}

function renderAgent(agent: Agent): string {
  const first = { AgentId: agent.agentId, AgentType: agent.agentType };
  const last = { ...(agent.name !== undefined && { Name: agent.name }) };
  return renderParticipant(first, agent.agentId, agent, last);
}

function renderParticipant(first: object, id: string, presence: Presence, last: object): string {
  const start = JSON.stringify({
    ...first,
    JoinedAt: formatInstant(presence.joinedAt),
    LeftAt: presence.leftAt === null ? null : formatInstant(presence.leftAt),
    LeaveReason: presence.leaveReason,
  }).slice(0, -1);
  const rest = JSON.stringify(last).slice(1);
  const audio = `"AudioUrl":${AUDIO_MARK}${id}${AUDIO_MARK}`;
  return `${start},${audio}${rest === '}' ? rest : `,${rest}`}`;
}

export function renderMessages(messages: readonly Message[]): string {
  return JSON.stringify(messages.map(renderMessage));
}

function renderMessage(message: Message): Wire['Messages'][number] {
  const { toolCall } = message;
  return {
    SenderId: message.senderId,
    Role: message.role,
    Content: message.content,
    Timestamp: formatInstant(message.at),
    ...(message.endedAt !== undefined && { EndedAt: formatInstant(message.endedAt) }),
    ...(message.wasInterrupted !== undefined && { WasInterrupted: message.wasInterrupted }),
    ...(message.confidence !== undefined && { Confidence: message.confidence }),
    ...(message.words && {
      Words: message.words.map((word) => ({
        Word: word.word,
        StartMs: word.startMs,
        EndMs: word.endMs,
        ...(word.confidence !== undefined && { Confidence: word.confidence }),
      })),
    }),
    ...(toolCall && {
      ToolCall: {
        CallId: toolCall.callId,
        Name: toolCall.name,
        Arguments: toolCall.arguments,
        ...('result' in toolCall && { Result: toolCall.result }),
        ...(toolCall.isError !== undefined && { IsError: toolCall.isError }),
        ...(toolCall.latencyMs !== undefined && { LatencyMs: toolCall.latencyMs }),
      },
    }),
    ...(message.metrics && { Metrics: message.metrics }),
  };
}

export function renderLogs(logs: readonly Log[]): string {
  return JSON.stringify(
    logs.map((log) => ({
      Level: log.level,
      Message: log.message,
      Timestamp: formatInstant(log.at),
      ...(log.source !== undefined && { Source: log.source }),
      ...(log.details && { Details: log.details }),
    })),
  );
}

/** The wire object of a stored head; every AudioUrl is null. */
export function readHead(head: string): Omit<Wire, 'Messages' | 'Logs'> {
  const text = head.split(AUDIO_MARK).map((part, index) => (index % 2 === 1 ? 'null' : part));
  return JSON.parse(text.join('').replace(TRANSCRIPT_MARK, ''));
}

/**
 * The text of an item, or of a whole conversation where `transcript` is given: JSON text of the
 * keys that go between Agents and InitiationType, ending in a comma. An audio URL has no character
 * that JSON would escape.
 */
export function completeHead(
  head: string,
  transcript: string,
  recordings: readonly RecordingCopy[],
  audioUrl: (recording: RecordingCopy) => string,
): string {
  const urls = recordings.map(audioUrl);
  const urlOf = (participantId: string) => {
    const at = recordings.findIndex((recording) => recording.participantId === participantId);
    return at < 0 ? 'null' : `"${urls[at]}"`;
  };
  // Pieces are only joined when all is sent: to split and join twenty heads takes twice as long.
  let text = '';
  let done = 0;
  for (;;) {
    const start = head.indexOf(AUDIO_MARK, done);
    if (start < 0) break;
    const end = head.indexOf(AUDIO_MARK, start + 1);
    text += head.slice(done, start) + urlOf(head.slice(start + 1, end));
    done = end + 1;
  }
  const cut = head.indexOf(TRANSCRIPT_MARK, done);
  text += head.slice(done, cut) + transcript;
  if (recordings.length === 0) return text + head.slice(cut + 1);
  const list = recordings.map((recording, at) => renderRecording(recording, urls[at] ?? ''));
  return `${text}${head.slice(cut + 1, -1)},"Recordings":[${list.join(',')}]}`;
}

/** None of its parts has a character that JSON would escape. */
function renderRecording(recording: RecordingCopy, url: string): string {
  const mixed = recording.participantId === '_mixed';
  const whose = mixed ? 'null' : `"${recording.participantId}"`;
  const { contentType, bytes, durationSeconds, startTime } = recording;
  const start = startTime == null ? '' : `"StartTime":"${formatInstant(startTime)}",`;
  return `{"ParticipantId":${whose},"Kind":"${mixed ? 'Mixed' : 'Participant'}","ContentType":"${contentType}","Bytes":${bytes},"DurationSeconds":${durationSeconds},${start}"AudioUrl":"${url}"}`;
}
