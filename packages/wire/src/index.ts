import * as access from './access.ts';
import * as conversations from './conversations.ts';
import type { Input, Op, Output } from './op.ts';
import * as queues from './queues.ts';
import * as recordings from './recordings.ts';

export * from './conversation-schemas.ts';
export * from './conversations.ts';
export * from './errors.ts';
export * from './examples.ts';
export * from './op.ts';
export * from './page.ts';
export * from './permissions.ts';
export * from './queue-schemas.ts';
export * from './recordings.ts';
export * from './types.ts';

/** Every operation of the API: the one list that server, SDK, command line and documents read. */
export const ops = {
  GetConversations: conversations.getConversations,
  GetConversation: conversations.getConversation,
  PutConversation: conversations.putConversation,
  AppendConversationEvents: conversations.appendConversationEvents,
  DeleteConversation: conversations.deleteConversation,
  PutRecording: recordings.putRecording,
  GetOutboundQueues: queues.getOutboundQueues,
  CountOutboundQueues: queues.countOutboundQueues,
  GetOutboundQueue: queues.getOutboundQueue,
  GetOutboundQueueHistory: queues.getOutboundQueueHistory,
  GetInboundQueues: queues.getInboundQueues,
  CountInboundQueues: queues.countInboundQueues,
  GetInboundQueue: queues.getInboundQueue,
  CreateUser: access.createUser,
  UpdateUser: access.updateUser,
  ListUsers: access.listUsers,
  CreateBusiness: access.createBusiness,
  UpdateBusiness: access.updateBusiness,
  ListBusinesses: access.listBusinesses,
  CreateApiKey: access.createApiKey,
  RevokeApiKey: access.revokeApiKey,
  ListApiKeys: access.listApiKeys,
} as const satisfies Record<string, Op>;

export type OpName = keyof typeof ops;
export type InputOf<N extends OpName> = Input<(typeof ops)[N]>;
export type OutputOf<N extends OpName> = Output<(typeof ops)[N]>;
