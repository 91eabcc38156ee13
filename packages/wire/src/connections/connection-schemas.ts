import Type, { type Static } from 'typebox';
import {
  about,
  count,
  maybe,
  Name,
  nullable,
  ShownId,
  ShownText,
  strict,
  Timestamp,
} from '../types.ts';
import { SOURCE_SETTINGS, SOURCES } from './sources.ts';

export const DELIVERY_STATES = ['Pending', 'Assembled', 'Failed', 'Ignored', 'Paused'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

const Source = Type.Enum([...SOURCES]);
const SOURCE = 'The engine or service whose calls come in';
const NAME = 'A name of your own';
const Secrets = Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 4096 }), {
  'x-maxBytes': 16 * 1024,
});
const SECRETS_BY_SOURCE = Object.entries(SOURCE_SETTINGS)
  .filter(([, { secrets }]) => secrets.length > 0)
  .map(
    ([source, { secrets }]) =>
      `${secrets.map((name) => `\`${name}\``).join(' and ')} for \`${source}\``,
  )
  .join(', ');
const SECRETS = `What verifies the requests of the source, by name: ${SECRETS_BY_SOURCE}. Stored encrypted and never shown.`;
const Options = Type.Record(Type.String(), Type.String({ maxLength: 1024 }), {
  'x-maxBytes': 16 * 1024,
});
const OPTIONS =
  'Settings of the source. `vapi`: `Signing` is `hmac` (the default), `bearer` (a bearer token) or `header` (the header `X-Vapi-Secret`).';
const PAUSED =
  'True if requests are only stored; their conversations are written when it is set to false';

export const NewConnection = strict({
  Source: about(Source, SOURCE),
  Name: about(Name, NAME),
  Secrets: maybe(Secrets, SECRETS),
  Options: maybe(Options, OPTIONS),
});

export const ConnectionChange = strict({
  Name: maybe(Name, NAME),
  IsPaused: maybe(Type.Boolean(), PAUSED),
  Options: maybe(Options, 'Settings of the source; they replace all earlier ones'),
});
export type ConnectionChange = Static<typeof ConnectionChange>;

export const NewSecrets = strict({ Secrets: about(Secrets, SECRETS) });

const UnknownEndReason = Type.Object({
  EndReason: about(ShownText, "The vendor's word"),
  Conversations: count('The number of conversations that ended with it'),
});

export const Connection = Type.Object(
  {
    ConnectionId: Type.String({ description: 'The id of the connection' }),
    Source: about(Source, SOURCE),
    Name: about(ShownText, NAME),
    Url: Type.String({ description: 'The address that the source sends its requests to' }),
    Options: about(Options, OPTIONS),
    SecretNames: Type.Array(Type.String(), {
      description: 'The names of the secrets; their values are never shown',
    }),
    PreviousSecretsExpireAt: nullable(
      Timestamp,
      'Until when the secrets before the last rotation are accepted; null if they are not',
    ),
    IsPaused: Type.Boolean({ description: PAUSED }),
    LastReceivedAt: nullable(Timestamp, 'When the last stored request came; null if none did'),
    ErasedDeliveries: count(
      'The number of requests about erased conversations, which were not stored',
    ),
    UnknownEndReasons: Type.Array(UnknownEndReason, {
      description:
        'Words for the end of a call that the server does not know; such conversations have the `EndType` `MidSessionFailure`',
    }),
    CreatedAt: about(Timestamp, 'When the connection was created'),
    CreatedBy: Type.String({ description: 'The `UserId` of the user who created the connection' }),
  },
  { title: 'Connection', description: 'A source whose requests become conversations' },
);

const delivery = {
  DeliveryId: Type.String({ description: 'The id of the delivery' }),
  EventType: about(ShownText, "The source's type of the event; empty if it has none"),
  ReceivedAt: about(Timestamp, 'When the request was received'),
  Repeats: count('How often the same event was received again'),
  Status: Type.Enum([...DELIVERY_STATES], {
    description:
      '`Pending`: the conversation is about to be written. `Assembled`: it is in the conversation. `Failed`: see `Error`. `Ignored`: it is about no call. `Paused`: it waits until the connection is resumed.',
  }),
  ConversationId: nullable(ShownId, 'The conversation of the call; null if it is about no call'),
  Error: nullable(ShownText, 'Why it is not in the conversation; null if it did not fail'),
  NextAttemptAt: nullable(
    Timestamp,
    'When it is tried next; null if it is not, until `RetryConnectionDelivery`',
  ),
  Warnings: Type.Array(ShownText, {
    description: 'What the server did not know: fields, roles and types. It is stored as received.',
  }),
  Bytes: count('The size of the body'),
};

export const ConnectionDelivery = Type.Object(delivery, {
  title: 'ConnectionDelivery',
  description: 'A request that a connection received',
});

const HIDDEN =
  'null without permission to read conversations, after an erasure or a purge of the transcript, or if it cannot be masked for the reader';
export const RawDelivery = Type.Object(
  {
    ...delivery,
    Headers: nullable(
      Type.Record(Type.String(), Type.String()),
      `The headers, by their names in lower case, without secrets and signatures; ${HIDDEN}`,
    ),
    Body: nullable(Type.String(), `The body as text; ${HIDDEN}`),
  },
  { title: 'RawDelivery', description: 'A request that a connection received, as it was' },
);
