import Type from 'typebox';
import { MEBIBYTE, op } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { mayErase, maySeeSettings } from '../permissions.ts';
import { businessParams } from '../queues/queue-schemas.ts';
import {
  BusinessId,
  Id,
  maybe,
  Name,
  nullable,
  ParticipantId,
  ShownText,
  strict,
  Timestamp,
} from '../types.ts';

export const ERASURE_STATUSES = ['Running', 'Completed', 'Blocked'] as const;
export const ERASURE_MODES = ['Erase', 'Anonymise'] as const;

const Status = Type.Enum([...ERASURE_STATUSES]);
const Mode = Type.Enum([...ERASURE_MODES]);

const Counts = Type.Object({
  Conversations: Type.Integer(),
  Recordings: Type.Integer(),
  QueueEntries: Type.Integer(),
});

const Mentions = Type.Object({
  Changed: Type.Integer({ description: 'Conversations in which the number was replaced' }),
  Held: Type.Integer({
    description: 'Conversations that mention the number and were not changed, since they are held',
  }),
});

export const Erasure = Type.Object(
  {
    ErasureId: Type.String(),
    Status,
    Mode,
    Reason: ShownText,
    RequestedAt: Timestamp,
    RequestedBy: Type.String({ description: 'The UserId of whoever asked for it' }),
    CompletedAt: nullable(Timestamp),
    Counts,
    Mentions: nullable(Mentions),
    Holds: Type.Array(Type.Object({ HoldId: Type.String(), Name: ShownText }), {
      description: 'The legal holds that were in the way, where it is Blocked',
    }),
    Certificate: nullable(
      Type.String({
        description:
          'A compact JWS, signed with a key of `/.well-known/jwks.json`; `colloquy verify-certificate` checks it',
      }),
    ),
  },
  { title: 'Erasure' },
);

const EXAMPLE_ERASURE = {
  ErasureId: 'erasure_01k0n6a2p4rj8xq0v7m3c5t9ey',
  Status: 'Completed' as const,
  Mode: 'Erase' as const,
  Reason: 'Asked for by the person, ticket 4711.',
  RequestedAt: '2026-03-02T10:00:00Z',
  RequestedBy: 'user_01j9z6v3k8q4w2e5r7t9y1m3n5',
  CompletedAt: '2026-03-02T10:00:01Z',
  Counts: { Conversations: 2, Recordings: 3, QueueEntries: 4 },
  Mentions: { Changed: 5, Held: 0 },
  Holds: [],
  Certificate:
    'eyJhbGciOiJFZERTQSIsInR5cCI6ImNvbGxvcXV5LWVyYXN1cmUrand0In0.eyJFcmFzdXJlSWQiOiJlcmFzdXJlXzAxIn0.c2lnbmF0dXJl',
};

const erasures = {
  tag: 'Keeping',
  query: Type.Object({}),
  idempotent: true,
} as const;

const Request = strict({
  PhoneNumber: maybe(Type.String({ minLength: 1, maxLength: 1024 })),
  ClientId: maybe(ParticipantId),
  Mode,
  Reason: Name,
  IncludeMentions: maybe(
    Type.Boolean({
      description:
        'Also replaces the number by `[ERASED]` in conversations and queue entries that mention it; needs `PhoneNumber`. Default false',
    }),
  ),
});

