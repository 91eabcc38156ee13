import * as access from './access/access.ts';
import * as people from './access/people.ts';
import * as session from './access/session.ts';
import * as usage from './access/usage.ts';
import * as analytics from './analytics.ts';
import * as connections from './connections/connections.ts';
import * as conversations from './conversations/conversations.ts';
import * as recordings from './conversations/recordings.ts';
import * as streams from './conversations/streams.ts';
import * as audit from './keeping/audit.ts';
import * as backfills from './keeping/backfills.ts';
import * as backup from './keeping/backup.ts';
import * as erasures from './keeping/erasures.ts';
import * as holds from './keeping/holds.ts';
import * as redaction from './keeping/redaction.ts';
import * as retention from './keeping/retention.ts';
import type { Input, Op, Output } from './op.ts';
import * as calls from './queues/calls.ts';
import * as doNotCall from './queues/do-not-call.ts';
import * as queues from './queues/queues.ts';
import * as work from './queues/work.ts';
import * as webhooks from './webhooks/webhooks.ts';

export { PASSWORD_LENGTH } from './access/session.ts';
export { MAX_USAGE_MONTHS } from './access/usage.ts';
export * from './analytics.ts';
export {
  type ConnectionChange,
  DELIVERY_STATES,
  type DeliveryState,
} from './connections/connection-schemas.ts';
export * from './connections/sources.ts';
export {
  Agent,
  Client,
  Conversation,
  ConversationSummary,
  ListedConversation,
  MAX_CONVERSATION_BYTES,
  MAX_LOGS,
  MAX_MESSAGES,
  MAX_PARTICIPANTS,
  MIXED,
  PutConversationBody,
  Recording,
  Source,
} from './conversations/conversation-schemas.ts';
export * from './conversations/conversations.ts';
export * from './conversations/event-schemas.ts';
export * from './conversations/recordings.ts';
export { StreamEvent } from './conversations/stream-schemas.ts';
export type { EventStream } from './conversations/streams.ts';
export * from './errors.ts';
export * from './examples.ts';
export * from './ground-rules.ts';
export * from './keeping/audit.ts';
export * from './keeping/retention.ts';
export { NAMED_SCHEMAS } from './named-schemas.ts';
export * from './op.ts';
export * from './page.ts';
export * from './permissions.ts';
export * from './queues/call-schemas.ts';
export { InboundFilter, OutboundFilter } from './queues/filter-schemas.ts';
export * from './queues/queue-schemas.ts';
export * from './queues/simulation-schemas.ts';
export {
  BACKOFFS,
  DAYS,
  type Day,
  Retry,
  Schedule,
  Window,
  Windows,
} from './queues/timing-schemas.ts';
export * from './types.ts';
export * from './value-sets.ts';
export * from './webhooks/webhook-schemas.ts';

