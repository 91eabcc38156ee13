import Type from 'typebox';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams, inBusiness, parameter } from '../parameters.ts';
import { mayErase, maySeeSettings } from '../permissions.ts';
import {
  about,
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

const Status = Type.Enum([...ERASURE_STATUSES], {
  description: '`Blocked`: nothing was erased, since something is under legal hold',
});
const Mode = Type.Enum([...ERASURE_MODES], {
  description:
    '`Erase` deletes everything about the person; `Anonymise` keeps times, states and counts',
});

const Counts = Type.Object(
  {
    Conversations: Type.Integer({ description: 'The number of conversations' }),
    Recordings: Type.Integer({ description: 'The number of recordings' }),
    QueueEntries: Type.Integer({ description: 'The number of calls in the queues' }),
  },
  { description: 'The amount of erased data' },
);

const Mentions = Type.Object({
  Changed: Type.Integer({
    description: 'The number of conversations in which the number was replaced',
  }),
  Held: Type.Integer({
    description:
      'The number of conversations that mention the number and were not changed because of a legal hold',
  }),
});

export const Erasure = Type.Object(
  {
    ErasureId: Type.String({ description: 'The id of the erasure' }),
    Status,
    Mode,
    Reason: about(ShownText, 'The reason for the erasure'),
    RequestedAt: about(Timestamp, 'When the erasure was requested'),
    RequestedBy: Type.String({ description: 'The `UserId` of the user who requested it' }),
    CompletedAt: nullable(Timestamp, 'When the erasure ended; null while it is running'),
    Counts,
    Mentions: nullable(
      Mentions,
      'The conversations that mention the number; null without `IncludeMentions`',
    ),
    Holds: Type.Array(
      Type.Object({
        HoldId: Type.String({ description: 'The id of the hold' }),
        Name: about(ShownText, 'The name of the hold'),
      }),
      { description: 'The legal holds that prevented the erasure, if it is `Blocked`' },
    ),
    Certificate: nullable(
      Type.String(),
      'A compact JWS, signed with a key of `/.well-known/jwks.json`; `colloquy verify-certificate` checks it. Null until the erasure is complete.',
    ),
  },
  { title: 'Erasure', description: 'The erasure of a person' },
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

const EXAMPLE_PREVIEW_ID = 'preview_01k0n6a2p4rj8xq0v7m3c5t9ey';

const erasures = { tag: 'Keeping' } as const;

const Request = strict({
  PhoneNumber: maybe(
    Type.String({ minLength: 1, maxLength: 1024 }),
    'The phone number of the person, in any usual spelling; not together with `ClientId`',
  ),
  ClientId: maybe(
    ParticipantId,
    'The client id of the person in conversations; not together with `PhoneNumber`',
  ),
  Mode,
  Reason: about(Name, 'The reason for the erasure'),
  IncludeMentions: maybe(
    Type.Boolean(),
    '`true`: also replace the number by `[ERASED]` in conversations and queue entries that mention it; needs `PhoneNumber`. The default is `false`.',
  ),
});

export const createErasure = op({
  ...erasures,
  ...CHANGES,
  name: 'CreateErasure',
  method: 'POST',
  path: '/business/{businessId}/erasures',
  title: 'Erase a person',
  summary: 'Erase or anonymize a person',
  description: `Send a \`PhoneNumber\` or a \`ClientId\`. Either everything is erased or nothing: if something is under legal hold, the status becomes \`Blocked\`.

**What is found.** Every conversation with a client who has the id or the number, or whose id is the number; every outbound and inbound queue entry of the number, with its conversations; and the queue entry of a conversation with one client. A client id is compared exactly. Numbers are compared by their E.164 form, so every spelling is found: with separators, brackets, \`00\`, \`tel:\`, \`sip:\` and other URIs, an extension, a name or quotation marks around it, without its \`+\`, or with digits of any script. Inside \`sip:\`, a number needs its \`+\` or the prefix that is dialed for it. A number that is written without its country code is found in queue entries; as the id of a client, it is found only if its country is the \`DefaultCountry\` of \`PutRedaction\`.

**What happens.** \`Erase\` leaves only keyed hashes of ids, which return 410. \`Anonymise\` keeps times, states and counts under new ids; queued calls are canceled. Numbers stay on the do-not-call list, so that the person is not called again. If the caller of another inbound queue entry also has the number, as in \`+B (+A)\`, the number is replaced by \`[ERASED]\` there, in the history of the entry and in answers that are stored for repeated requests; the rest of that caller id stays.

**Mentions.** With \`IncludeMentions\`, the number is then replaced by \`[ERASED]\` in every other conversation that mentions it: in messages with their words, tool calls, logs, metadata, names, reasons and source, and by \`erased\` in ids of participants; and in the variables, metadata, reasons and history of every other queue entry. A job does this for one conversation after the other, as each is at that time. Later events and recordings of a conversation in progress may name a participant by the replaced id; they are stored under the new one. Once the conversation is sealed, recordings need the new id.

A mention is the number with its country code, or as it is written in its country. The national prefix may be missing only if the country has none or 1, if it is a mobile number of at least ten digits, or if the digits are in the usual groups. Up to six separators between two digits, invisible characters, digits of any script, \`tel:\`, \`sip:\`, escapes of JSON, URIs and HTML, English number words, and digits in the items of an array or under one key of its objects are found; a part of a longer number is not.

Not found are digits that are split over several messages or log lines, number words of other languages, national numbers of fewer than seven digits, and local numbers without an area code. Not changed are recordings, ids of conversations, calls and events, and conversations under legal hold, which the certificate counts.`,
  permission: mayErase,
  params: businessParams,
  body: Request,
  output: Type.Object({ ErasureId: Type.String({ description: 'The id of the erasure' }), Status }),
  statuses: [201],
  examples: {
    body: { PhoneNumber: '+15551234567', Mode: 'Erase', Reason: EXAMPLE_ERASURE.Reason },
    output: { ErasureId: EXAMPLE_ERASURE.ErasureId, Status: 'Running' },
  },
  idempotent: false,
});

export const getErasures = op({
  ...erasures,
  ...READS,
  name: 'GetErasures',
  method: 'GET',
  path: '/business/{businessId}/erasures',
  summary: 'List erasures',
  description: 'The order is by the time of the request.',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object(collectionKeys),
  output: collection(Erasure),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_ERASURE], NextCursor: null } },
});

