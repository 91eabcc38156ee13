import Type from 'typebox';
import { EXAMPLE_API_KEY, EXAMPLE_BUSINESS, EXAMPLE_USER } from '../examples.ts';
import { MEBIBYTE, op } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import {
  MEMBER_ROLES,
  mayAddPeople,
  mayChangeSettings,
  mayEditPeople,
  mayRemovePeople,
  maySeePeople,
} from '../permissions.ts';
import { businessParams } from '../queues/queue-schemas.ts';
import { BusinessId, maybe, Name, nullable, strict, Text, Timestamp, TimeZone } from '../types.ts';
import { apiKey, Email, PermissionMap, UserId } from './access.ts';

export const MemberRole = Type.Enum([...MEMBER_ROLES], {
  title: 'MemberRole',
  description:
    '`Viewer` reads conversations; `Agent` also writes them and makes calls; `Admin` does all but `People` and erasures of persons; `Owner` does all',
});

export const MyBusiness = Type.Object(
  {
    BusinessId,
    Name: Type.String(),
    TimeZone: nullable(Type.String()),
    Role: MemberRole,
    IsDisabled: Type.Boolean(),
    IsEditingEnabled: Type.Boolean(),
  },
  { title: 'MyBusiness' },
);
export const OwnBusiness = Type.Object(
  {
    BusinessId,
    Name: Type.String(),
    TimeZone: nullable(Type.String()),
    Role: MemberRole,
    Permissions: PermissionMap,
    IsMasked: Type.Boolean({
      description:
        'true: the business masks something, and this key or session reads the masked form',
    }),
    IsEditingEnabled: Type.Boolean(),
    CreatedAt: Timestamp,
    OwnerUserId: nullable(UserId),
  },
  { title: 'OwnBusiness' },
);
export const Member = Type.Object(
  {
    UserId,
    Email: Type.String(),
    Name: Type.String(),
    Role: MemberRole,
    IsOwner: Type.Boolean({ description: "true: the business's own owner, who is always `Owner`" }),
    IsDisabled: Type.Boolean(),
    AddedAt: nullable(Timestamp),
  },
  { title: 'Member' },
);
const invitation = {
  InvitationId: Type.String(),
  Email: Type.String(),
  Role: MemberRole,
  InvitedBy: Type.String({ description: 'The UserId of whoever invited' }),
  ExpiresAt: Timestamp,
  CreatedAt: Timestamp,
};
export const Invitation = Type.Object(invitation, { title: 'Invitation' });
const NewInvitation = Type.Object({ ...invitation, Url: Type.String() });
export const BusinessApiKey = Type.Object(
  { ...apiKey, UserName: Type.String() },
  { title: 'BusinessApiKey' },
);

const EXAMPLE_MY_BUSINESS = {
  BusinessId: EXAMPLE_BUSINESS.BusinessId,
  Name: EXAMPLE_BUSINESS.Name,
  TimeZone: EXAMPLE_BUSINESS.TimeZone,
  Role: 'Agent' as const,
  IsDisabled: false,
  IsEditingEnabled: true,
};
const EXAMPLE_OWN_BUSINESS = {
  BusinessId: EXAMPLE_BUSINESS.BusinessId,
  Name: EXAMPLE_BUSINESS.Name,
  TimeZone: EXAMPLE_BUSINESS.TimeZone,
  Role: 'Agent' as const,
  Permissions: {
    'Conversations.ConversationPermissions': ['Retrieving', 'Adding', 'Editing'],
    MakeCall: ['Executing'],
  },
  IsMasked: false,
  IsEditingEnabled: true,
  CreatedAt: EXAMPLE_BUSINESS.CreatedAt,
  OwnerUserId: EXAMPLE_BUSINESS.OwnerUserId,
};
const EXAMPLE_MEMBER = {
  UserId: EXAMPLE_USER.UserId,
  Email: EXAMPLE_USER.Email,
  Name: EXAMPLE_USER.Name,
  Role: 'Agent' as const,
  IsOwner: false,
  IsDisabled: false,
  AddedAt: '2024-01-15T14:00:00Z',
};
const EXAMPLE_INVITATION = {
  InvitationId: 'invitation_01hm72c900g5t2w8z4b6d8f1hk',
  Email: 'grace@example.com',
  Role: 'Viewer' as const,
  InvitedBy: EXAMPLE_USER.UserId,
  ExpiresAt: '2024-01-22T14:00:00Z',
  CreatedAt: '2024-01-15T14:00:00Z',
};
const EXAMPLE_KEY = { ...EXAMPLE_API_KEY, UserName: EXAMPLE_USER.Name };

