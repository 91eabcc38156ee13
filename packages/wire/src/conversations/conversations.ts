import Type, { type Static } from 'typebox';
import {
  EXAMPLE_CONVERSATION,
  EXAMPLE_EVENTS,
  EXAMPLE_PAGE,
  EXAMPLE_PUT,
  EXAMPLE_SUMMARY,
} from '../examples.ts';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { page, pageKeys } from '../page.ts';
import { businessParams, sessionParams } from '../parameters.ts';
import { mayAdd, mayAddOrEdit, mayDelete, mayRead } from '../permissions.ts';
import { about, maybe, ShownId, strict, Timestamp } from '../types.ts';
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
  ConversationSummary,
  ListedConversation,
  MAX_CONVERSATION_BYTES,
  PutConversationBody,
} from './conversation-schemas.ts';
import { ConversationEvent } from './event-schemas.ts';

/** Also of legal holds: a key needs a column of `holds` and a condition in `holds/store.ts`. */
const holdFilterKeys = {
  StartStartedDate: maybe(Timestamp, '`StartTime` is at or after this time'),
  EndStartedDate: maybe(Timestamp, '`StartTime` is at or before this time'),
  SessionStates: maybe(Type.Array(taken(STATUS), { maxItems: 100 }), '`Status` is one of these'),
  SessionInitiationTypes: maybe(
    Type.Array(taken(INITIATION_TYPE_FILTER), { maxItems: 100 }),
    '`InitiationType` is one of these',
  ),
  SessionEndTypes: maybe(
    Type.Array(taken(END_TYPE), { maxItems: 100 }),
    '`EndType` is one of these',
  ),
};
const MATCHES_ALL =
  'A conversation matches if it matches every key. An empty array matches everything.';
export const HoldFilter = strict(holdFilterKeys, { title: 'HoldFilter', description: MATCHES_ALL });
export type HoldFilter = Static<typeof HoldFilter>;
export const ConversationFilter = strict(
  {
    ...holdFilterKeys,
    DurationsFromSeconds: maybe(
      Type.Array(Type.Enum([...DURATION_CLASSES]), { maxItems: 100 }),
      'The conversation has ended and its duration is in one of these classes; each is named by its lower bound in seconds and ends below the next larger one',
    ),
  },
  { title: 'ConversationFilter', description: MATCHES_ALL },
);
export type ConversationFilter = Static<typeof ConversationFilter>;

export const getConversations = op({
  ...READS,
  name: 'GetConversations',
  method: 'POST',
  path: '/business/{businessId}/conversations',
  tag: 'Conversations',
  title: 'List conversations',
  summary: 'List conversations, newest first',
  description: `The order is newest \`StartTime\` first, then \`Id\` descending. Without a body the first page is returned with all defaults.

Paging forward to the end and back again returns each conversation that existed at the start exactly once, even while new ones arrive. A cursor contains its filter: a \`Filter\` next to a cursor must have the same meaning as the one that made it. Another \`Filter\`, or both cursors at once, is \`INVALID_CURSOR\`. With \`Include\` the page is streamed.`,
  permission: mayRead,
  params: businessParams,
  body: strict({
    ...pageKeys,
    Filter: maybe(ConversationFilter, 'Which conversations to list; all by default'),
    Include: maybe(
      Type.Array(Type.Enum(['Messages', 'Logs']), { maxItems: 100 }),
      'The parts to add to each conversation; none by default',
    ),
  }),
  bodyOptional: true,
  output: page(ListedConversation, 'ConversationPage'),
  errors: ['INVALID_CURSOR'],
  examples: { body: { Limit: 2, Filter: { SessionStates: ['Completed'] } }, output: EXAMPLE_PAGE },
  messages: { INVALID_REQUEST: 'Filter.SessionState is not a known key.' },
});

export const getConversation = op({
  ...READS,
  name: 'GetConversation',
  method: 'GET',
  path: '/business/{businessId}/conversations/{sessionId}',
  tag: 'Conversations',
  title: 'Get a conversation',
  summary: 'Get a conversation, in progress or finished',
  description: `\`AudioUrl\` is a pre-signed URL that works without a key for 15 to 30 minutes (half of a setting, and the setting), or null if there is no recording. It stays the same for 15 minutes.

When polling, send the \`ETag\` of the last answer in \`If-None-Match\`: 304 means that nothing has changed for this reader. A 304 needs the same permission as a 200 and is recorded in the audit log in the same way.

For a key that reads masked data, the recording is a copy that is silent wherever masked content is spoken. \`AudioUrl\` is null until this copy exists.`,
  permission: mayRead,
  params: sessionParams,
  output: Conversation,
  errors: ['NOT_FOUND', 'GONE'],
  examples: { output: EXAMPLE_CONVERSATION },
  isTagged: true,
});