export const createErasure = op({
  ...erasures,
  name: 'CreateErasure',
  method: 'POST',
  path: '/business/{businessId}/erasures',
  summary: 'Erase or anonymise a person',
  description:
    'Give a `PhoneNumber` or a `ClientId`. A number is found in every spelling (separators, brackets, `00`, `tel:`, `sip:` and other URIs, an extension, a name or quotation marks around it, without its `+`, digits of any script; inside `sip:` only with its `+` or what is dialed for it), since spellings are compared by their E.164 form; in queue entries also as it is written in its country. A client id is compared exactly. Found is every conversation with a client of that id or number, or of an id that is the number (as it is written in its country only if that is the `DefaultCountry` of `PutRedaction`), every outbound and inbound queue entry of the number with the conversations that it became, and the queue entry of a conversation with one client. `Erase` leaves nothing but keyed hashes of ids, which answer 410. `Anonymise` keeps times, states and counts under fresh ids; calls that wait are canceled. All or nothing: where something is under legal hold the status becomes `Blocked` and nothing is erased. Numbers stay on the do-not-call list, so that nobody is called again. If the caller of another inbound queue entry has the number as well, as in `+B (+A)`, it is replaced by `[ERASED]` there, in the history of the entry, and in answers that are kept for repeated requests; the rest of that caller stays. With `IncludeMentions` the number is then replaced by `[ERASED]` in every other conversation that mentions it: in messages with their words, tool calls, logs, metadata, names, reasons and source, and by `erased` in ids of participants; and in the variables, metadata, reasons and history of every other queue entry. Found is the number with its country code or as it is written in its country (without the national prefix only if the country has none or 1, for mobile numbers of at least ten digits, and in the usual groups), with up to six separators between two digits and invisible characters, in digits of any script, as `tel:` or `sip:`, escaped as in JSON, a URI or HTML, in English number words, and in the items of an array or under one key of its objects; not as part of another number. Not found are digits that are split over several messages or log lines, number words of other languages, national numbers of fewer than seven digits, and local numbers without an area code. Not changed are recordings, ids of conversations, calls and events, and conversations under legal hold, which the certificate counts. A job does this conversation by conversation, as each is at that time. Later events and recordings of a live conversation may name a participant by the id that was replaced; they are stored under the new one. Once it is sealed, recordings need the new id.',
  permission: mayErase,
  params: businessParams,
  body: Request,
  bodyLimit: MEBIBYTE,
  output: Type.Object({ ErasureId: Type.String(), Status }),
  statuses: [201],
  errors: [],
  examples: {
    body: { PhoneNumber: '+15551234567', Mode: 'Erase', Reason: EXAMPLE_ERASURE.Reason },
    output: { ErasureId: EXAMPLE_ERASURE.ErasureId, Status: 'Running' },
  },
  idempotent: false,
});

export const getErasures = op({
  ...erasures,
  name: 'GetErasures',
  method: 'GET',
  path: '/business/{businessId}/erasures',
  summary: 'List erasures',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object(collectionKeys),
  body: null,
  bodyLimit: 0,
  output: collection(Erasure),
  statuses: [200],
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_ERASURE], NextCursor: null } },
});

export const getErasure = op({
  ...erasures,
  name: 'GetErasure',
  method: 'GET',
  path: '/business/{businessId}/erasures/{erasureId}',
  summary: 'Get an erasure and its certificate',
  permission: maySeeSettings,
  params: Type.Object({ businessId: BusinessId, erasureId: Id }),
  body: null,
  bodyLimit: 0,
  output: Erasure,
  statuses: [200],
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_ERASURE },
});

export const previewErasure = op({
  ...erasures,
  name: 'PreviewErasure',
  method: 'POST',
  path: '/business/{businessId}/erasures/preview',
  summary: 'Preview an erasure',
  description:
    'Takes the body of an erasure, changes nothing and starts a job that counts what the erasure would erase. One preview of a business runs at a time; a preview is kept for 24 hours, or until a person of the business is erased.',
  permission: mayErase,
  params: businessParams,
  body: Request,
  bodyLimit: MEBIBYTE,
  output: Type.Object({ PreviewId: Type.String() }),
  statuses: [201],
  errors: ['CONFLICT'],
  examples: {
    body: { PhoneNumber: '+15551234567', Mode: 'Erase', Reason: EXAMPLE_ERASURE.Reason },
    output: { PreviewId: 'preview_01k0n6a2p4rj8xq0v7m3c5t9ey' },
  },
  idempotent: false,
});

export const getErasurePreview = op({
  ...erasures,
  name: 'GetErasurePreview',
  method: 'GET',
  path: '/business/{businessId}/erasures/previews/{previewId}',
  summary: 'Get the preview of an erasure',
  description:
    'Counts are final when the status is `Completed`; legal holds are not considered. `Mentions` are up to 1,000 other conversations that mention the number, found as an erasure with `IncludeMentions` finds them. `Metadata` stands for all that is not in messages, logs or tool calls, such as names and reasons.',
  permission: mayErase,
  params: Type.Object({ businessId: BusinessId, previewId: Id }),
  body: null,
  bodyLimit: 0,
  output: Type.Object({
    Status: Type.Enum(['Running', 'Completed']),
    Progress: Type.Number({ minimum: 0, maximum: 1 }),
    Counts,
    Mentions: Type.Array(
      Type.Object({
        SessionId: Type.String(),
        In: Type.Array(Type.Enum(['Messages', 'Logs', 'Metadata', 'ToolCalls'])),
      }),
      { maxItems: 1000 },
    ),
  }),
  statuses: [200],
  errors: ['NOT_FOUND'],
  examples: {
    output: {
      Status: 'Completed',
      Progress: 1,
      Counts: { Conversations: 2, Recordings: 3, QueueEntries: 4 },
      Mentions: [{ SessionId: 'session_abc123', In: ['Messages'] }],
    },
  },
});
