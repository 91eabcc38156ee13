import { isE164, readPhoneNumber } from '@colloquy/phone-numbers';
import {
  AGENT_TYPE,
  CLIENT_TYPE,
  type ConversationEvent,
  type ConversationFilter,
  canonicalName,
  canonicalNames,
  DURATION_CLASSES,
  END_TYPE,
  INITIATION_TYPE_FILTER,
  LEVEL,
  type NameSet,
  type PutConversationBody,
  ROLE,
  STATUS,
} from '@colloquy/wire';
import { Fault } from '../kernel/fault.ts';
import { parseInstant } from '../kernel/instant.ts';
import {
  type Agent,
  type Client,
  type Conversation,
  type Event,
  type Header,
  isFinal,
  type Log,
  type Message,
  type ToolCall,
  type Word,
} from './model/conversation.ts';
import { readHead, type StoredDocument } from './model/document.ts';
import { type Transcript, transcriptOf, type Whole } from './model/transcript.ts';
import type { Filter } from './read/list-plan.ts';

type Put = PutConversationBody;
type Source = NonNullable<Header['source']>;
type WireMessage = NonNullable<Put['Messages']>[number];
type WireLog = NonNullable<Put['Logs']>[number];
type WireClient = NonNullable<Put['Clients']>[number];
type WireAgent = NonNullable<Put['Agents']>[number];

function instant(text: string): number {
  const milliseconds = parseInstant(text);
  if (milliseconds === null) throw new Error('the schema accepted an invalid timestamp');
  return milliseconds;
}

export const instantOrNull = (text: string | null | undefined) =>
  text == null ? null : instant(text);

function optional<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  return value == null ? {} : ({ [key]: value } as { [P in K]?: V });
}

export function wholeFromWire(id: string, body: Put): Whole {
  return { header: headerFromWire(id, body), transcript: transcriptFromWire(body) };
}

export function transcriptFromWire({ Messages, Logs, Status }: Put): Transcript {
  const messages = (Messages ?? []).map(messageFromWire);
  const logs = (Logs ?? []).map(logFromWire);
  return transcriptOf({ messages, logs }, isFinal(canonicalName(STATUS, Status)));
}

export function headerOf(head: string): Header {
  const wire = readHead(head);
  const { Transcript, Recordings, Logs } = wire.Purged ?? {};
  const purged = {
    ...optional('transcript', instantOrNull(Transcript)),
    ...optional('recordings', instantOrNull(Recordings)),
    ...optional('logs', instantOrNull(Logs)),
  };
  return { ...headerFromWire(wire.Id, wire), ...(wire.Purged && { purged }) };
}

export function conversationOf({ head, ...transcript }: StoredDocument): Conversation {
  return { ...headerOf(head), ...transcriptOfDocument(transcript) };
}

export function transcriptOfDocument({ messages, logs }: Omit<StoredDocument, 'head'>) {
  return {
    messages: (JSON.parse(messages) as WireMessage[]).map(messageFromWire),
    logs: (JSON.parse(logs) as WireLog[]).map(logFromWire),
  };
}

export function headerFromWire(id: string, body: Omit<Put, 'Messages' | 'Logs'>): Header {
  return {
    id,
    queueId: body.QueueId ?? null,
    status: canonicalName(STATUS, body.Status),
    startTime: instant(body.StartTime),
    endTime: instantOrNull(body.EndTime),
    endType: body.EndType == null ? null : canonicalName(END_TYPE, body.EndType),
    clients: (body.Clients ?? []).map(clientFromWire),
    agents: (body.Agents ?? []).map(agentFromWire),
    initiationType: body.InitiationType as Header['initiationType'],
    metadata: body.Metadata ?? {},
    ...optional('endReason', body.EndReason),
    ...optional('source', body.Source && sourceFromWire(body.Source)),
    ...optional('analysis', body.Analysis && analysisFromWire(body.Analysis)),
    ...optional('cost', body.Cost && costFromWire(body.Cost)),
  };
}

