import {
  AGENT_TYPE,
  BusinessId,
  CLIENT_TYPE,
  Conversation,
  ConversationFilter,
  ConversationSummary,
  END_TYPE,
  given,
  Id,
  INITIATION_TYPE,
  INITIATION_TYPE_FILTER,
  LEVEL,
  Metadata,
  type NameSet,
  ops,
  ParticipantId,
  PhoneNumber,
  PutConversationBody,
  QUEUE_STATUSES,
  ROLE,
  STATUS,
  Source,
  Timestamp,
  taken,
} from '@colloquy/wire';
import Type, { type TSchema } from 'typebox';

/** A closed set, and the name that its schema has in the document. */
const SETS: Readonly<Record<string, NameSet>> = {
  Status: STATUS,
  InitiationType: INITIATION_TYPE,
  InitiationTypeFilter: INITIATION_TYPE_FILTER,
  EndType: END_TYPE,
  ClientType: CLIENT_TYPE,
  AgentType: AGENT_TYPE,
  Role: ROLE,
  Level: LEVEL,
};

export const VALUE_SETS = SETS;

interface EventSchema extends TSchema {
  readonly properties: { readonly Type: { readonly const: string } };
}

const { Items: listed } = ops.GetConversations.output.properties;
const { Clients, Agents, Messages, Logs } = Conversation.properties;
const put = PutConversationBody.properties;
const message = Messages.items.properties;
const { Events } = ops.AppendConversationEvents.body.properties;
const { oneOf: events } = Events.items as unknown as { oneOf: readonly EventSchema[] };

/** The schema that a key may also leave null. */
const given1 = <S extends TSchema>({ anyOf }: { anyOf: [S, ...TSchema[]] }): S => anyOf[0];

/**
 * The schemas that have a name in the OpenAPI document, so that a reader meets each of them once.
 * Their order is that of the document.
 */
export const NAMED_SCHEMAS: readonly (readonly [string, TSchema])[] = [
  ['Conversation', Conversation],
  ['ConversationSummary', ConversationSummary],
  ['ListedConversation', listed.items],
  ['ConversationPage', ops.GetConversations.output],
  ['Client', Clients.items],
  ['Agent', Agents.items],
  ['Message', Messages.items],
  ['Word', given1(given1(message.Words).items ? message.Words : message.Words).items],
  ['ToolCall', given1(message.ToolCall)],
  ['Metrics', given1(message.Metrics)],
  ['Log', Logs.items],
];
void Type; void given; void taken; void Id;void BusinessId;void Metadata;void ParticipantId;void PhoneNumber;void QUEUE_STATUSES;void Source;void Timestamp;void put;void events;void ConversationFilter;
