import type { TSchema } from 'typebox';
import { ApiKey, Business, PermissionMap, User } from './access/access.ts';
import {
  BusinessApiKey,
  Invitation,
  Member,
  MemberRole,
  MyBusiness,
  OwnBusiness,
} from './access/people.ts';
import { Session } from './access/session.ts';
import * as schemas from './conversations/conversation-schemas.ts';
import { ConversationFilter, getConversations, HoldFilter } from './conversations/conversations.ts';
import { Erasure } from './keeping/erasures.ts';
import { Hold } from './keeping/holds.ts';
import { Span } from './keeping/redaction.ts';
import { Retention, Rule } from './keeping/retention.ts';
import * as queues from './queues/queue-schemas.ts';
import { getInboundQueues, getOutboundQueues } from './queues/queues.ts';
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

/**
 * The schemas with a `title`, in the order of the documents: each is shown once, under its title, and
 * referred to everywhere else.
 */
export const NAMED_SCHEMAS: readonly TSchema[] = [
  schemas.Conversation,
  schemas.ConversationSummary,
  schemas.ListedConversation,
  getConversations.output,
  ConversationFilter,
  HoldFilter,
  schemas.Client,
  schemas.Agent,
  schemas.Message,
  schemas.Word,
  schemas.ToolCall,
  schemas.Metrics,
  schemas.Log,
  schemas.Recording,
  schemas.Source,
  schemas.PutConversationBody,
  schemas.ClientInput,
  schemas.AgentInput,
  schemas.MessageInput,
  schemas.LogInput,
  schemas.ConversationEvent,
  ...schemas.EVENTS,
  queues.OutboundQueue,
  getOutboundQueues.output,
  queues.OutboundFilter,
  queues.InboundQueue,
  getInboundQueues.output,
  queues.InboundFilter,
  queues.LeasedOutboundCall,
  queues.LeasedInboundCall,
  queues.HistoryEntry,
  queues.Recipient,
  queues.Schedule,
  queues.Window,
  queues.Retry,
  queues.Campaign,
  queues.ListedCampaign,
  queues.QueueCounts,
  Retention,
  Rule,
  Hold,
  Erasure,
  Span,
  User,
  Business,
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
