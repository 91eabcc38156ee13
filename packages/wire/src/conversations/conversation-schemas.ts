import Type, { type Static } from 'typebox';
import { MEBIBYTE } from '../op.ts';
import {
  about,
  Id,
  Metadata,
  maybe,
  Name,
  nullable,
  optional,
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
  given,
  INITIATION_TYPE,
  STATUS,
  taken,
} from '../value-sets.ts';
import { Log, LogInput, Message, MessageInput } from './message-schemas.ts';

export const MAX_MESSAGES = 20_000;
export const MAX_LOGS = 50_000;
export const MAX_PARTICIPANTS = 1_000;
export const MAX_CONVERSATION_BYTES = 16 * MEBIBYTE;
/** The recording of all participants. */
export const MIXED = '_mixed';

/** Of a conversation, its input and its events. */
export const TEXTS = {
  clientId: 'The id of the client, unique within the conversation',
  clientType: 'How the client takes part',
  agentId: 'The id of the agent, unique within the conversation',
  agentType: 'The kind of agent',
  displayName: 'The display name',
  leaveReason: 'Why the participant left, in words of your own',
  queueId: 'The id of the call in the queue that led to the conversation',
  initiationType: 'How the conversation came about',
  metadata: 'A JSON object of your own, stored and returned unchanged',
  endType: 'How the conversation ended',
  endReason: "The engine's own name for the reason of the end",
  source: 'The provider from which the conversation came',
  analysis: 'What the engine found out; deleted together with the transcript',
  cost: 'What the engine charged',
} as const;

export const Source = strict(
  {
    Provider: about(Name, 'The name of the provider'),
    ProviderCallId: maybe(Text, "The provider's id of the call"),
  },
  { title: 'Source', description: 'The provider from which a conversation came' },
);

export const Analysis = strict(
  {
    Summary: maybe(Type.String({ 'x-maxBytes': 64 * 1024 }), 'What the conversation was about'),
    Success: maybe(
      Text,
      "The engine's verdict: `true`, `false`, or a word or number on its own scale",
    ),
    Structured: maybe(Metadata, 'What the engine extracted, as it names it; at most 64 KiB'),
  },
  { title: 'Analysis', description: 'What an engine found out about a conversation' },
);

export const Cost = strict(
  {
    Amount: about(Type.Number(), 'The sum'),
    Currency: about(Text, 'The ISO 4217 code of the currency, such as `USD`'),
    Parts: maybe(
      Type.Record(Type.String(), Type.Number(), { maxProperties: 100, 'x-maxBytes': 64 * 1024 }),
      'What the sum consists of, as the engine names it',
    ),
  },
  { title: 'Cost', description: 'What an engine charged for a conversation' },
);

const presence = {
  JoinedAt: about(Timestamp, 'When the participant joined'),
  LeftAt: nullable(Timestamp, 'When the participant left; null while still present'),
  LeaveReason: nullable(Type.String(), 'Why the participant left'),
  AudioUrl: nullable(
    Type.String(),
    'A pre-signed URL of the recording, for GET with or without Range until it expires; null without a recording',
  ),
};
export const Client = Type.Object(
  {
    ClientId: Type.String({ description: TEXTS.clientId }),
    ClientType: about(given(CLIENT_TYPE), TEXTS.clientType),
    ...presence,
    PhoneNumber: optional(Type.String(), 'The phone number in E.164, or `[PHONE]` if it is masked'),
    Name: optional(Type.String(), TEXTS.displayName),
  },
  { title: 'Client', description: 'A person in the conversation' },
);
export const Agent = Type.Object(
  {
    AgentId: Type.String({ description: TEXTS.agentId }),
    AgentType: about(given(AGENT_TYPE), TEXTS.agentType),
    ...presence,
    Name: optional(Type.String(), TEXTS.displayName),
  },
  { title: 'Agent', description: 'An agent in the conversation' },
);
export const Recording = Type.Object(
  {
    ParticipantId: nullable(
      Type.String(),
      'The participant who was recorded; null if all were (`Mixed`)',
    ),
    Kind: Type.Enum(['Participant', 'Mixed'], {
      description: 'Whether one participant or all of them were recorded',
    }),
    ContentType: Type.String({ description: 'The media type of the audio' }),
    Bytes: Type.Integer({ description: 'The size in bytes' }),
    DurationSeconds: nullable(
      Type.Number(),
      'The duration; null if the audio does not specify it. Measured again when the waveform is made.',
    ),
    StartTime: optional(
      Timestamp,
      'When the first sample was taken; absent if the upload did not specify it',
    ),
    AudioUrl: Type.String({
      description: 'A pre-signed URL, for GET with or without Range until it expires',
    }),
  },
  { title: 'Recording', description: 'A recording of a conversation' },
);

