import Type from 'typebox';
import { op, READS } from '../op.ts';
import { businessParams, sessionParams } from '../parameters.ts';
import { mayRead } from '../permissions.ts';
import { optional, Timestamp } from '../types.ts';
import {
  DURATION_CLASSES,
  END_TYPE,
  INITIATION_TYPE_FILTER,
  STATUS,
  taken,
} from '../value-sets.ts';
import { StreamEvent } from './stream-schemas.ts';

/** What the SDK makes of `text/event-stream`: the output of an operation with `eventStream`. */
export interface EventStream<Event> {
  readonly streamed: Event;
}

const MAX_VALUES = { maxItems: 100 };
const repeated = ' Repeat the parameter for several values.';
const lastEventId = optional(
  Type.String({ maxLength: 8192 }),
  'The `id:` of the last event that you received, if a client cannot send the header `Last-Event-ID`, which takes precedence',
);
const RESUME =
  'After a lost connection, send the `id:` of the last event in `Last-Event-ID`: the stream continues after it, on any node and after a restart. If the id is unknown, or older than the change log keeps (7 days, a setting), `event: reset` comes first, then everything; discard what you have.';
const RULES =
  'Access is checked again while the stream is open: it ends soon after a key is revoked. A client that does not read is disconnected and can resume. For a key that reads masked data, a message that ends in digits or number words comes when the same sender continues or after 60 seconds, because the next message may show that the digits are part of a masked number.';

export const streamConversation = op({
  ...READS,
  name: 'StreamConversation',
  method: 'GET',
  path: '/business/{businessId}/conversations/{sessionId}/stream',
  tag: 'Conversations',
  title: 'Follow a conversation',
  summary: 'Follow a conversation as Server-Sent Events',
  description: `First come all events so far, then each new one, without a gap or a repeat. A conversation that was written as a whole is given as the events that would build it. \`event: end\` follows once the conversation is sealed, and the server closes the stream; \`ConversationErased\` ends it too.

${RESUME} After the id of \`event: end\`, the answer is 204, so that \`EventSource\` stops.

${RULES}`,
  permission: mayRead,
  params: sessionParams,
  query: Type.Object({ LastEventId: lastEventId }, { additionalProperties: false }),
  output: Type.Unsafe<EventStream<StreamEvent>>(StreamEvent),
  eventStream: true,
  errors: ['NOT_FOUND', 'GONE'],
});

export const streamBusiness = op({
  ...READS,
  name: 'StreamBusiness',
  method: 'GET',
  path: '/business/{businessId}/stream',
  tag: 'Conversations',
  title: 'Follow all conversations',
  summary: 'Follow all conversations of a business as Server-Sent Events',
  description: `The stream begins now, or with what was received since \`Since\`. The other parameters are the filter of \`GetConversations\`: a conversation's events are sent while the conversation matches.

${RESUME} Everything is then what the log still has, or what was received since \`Since\`. A block with an \`id:\` and without data is no event; it only moves the position from which a client resumes.

${RULES}`,
  permission: mayRead,
  params: businessParams,
  query: Type.Object(
    {
      Since: optional(
        Timestamp,
        'Begin with the changes that the server received at or after this time; by default with new ones',
      ),
      StartStartedDate: optional(Timestamp, '`StartTime` is at or after this time'),
      EndStartedDate: optional(Timestamp, '`StartTime` is at or before this time'),
      SessionStates: optional(
        Type.Array(taken(STATUS), MAX_VALUES),
        `\`Status\` is one of these.${repeated}`,
      ),
      SessionInitiationTypes: optional(
        Type.Array(taken(INITIATION_TYPE_FILTER), MAX_VALUES),
        `\`InitiationType\` is one of these.${repeated}`,
      ),
      SessionEndTypes: optional(
        Type.Array(taken(END_TYPE), MAX_VALUES),
        `\`EndType\` is one of these.${repeated}`,
      ),
      DurationsFromSeconds: optional(
        Type.Array(Type.Enum([...DURATION_CLASSES]), MAX_VALUES),
        `The conversation has ended and its duration is in one of these classes, named as in \`GetConversations\`.${repeated}`,
      ),
      LastEventId: lastEventId,
    },
    { additionalProperties: false },
  ),
  output: Type.Unsafe<EventStream<StreamEvent>>(StreamEvent),
  eventStream: true,
  messages: { INVALID_REQUEST: 'The query has an unknown key SessionState.' },
});