const people = {
  tag: 'People',
  params: businessParams,
  query: Type.Object({}),
  body: null,
  bodyLimit: 0,
  statuses: [200],
  errors: [],
  idempotent: true,
} as const;

export const getMyBusinesses = op({
  ...people,
  name: 'GetMyBusinesses',
  method: 'GET',
  path: '/businesses',
  summary: 'List the businesses that one may use',
  description:
    'By their numbers: all for an admin, for others those that they own or are a member of; with a key those of them that it names.',
  permission: 'signed-in',
  params: Type.Object({}),
  query: strict({
    ...collectionKeys,
    Search: Type.Optional(
      Type.String({ maxLength: 200, description: 'A part of the name, or how the number begins' }),
    ),
  }),
  output: collection(MyBusiness),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_MY_BUSINESS], NextCursor: null } },
});

export const getBusiness = op({
  ...people,
  name: 'GetBusiness',
  method: 'GET',
  path: '/business/{businessId}',
  summary: 'Get a business, and what one may do in it',
  description:
    '`Permissions` are what the role holds, or with a key what both hold; a module that is left out: nothing.',
  permission: 'member',
  output: OwnBusiness,
  examples: { output: EXAMPLE_OWN_BUSINESS },
});

export const patchBusiness = op({
  ...people,
  name: 'PatchBusiness',
  method: 'PATCH',
  path: '/business/{businessId}',
  summary: 'Rename a business, or set its time zone',
  description: 'What is left out stays.',
  permission: mayChangeSettings,
  body: strict({ Name: maybe(Name), TimeZone: maybe(TimeZone) }),
  bodyLimit: MEBIBYTE,
  output: OwnBusiness,
  examples: {
    body: { TimeZone: EXAMPLE_BUSINESS.TimeZone },
    output: {
      ...EXAMPLE_OWN_BUSINESS,
      Role: 'Admin',
      Permissions: { Settings: ['Full'] },
    },
  },
});

export const getMembers = op({
  ...people,
  name: 'GetMembers',
  method: 'GET',
  path: '/business/{businessId}/members',
  summary: 'List the members of a business',
  description: 'Admins of the server, who may use every business, are not among them.',
  permission: maySeePeople,
  query: strict(collectionKeys),
  output: collection(Member),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_MEMBER], NextCursor: null } },
});

export const putMember = op({
  ...people,
  name: 'PutMember',
  method: 'PUT',
  path: '/business/{businessId}/members',
  summary: 'Give a member another role, or invite somebody',
  description:
    'Give `UserId` or `Email` of a member; the answer is the member, and the role takes effect on the next request, on every node. Keys hold no more than the role of their user. The last `Owner` stays one (`CONFLICT`). An `Email` of no member is invited, whether or not it is a user here: the answer (201) is an invitation with its `Url`, as of `CreateInvitation`. Only an admin adds a user by `UserId` without an invitation.',
  permission: mayEditPeople,
  body: strict({ UserId: maybe(UserId), Email: maybe(Email), Role: MemberRole }),
  bodyLimit: MEBIBYTE,
  output: Type.Union([Member, NewInvitation]),
  statuses: [200, 201],
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { body: { Email: EXAMPLE_USER.Email, Role: 'Agent' }, output: EXAMPLE_MEMBER },
});

export const removeMember = op({
  ...people,
  name: 'RemoveMember',
  method: 'DELETE',
  path: '/business/{businessId}/members/{userId}',
  summary: 'Remove a member from a business',
  description:
    'Takes effect on the next request, on every node, for the keys of the user too. The last `Owner` cannot be removed (`CONFLICT`).',
  permission: mayRemovePeople,
  params: Type.Object({ businessId: BusinessId, userId: UserId }),
  output: Member,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { output: EXAMPLE_MEMBER },
});

