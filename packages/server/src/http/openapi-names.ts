import {
  AGENT_TYPE,
  BusinessId,
  Campaign,
  CLIENT_TYPE,
  Conversation,
  ConversationFilter,
  ConversationSummary,
  END_TYPE,
  given,
  HistoryEntry,
  HoldFilter,
  Id,
  INITIATION_TYPE,
  INITIATION_TYPE_FILTER,
  InboundFilter,
  LEVEL,
  Metadata,
  type NameSet,
  OutboundFilter,
  ops,
  ParticipantId,
  PhoneNumber,
  PutConversationBody,
  QUEUE_STATUS,
  QueueCounts,
  Recipient,
  Retry,
  ROLE,
  Schedule,
  Source,
  STATUS,
  Timestamp,
  TimeZone,
  taken,
  Window,
} from '@colloquy/wire';
import type { TSchema } from 'typebox';

/** A closed set by the name that its schema has in the document. */
export const VALUE_SETS: Readonly<Record<string, NameSet>> = {
  Status: STATUS,
  InitiationType: INITIATION_TYPE,
  EndType: END_TYPE,
  ClientType: CLIENT_TYPE,
  AgentType: AGENT_TYPE,
  Role: ROLE,
  Level: LEVEL,
  QueueStatus: QUEUE_STATUS,
};

interface EventSchema extends TSchema {
  readonly properties: { readonly Type: { readonly const: string } };
}

const { Clients, Agents, Messages, Logs, Recordings } = Conversation.properties;
const message = Messages.items.properties;
const put = PutConversationBody.properties;
const { Events } = ops.AppendConversationEvents.body.properties;
const { oneOf: eventSchemas } = Events.items as TSchema as { oneOf: readonly EventSchema[] };
const orNull = <S extends TSchema>(union: { anyOf: [S, ...TSchema[]] }): S => union.anyOf[0];

/**
 * The schemas that have a name in the OpenAPI document, in its order, so that a reader meets each
 * of them once. Where two are equal the first name counts.
 */
export const NAMED_SCHEMAS: readonly (readonly [string, TSchema])[] = [
  ['Conversation', Conversation],
  ['ConversationSummary', ConversationSummary],
  ['ListedConversation', ops.GetConversations.output.properties.Items.items],
  ['ConversationPage', ops.GetConversations.output],
  ['ConversationFilter', ConversationFilter],
  ['HoldFilter', HoldFilter],
  ['Client', Clients.items],
  ['Agent', Agents.items],
  ['Message', Messages.items],
  ['Word', orNull(message.Words).items],
  ['ToolCall', orNull(message.ToolCall)],
  ['Metrics', orNull(message.Metrics)],
  ['Log', Logs.items],
  ['Recording', Recordings.items],
  ['Source', Source],
  ['PutConversationBody', PutConversationBody],
  ['ClientInput', orNull(put.Clients).items],
  ['AgentInput', orNull(put.Agents).items],
  ['MessageInput', orNull(put.Messages).items],
  ['LogInput', orNull(put.Logs).items],
  ['ConversationEvent', Events.items],
  ...eventSchemas.map((schema) => [schema.properties.Type.const, schema] as const),
  ['OutboundQueue', ops.GetOutboundQueue.output],
  ['OutboundQueuePage', ops.GetOutboundQueues.output],
  ['OutboundQueueFilter', OutboundFilter],
  ['InboundQueue', ops.GetInboundQueue.output],
  ['InboundQueuePage', ops.GetInboundQueues.output],
  ['InboundQueueFilter', InboundFilter],
  ['LeasedOutboundCall', ops.LeaseOutboundCalls.output.properties.Calls.items],
  ['LeasedInboundCall', ops.LeaseInboundCalls.output.properties.Calls.items],
  ['HistoryEntry', HistoryEntry],
  ['Recipient', Recipient],
  ['Schedule', Schedule],
  ['Window', Window],
  ['Retry', Retry],
  ['Campaign', Campaign],
  ['ListedCampaign', ops.GetCampaigns.output.properties.Items.items],
  ['QueueCounts', QueueCounts],
  ['Retention', ops.GetRetention.output],
  ['RetentionRule', ops.GetRetention.output.properties.Rules.items],
  ['Hold', ops.GetHold.output],
  ['Erasure', ops.GetErasure.output],
  ['RedactionSpan', ops.GetRedactions.output.properties.Spans.items],
  ['User', ops.CreateUser.output],
  ['Business', ops.CreateBusiness.output],
  ['ApiKey', ops.RevokeApiKey.output],
  ['Session', ops.GetSession.output],
  ['Invitation', ops.RevokeInvitation.output],
  ['MyBusiness', ops.GetMyBusinesses.output.properties.Items.items],
  ['OwnBusiness', ops.GetBusiness.output],
  ['Member', ops.RemoveMember.output],
  ['MemberRole', ops.RemoveMember.output.properties.Role],
  ['BusinessApiKey', ops.RevokeBusinessApiKey.output],
  ['Permissions', orNull(ops.CreateApiKey.body.properties.Permissions)],
  ...Object.entries(VALUE_SETS).flatMap(([name, set]) => [
    [name, given(set)] as const,
    [`${name}Input`, taken(set)] as const,
  ]),
  ['InitiationTypeFilter', taken(INITIATION_TYPE_FILTER)],
  ['Timestamp', Timestamp],
  ['TimeZone', TimeZone],
  ['Metadata', Metadata],
  ['BusinessId', BusinessId],
  ['Id', Id],
  ['ParticipantId', ParticipantId],
  ['PhoneNumber', PhoneNumber],
];
