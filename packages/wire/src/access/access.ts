import Type from 'typebox';
import { EXAMPLE_API_KEY, EXAMPLE_BUSINESS, EXAMPLE_USER } from '../examples.ts';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { inBusiness, parameter } from '../parameters.ts';
import {
  about,
  BusinessId,
  maybe,
  Name,
  nullable,
  strict,
  Text,
  Timestamp,
  TimeZone,
} from '../types.ts';
import {
  ApiKey,
  apiKey,
  Business,
  Days,
  Email,
  PermissionMap,
  quotaKeys,
  User,
  UserId,
} from './access-schemas.ts';

const admin = { tag: 'Administration', permission: 'admin' } as const;
const NEXT_REQUEST = 'The change takes effect with the next request, on every node.';
const UNCHANGED = 'Keys that are left out are unchanged.';

const collectionQuery = strict(collectionKeys);

export const createUser = op({
  ...admin,
  ...ADDS,
  name: 'CreateUser',
  method: 'POST',
  path: '/admin/users',
  summary: 'Create a user',
  description:
    'The user has no password yet; `CreateSignInLink` returns a link to set one. An e-mail address that is already in use, in any case, is a `CONFLICT`.',
  body: strict({
    Email: about(Email, 'The e-mail address, unique without regard to case'),
    Name: about(Name, 'The display name'),
    IsAdmin: maybe(Type.Boolean(), '`true`: the user is an admin of the server'),
  }),
  output: User,
  statuses: [201],
  errors: ['CONFLICT'],
  examples: { body: { Email: 'ada@example.com', Name: 'Ada' }, output: EXAMPLE_USER },
  messages: {
    INVALID_REQUEST: 'Email is required.',
    CONFLICT: 'A user with the Email ada@example.com already exists; choose another address.',
  },
});
export const updateUser = op({
  ...admin,
  ...CHANGES,
  name: 'UpdateUser',
  method: 'PATCH',
  path: '/admin/users/{userId}',
  title: 'Update a user',
  summary: 'Rename, disable or promote a user',
  description: `${NEXT_REQUEST} ${UNCHANGED} The last enabled admin cannot be disabled or demoted (\`CONFLICT\`).`,
  params: Type.Object({ userId: parameter(UserId, 'The id of the user', EXAMPLE_USER.UserId) }),
  body: strict({
    Name: maybe(Name, 'The display name'),
    IsDisabled: maybe(Type.Boolean(), '`true`: every request of the user is `USER_DISABLED`'),
    IsAdmin: maybe(Type.Boolean(), '`true`: the user is an admin of the server'),
  }),
  output: User,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { body: { IsDisabled: true }, output: { ...EXAMPLE_USER, IsDisabled: true } },
  messages: {
    INVALID_REQUEST: 'IsDisabled must be true, false or null.',
    NOT_FOUND: 'There is no user user_01hm72c900e1v9x7q2m4t6b8zn.',
    CONFLICT: 'This is the last enabled admin; make another user an admin first.',
  },
});
export const listUsers = op({
  ...admin,
  ...READS,
  name: 'ListUsers',
  method: 'GET',
  path: '/admin/users',
  summary: 'List users',
  description: 'Lists all users of the server, in the order in which they were created.',
  query: collectionQuery,
  output: collection(User),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_USER], NextCursor: null } },
});
export const createBusiness = op({
  ...admin,
  ...ADDS,
  name: 'CreateBusiness',
  method: 'POST',
  path: '/admin/businesses',
  summary: 'Create a business',
  description:
    'Without a `BusinessId` the business gets the next free number. A `BusinessId` that is already in use is a `CONFLICT`.',
  body: strict({
    BusinessId: maybe(BusinessId, 'The id of the business; the next free number by default'),
    Name: about(Name, 'The display name'),
    OwnerUserId: maybe(UserId, 'The user who owns the business'),
    TimeZone: maybe(TimeZone, 'The time zone of the business'),
  }),
  output: Business,
  statuses: [201],
  errors: ['CONFLICT'],
  examples: {
    body: { BusinessId: 12345, Name: 'Example Ltd', OwnerUserId: EXAMPLE_USER.UserId },
    output: {
      ...EXAMPLE_BUSINESS,
      Retention: { TranscriptDays: null, RecordingDays: null },
      Quotas: { ConversationsPerMonth: null, MinutesPerMonth: null, StoredBytes: null },
    },
  },
  messages: {
    INVALID_REQUEST: 'Name is required.',
    CONFLICT: 'Business 12345 already exists; choose another BusinessId, or leave it out.',
  },
});
export const updateBusiness = op({
  ...admin,
  ...CHANGES,
  name: 'UpdateBusiness',
  method: 'PATCH',
  path: '/admin/businesses/{businessId}',
  title: 'Update a business',
  summary: 'Rename or disable a business, or set its retention or quotas',
  description: `${NEXT_REQUEST} ${UNCHANGED}`,
  params: inBusiness({}),
  body: strict({
    Name: maybe(Name, 'The display name'),
    IsDisabled: maybe(
      Type.Boolean(),
      '`true`: every request for the business is `BUSINESS_DISABLED`',
    ),
    IsEditingEnabled: maybe(
      Type.Boolean(),
      '`false`: every request for the business is `BUSINESS_EDITING_DISABLED`',
    ),
    Retention: maybe(
      strict({
        TranscriptDays: nullable(Days, 'Days that transcripts are kept; null: forever'),
        RecordingDays: nullable(Days, 'Days that recordings are kept; null: forever'),
      }),
      'One retention rule for all conversations, which replaces the rules of `PutRetention`',
    ),
    TimeZone: maybe(TimeZone, 'The time zone of the business'),
    Quotas: maybe(
      strict(quotaKeys),
      'What the business may use, which replaces earlier quotas; a new conversation, call or recording over a quota is `QUOTA_EXCEEDED`',
    ),
  }),
  output: Business,
  errors: ['NOT_FOUND'],
  examples: { body: { Retention: EXAMPLE_BUSINESS.Retention }, output: EXAMPLE_BUSINESS },
  messages: { NOT_FOUND: 'There is no business 12345.' },
});
export const listBusinesses = op({
  ...admin,
  ...READS,
  name: 'ListBusinesses',
  method: 'GET',
  path: '/admin/businesses',
  summary: 'List businesses',
  description: 'Lists all businesses of the server by their ids.',
  query: collectionQuery,
  output: collection(Business),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_BUSINESS], NextCursor: null } },
});
export const createApiKey = op({
  ...admin,
  ...ADDS,
  name: 'CreateApiKey',
  method: 'POST',
  path: '/admin/api-keys',
  title: 'Create an API key',
  summary: 'Create an API key for any user',
  description:
    '`Key` is shown only in this answer; the server stores only a hash of it. An unknown `UserId`, a business that the user may not use and an `ExpiresAt` in the past are `INVALID_REQUEST`.',
  body: strict({
    UserId: about(UserId, 'The user of the key'),
    Name: about(Name, 'A name to recognize the key by'),
    BusinessIds: maybe(
      Type.Array(BusinessId, { maxItems: 100 }),
      'The businesses that the key may use; all businesses of its user by default',
    ),
    Permissions: maybe(
      PermissionMap,
      'The permissions of the key; `Full` on every module by default',
    ),
    ExpiresAt: maybe(Timestamp, 'When the key expires; never by default'),
  }),
  output: Type.Object({
    ...apiKey,
    Key: Type.String({ description: 'The key, which is shown only in this answer' }),
  }),
  statuses: [201],
  examples: {
    body: {
      UserId: EXAMPLE_USER.UserId,
      Name: 'reporting',
      BusinessIds: [12345],
      Permissions: { 'Conversations.ConversationPermissions': ['Retrieving'] },
    },
    output: { ...EXAMPLE_API_KEY, Key: 'colloquy_shown-once' },
  },
  messages: { INVALID_REQUEST: 'ExpiresAt must be in the future or left out.' },
});
export const revokeApiKey = op({
  ...admin,
  ...CHANGES,
  name: 'RevokeApiKey',
  method: 'DELETE',
  path: '/admin/api-keys/{apiKeyId}',
  summary: 'Revoke an API key',
  description: `${NEXT_REQUEST} Revoking a key again changes nothing.`,
  params: Type.Object({
    apiKeyId: parameter(Text, 'The id of the key; not the key itself', EXAMPLE_API_KEY.ApiKeyId),
  }),
  output: ApiKey,
  errors: ['NOT_FOUND'],
  examples: { output: { ...EXAMPLE_API_KEY, RevokedAt: '2024-02-01T09:00:00Z' } },
  messages: {
    INVALID_REQUEST: 'apiKeyId must have at most 1,024 characters.',
    NOT_FOUND: 'There is no API key key_01hm72c900f3w5y7a9c1e3g5jk.',
  },
});
export const listApiKeys = op({
  ...admin,
  ...READS,
  name: 'ListApiKeys',
  method: 'GET',
  path: '/admin/api-keys',
  summary: 'List API keys',
  description:
    'Lists the API keys of all users, including expired and revoked ones, in the order in which they were created.',
  query: collectionQuery,
  output: collection(ApiKey),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_API_KEY], NextCursor: null } },
});
