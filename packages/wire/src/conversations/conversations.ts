import Type, { type Static } from 'typebox';
import {
  EXAMPLE_CONVERSATION,
  EXAMPLE_EVENTS,
  EXAMPLE_PAGE,
  EXAMPLE_PUT,
  EXAMPLE_SUMMARY,
} from '../examples.ts';
import { MEBIBYTE, op } from '../op.ts';
import { page, pageKeys } from '../page.ts';
import { mayAdd, mayAddOrEdit, mayDelete, mayRead } from '../permissions.ts';
import { BusinessId, Id, maybe, ShownId, strict, Timestamp } from '../types.ts';
import {
  DURATION_CLASSES,
  END_TYPE,
  given,
  INITIATION_TYPE_FILTER,
  STATUS,
  taken,
} from '../value-sets.ts';
import {
  Conversation,
  ConversationEvent,
  ConversationSummary,
  ListedConversation,
  MAX_CONVERSATION_BYTES,
  PutConversationBody,
} from './conversation-schemas.ts';

const sessionParams = Type.Object({ businessId: BusinessId, sessionId: Id });

const filterKeys = {
  StartStartedDate: maybe(Timestamp),
  EndStartedDate: maybe(Timestamp),
  SessionStates: maybe(Type.Array(taken(STATUS), { maxItems: 100 })),
  SessionInitiationTypes: maybe(Type.Array(taken(INITIATION_TYPE_FILTER), { maxItems: 100 })),
  SessionEndTypes: maybe(Type.Array(taken(END_TYPE), { maxItems: 100 })),
};
/** What a hold can be narrowed to. */
export const HoldFilter = strict(filterKeys, { title: 'HoldFilter' });
export type HoldFilter = Static<typeof HoldFilter>;
export const ConversationFilter = strict(
  {
    ...filterKeys,
    DurationsFromSeconds: maybe(Type.Array(Type.Enum([...DURATION_CLASSES]), { maxItems: 100 })),
  },
  { title: 'ConversationFilter' },
);
export type ConversationFilter = Static<typeof ConversationFilter>;

export const getConversations = op({
  name: 'GetConversations',
  method: 'POST',
  path: '/business/{businessId}/conversations',
  tag: 'Conversations',
  summary: 'List conversations, newest first',
  description:
    'Order: newest `StartTime` first, then `Id` descending. A cursor carries its filter; a `Filter` beside a cursor must mean the same.',
  permission: mayRead,
  params: Type.Object({ businessId: BusinessId }),
  query: Type.Object({}),
  body: strict({
    ...pageKeys,
    Filter: maybe(ConversationFilter),
    Include: maybe(Type.Array(Type.Enum(['Messages', 'Logs']), { maxItems: 100 })),
  }),
  bodyOptional: true,
  bodyLimit: MEBIBYTE,
  output: page(ListedConversation, 'ConversationPage'),
  statuses: [200],
  errors: ['INVALID_CURSOR'],
  examples: {
    body: { Limit: 2, Filter: { SessionStates: ['Completed'] } },
    output: EXAMPLE_PAGE,
  },
  idempotent: true,
});

export const getConversation = op({
  name: 'GetConversation',
  method: 'GET',
  path: '/business/{businessId}/conversations/{sessionId}',
  tag: 'Conversations',
  summary: 'Get a conversation, live or finished',
  permission: mayRead,
  params: sessionParams,
  query: Type.Object({}),
  body: null,
  bodyLimit: 0,
  output: Conversation,
  statuses: [200],
  errors: ['NOT_FOUND', 'GONE'],
  examples: { output: EXAMPLE_CONVERSATION },
  idempotent: true,
  isTagged: true,
});

export const putConversation = op({
  name: 'PutConversation',
  method: 'PUT',
  path: '/business/{businessId}/conversations/{sessionId}',
  tag: 'Conversations',
  summary: 'Write a whole conversation at once',
  description:
    'Writing the same body again changes nothing; another body replaces the conversation as one step and keeps the recordings of participants that stay. `EndTime` and `EndType` are required exactly when `Status` is `Completed` or `Failed`.',
  permission: mayAddOrEdit,
  params: sessionParams,
  query: Type.Object({}),
  body: PutConversationBody,
  bodyLimit: MAX_CONVERSATION_BYTES,
  output: ConversationSummary,
  statuses: [201, 200],
  errors: ['CONFLICT', 'GONE'],
  examples: { body: EXAMPLE_PUT, output: EXAMPLE_SUMMARY },
  idempotent: true,
});

export const appendConversationEvents = op({
  name: 'AppendConversationEvents',
  method: 'POST',
  path: '/business/{businessId}/conversations/{sessionId}/events',
  tag: 'Conversations',
  summary: 'Add to a conversation as it happens',
  description:
    'All of the events are taken or none. 200 means that they are on disk. An `EventId` that is known already is counted in `Duplicates` and not applied again, so that a request can be repeated safely.',
  permission: mayAdd,
  params: sessionParams,
  query: Type.Object({}),
  body: strict({ Events: Type.Array(ConversationEvent, { minItems: 1, maxItems: 1000 }) }),
  bodyLimit: MAX_CONVERSATION_BYTES,
  output: Type.Object({
    Accepted: Type.Integer(),
    Duplicates: Type.Integer(),
    Status: given(STATUS),
  }),
  statuses: [200],
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT', 'SESSION_SEALED'],
  examples: {
    body: EXAMPLE_EVENTS,
    output: { Accepted: 3, Duplicates: 0, Status: 'Active' },
  },
  idempotent: true,
});

export const deleteConversation = op({
  name: 'DeleteConversation',
  method: 'DELETE',
  path: '/business/{businessId}/conversations/{sessionId}',
  tag: 'Conversations',
  summary: 'Erase a conversation at once and for good',
  description:
    'Transcript, logs, participants and recordings go. Any call on it after that is `GONE`, and its id cannot be used again.',
  permission: mayDelete,
  params: sessionParams,
  query: Type.Object({}),
  body: null,
  bodyLimit: 0,
  output: Type.Object({ Id: ShownId }),
  statuses: [200],
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT'],
  examples: { output: { Id: 'session_abc123' } },
  idempotent: true,
});
