import type { AudioType, Conversation as WireConversation } from '@colloquy/wire';
import type { Static } from 'typebox';
import { formatInstant } from '../../kernel/instant.ts';
import type { StoredText, TextBytes } from '../../kernel/threads/text-bytes.ts';
import type { MutedCopy } from '../../recordings/derived/muted-store.ts';
import type {
  Agent,
  Client,
  Conversation,
  Header,
  Log,
  Message,
  Presence,
  Word,
} from './conversation.ts';

// A finished conversation is stored as JSON text, ready to send. In its head, which lists show, U+0001
// encloses the participant whose AudioUrl goes there, and U+0002 is the place of messages and logs.
const AUDIO_MARK = '\u0001';
export const TRANSCRIPT_MARK = '\u0002';

type Wire = Static<typeof WireConversation>;

export interface StoredDocument {
  readonly head: string;
  readonly messages: string;
  readonly logs: string;
}

/** To send; a long transcript stays bytes, which does not block other requests. */
export interface ReadableDocument<Text = StoredText> {
  readonly head: string;
  readonly messages: Text;
  readonly logs: Text;
  readonly recordings: readonly RecordingCopy[];
  /** Stands for messages and logs in the ETag; null if it is not stored. */
  readonly transcriptHash?: string | null;
}

export interface TranscriptBytes {
  readonly messages: TextBytes;
  readonly logs: TextBytes;
}

export interface WritableDocument extends StoredDocument {
  /** Set if a thread has encoded the texts. */
  readonly bytes?: TranscriptBytes;
}

/** Larger ones would block other requests. */
export const MIN_THREAD_CHARACTERS = 512 * 1024;

export function isShort<T extends Omit<ReadableDocument, 'recordings'>>(
  document: T,
): document is T & StoredDocument {
  const { head, messages, logs } = document;
  if (typeof messages !== 'string' || typeof logs !== 'string') return false;
  return !isLarge({ head, messages, logs });
}

export const charactersOf = ({ head, messages, logs }: StoredDocument) =>
  head.length + messages.length + logs.length;

export const isLarge = (document: StoredDocument) =>
  charactersOf(document) >= MIN_THREAD_CHARACTERS;

export const isSameText = (a: StoredDocument, b: StoredDocument) =>
  a.head === b.head && a.messages === b.messages && a.logs === b.logs;

/** The conversation's row repeats its recordings to save reads a look-up. */
export interface RecordingCopy {
  /** `_mixed` for the recording of all participants. */
  readonly participantId: string;
  readonly blobKey: string;
  readonly contentType: AudioType;
  readonly bytes: number;
  readonly durationSeconds: number | null;
  readonly startTime?: number | null;
  readonly silenced?: MutedCopy;
}

