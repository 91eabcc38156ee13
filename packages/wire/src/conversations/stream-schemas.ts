import Type, { type Static } from 'typebox';
import { about, ShownId, strict, Timestamp } from '../types.ts';
import { type ConversationEvent, EVENTS } from './event-schemas.ts';

const conversationId = about(ShownId, 'The id of the conversation');
const changeKeys = <const T extends string>(type: T) => ({
  ConversationId: conversationId,
  Type: Type.Literal(type, { description: 'The type of the event' }),
  Timestamp: about(Timestamp, 'When the server received the change'),
});

const Replaced = strict(changeKeys('ConversationReplaced'), {
  title: 'ConversationReplaced',
  description:
    'Discard what you have of the conversation; the events that follow build it again. It was replaced by `PutConversation`, or the number of a person was erased from it.',
});
const Purged = strict(
  {
    ...changeKeys('ConversationPurged'),
    Parts: Type.Array(Type.Enum(['Transcript', 'Logs', 'Recordings']), {
      description: 'What is no longer there: messages, logs or recordings',
    }),
  },
  {
    title: 'ConversationPurged',
    description: 'A retention rule deleted parts of the conversation; discard them too',
  },
);
const Erased = strict(changeKeys('ConversationErased'), {
  title: 'ConversationErased',
  description: 'The conversation was deleted; discard all that you have of it',
});
const Ready = strict(
  {
    ...changeKeys('RecordingReady'),
    ParticipantId: Type.Union([Type.String({ 'x-masked': 'participant' }), Type.Null()], {
      description: 'The participant; null for a recording of all participants',
    }),
    Kind: Type.Enum(['Participant', 'Mixed'], { description: 'Whose voices it contains' }),
  },
  {
    title: 'RecordingReady',
    description: 'A recording was uploaded; `GetConversation` returns its URL',
  },
);

/** The events of a conversation, as streams give them. */
const STREAMED = EVENTS.map((schema) => {
  const { title, description } = schema as { readonly title?: string; description?: string };
  return strict(
    { ConversationId: conversationId, ...schema.properties },
    { title: `Streamed${title}`, description },
  );
});
export const STREAM_EVENTS = [...STREAMED, Replaced, Purged, Erased, Ready];

export type StreamEvent =
  | (ConversationEvent & { ConversationId: string })
  | Static<typeof Replaced>
  | Static<typeof Purged>
  | Static<typeof Erased>
  | Static<typeof Ready>;
export const StreamEvent = Type.Unsafe<StreamEvent>({
  title: 'StreamEvent',
  description: 'The `data:` of an event; `event:` is its `Type`',
  oneOf: STREAM_EVENTS,
});