function analysisFromWire({ Summary, Success, Structured }: NonNullable<Put['Analysis']>) {
  return {
    ...optional('summary', Summary),
    ...optional('success', Success),
    ...optional('structured', Structured),
  };
}

function costFromWire({ Amount, Currency, Parts }: NonNullable<Put['Cost']>) {
  return { amount: Amount, currency: Currency, ...optional('parts', Parts) };
}

function sourceFromWire(source: NonNullable<Put['Source']>): Source {
  return { provider: source.Provider, ...optional('providerCallId', source.ProviderCallId) };
}

/** Converts to E.164. INVALID_REQUEST. */
function numberFromWire(text: string | null | undefined): string | null | undefined {
  if (text == null) return text;
  const reading = readPhoneNumber(text, null);
  if ('e164' in reading) return reading.e164;
  // Accept an unusual length rather than lose a conversation.
  if (isE164(text)) return text;
  throw new Fault('INVALID_REQUEST', `PhoneNumber: ${reading.message}`);
}

function clientFromWire(client: WireClient): Client {
  return {
    clientId: client.ClientId,
    clientType: canonicalName(CLIENT_TYPE, client.ClientType),
    ...presenceFromWire(client),
    ...optional('phoneNumber', numberFromWire(client.PhoneNumber)),
    ...optional('name', client.Name),
  };
}

function agentFromWire(agent: WireAgent): Agent {
  return {
    agentId: agent.AgentId,
    agentType: canonicalName(AGENT_TYPE, agent.AgentType),
    ...presenceFromWire(agent),
    ...optional('name', agent.Name),
  };
}

function presenceFromWire(participant: WireClient | WireAgent) {
  return {
    joinedAt: instant(participant.JoinedAt),
    leftAt: instantOrNull(participant.LeftAt),
    leaveReason: participant.LeaveReason ?? null,
  };
}

function messageFromWire(message: WireMessage): Message {
  return {
    senderId: message.SenderId,
    role: canonicalName(ROLE, message.Role),
    content: message.Content,
    at: instant(message.Timestamp),
    ...optional('endedAt', instantOrNull(message.EndedAt)),
    ...optional('wasInterrupted', message.WasInterrupted),
    ...optional('confidence', message.Confidence),
    ...optional('words', message.Words?.map(wordFromWire)),
    ...optional('toolCall', message.ToolCall && toolCallFromWire(message.ToolCall)),
    ...optional('metrics', message.Metrics),
  };
}

function wordFromWire(word: NonNullable<WireMessage['Words']>[number]): Word {
  const [startMs, endMs] = [word.StartMs, word.EndMs];
  return { word: word.Word, startMs, endMs, ...optional('confidence', word.Confidence) };
}

function toolCallFromWire(call: NonNullable<WireMessage['ToolCall']>): ToolCall {
  return {
    callId: call.CallId,
    name: call.Name,
    arguments: call.Arguments,
    // `null` is a valid result; only an absent key means no result.
    ...('Result' in call && { result: call.Result }),
    ...optional('isError', call.IsError),
    ...optional('latencyMs', call.LatencyMs),
  };
}

function logFromWire(log: WireLog): Log {
  return {
    level: canonicalName(LEVEL, log.Level),
    message: log.Message,
    at: instant(log.Timestamp),
    ...optional('source', log.Source),
    ...optional('details', log.Details),
  };
}

