import * as access from './access.ts';
import * as analytics from './analytics.ts';
import * as audit from './audit.ts';
import * as backfills from './backfills.ts';
import * as backup from './backup.ts';
import * as calls from './calls.ts';
import * as conversations from './conversations.ts';
import * as doNotCall from './do-not-call.ts';
import * as erasures from './erasures.ts';
import * as holds from './holds.ts';
import type { Input, Op, Output } from './op.ts';
import * as people from './people.ts';
import * as queues from './queues.ts';
import * as recordings from './recordings.ts';
import * as redaction from './redaction.ts';
import * as retention from './retention.ts';
import * as session from './session.ts';
import * as work from './work.ts';

export * from './analytics.ts';
export * from './audit.ts';
export * from './conversation-schemas.ts';
export * from './conversations.ts';
export * from './errors.ts';
export * from './examples.ts';
export * from './op.ts';
export * from './page.ts';
export * from './permissions.ts';
export * from './queue-schemas.ts';
export * from './recordings.ts';
export * from './retention.ts';
export { PASSWORD_LENGTH } from './session.ts';
export * from './simulation-schemas.ts';
export * from './types.ts';

/** Every operation of the API: the one list that server, SDK, command line and documents read. */
export const ops = {
  GetConversations: conversations.getConversations,
  GetConversation: conversations.getConversation,
  PutConversation: conversations.putConversation,
  AppendConversationEvents: conversations.appendConversationEvents,
  DeleteConversation: conversations.deleteConversation,
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
  CreateApiKey: access.createApiKey,
  RevokeApiKey: access.revokeApiKey,
  ListApiKeys: access.listApiKeys,
  CreateBackup: backup.createBackup,
} as const satisfies Record<string, Op>;

export type OpName = keyof typeof ops;
export type InputOf<N extends OpName> = Input<(typeof ops)[N]>;
export type OutputOf<N extends OpName> = Output<(typeof ops)[N]>;
