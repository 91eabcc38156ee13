import Type, { type Static } from 'typebox';
import { about, Id, Metadata, maybe, strict, Text, Timestamp } from '../types.ts';
import { END_TYPE, FINAL_STATUSES, INITIATION_TYPE, STATUS, taken } from '../value-sets.ts';
import {
  agentExtras,
  agentKeys,
  clientExtras,
  clientKeys,
  Source,
  TEXTS,
} from './conversation-schemas.ts';
import { logExtras, logKeys, messageExtras, messageKeys } from './message-schemas.ts';

const keysOf = <const T extends string>(type: T) => ({
  Type: Type.Literal(type, { description: 'The type of the event' }),
  EventId: about(
    Id,
    'A unique id within the conversation; a repeat is counted and not applied again',
  ),
  Timestamp: about(Timestamp, 'When it happened'),
});

const SessionStarted = strict(
  {
    ...keysOf('SessionStarted'),
    InitiationType: about(taken(INITIATION_TYPE), TEXTS.initiationType),
    QueueId: maybe(Id, TEXTS.queueId),
    Metadata: maybe(Metadata, TEXTS.metadata),
    Source: maybe(Source, TEXTS.source),
  },
  {
    title: 'SessionStarted',
    description:
      'The first event, which occurs once. `Timestamp` becomes `StartTime`; the status becomes `Active`.',
  },
);
const JOINED =
  'A participant who joins again keeps the first `JoinedAt`, and `LeftAt` becomes null.';
const ClientJoined = strict(
  { ...keysOf('ClientJoined'), ...clientKeys, ...clientExtras },
  { title: 'ClientJoined', description: `A client joined. ${JOINED}` },
);
const ClientLeft = strict(
  {
    ...keysOf('ClientLeft'),
    ClientId: clientKeys.ClientId,
    LeaveReason: maybe(Text, TEXTS.leaveReason),
  },
  {
    title: 'ClientLeft',
    description: 'A client left. It is a `CONFLICT` if the client has not joined.',
  },
);
const AgentJoined = strict(
  { ...keysOf('AgentJoined'), ...agentKeys, ...agentExtras },
  { title: 'AgentJoined', description: `An agent joined. ${JOINED}` },
);
const AgentLeft = strict(
  {
    ...keysOf('AgentLeft'),
    AgentId: agentKeys.AgentId,
    LeaveReason: maybe(Text, TEXTS.leaveReason),
  },
  {
    title: 'AgentLeft',
    description: 'An agent left. It is a `CONFLICT` if the agent has not joined.',
  },
);
const LATE = 'It is also accepted for a while after the end.';
const MessageAdded = strict(
  { ...keysOf('MessageAdded'), ...messageKeys, ...messageExtras },
  { title: 'MessageAdded', description: `A message of the transcript. ${LATE}` },
);
const LogAdded = strict(
  { ...keysOf('LogAdded'), ...logKeys, ...logExtras },
  { title: 'LogAdded', description: `A log entry. ${LATE}` },
);
const StatusChanged = strict(
  {
    ...keysOf('StatusChanged'),
    Status: Type.Enum(
      STATUS.names.filter((name) => !FINAL_STATUSES.includes(name)),
      { description: 'The new state, which is not final' },
    ),
  },
  { title: 'StatusChanged', description: 'The state changed to one that is not final' },
);
const SessionEnded = strict(
  {
    ...keysOf('SessionEnded'),
    EndType: about(taken(END_TYPE), TEXTS.endType),
    EndReason: maybe(Text, TEXTS.endReason),
    Status: maybe(
      Type.Enum(['Completed', 'Ended', 'Failed', 'Error']),
      'The final state, `Completed` by default',
    ),
  },
  {
    title: 'SessionEnded',
    description:
      'The conversation ended. `Timestamp` becomes `EndTime`, and every participant who is still present leaves.',
  },
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
/** With `discriminator`, errors name the key of the event that was meant. */
export const ConversationEvent = Type.Unsafe<ConversationEvent>({
  title: 'ConversationEvent',
  description: 'Something that happens in a conversation; `Type` determines its keys',
  type: 'object',
  required: ['Type'],
  discriminator: { propertyName: 'Type' },
  oneOf: EVENTS,
});
