import Type, { type TOptional } from 'typebox';
import { EXAMPLE_API_KEY, EXAMPLE_BUSINESS, EXAMPLE_USER } from '../examples.ts';
import { MEBIBYTE, op } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { MODULES, PERMISSION_TYPES } from '../permissions.ts';
import { BusinessId, maybe, Name, nullable, strict, Text, Timestamp, TimeZone } from '../types.ts';

export const UserId = Type.String({ maxLength: 128 });
export const Email = Type.String({
  pattern: '^[^\\s@]+@[^\\s@]+$',
  minLength: 3,
  maxLength: 254,
  'x-expected': 'an e-mail address, such as `ada@example.com`',
  description: 'An e-mail address; unique without regard to case',
});
const Days = nullable(Type.Integer({ minimum: 0, maximum: 36_500 }));
const Retention = strict({ TranscriptDays: Days, RecordingDays: Days });
const PermissionTypes = Type.Array(Type.Enum([...PERMISSION_TYPES]), { maxItems: 100 });
export const PermissionMap = strict(
  Object.fromEntries(MODULES.map((module) => [module, Type.Optional(PermissionTypes)])) as Record<
    (typeof MODULES)[number],
    TOptional<typeof PermissionTypes>
  >,
  { title: 'Permissions' },
);

export const User = Type.Object(
  {
    UserId,
    Email: Type.String(),
    Name: Type.String(),
    IsAdmin: Type.Boolean(),
    IsDisabled: Type.Boolean(),
    CreatedAt: Timestamp,
  },
  { title: 'User' },
);
export const Business = Type.Object(
  {
    BusinessId,
    Name: Type.String(),
    OwnerUserId: nullable(UserId),
    IsDisabled: Type.Boolean(),
    IsEditingEnabled: Type.Boolean(),
    Retention: Type.Union(
      [Type.Object({ TranscriptDays: Days, RecordingDays: Days }), Type.Null()],
      {
        description:
          'Days that transcripts and recordings are kept, null: for ever; null where the business has other rules (`GetRetention`)',
      },
    ),
    TimeZone: nullable(Type.String()),
    CreatedAt: Timestamp,
  },
  { title: 'Business' },
);
export const apiKey = {
  ApiKeyId: Type.String(),
  UserId,
  Name: Type.String(),
  BusinessIds: nullable(Type.Array(BusinessId)),
  Permissions: nullable(PermissionMap),
  ExpiresAt: nullable(Timestamp),
  RevokedAt: nullable(Timestamp),
  CreatedAt: Timestamp,
};
export const ApiKey = Type.Object(apiKey, { title: 'ApiKey' });

const admin = {
  tag: 'Administration',
  permission: 'admin',
  query: Type.Object({}),
  bodyLimit: MEBIBYTE,
  idempotent: true,
} as const;
const noParams = Type.Object({});

const collectionQuery = strict(collectionKeys);