/** In the order of the wire. */
const summaryStart = {
  Id: Type.String({ description: 'The id of the conversation' }),
  QueueId: nullable(Type.String(), TEXTS.queueId),
  Status: about(given(STATUS), 'The state of the conversation'),
  StartTime: about(Timestamp, 'When the conversation began'),
  EndTime: nullable(Timestamp, 'When the conversation ended; null while it is in progress'),
  EndType: nullable(given(END_TYPE), 'How the conversation ended; null while it is in progress'),
  Clients: Type.Array(Client, { description: 'The people in the conversation' }),
  Agents: Type.Array(Agent, { description: 'The agents in the conversation' }),
};
const summaryEnd = {
  InitiationType: about(given(INITIATION_TYPE), TEXTS.initiationType),
  Metadata: about(Metadata, TEXTS.metadata),
  EndReason: optional(Type.String(), TEXTS.endReason),
  Source: optional(Source, TEXTS.source),
  Analysis: optional(Analysis, TEXTS.analysis),
  Cost: optional(Cost, TEXTS.cost),
  Purged: optional(
    Type.Object({
      Transcript: optional(Timestamp, 'When the transcript was deleted'),
      Recordings: optional(Timestamp, 'When the recordings were deleted'),
      Logs: optional(Timestamp, 'When the logs were deleted'),
    }),
    'The parts that were deleted because their retention period had ended',
  ),
  Recordings: optional(Type.Array(Recording), 'The recordings; absent if there are none'),
};
const MESSAGES = 'The transcript in time order; ties are in order of arrival';
const LOGS = 'The log entries in time order; ties are in order of arrival';
export const ConversationSummary = Type.Object(
  { ...summaryStart, ...summaryEnd },
  { title: 'ConversationSummary', description: 'A conversation without `Messages` and `Logs`' },
);
export const Conversation = Type.Object(
  {
    ...summaryStart,
    Messages: Type.Array(Message, { description: MESSAGES }),
    Logs: Type.Array(Log, { description: LOGS }),
    ...summaryEnd,
  },
  {
    title: 'Conversation',
    description:
      'A conversation with its transcript and logs. One that is in progress has the same keys, with the data that exists so far.',
  },
);
export const ListedConversation = Type.Object(
  {
    ...summaryStart,
    Messages: optional(Type.Array(Message), `${MESSAGES}; only if \`Include\` names it`),
    Logs: optional(Type.Array(Log), `${LOGS}; only if \`Include\` names it`),
    ...summaryEnd,
  },
  {
    title: 'ListedConversation',
    description: 'A conversation in a list, with the parts that `Include` names',
  },
);

const IGNORED = 'Accepted and ignored, so that a conversation can be written back as it was read';
const presenceInput = {
  JoinedAt: about(Timestamp, 'When the participant joined'),
  LeftAt: maybe(Timestamp, 'When the participant left; null while still present'),
  LeaveReason: maybe(Text, TEXTS.leaveReason),
  AudioUrl: maybe(Type.String({ maxLength: 8192 }), IGNORED),
};
export const clientKeys = {
  ClientId: about(ParticipantId, TEXTS.clientId),
  ClientType: about(taken(CLIENT_TYPE), TEXTS.clientType),
};
export const clientExtras = {
  PhoneNumber: maybe(PhoneNumber, 'The phone number of the client'),
  Name: maybe(Text, TEXTS.displayName),
};
export const agentKeys = {
  AgentId: about(ParticipantId, TEXTS.agentId),
  AgentType: about(taken(AGENT_TYPE), TEXTS.agentType),
};
export const agentExtras = { Name: maybe(Text, TEXTS.displayName) };
export const ClientInput = strict(
  { ...clientKeys, ...presenceInput, ...clientExtras },
  { title: 'ClientInput', description: 'A person in a conversation to store' },
);
export const AgentInput = strict(
  { ...agentKeys, ...presenceInput, ...agentExtras },
  { title: 'AgentInput', description: 'An agent in a conversation to store' },
);

export const PutConversationBody = strict(
  {
    Id: maybe(
      Type.String({ maxLength: 256, 'x-masked': 'id' }),
      'Ignored if it equals the id in the path, refused otherwise',
    ),
    QueueId: maybe(Id, `${TEXTS.queueId}; it need not exist`),
    Status: about(taken(STATUS), 'The state of the conversation'),
    StartTime: about(Timestamp, 'When the conversation began'),
    EndTime: maybe(
      Timestamp,
      'When the conversation ended, not before `StartTime`; required if `Status` is final',
    ),
    EndType: maybe(taken(END_TYPE), 'How the conversation ended; required if `Status` is final'),
    Clients: maybe(
      Type.Array(ClientInput, { maxItems: MAX_PARTICIPANTS }),
      'The people in the conversation',
    ),
    Agents: maybe(
      Type.Array(AgentInput, { maxItems: MAX_PARTICIPANTS }),
      'The agents in the conversation',
    ),
    Messages: maybe(Type.Array(MessageInput, { maxItems: MAX_MESSAGES }), 'The transcript'),
    Logs: maybe(Type.Array(LogInput, { maxItems: MAX_LOGS }), 'The log entries'),
    InitiationType: about(taken(INITIATION_TYPE), TEXTS.initiationType),
    Metadata: maybe(Metadata, TEXTS.metadata),
    EndReason: maybe(Text, TEXTS.endReason),
    Source: maybe(Source, TEXTS.source),
    Analysis: maybe(Analysis, TEXTS.analysis),
    Cost: maybe(Cost, TEXTS.cost),
    Purged: maybe(
      Type.Record(Type.String({ maxLength: 128 }), Type.Unknown(), { maxProperties: 10 }),
      IGNORED,
    ),
    Recordings: maybe(Type.Array(Type.Unknown(), { maxItems: 10_000 }), IGNORED),
  },
  {
    title: 'PutConversationBody',
    description:
      'A conversation as `GetConversation` returns it. `EndTime` and `EndType` are required if `Status` is `Completed` or `Failed`, and refused otherwise.',
  },
);
export type PutConversationBody = Static<typeof PutConversationBody>;
