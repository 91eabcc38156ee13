import Type, { type Static } from 'typebox';
import { MEBIBYTE, op } from '../op.ts';
import { Cursor, collection, collectionKeys } from '../page.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import { businessParams } from '../queues/queue-schemas.ts';
import { limit, maybe, nullable, ShownJson, strict, Timestamp } from '../types.ts';

/** What can have been done. */
export const AUDIT_ACTIONS = [
  'ConversationCreated',
  'ConversationReplaced',
  'ConversationEnded',
  'ConversationPurged',
  'ConversationErased',
  'ConversationAnonymised',
  'ConversationMentionErased',
  'RecordingPut',
  'CallEnqueued',
  'CallReceived',
  'CallRescheduled',
  'CallCanceled',
  'CallErased',
  'CallAnonymised',
  'CallMentionErased',
  'CampaignChanged',
  'DoNotCallAdded',
  'DoNotCallRemoved',
  'RetentionChanged',
  'HoldCreated',
  'HoldLifted',
  'ErasureRequested',
  'ErasureCompleted',
  'ErasureBlocked',
  'RedactionChanged',
  'RedactionsAdded',
  'AuditSettingsChanged',
  'BusinessCreated',
  'BusinessChanged',
  'ApiKeyCreated',
  'ApiKeyRevoked',
  'MemberAdded',
  'MemberChanged',
  'MemberRemoved',
  'InvitationCreated',
  'InvitationAccepted',
  'InvitationRevoked',
  'BackupTaken',
  'ContentRead',
  'UnredactedRead',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** To what it can have been done. */
export const AUDIT_SUBJECTS = [
  'Conversation',
  'QueueEntry',
  'Campaign',
  'PhoneNumber',
  'Hold',
  'Erasure',
  'Business',
  'ApiKey',
  'Member',
  'Invitation',
] as const;
export type AuditSubject = (typeof AUDIT_SUBJECTS)[number];

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, in hex' });
const Entry = Type.Object({
  Number: Type.Integer({ description: 'Its place in the chain: 1, 2, 3 … without a gap' }),
  At: Timestamp,
  UserId: Type.String({ description: '`system`: a job' }),
  ApiKeyId: Type.String(),
  Action: Type.Enum([...AUDIT_ACTIONS]),
  SubjectKind: Type.Enum([...AUDIT_SUBJECTS]),
  SubjectId: nullable(
    Type.String({
      'x-masked': 'id',
      description: 'null where it was erased, or is a phone number',
    }),
  ),
  SubjectHash: Type.String({
    description: 'A keyed hash of the id, which stays when the id is erased',
  }),
  Details: nullable(ShownJson),
  Hash,
  SubjectWasAltered: Type.Optional(
    Type.Boolean({ description: 'true where the id is not the one that the hash was made of' }),
  ),
});
const Head = Type.Object({
  Number: Type.Integer({ description: 'The entry up to which the chain had come' }),
  Hash,
  At: Timestamp,
  Signature: Type.String({
    description:
      'A compact JWS (EdDSA, `typ` `colloquy-audit+jwt`) of `BusinessId`, `Number`, `Hash` and `At`; the keys are at `/.well-known/jwks.json`',
  }),
});
const Settings = Type.Object({ LogReads: Type.Boolean() });

const AuditFilter = strict({
  From: maybe(Timestamp),
  To: maybe(Timestamp),
  Actions: maybe(Type.Array(Type.Enum([...AUDIT_ACTIONS]), { maxItems: 100 })),
  UserId: maybe(Type.String({ minLength: 1, maxLength: 128 })),
  ApiKeyId: maybe(Type.String({ minLength: 1, maxLength: 128 })),
  SubjectId: maybe(
    Type.String({
      minLength: 1,
      maxLength: 256,
      'x-masked': 'id',
      description: 'Found by its hash, so also after it was erased; of a number its E.164 form',
    }),
  ),
});
export type AuditFilter = Static<typeof AuditFilter>;

const EXAMPLE_ENTRY = {
  Number: 4711,
  At: '2026-03-02T09:15:00Z',
  UserId: 'user_01j9z6v3k8q4w2e5r7t9y1m3n5',
  ApiKeyId: 'key_01j9z6v3k8q4w2e5r7t9y1m3n6',
  Action: 'RecordingPut',
  SubjectKind: 'Conversation',
  SubjectId: 'session_abc123',
  SubjectHash: 'q0a3zT5sVb1Xc9LkWm7dRg',
  Details: { Bytes: 480044, IsReplaced: false, Kind: 'Participant' },
  Hash: '9f2c3b7d5a1e4860b4c9d7f0e3a6158294bd7c60f1e8a3527d9b04c6e5f3a218',
} as const;
const EXAMPLE_HEAD = {
  Number: EXAMPLE_ENTRY.Number,
  Hash: EXAMPLE_ENTRY.Hash,
  At: '2026-03-02T09:15:02Z',
  Signature:
    'eyJhbGciOiJFZERTQSIsInR5cCI6ImNvbGxvcXV5LWF1ZGl0K2p3dCJ9.eyJCdXNpbmVzc0lkIjoxMjM0NX0.c2ln',
};

const audit = {
  tag: 'Keeping',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object({}),
  statuses: [200],
  errors: [],
  idempotent: true,
} as const;

export const getAudit = op({
  ...audit,
  name: 'GetAudit',
  method: 'POST',
  path: '/business/{businessId}/audit',
  summary: 'List who did what, newest first',
  description:
    'One entry for each change, none for what changed nothing, and for reads of content where `PutAuditSettings` says so. A page may have fewer items than `Limit`, or none, and still a `NextCursor`: a filter of several keys is looked for piece by piece. A cursor carries its filter; a `Filter` beside a cursor must mean the same.',
  body: strict({
    Limit: maybe(limit(50)),
    NextCursor: maybe(Cursor),
    Filter: maybe(AuditFilter),
  }),
  bodyOptional: true,
  bodyLimit: MEBIBYTE,
  output: collection(Entry),
  errors: ['INVALID_CURSOR'],
  examples: {
    body: { Limit: 50, Filter: { SubjectId: 'session_abc123' } },
    output: { Items: [EXAMPLE_ENTRY], NextCursor: null },
  },
});

export const getAuditChain = op({
  ...audit,
  name: 'GetAuditChain',
  method: 'GET',
  path: '/business/{businessId}/audit/chain',
  summary: 'List the entries of the audit log in the order of their chain',
  description:
    'What `colloquy verify-audit` reads; a key that reads masked data gets a 403. `Hash` is SHA-256 over the RFC 8785 form of an object of `ApiKeyId`, `Action`, `At`, `BusinessId`, `Details`, `Number`, `PreviousHash`, `SubjectHash`, `SubjectKind` and `UserId`: all of the entry but its `SubjectId`, with the `Hash` of the entry before it, which for the first is 64 zeros.',
  query: Type.Object({
    Limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    NextCursor: Type.Optional(Cursor),
  }),
  body: null,
  bodyLimit: 0,
  output: collection(Entry),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_ENTRY], NextCursor: null } },
});