export const createUser = op({
  ...admin,
  name: 'CreateUser',
  method: 'POST',
  path: '/admin/users',
  summary: 'Create a user',
  params: noParams,
  body: strict({ Email, Name, IsAdmin: maybe(Type.Boolean()) }),
  output: User,
  statuses: [201],
  errors: ['CONFLICT'],
  examples: { body: { Email: 'ada@example.com', Name: 'Ada' }, output: EXAMPLE_USER },
  idempotent: false,
});
export const updateUser = op({
  ...admin,
  name: 'UpdateUser',
  method: 'PATCH',
  path: '/admin/users/{userId}',
  summary: 'Rename, disable or promote a user',
  description: 'Takes effect on the next request, on every node.',
  params: Type.Object({ userId: UserId }),
  body: strict({
    Name: maybe(Name),
    IsDisabled: maybe(Type.Boolean()),
    IsAdmin: maybe(Type.Boolean()),
  }),
  output: User,
  statuses: [200],
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { body: { IsDisabled: true }, output: { ...EXAMPLE_USER, IsDisabled: true } },
});
export const listUsers = op({
  ...admin,
  name: 'ListUsers',
  method: 'GET',
  path: '/admin/users',
  summary: 'List users',
  params: noParams,
  query: collectionQuery,
  body: null,
  output: collection(User),
  statuses: [200],
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_USER], NextCursor: null } },
});
export const createBusiness = op({
  ...admin,
  name: 'CreateBusiness',
  method: 'POST',
  path: '/admin/businesses',
  summary: 'Create a business',
  params: noParams,
  body: strict({
    BusinessId: maybe(BusinessId),
    Name,
    OwnerUserId: maybe(UserId),
    TimeZone: maybe(TimeZone),
  }),
  output: Business,
  statuses: [201],
  errors: ['CONFLICT'],
  examples: {
    body: { BusinessId: 12345, Name: 'Example Ltd', OwnerUserId: EXAMPLE_USER.UserId },
    output: {
      ...EXAMPLE_BUSINESS,
      Retention: { TranscriptDays: null, RecordingDays: null },
    },
  },
  idempotent: false,
});
export const updateBusiness = op({
  ...admin,
  name: 'UpdateBusiness',
  method: 'PATCH',
  path: '/admin/businesses/{businessId}',
  summary: 'Rename or disable a business, or set its retention',
  description: 'Takes effect on the next request, on every node.',
  params: Type.Object({ businessId: BusinessId }),
  body: strict({
    Name: maybe(Name),
    IsDisabled: maybe(Type.Boolean()),
    IsEditingEnabled: maybe(Type.Boolean()),
    Retention: maybe(Retention),
    TimeZone: maybe(TimeZone),
  }),
  output: Business,
  statuses: [200],
  errors: ['NOT_FOUND'],
  examples: {
    body: { Retention: EXAMPLE_BUSINESS.Retention },
    output: EXAMPLE_BUSINESS,
  },
});
export const listBusinesses = op({
  ...admin,
  name: 'ListBusinesses',
  method: 'GET',
  path: '/admin/businesses',
  summary: 'List businesses',
  params: noParams,
  query: collectionQuery,
  body: null,
  output: collection(Business),
  statuses: [200],
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_BUSINESS], NextCursor: null } },
});
export const createApiKey = op({
  ...admin,
  name: 'CreateApiKey',
  method: 'POST',
  path: '/admin/api-keys',
  summary: 'Create an API key',
  description:
    '`Key` is shown this once and kept only as a hash. Without `BusinessIds` the key may use all businesses of its user; without `Permissions` it holds `Full` on every module.',
  params: noParams,
  body: strict({
    UserId,
    Name,
    BusinessIds: maybe(Type.Array(BusinessId, { maxItems: 100 })),
    Permissions: maybe(PermissionMap),
    ExpiresAt: maybe(Timestamp),
  }),
  output: Type.Object({ ...apiKey, Key: Type.String() }),
  statuses: [201],
  errors: [],
  examples: {
    body: {
      UserId: EXAMPLE_USER.UserId,
      Name: 'reporting',
      BusinessIds: [12345],
      Permissions: { 'Conversations.ConversationPermissions': ['Retrieving'] },
    },
    output: { ...EXAMPLE_API_KEY, Key: 'colloquy_shown-once' },
  },
  idempotent: false,
});
export const revokeApiKey = op({
  ...admin,
  name: 'RevokeApiKey',
  method: 'DELETE',
  path: '/admin/api-keys/{apiKeyId}',
  summary: 'Revoke an API key',
  description: 'Takes effect on the next request, on every node.',
  params: Type.Object({ apiKeyId: Text }),
  body: null,
  output: ApiKey,
  statuses: [200],
  errors: ['NOT_FOUND'],
  examples: { output: { ...EXAMPLE_API_KEY, RevokedAt: '2024-02-01T09:00:00Z' } },
});
export const listApiKeys = op({
  ...admin,
  name: 'ListApiKeys',
  method: 'GET',
  path: '/admin/api-keys',
  summary: 'List API keys',
  params: noParams,
  query: collectionQuery,
  body: null,
  output: collection(ApiKey),
  statuses: [200],
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_API_KEY], NextCursor: null } },
});