export const getErasure = op({
  ...erasures,
  ...READS,
  name: 'GetErasure',
  method: 'GET',
  path: '/business/{businessId}/erasures/{erasureId}',
  title: 'Get an erasure',
  summary: 'Get an erasure and its certificate',
  description: 'The certificate proves what was erased and when.',
  permission: maySeeSettings,
  params: inBusiness({
    erasureId: parameter(Id, 'The id of the erasure', EXAMPLE_ERASURE.ErasureId),
  }),
  output: Erasure,
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_ERASURE },
});

export const previewErasure = op({
  ...erasures,
  ...ADDS,
  name: 'PreviewErasure',
  method: 'POST',
  path: '/business/{businessId}/erasures/preview',
  title: 'Preview an erasure',
  summary: 'Count what an erasure would erase',
  description:
    'The body is that of `CreateErasure`. Nothing is erased: a job counts what the erasure would erase, and `GetErasurePreview` returns the counts. A business has one running preview at a time. A preview is kept for 24 hours, or until a person of the business is erased.',
  permission: mayErase,
  params: businessParams,
  body: Request,
  output: Type.Object({ PreviewId: Type.String({ description: 'The id of the preview' }) }),
  statuses: [201],
  errors: ['CONFLICT'],
  examples: {
    body: { PhoneNumber: '+15551234567', Mode: 'Erase', Reason: EXAMPLE_ERASURE.Reason },
    output: { PreviewId: EXAMPLE_PREVIEW_ID },
  },
});

export const getErasurePreview = op({
  ...erasures,
  ...READS,
  name: 'GetErasurePreview',
  method: 'GET',
  path: '/business/{businessId}/erasures/previews/{previewId}',
  summary: 'Get the preview of an erasure',
  description:
    'The counts are final when the status is `Completed`. Legal holds are not considered.',
  permission: mayErase,
  params: inBusiness({ previewId: parameter(Id, 'The id of the preview', EXAMPLE_PREVIEW_ID) }),
  output: Type.Object({
    Status: Type.Enum(['Running', 'Completed'], { description: 'The state of the preview' }),
    Progress: Type.Number({ minimum: 0, maximum: 1, description: 'The part that is done' }),
    Counts: about(Counts, 'What the erasure would erase'),
    Mentions: Type.Array(
      Type.Object({
        SessionId: Type.String({ description: 'The id of the conversation' }),
        In: Type.Array(Type.Enum(['Messages', 'Logs', 'Metadata', 'ToolCalls']), {
          description:
            'The parts that mention the number; `Metadata` means all other parts, such as names and reasons',
        }),
      }),
      {
        maxItems: 1000,
        description:
          'Up to 1,000 other conversations that mention the number, found as an erasure with `IncludeMentions` finds them',
      },
    ),
  }),
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