export const getAuditHeads = op({
  ...audit,
  name: 'GetAuditHeads',
  method: 'GET',
  path: '/business/{businessId}/audit/heads',
  summary: 'List the signed heads of the audit log, the last of each hour',
  description:
    'Each says what the chain was up to an entry. Keep the newest elsewhere: the chain must still lead to it, whatever becomes of this database.',
  query: Type.Object(collectionKeys),
  body: null,
  bodyLimit: 0,
  output: collection(Head),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_HEAD], NextCursor: null } },
});

export const getAuditSettings = op({
  ...audit,
  name: 'GetAuditSettings',
  method: 'GET',
  path: '/business/{businessId}/audit/settings',
  summary: 'Get whether reads of content are logged',
  body: null,
  bodyLimit: 0,
  output: Settings,
  examples: { output: { LogReads: false } },
});

export const putAuditSettings = op({
  ...audit,
  name: 'PutAuditSettings',
  method: 'PUT',
  path: '/business/{businessId}/audit/settings',
  summary: 'Say whether reads of content are logged',
  description:
    'With `LogReads`, whoever is given conversations or queue entries leaves an entry for each of them, on disk before the answer is sent; what a session is shown again within ten minutes, as by a page that renews itself, leaves no other. Holds on every node from the next request on. Off at first.',
  permission: mayChangeSettings,
  body: strict({ LogReads: Type.Boolean() }),
  bodyLimit: MEBIBYTE,
  output: Settings,
  examples: { body: { LogReads: true }, output: { LogReads: true } },
});
