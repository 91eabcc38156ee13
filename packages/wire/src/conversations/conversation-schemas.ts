import Type, { type Static } from 'typebox';
import { MEBIBYTE } from '../op.ts';
import {
  AnyJson,
  Id,
  LongText,
  Metadata,
  maybe,
  Name,
  nullable,
  ParticipantId,
  PhoneNumber,
  strict,
  Text,
  Timestamp,
} from '../types.ts';
import {
  AGENT_TYPE,
  CLIENT_TYPE,
  END_TYPE,
  FINAL_STATUSES,
  given,
  INITIATION_TYPE,
  LEVEL,
  ROLE,
  STATUS,
  taken,
} from '../value-sets.ts';

export const MAX_MESSAGES = 20_000;
export const MAX_LOGS = 50_000;
export const MAX_PARTICIPANTS = 1_000;
export const MAX_CONVERSATION_BYTES = 16 * MEBIBYTE;
/** The `participantId` of one recording of everybody. */
export const MIXED = '_mixed';

const Confidence = Type.Number({ minimum: 0, maximum: 1 });
const Milliseconds = Type.Number({ minimum: 0 });

export const Word = strict(
  {
    Word: Text,
    StartMs: Milliseconds,
    EndMs: Milliseconds,
    Confidence: maybe(Confidence),
  },
  { title: 'Word' },
);

export const ToolCall = strict(
  {
    CallId: Name,
    Name,
    Arguments: AnyJson,
    Result: Type.Optional(AnyJson),
    IsError: maybe(Type.Boolean()),
    LatencyMs: maybe(Milliseconds),
  },
  { title: 'ToolCall' },
);

export const Metrics = Type.Record(Type.String({ pattern: '^.{1,128}Ms$' }), Type.Number(), {
  title: 'Metrics',
  additionalProperties: false,
  maxProperties: 100,
  description: 'Times in milliseconds; every name ends in `Ms`',
});

/** What a message may carry beyond its four keys. */
const messageExtras = {
  EndedAt: maybe(Timestamp),
  WasInterrupted: maybe(Type.Boolean()),
  Confidence: maybe(Confidence),
  Words: maybe(Type.Array(Word, { maxItems: 20_000 })),
  ToolCall: maybe(ToolCall),
  Metrics: maybe(Metrics),
};
const logExtras = { Source: maybe(Text), Details: maybe(Metadata) };

export const Source = strict({ Provider: Name, ProviderCallId: maybe(Text) }, { title: 'Source' });

export const Message = Type.Object(
  {
    SenderId: Type.String(),
    Role: given(ROLE),
    Content: Type.String(),
    Timestamp,
    ...messageExtras,
  },
  { title: 'Message' },
);
export const Log = Type.Object(
  {
    Level: given(LEVEL),
    Message: Type.String(),
    Timestamp,
    ...logExtras,
  },
  { title: 'Log' },
);
const presence = {
  JoinedAt: Timestamp,
  LeftAt: nullable(Timestamp),
  LeaveReason: nullable(Type.String()),
  AudioUrl: Type.Union([Type.String(), Type.Null()], {
    description: 'Pre-signed: works with GET and Range until it expires; null without a recording',
  }),
};
export const Client = Type.Object(
  {
    ClientId: Type.String(),
    ClientType: given(CLIENT_TYPE),
    ...presence,
    PhoneNumber: Type.Optional(
      Type.String({ description: 'E.164, or `[PHONE]` where it is masked' }),
    ),
    Name: Type.Optional(Type.String()),
  },
  { title: 'Client' },
);
export const Agent = Type.Object(
  {
    AgentId: Type.String(),
    AgentType: given(AGENT_TYPE),
    ...presence,
    Name: Type.Optional(Type.String()),
  },
  { title: 'Agent' },
);
export const Recording = Type.Object(
  {
    ParticipantId: nullable(Type.String()),
    Kind: Type.Enum(['Participant', 'Mixed']),
    ContentType: Type.String(),
    Bytes: Type.Integer(),
    DurationSeconds: nullable(Type.Number()),
    StartTime: Type.Optional(Timestamp),
    AudioUrl: Type.String(),
  },
  { title: 'Recording' },
);

/** Everything of a conversation but its transcript and logs, in the order of the wire. */
const summaryStart = {
  Id: Type.String(),
  QueueId: nullable(Type.String()),
  Status: given(STATUS),
  StartTime: Timestamp,
  EndTime: nullable(Timestamp),
  EndType: nullable(given(END_TYPE)),
  Clients: Type.Array(Client),
  Agents: Type.Array(Agent),
};
const summaryEnd = {
  InitiationType: given(INITIATION_TYPE),
  Metadata: Metadata,
  EndReason: Type.Optional(Type.String()),
  Source: Type.Optional(Source),
  Purged: Type.Optional(
    Type.Object(
      {
        Transcript: Type.Optional(Timestamp),
        Recordings: Type.Optional(Timestamp),
        Logs: Type.Optional(Timestamp),
      },
      { description: 'When a part of it was let go of, since its retention had run out' },
    ),
  ),
  Recordings: Type.Optional(Type.Array(Recording)),
};
export const ConversationSummary = Type.Object(
  { ...summaryStart, ...summaryEnd },
  { title: 'ConversationSummary' },
);
export const Conversation = Type.Object(
  {
    ...summaryStart,
    Messages: Type.Array(Message),
    Logs: Type.Array(Log),
    ...summaryEnd,
  },
  { title: 'Conversation' },
);
export const ListedConversation = Type.Object(
  {
    ...summaryStart,
    Messages: Type.Optional(Type.Array(Message)),
    Logs: Type.Optional(Type.Array(Log)),
    ...summaryEnd,
  },
  { title: 'ListedConversation' },
);