export function copyOf(recording: RecordingCopy): RecordingCopy {
  const { participantId, blobKey, contentType, bytes, durationSeconds } = recording;
  const { startTime, silenced } = recording;
  return {
    participantId,
    blobKey,
    contentType,
    bytes,
    durationSeconds,
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

/** Keeps null and undefined; JSON text omits a key that is undefined. */
const timeOf = <None extends null | undefined>(instant: number | None): string | None =>
  instant == null ? instant : formatInstant(instant);

export function renderHead(header: Header): string {
  const { source, analysis, cost, purged } = header;
  // The keys before and after the transcript are two objects, joined at their braces.
  const before = {
    Id: header.id,
    QueueId: header.queueId,
    Status: header.status,
    StartTime: formatInstant(header.startTime),
    EndTime: timeOf(header.endTime),
    EndType: header.endType,
  };
  const after = {
    InitiationType: header.initiationType,
    Metadata: header.metadata,
    EndReason: header.endReason,
    Source: source && { Provider: source.provider, ProviderCallId: source.providerCallId },
    Analysis: analysis && {
      Summary: analysis.summary,
      Success: analysis.success,
      Structured: analysis.structured,
    },
    Cost: cost && { Amount: cost.amount, Currency: cost.currency, Parts: cost.parts },
    Purged: purged && {
      Transcript: timeOf(purged.transcript),
      Recordings: timeOf(purged.recordings),
      Logs: timeOf(purged.logs),
    },
  };
  const start = JSON.stringify(before).slice(0, -1);
  const clients = header.clients.map(renderClient).join(',');
  const agents = header.agents.map(renderAgent).join(',');
  const end = JSON.stringify(after).slice(1);
  return `${start},"Clients":[${clients}],"Agents":[${agents}],${TRANSCRIPT_MARK}${end}`;
}

function renderClient(client: Client): string {
  const first = { ClientId: client.clientId, ClientType: client.clientType };
  const last = { PhoneNumber: client.phoneNumber, Name: client.name };
  return renderParticipant(first, client.clientId, client, last);
}

function renderAgent(agent: Agent): string {
  const first = { AgentId: agent.agentId, AgentType: agent.agentType };
  return renderParticipant(first, agent.agentId, agent, { Name: agent.name });
}

function renderParticipant(first: object, id: string, presence: Presence, last: object): string {
  const start = JSON.stringify({
    ...first,
    JoinedAt: formatInstant(presence.joinedAt),
    LeftAt: timeOf(presence.leftAt),
    LeaveReason: presence.leaveReason,
  }).slice(0, -1);
  const rest = JSON.stringify(last).slice(1);
  const audio = `"AudioUrl":${AUDIO_MARK}${id}${AUDIO_MARK}`;
  return `${start},${audio}${rest === '}' ? rest : `,${rest}`}`;
}

export function renderMessages(messages: readonly Message[]): string {
  return JSON.stringify(messages.map(messageToWire));
}

export function messageToWire({ toolCall, ...message }: Message) {
  return {
    SenderId: message.senderId,
    Role: message.role,
    Content: message.content,
    Timestamp: formatInstant(message.at),
    EndedAt: timeOf(message.endedAt),
    WasInterrupted: message.wasInterrupted,
    Confidence: message.confidence,
    Words: message.words?.map(renderWord),
    ToolCall: toolCall && {
      CallId: toolCall.callId,
      Name: toolCall.name,
      Arguments: toolCall.arguments,
      Result: toolCall.result,
      IsError: toolCall.isError,
      LatencyMs: toolCall.latencyMs,
    },
    Metrics: message.metrics,
  };
}

function renderWord({ word, startMs, endMs, confidence }: Word) {
  return { Word: word, StartMs: startMs, EndMs: endMs, Confidence: confidence };
}

export const renderLogs = (logs: readonly Log[]): string => JSON.stringify(logs.map(logToWire));

export const logToWire = ({ level, message, at, source, details }: Log) => ({
  Level: level,
  Message: message,
  Timestamp: formatInstant(at),
  Source: source,
  Details: details,
});

const START_TIME = '"StartTime":"';

/** Without parsing the head. The keys before it have no such text: JSON escapes their quotes. */
export function startTimeOf(head: string): string {
  const start = head.indexOf(START_TIME) + START_TIME.length;
  return head.slice(start, head.indexOf('"', start));
}

/** Every AudioUrl of the result is null. */
export function readHead(head: string): Omit<Wire, 'Messages' | 'Logs'> {
  const text = head.split(AUDIO_MARK).map((part, index) => (index % 2 === 1 ? 'null' : part));
  return JSON.parse(text.join('').replace(TRANSCRIPT_MARK, ''));
}

/** `transcript` is empty in lists, else JSON text with a final comma. URLs need no JSON escapes. */
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
  // Concatenates instead of split and join, which takes twice as long for twenty heads.
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

function renderRecording(recording: RecordingCopy, url: string): string {
  const mixed = recording.participantId === '_mixed';
  const name = mixed ? 'null' : `"${recording.participantId}"`;
  const { contentType, bytes, durationSeconds, startTime } = recording;
  const start = startTime == null ? '' : `"StartTime":"${formatInstant(startTime)}",`;
  return `{"ParticipantId":${name},"Kind":"${mixed ? 'Mixed' : 'Participant'}","ContentType":"${contentType}","Bytes":${bytes},"DurationSeconds":${durationSeconds},${start}"AudioUrl":"${url}"}`;
}