export const ops = {
  GetConversations: conversations.getConversations,
  GetConversation: conversations.getConversation,
  PutConversation: conversations.putConversation,
  AppendConversationEvents: conversations.appendConversationEvents,
  DeleteConversation: conversations.deleteConversation,
  StreamConversation: streams.streamConversation,
  StreamBusiness: streams.streamBusiness,
  PutRecording: recordings.putRecording,
  GetRecordingPeaks: recordings.getRecordingPeaks,
  VerifyRecordings: recordings.verifyRecordings,
  GetOutboundQueues: queues.getOutboundQueues,
  CountOutboundQueues: queues.countOutboundQueues,
  GetOutboundQueue: queues.getOutboundQueue,
  GetOutboundQueueHistory: queues.getOutboundQueueHistory,
  GetInboundQueues: queues.getInboundQueues,
  CountInboundQueues: queues.countInboundQueues,
  GetInboundQueue: queues.getInboundQueue,
  GetInboundQueueHistory: queues.getInboundQueueHistory,
  InitiateCall: calls.initiateCall,
  CancelOutboundQueue: calls.cancelOutboundQueue,
  RescheduleOutboundQueue: calls.rescheduleOutboundQueue,
  SimulateOutboundQueue: calls.simulateOutboundQueue,
  GetCampaigns: calls.getCampaigns,
  GetCampaign: calls.getCampaign,
  PutCampaign: calls.putCampaign,
  GetDoNotCall: doNotCall.getDoNotCall,
  AddDoNotCall: doNotCall.addDoNotCall,
  RemoveDoNotCall: doNotCall.removeDoNotCall,
  LeaseOutboundCalls: work.leaseOutboundCalls,
  HeartbeatOutboundCall: work.heartbeatOutboundCall,
  CompleteOutboundCall: work.completeOutboundCall,
  FailOutboundCall: work.failOutboundCall,
  ReceiveCall: work.receiveCall,
  LeaseInboundCalls: work.leaseInboundCalls,
  HeartbeatInboundCall: work.heartbeatInboundCall,
  CompleteInboundCall: work.completeInboundCall,
  FailInboundCall: work.failInboundCall,
  GetConversationAnalytics: analytics.getConversationAnalytics,
  GetQueueAnalytics: analytics.getQueueAnalytics,
  GetUsage: usage.getUsage,
  GetRetention: retention.getRetention,
  PutRetention: retention.putRetention,
  PreviewRetention: retention.previewRetention,
  RunRetention: retention.runRetention,
  CreateHold: holds.createHold,
  GetHolds: holds.getHolds,
  GetHold: holds.getHold,
  LiftHold: holds.liftHold,
  CreateErasure: erasures.createErasure,
  PreviewErasure: erasures.previewErasure,
  GetErasurePreview: erasures.getErasurePreview,
  GetErasures: erasures.getErasures,
  GetErasure: erasures.getErasure,
  GetRedaction: redaction.getRedaction,
  PutRedaction: redaction.putRedaction,
  GetRedactions: redaction.getRedactions,
  AddRedactions: redaction.addRedactions,
  GetAudit: audit.getAudit,
  GetAuditChain: audit.getAuditChain,
  GetAuditHeads: audit.getAuditHeads,
  GetAuditSettings: audit.getAuditSettings,
  PutAuditSettings: audit.putAuditSettings,
  CreateWebhook: webhooks.createWebhook,
  GetWebhooks: webhooks.getWebhooks,
  GetWebhook: webhooks.getWebhook,
  UpdateWebhook: webhooks.updateWebhook,
  DeleteWebhook: webhooks.deleteWebhook,
  RotateWebhookSecret: webhooks.rotateWebhookSecret,
  TestWebhook: webhooks.testWebhook,
  GetWebhookDeliveries: webhooks.getWebhookDeliveries,
  ReplayWebhook: webhooks.replayWebhook,
  CreateConnection: connections.createConnection,
  GetConnections: connections.getConnections,
  GetConnection: connections.getConnection,
  UpdateConnection: connections.updateConnection,
  DeleteConnection: connections.deleteConnection,
  RotateConnectionSecret: connections.rotateConnectionSecret,
  GetConnectionDeliveries: connections.getConnectionDeliveries,
  GetConnectionDelivery: connections.getConnectionDelivery,
  RetryConnectionDelivery: connections.retryConnectionDelivery,
  GetBackfills: backfills.getBackfills,
  GetSignInOptions: session.getSignInOptions,
  SignIn: session.signIn,
  GetSession: session.getSession,
  SignOut: session.signOut,
  ChangePassword: session.changePassword,
  UpdateProfile: session.updateProfile,
  GetInvitation: session.getInvitation,
  AcceptInvitation: session.acceptInvitation,
  CreateSignInLink: session.createSignInLink,
  GetMyBusinesses: people.getMyBusinesses,
  GetBusiness: people.getBusiness,
  PatchBusiness: people.patchBusiness,
  GetMembers: people.getMembers,
  PutMember: people.putMember,
  RemoveMember: people.removeMember,
  CreateInvitation: people.createInvitation,
  GetInvitations: people.getInvitations,
  RevokeInvitation: people.revokeInvitation,
  GetBusinessApiKeys: people.getBusinessApiKeys,
  CreateBusinessApiKey: people.createBusinessApiKey,
  RevokeBusinessApiKey: people.revokeBusinessApiKey,
  CreateUser: access.createUser,
  UpdateUser: access.updateUser,
  ListUsers: access.listUsers,
  CreateBusiness: access.createBusiness,
  UpdateBusiness: access.updateBusiness,
  ListBusinesses: access.listBusinesses,
  ListUsage: usage.listUsage,
  CreateApiKey: access.createApiKey,
  RevokeApiKey: access.revokeApiKey,
  ListApiKeys: access.listApiKeys,
  CreateBackup: backup.createBackup,
} as const satisfies Record<string, Op>;

export type OpName = keyof typeof ops;
export type InputOf<N extends OpName> = Input<(typeof ops)[N]>;
export type OutputOf<N extends OpName> = Output<(typeof ops)[N]>;