const SenderId = Type.String({ maxLength: 1024, 'x-masked': 'participant' });
export const MessageInput = strict(
  {
    SenderId,
    Role: taken(ROLE),
    Content: LongText,
    Timestamp,
    ...messageExtras,
  },
  { title: 'MessageInput' },
);
export const LogInput = strict(
  { Level: taken(LEVEL), Message: LongText, Timestamp, ...logExtras },
  { title: 'LogInput' },
);
const presenceInput = {
  JoinedAt: Timestamp,
  LeftAt: maybe(Timestamp),
  LeaveReason: maybe(Text),
  AudioUrl: maybe(Type.String({ maxLength: 8192, description: 'Accepted and ignored' })),
};
export const ClientInput = strict(
  {
    ClientId: ParticipantId,
    ClientType: taken(CLIENT_TYPE),
    ...presenceInput,
    PhoneNumber: maybe(PhoneNumber),
    Name: maybe(Text),
  },
  { title: 'ClientInput' },
);
export const AgentInput = strict(
  {
    AgentId: ParticipantId,
    AgentType: taken(AGENT_TYPE),
    ...presenceInput,
    Name: maybe(Text),
  },
  { title: 'AgentInput' },
);

export const PutConversationBody = strict(
  {
    Id: maybe(
      Type.String({
        ...{ maxLength: 256, 'x-masked': 'id' },
        description: "Ignored where it equals the path's",
      }),
    ),
    QueueId: maybe(Id),
    Status: taken(STATUS),
    StartTime: Timestamp,
    EndTime: maybe(Timestamp),
    EndType: maybe(taken(END_TYPE)),
    Clients: maybe(Type.Array(ClientInput, { maxItems: MAX_PARTICIPANTS })),
    Agents: maybe(Type.Array(AgentInput, { maxItems: MAX_PARTICIPANTS })),
    Messages: maybe(Type.Array(MessageInput, { maxItems: MAX_MESSAGES })),
    Logs: maybe(Type.Array(LogInput, { maxItems: MAX_LOGS })),
    InitiationType: taken(INITIATION_TYPE),
    Metadata: maybe(Metadata),
    EndReason: maybe(Text),
    Source: maybe(Source),
    Purged: maybe(
      Type.Record(Type.String({ maxLength: 128 }), Type.Unknown(), {
        maxProperties: 10,
        description: 'Accepted and ignored',
      }),
    ),
    Recordings: maybe(
      Type.Array(Type.Unknown(), { maxItems: 10_000, description: 'Accepted and ignored' }),
    ),
  },
  { title: 'PutConversationBody' },
);
export type PutConversationBody = Static<typeof PutConversationBody>;

const event = { EventId: Id, Timestamp };
const SessionStarted = strict(
  {
    Type: Type.Literal('SessionStarted'),
    ...event,
    InitiationType: taken(INITIATION_TYPE),
    QueueId: maybe(Id),
    Metadata: maybe(Metadata),
    Source: maybe(Source),
  },
  { title: 'SessionStarted' },
);
const ClientJoined = strict(
  {
    Type: Type.Literal('ClientJoined'),
    ...event,
    ClientId: ParticipantId,
    ClientType: taken(CLIENT_TYPE),
    PhoneNumber: maybe(PhoneNumber),
    Name: maybe(Text),
  },
  { title: 'ClientJoined' },
);
const ClientLeft = strict(
  {
    Type: Type.Literal('ClientLeft'),
    ...event,
    ClientId: ParticipantId,
    LeaveReason: maybe(Text),
  },
  { title: 'ClientLeft' },
);
const AgentJoined = strict(
  {
    Type: Type.Literal('AgentJoined'),
    ...event,
    AgentId: ParticipantId,
    AgentType: taken(AGENT_TYPE),
    Name: maybe(Text),
  },
  { title: 'AgentJoined' },
);
const AgentLeft = strict(
  {
    Type: Type.Literal('AgentLeft'),
    ...event,
    AgentId: ParticipantId,
    LeaveReason: maybe(Text),
  },
  { title: 'AgentLeft' },
);
const MessageAdded = strict(
  {
    Type: Type.Literal('MessageAdded'),
    ...event,
    SenderId,
    Role: taken(ROLE),
    Content: LongText,
    ...messageExtras,
  },
  { title: 'MessageAdded' },
);
const LogAdded = strict(
  {
    Type: Type.Literal('LogAdded'),
    ...event,
    Level: taken(LEVEL),
    Message: LongText,
    ...logExtras,
  },
  { title: 'LogAdded' },
);
const StatusChanged = strict(
  {
    Type: Type.Literal('StatusChanged'),
    ...event,
    Status: Type.Enum(STATUS.names.filter((name) => !FINAL_STATUSES.includes(name))),
  },
  { title: 'StatusChanged' },
);
const SessionEnded = strict(
  {
    Type: Type.Literal('SessionEnded'),
    ...event,
    EndType: taken(END_TYPE),
    EndReason: maybe(Text),
    Status: maybe(Type.Enum(['Completed', 'Ended', 'Failed', 'Error'])),
  },
  { title: 'SessionEnded' },
);

export const EVENTS = [
  SessionStarted,
  ClientJoined,
  ClientLeft,
  AgentJoined,
  AgentLeft,
  MessageAdded,
  LogAdded,
  StatusChanged,
  SessionEnded,
] as const;
export type ConversationEvent = Static<(typeof EVENTS)[number]>;
/** `discriminator`, so that an error names the key of the event that was meant. */
export const ConversationEvent = Type.Unsafe<ConversationEvent>({
  title: 'ConversationEvent',
  type: 'object',
  required: ['Type'],
  discriminator: { propertyName: 'Type' },
  oneOf: EVENTS,
});
