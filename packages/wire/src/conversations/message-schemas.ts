import Type from 'typebox';
import {
  AnyJson,
  about,
  LongText,
  Metadata,
  maybe,
  Name,
  optional,
  strict,
  Text,
  Timestamp,
} from '../types.ts';
import { given, LEVEL, ROLE, taken } from '../value-sets.ts';

const Confidence = Type.Number({ minimum: 0, maximum: 1 });
const Milliseconds = Type.Number({ minimum: 0 });
const milliseconds = (description: string) => about(Milliseconds, description);

export const Word = strict(
  {
    Word: about(Text, 'The word as it was recognized'),
    StartMs: milliseconds('When it begins, in milliseconds from the start of the message'),
    EndMs: milliseconds('When it ends, in milliseconds from the start of the message'),
    Confidence: maybe(Confidence, 'How certain the speech recognizer was, from 0 to 1'),
  },
  { title: 'Word', description: 'A recognized word of a message, with its times' },
);

export const ToolCall = strict(
  {
    CallId: about(Name, 'The id that the engine gave the call'),
    Name: about(Name, 'The name of the tool'),
    Arguments: about(AnyJson, 'The arguments, any JSON; at most 1 MiB'),
    Result: optional(AnyJson, 'The result, any JSON; at most 1 MiB'),
    IsError: maybe(Type.Boolean(), 'True if the tool failed'),
    LatencyMs: maybe(Milliseconds, 'How long the tool took, in milliseconds'),
  },
  { title: 'ToolCall', description: 'A call of a tool by an agent' },
);

export const Metrics = Type.Record(
  Type.String({ pattern: '^.{1,128}Ms$' }),
  Type.Number({ description: 'Milliseconds' }),
  {
    title: 'Metrics',
    additionalProperties: false,
    maxProperties: 100,
    'x-expected-names': 'end in `Ms`, with 1 to 128 characters before it',
    description: 'Measured times in milliseconds; every name ends in `Ms`, such as `LlmTtfbMs`',
  },
);

/** In addition to its four, if it has values for them. */
export const messageExtras = {
  EndedAt: maybe(Timestamp, 'When the speaker finished'),
  WasInterrupted: maybe(Type.Boolean(), 'True if the speaker was interrupted'),
  Confidence: maybe(Confidence, 'How certain the speech recognizer was, from 0 to 1'),
  Words: maybe(Type.Array(Word, { maxItems: 20_000 }), 'The words of the message with their times'),
  ToolCall: maybe(ToolCall, 'The call of a tool; for messages with the role `Tool`'),
  Metrics: maybe(Metrics, 'Measured times of the message, such as the latency of the model'),
};
export const logExtras = {
  Source: maybe(Text, 'The component that wrote the entry'),
  Details: maybe(Metadata, 'Structured details of the entry'),
};

const CONTENT = 'What was said or written';
const MESSAGE_TIME = 'When the message began';
const LOG_MESSAGE = 'The text of the entry';
const LOG_TIME = 'When the entry was written';

export const Message = Type.Object(
  {
    SenderId: Type.String({ description: 'Who sent it, usually the id of a participant' }),
    Role: about(given(ROLE), 'The role of the sender'),
    Content: Type.String({ description: CONTENT }),
    Timestamp: about(Timestamp, MESSAGE_TIME),
    ...messageExtras,
  },
  {
    title: 'Message',
    description:
      'A message of the transcript. The keys after `Timestamp` are present only if they have a value.',
  },
);
export const Log = Type.Object(
  {
    Level: about(given(LEVEL), 'The severity'),
    Message: Type.String({ description: LOG_MESSAGE }),
    Timestamp: about(Timestamp, LOG_TIME),
    ...logExtras,
  },
  { title: 'Log', description: 'A technical log entry of a conversation' },
);

/** An event has its own `Timestamp`. */
export const messageKeys = {
  SenderId: Type.String({
    maxLength: 1024,
    'x-masked': 'participant',
    description: 'Who sent it, usually the id of a participant; other values are allowed',
  }),
  Role: about(taken(ROLE), 'The role of the sender'),
  Content: about(LongText, CONTENT),
};
export const logKeys = {
  Level: about(taken(LEVEL), 'The severity'),
  Message: about(LongText, LOG_MESSAGE),
};

export const MessageInput = strict(
  { ...messageKeys, Timestamp: about(Timestamp, MESSAGE_TIME), ...messageExtras },
  { title: 'MessageInput', description: 'A message of the transcript to store' },
);
export const LogInput = strict(
  { ...logKeys, Timestamp: about(Timestamp, LOG_TIME), ...logExtras },
  { title: 'LogInput', description: 'A log entry to store' },
);
