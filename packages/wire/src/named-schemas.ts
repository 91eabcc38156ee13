import type { TSchema } from 'typebox';
import { ApiKey, Business, MemberRole, PermissionMap, User } from './access/access-schemas.ts';
import {
  BusinessApiKey,
  Invitation,
  Member,
  MyBusiness,
  OwnBusiness,
} from './access/people-schemas.ts';
import { Session } from './access/session.ts';
import { Usage } from './access/usage.ts';
import { Connection, ConnectionDelivery, RawDelivery } from './connections/connection-schemas.ts';
import * as conversation from './conversations/conversation-schemas.ts';
import { ConversationFilter, getConversations, HoldFilter } from './conversations/conversations.ts';
import { ConversationEvent, EVENTS } from './conversations/event-schemas.ts';
import * as message from './conversations/message-schemas.ts';
import { STREAM_EVENTS, StreamEvent } from './conversations/stream-schemas.ts';
import { Erasure } from './keeping/erasures.ts';
import { Hold } from './keeping/holds.ts';
import { Span } from './keeping/redaction.ts';
import { Retention, Rule } from './keeping/retention.ts';
import * as call from './queues/call-schemas.ts';
import { InboundFilter, OutboundFilter } from './queues/filter-schemas.ts';
import * as queue from './queues/queue-schemas.ts';
import { getInboundQueues, getOutboundQueues } from './queues/queues.ts';
import { Retry, Schedule, Window } from './queues/timing-schemas.ts';
import {
  BusinessId,
  Id,
  Metadata,
  ParticipantId,
  PhoneNumber,
  Timestamp,
  TimeZone,
} from './types.ts';
import { given, INITIATION_TYPE_FILTER, taken, VALUE_SETS } from './value-sets.ts';
import { Webhook, WebhookDelivery } from './webhooks/webhook-schemas.ts';

/** Those with a `title`, in the order of the documents, which show each once. */
export const NAMED_SCHEMAS: readonly TSchema[] = [
  conversation.Conversation,
  conversation.ConversationSummary,
  conversation.ListedConversation,
  getConversations.output,
  ConversationFilter,
  HoldFilter,
  conversation.Client,
  conversation.Agent,
  message.Message,
  message.Word,
  message.ToolCall,
  message.Metrics,
  message.Log,
  conversation.Recording,
  conversation.Source,
  conversation.Analysis,
  conversation.Cost,
  conversation.PutConversationBody,
  conversation.ClientInput,
  conversation.AgentInput,
  message.MessageInput,
  message.LogInput,
  ConversationEvent,
  ...EVENTS,
  StreamEvent,
  ...STREAM_EVENTS,
  call.OutboundQueue,
  getOutboundQueues.output,
  OutboundFilter,
  call.InboundQueue,
  getInboundQueues.output,
  InboundFilter,
  call.LeasedOutboundCall,
  call.LeasedInboundCall,
  call.HistoryEntry,
  queue.Recipient,
  Schedule,
  Window,
  Retry,
  queue.Campaign,
  queue.ListedCampaign,
  queue.QueueCounts,
  Retention,
  Rule,
  Hold,
  Erasure,
  Span,
  Connection,
  ConnectionDelivery,
  RawDelivery,
  Webhook,
  WebhookDelivery,
  User,
  Business,
  Usage,
  ApiKey,
  Session,
  Invitation,
  MyBusiness,
  OwnBusiness,
  Member,
  MemberRole,
  BusinessApiKey,
  PermissionMap,
  ...VALUE_SETS.flatMap((set) =>
    Object.keys(set.aliases).length === 0 ? [given(set)] : [given(set), taken(set)],
  ),
  taken(INITIATION_TYPE_FILTER),
  Timestamp,
  TimeZone,
  Metadata,
  BusinessId,
  Id,
  ParticipantId,
  PhoneNumber,
];