export function eventFromWire(event: ConversationEvent): Event {
  const head = { eventId: event.EventId, at: instant(event.Timestamp) };
  const left = { leaveReason: 'LeaveReason' in event ? (event.LeaveReason ?? null) : null };
  switch (event.Type) {
    case 'SessionStarted':
      return {
        ...head,
        type: 'started',
        initiationType: event.InitiationType as Header['initiationType'],
        queueId: event.QueueId ?? null,
        metadata: event.Metadata ?? {},
        ...optional('source', event.Source && sourceFromWire(event.Source)),
      };
    case 'ClientJoined':
      return {
        ...head,
        type: 'clientJoined',
        clientId: event.ClientId,
        clientType: canonicalName(CLIENT_TYPE, event.ClientType),
        ...optional('phoneNumber', numberFromWire(event.PhoneNumber)),
        ...optional('name', event.Name),
      };
    case 'ClientLeft':
      return { ...head, type: 'clientLeft', clientId: event.ClientId, ...left };
    case 'AgentJoined':
      return {
        ...head,
        type: 'agentJoined',
        agentId: event.AgentId,
        agentType: canonicalName(AGENT_TYPE, event.AgentType),
        ...optional('name', event.Name),
      };
    case 'AgentLeft':
      return { ...head, type: 'agentLeft', agentId: event.AgentId, ...left };
    case 'MessageAdded':
      return { ...head, type: 'message', message: messageFromWire(event) };
    case 'LogAdded':
      return { ...head, type: 'log', log: logFromWire(event) };
    case 'StatusChanged':
      return { ...head, type: 'statusChanged', status: canonicalName(STATUS, event.Status) };
    case 'SessionEnded':
      return { ...head, type: 'ended', ...endFromWire(event) };
  }
}

function endFromWire(event: Extract<ConversationEvent, { readonly Type: 'SessionEnded' }>) {
  const status = canonicalName(STATUS, event.Status ?? 'Completed');
  return {
    status: status === 'Failed' ? ('Failed' as const) : ('Completed' as const),
    endType: canonicalName(END_TYPE, event.EndType),
    ...optional('endReason', event.EndReason),
  };
}

export function checkPut(sessionId: string, body: Put): void {
  const refuse = (message: string): never => {
    throw new Fault('INVALID_REQUEST', message);
  };
  if (body.Id != null && body.Id !== sessionId) {
    refuse('Id must equal the id in the path or be left out.');
  }
  const final = isFinal(canonicalName(STATUS, body.Status));
  for (const key of ['EndTime', 'EndType'] as const) {
    if (final && body[key] == null) refuse(`${key} is required when Status is ${body.Status}.`);
    if (!final && body[key] != null) {
      refuse(`${key} is only allowed when Status is Completed or Failed.`);
    }
  }
  if (body.EndTime != null && instant(body.EndTime) < instant(body.StartTime)) {
    refuse('EndTime must not be before StartTime.');
  }
  const seen = new Set<string>();
  const unique = (id: string, path: string) => {
    if (seen.has(id)) refuse(`${path} must be unique, but another participant has the same id.`);
    seen.add(id);
  };
  body.Clients?.forEach(({ ClientId }, index) => {
    unique(ClientId, `Clients[${index}].ClientId`);
  });
  body.Agents?.forEach(({ AgentId }, index) => {
    unique(AgentId, `Agents[${index}].AgentId`);
  });
}

/** Normalises: equivalent filters share a statement. */
export function filterFromWire(filter: ConversationFilter): Filter {
  const durationClasses = [...new Set(filter.DurationsFromSeconds ?? [])]
    .sort((a, b) => a - b)
    .map((seconds) => DURATION_CLASSES.indexOf(seconds));
  return {
    ...optional('from', instantOrNull(filter.StartStartedDate)),
    ...optional('to', instantOrNull(filter.EndStartedDate)),
    ...optional('statuses', namesFromWire(STATUS, filter.SessionStates)),
    ...optional('initiationTypes', initiationTypesFromWire(filter.SessionInitiationTypes)),
    ...optional('endTypes', namesFromWire(END_TYPE, filter.SessionEndTypes)),
    ...(durationClasses.length > 0 && { durationClasses }),
  };
}

type Names = readonly string[] | null | undefined;

export const initiationTypesFromWire = (names: Names) =>
  namesFromWire(INITIATION_TYPE_FILTER, names);

/** Sorted and distinct; null for an absent or empty list. */
export function namesFromWire<Name extends string>(set: NameSet<Name>, names: Names) {
  if (!names?.length) return null;
  return [...new Set(names.flatMap((name) => canonicalNames(set, name)))].sort();
}