export const createInvitation = op({
  ...people,
  name: 'CreateInvitation',
  method: 'POST',
  path: '/business/{businessId}/invitations',
  summary: 'Invite somebody to a business',
  description:
    '`Url` is shown this once; the server sends no e-mail, so hand it over yourself. It works once, for 7 days, and as long as you are an Owner. Another invitation of the same address takes its place.',
  permission: mayAddPeople,
  body: strict({ Email, Role: MemberRole }),
  bodyLimit: MEBIBYTE,
  output: NewInvitation,
  statuses: [201],
  errors: ['CONFLICT'],
  examples: {
    body: { Email: EXAMPLE_INVITATION.Email, Role: EXAMPLE_INVITATION.Role },
    output: {
      ...EXAMPLE_INVITATION,
      Url: 'https://colloquy.example.com/join#Vq0mZ8c1xT5rNf3yKd7hLw2bPs9gJe6aUo4iRtQnXvE',
    },
  },
  idempotent: false,
});

export const getInvitations = op({
  ...people,
  name: 'GetInvitations',
  method: 'GET',
  path: '/business/{businessId}/invitations',
  summary: 'List the invitations that nobody has accepted yet',
  description: 'Those that have expired too.',
  permission: maySeePeople,
  query: strict(collectionKeys),
  output: collection(Invitation),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_INVITATION], NextCursor: null } },
});

export const revokeInvitation = op({
  ...people,
  name: 'RevokeInvitation',
  method: 'DELETE',
  path: '/business/{businessId}/invitations/{invitationId}',
  summary: 'Take an invitation back',
  permission: mayRemovePeople,
  params: Type.Object({ businessId: BusinessId, invitationId: Text }),
  output: Invitation,
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_INVITATION },
});

export const getBusinessApiKeys = op({
  ...people,
  name: 'GetBusinessApiKeys',
  method: 'GET',
  path: '/business/{businessId}/api-keys',
  summary: 'List the API keys that name a business',
  description: 'Keys for all businesses of their user name none, and are not among them.',
  permission: maySeePeople,
  query: strict(collectionKeys),
  output: collection(BusinessApiKey),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_KEY], NextCursor: null } },
});

export const createBusinessApiKey = op({
  ...people,
  name: 'CreateBusinessApiKey',
  method: 'POST',
  path: '/business/{businessId}/api-keys',
  summary: 'Create an API key for a business',
  description:
    '`Key` is shown this once and kept only as a hash. Its user is the caller, or the member that `UserId` names, who must be no Owner; whatever `Permissions` say, it never holds more than the role of that user. A key makes none that lasts longer. A caller with limited permissions gives no more than those.',
  permission: mayAddPeople,
  body: strict({
    Name,
    Permissions: maybe(PermissionMap),
    ExpiresAt: maybe(Timestamp),
    UserId: maybe(UserId),
  }),
  bodyLimit: MEBIBYTE,
  output: Type.Object({ ...apiKey, UserName: Type.String(), Key: Type.String() }),
  statuses: [201],
  examples: {
    body: { Name: EXAMPLE_API_KEY.Name, Permissions: EXAMPLE_API_KEY.Permissions },
    output: { ...EXAMPLE_KEY, Key: 'colloquy_nP4Yq0v1cZ6sT8bW3xK5mJ7rL9dF2hG0aE1iU4oQyRw' },
  },
  idempotent: false,
});

export const revokeBusinessApiKey = op({
  ...people,
  name: 'RevokeBusinessApiKey',
  method: 'DELETE',
  path: '/business/{businessId}/api-keys/{apiKeyId}',
  summary: 'Revoke an API key of a business',
  description:
    'Takes effect on the next request, on every node. A key that names other businesses too is for admins to revoke (`CONFLICT`).',
  permission: mayRemovePeople,
  params: Type.Object({ businessId: BusinessId, apiKeyId: Text }),
  output: BusinessApiKey,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { output: { ...EXAMPLE_KEY, RevokedAt: '2024-02-01T09:00:00Z' } },
});
