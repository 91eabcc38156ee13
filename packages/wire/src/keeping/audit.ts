import Type, { type Static } from 'typebox';
import { CHANGES, op, READS } from '../op.ts';
import { collection, collectionBodyKeys, collectionKeys, collectionQuery } from '../page.ts';
import { businessParams } from '../parameters.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import { about, maybe, nullable, optional, ShownJson, strict, Timestamp } from '../types.ts';

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
  'QuotasChanged',
  'ApiKeyCreated',
  'ApiKeyRevoked',
  'MemberAdded',
  'MemberChanged',
  'MemberRemoved',
  'InvitationCreated',
  'InvitationAccepted',
  'InvitationRevoked',
  'WebhookCreated',
  'WebhookChanged',
  'WebhookSecretRotated',
  'WebhookDisabled',
  'WebhookReplayed',
  'WebhookDeleted',
  'ConnectionCreated',
  'ConnectionChanged',
  'ConnectionSecretRotated',
  'ConnectionDeleted',
  'ConnectionDeliveryRetried',
  'BackupTaken',
  'ContentRead',
  'UnredactedRead',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

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
  'Webhook',
  'Connection',
] as const;
export type AuditSubject = (typeof AUDIT_SUBJECTS)[number];

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Entry = Type.Object({
  Number: Type.Integer({ description: 'The place in the chain: 1, 2, 3 and so on, without gaps' }),
  At: about(Timestamp, 'When it happened'),
  UserId: Type.String({ description: 'The user who did it; `system` for a job of the server' }),
  ApiKeyId: Type.String({ description: 'The key or session with which it was done' }),
  Action: Type.Enum([...AUDIT_ACTIONS], { description: 'What was done' }),
  SubjectKind: Type.Enum([...AUDIT_SUBJECTS], { description: 'The kind of the subject' }),
  SubjectId: nullable(
    Type.String({ 'x-masked': 'id' }),
    'The id of the subject; null if it was erased or is a phone number',
  ),
  SubjectHash: Type.String({
    description: 'A keyed hash of the id, which remains when the id is erased',
  }),
  Details: nullable(ShownJson, 'Details of the action; null without any'),
  Hash: about(Hash, 'The hash of this entry and the one before, SHA-256 in hex'),
  SubjectWasAltered: optional(
    Type.Boolean(),
    'True if the id is not the one from which `SubjectHash` was made',
  ),
});
const Head = Type.Object({
  Number: Type.Integer({ description: 'The number of the last entry of the chain at the time' }),
  Hash: about(Hash, 'The hash of that entry, SHA-256 in hex'),
  At: about(Timestamp, 'When the head was signed'),
  Signature: Type.String({
    description:
      'A compact JWS (EdDSA, `typ` `colloquy-audit+jwt`) of `BusinessId`, `Number`, `Hash` and `At`; the keys are at `/.well-known/jwks.json`',
  }),
});
const LOG_READS = '`true`: reads of conversations and queue entries are logged';
const Settings = Type.Object({ LogReads: Type.Boolean({ description: LOG_READS }) });

const AuditFilter = strict({
  From: maybe(Timestamp, 'Entries at or after this time'),
  To: maybe(Timestamp, 'Entries at or before this time'),
  Actions: maybe(
    Type.Array(Type.Enum([...AUDIT_ACTIONS]), { maxItems: 100 }),
    'Entries with one of these actions',
  ),
  UserId: maybe(Type.String({ minLength: 1, maxLength: 128 }), 'Entries of this user'),
  ApiKeyId: maybe(Type.String({ minLength: 1, maxLength: 128 }), 'Entries of this key'),
  SubjectId: maybe(
    Type.String({ minLength: 1, maxLength: 256, 'x-masked': 'id' }),
    'Entries about this subject, also after its id was erased; for a phone number, its E.164 form',
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

const audit = { tag: 'Keeping', permission: maySeeSettings, params: businessParams } as const;

export const getAudit = op({
  ...audit,
  ...READS,
  name: 'GetAudit',
  method: 'POST',
  path: '/business/{businessId}/audit',
  title: 'Search the audit log',
  summary: 'List who did what, newest first',
  description: `There is one entry for each change, and none for a request that changed nothing. Reads of content have entries if \`PutAuditSettings\` enables them.

A page may have fewer items than \`Limit\`, or none, and still a \`NextCursor\`, since a filter with several keys is searched piece by piece. A cursor contains its filter: a \`Filter\` next to a cursor must have the same meaning as the one that made it.`,
  body: strict({
    ...collectionBodyKeys,
    Filter: maybe(AuditFilter, 'Which entries to list; all by default'),
  }),
  bodyOptional: true,
  output: collection(Entry),
  errors: ['INVALID_CURSOR'],
  examples: {
    body: { Limit: 50, Filter: { SubjectId: 'session_abc123' } },
    output: { Items: [EXAMPLE_ENTRY], NextCursor: null },
  },
});

export const getAuditChain = op({
  ...audit,
  ...READS,
  name: 'GetAuditChain',
  method: 'GET',
  path: '/business/{businessId}/audit/chain',
  title: 'Get the audit chain',
  summary: 'List the entries of the audit log in the order of their chain',
  description:
    'For `colloquy verify-audit`; a key that reads masked data gets a 403. `Hash` is SHA-256 over the RFC 8785 form of an object of `ApiKeyId`, `Action`, `At`, `BusinessId`, `Details`, `Number`, `PreviousHash`, `SubjectHash`, `SubjectKind` and `UserId`. This is the whole entry except its `SubjectId`, with the `Hash` of the previous entry, which is 64 zeros for the first entry.',
  query: Type.Object(collectionQuery(100, 1000)),
  output: collection(Entry),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_ENTRY], NextCursor: null } },
});

export const getAuditHeads = op({
  ...audit,
  ...READS,
  name: 'GetAuditHeads',
  method: 'GET',
  path: '/business/{businessId}/audit/heads',
  title: 'Get the signed audit heads',
  summary: 'List the signed heads of the audit log, the last of each hour',
  description:
    'A head is a signed statement about the chain up to an entry. Store the newest one elsewhere: the chain must still contain it, whatever happens to this database.',
  query: Type.Object(collectionKeys),
  output: collection(Head),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_HEAD], NextCursor: null } },
});

export const getAuditSettings = op({
  ...audit,
  ...READS,
  name: 'GetAuditSettings',
  method: 'GET',
  path: '/business/{businessId}/audit/settings',
  title: 'Get the audit settings',
  summary: 'Get whether reads of content are logged',
  description: 'Changes are always logged.',
  output: Settings,
  examples: { output: { LogReads: false } },
});

export const putAuditSettings = op({
  ...audit,
  ...CHANGES,
  name: 'PutAuditSettings',
  method: 'PUT',
  path: '/business/{businessId}/audit/settings',
  title: 'Set the audit settings',
  summary: 'Set whether reads of content are logged',
  description:
    'With `LogReads`, each conversation or queue entry that a reader receives gets an entry, which is on disk before the answer is sent. If a session reads the same content again within ten minutes, as a page that refreshes itself does, there is no further entry. The change takes effect with the next request, on every node. By default, reads are not logged.',
  permission: mayChangeSettings,
  body: strict({ LogReads: Type.Boolean({ description: LOG_READS }) }),
  output: Settings,
  examples: { body: { LogReads: true }, output: { LogReads: true } },
});