export const putConversation = op({
  ...CHANGES,
  name: 'PutConversation',
  method: 'PUT',
  path: '/business/{businessId}/conversations/{sessionId}',
  tag: 'Conversations',
  title: 'Write a conversation',
  summary: 'Write a whole conversation in one request',
  description: `Writing the same body again changes nothing. Another body replaces the conversation atomically, including one that was built from events, and keeps the recordings of the participants that remain. \`EndTime\` and \`EndType\` are required if \`Status\` is \`Completed\` or \`Failed\`, and refused otherwise. Participant ids must be unique within the conversation.

A conversation can be written back as it was read: an \`Id\` equal to the one in the path, every \`AudioUrl\` and \`Recordings\` are accepted and ignored.

With \`Adding\` alone, an existing conversation cannot be changed (\`CONFLICT\`); with \`Editing\` alone, none can be created (\`PERMISSION_DENIED\`). A key that reads masked data changes nothing if it writes back what it read; changing a masked part is a \`CONFLICT\`. The answer has an \`AudioUrl\` only for keys that may read.`,
  permission: mayAddOrEdit,
  params: sessionParams,
  body: PutConversationBody,
  bodyLimit: MAX_CONVERSATION_BYTES,
  output: ConversationSummary,
  statuses: [201, 200],
  errors: ['CONFLICT', 'GONE', 'QUOTA_EXCEEDED'],
  examples: { body: EXAMPLE_PUT, output: EXAMPLE_SUMMARY },
  messages: {
    INVALID_REQUEST: 'EndTime is required when Status is Completed.',
    CONFLICT: 'The conversation already exists with other content, and the key may not edit it.',
  },
});

export const appendConversationEvents = op({
  ...ADDS,
  name: 'AppendConversationEvents',
  method: 'POST',
  path: '/business/{businessId}/conversations/{sessionId}/events',
  tag: 'Conversations',
  title: 'Append events',
  summary: 'Add to a conversation while it happens',
  description: `Either all events are stored or none; 200 means that they are on disk. A known \`EventId\`, even with other content, is counted in \`Duplicates\` and not applied again, so a request can be repeated safely.

The first event of a conversation is \`SessionStarted\`: for an unknown conversation any other first event is \`NOT_FOUND\`, and a second \`SessionStarted\` is a \`CONFLICT\`. \`ClientLeft\` and \`AgentLeft\` are a \`CONFLICT\` for a participant who has not joined. A \`SessionEnded\` before \`StartTime\` is \`INVALID_REQUEST\`.

For 15 minutes (a setting) after \`SessionEnded\`, late \`MessageAdded\`, \`LogAdded\`, \`ClientLeft\` and \`AgentLeft\` events are accepted; other types are a \`CONFLICT\`. Then the conversation is sealed, and a new event is \`SESSION_SEALED\`, while known \`EventId\`s are still counted as duplicates. A conversation holds at most 20,000 messages, 50,000 logs and 16 MiB.`,
  permission: mayAdd,
  params: sessionParams,
  body: strict({
    Events: Type.Array(ConversationEvent, {
      minItems: 1,
      maxItems: 1000,
      description: 'The events, in the order in which they happened',
    }),
  }),
  bodyLimit: MAX_CONVERSATION_BYTES,
  output: Type.Object({
    Accepted: Type.Integer({ description: 'The number of events that were stored' }),
    Duplicates: Type.Integer({ description: 'The number of events that were already known' }),
    Status: about(given(STATUS), 'The state of the conversation after the events'),
  }),
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT', 'SESSION_SEALED', 'QUOTA_EXCEEDED'],
  examples: { body: EXAMPLE_EVENTS, output: { Accepted: 3, Duplicates: 0, Status: 'Active' } },
  messages: {
    INVALID_REQUEST: 'Events[2].Role must be one of User, Agent, System, Tool or Client.',
    CONFLICT: 'The conversation has already started.',
    NOT_FOUND: 'There is no such conversation; the first event of a new one is SessionStarted.',
    PAYLOAD_TOO_LARGE: 'A conversation holds at most 20,000 messages.',
  },
  idempotent: true,
});

export const deleteConversation = op({
  ...CHANGES,
  name: 'DeleteConversation',
  method: 'DELETE',
  path: '/business/{businessId}/conversations/{sessionId}',
  tag: 'Conversations',
  title: 'Delete a conversation',
  summary: 'Delete a conversation immediately and permanently',
  description:
    'Deletes the transcript, logs, participants and recordings. Any later request for the conversation is `GONE`, and its id cannot be used again. A conversation under legal hold is not deleted (`CONFLICT`).',
  permission: mayDelete,
  params: sessionParams,
  output: Type.Object({ Id: about(ShownId, 'The id of the deleted conversation') }),
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT'],
  examples: { output: { Id: 'session_abc123' } },
});
