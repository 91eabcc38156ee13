import Type from 'typebox';
import { EXAMPLE_API_KEY, EXAMPLE_BUSINESS, EXAMPLE_USER } from '../examples.ts';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams, inBusiness, parameter } from '../parameters.ts';
import {
  mayAddPeople,
  mayChangeSettings,
  mayEditPeople,
  mayRemovePeople,
  maySeePeople,
} from '../permissions.ts';
import { about, maybe, Name, optional, strict, Text, Timestamp, TimeZone } from '../types.ts';
import { Email, MemberRole, PermissionMap, UserId } from './access-schemas.ts';
import {
  BusinessApiKey,
  businessApiKey,
  Invitation,
  invitation,
  Member,
  MyBusiness,
  OwnBusiness,
} from './people-schemas.ts';

const NewInvitation = Type.Object({
  ...invitation,
  Url: Type.String({ description: 'The link to accept the invitation, shown only in this answer' }),
});

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

const people = { tag: 'People', params: businessParams } as const;
const NO_SUCH_MEMBER = 'user_01hm72c900e1v9x7q2m4t6b8zn is not a member of this business';
const LAST_OWNER = 'This is the last Owner of the business; make another member an Owner first.';
const NEXT_REQUEST = 'The change takes effect with the next request, on every node.';
const ROLE = about(MemberRole, 'The role in the business');

export const getMyBusinesses = op({
  ...people,
  ...READS,
  name: 'GetMyBusinesses',
  method: 'GET',
  path: '/businesses',
  title: 'List your businesses',
  summary: 'List the businesses that you may use',
  description:
    'The order is by id. An admin may use all businesses; other users may use the businesses that they own or are members of. With a key, only the businesses that it names are listed.',
  permission: 'signed-in',
  params: Type.Object({}),
  query: strict({
    ...collectionKeys,
    Search: optional(
      Type.String({ maxLength: 200 }),
      'A part of the name, or the beginning of the id',
    ),
  }),
  output: collection(MyBusiness),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_MY_BUSINESS], NextCursor: null } },
});

export const getBusiness = op({
  ...people,
  ...READS,
  name: 'GetBusiness',
  method: 'GET',
  path: '/business/{businessId}',
  title: 'Get a business',
  summary: 'Get a business, with what you may do in it',
  description:
    '`Permissions` are the permissions of your role; with a key, they are the permissions that both the role and the key hold. A module that is left out has no permission.',
  permission: 'member',
  output: OwnBusiness,
  examples: { output: EXAMPLE_OWN_BUSINESS },
});

export const patchBusiness = op({
  ...people,
  ...CHANGES,
  name: 'PatchBusiness',
  method: 'PATCH',
  path: '/business/{businessId}',
  title: 'Update your business',
  summary: 'Rename a business, or set its time zone',
  description: 'Keys that are left out are unchanged.',
  permission: mayChangeSettings,
  body: strict({
    Name: maybe(Name, 'The display name'),
    TimeZone: maybe(TimeZone, 'The time zone of the business'),
  }),
  output: OwnBusiness,
  examples: {
    body: { TimeZone: EXAMPLE_BUSINESS.TimeZone },
    output: { ...EXAMPLE_OWN_BUSINESS, Role: 'Admin', Permissions: { Settings: ['Full'] } },
  },
});

export const getMembers = op({
  ...people,
  ...READS,
  name: 'GetMembers',
  method: 'GET',
  path: '/business/{businessId}/members',
  title: 'List members',
  summary: 'List the members of a business',
  description: 'Admins of the server, who may use every business, are not listed.',
  permission: maySeePeople,
  query: strict(collectionKeys),
  output: collection(Member),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_MEMBER], NextCursor: null } },
});

export const putMember = op({
  ...people,
  ...CHANGES,
  name: 'PutMember',
  method: 'PUT',
  path: '/business/{businessId}/members',
  title: 'Set the role of a member',
  summary: 'Change the role of a member, or invite a person',
  description: `Name a member by \`UserId\` or \`Email\`; the answer is the member. ${NEXT_REQUEST} Keys never hold more than the role of their user. The last \`Owner\` cannot be demoted (\`CONFLICT\`).

An \`Email\` that belongs to no member is invited, whether or not it belongs to a user: the answer (201) is an invitation with its \`Url\`, as of \`CreateInvitation\`. Only an admin can add a user by \`UserId\` without an invitation.`,
  permission: mayEditPeople,
  body: strict({
    UserId: maybe(UserId, 'The id of the member'),
    Email: maybe(Email, 'The e-mail address of the member, or of the person to invite'),
    Role: ROLE,
  }),
  output: Type.Union([Member, NewInvitation]),
  statuses: [200, 201],
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { body: { Email: EXAMPLE_USER.Email, Role: 'Agent' }, output: EXAMPLE_MEMBER },
  messages: {
    NOT_FOUND: `${NO_SUCH_MEMBER}; give an Email to invite a person.`,
    CONFLICT: LAST_OWNER,
  },
});

export const removeMember = op({
  ...people,
  ...CHANGES,
  name: 'RemoveMember',
  method: 'DELETE',
  path: '/business/{businessId}/members/{userId}',
  title: 'Remove a member',
  summary: 'Remove a member from a business',
  description: `${NEXT_REQUEST} It also applies to the keys of the user. The last \`Owner\` cannot be removed (\`CONFLICT\`).`,
  permission: mayRemovePeople,
  params: inBusiness({ userId: parameter(UserId, 'The id of the user', EXAMPLE_USER.UserId) }),
  output: Member,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { output: EXAMPLE_MEMBER },
  messages: { NOT_FOUND: `${NO_SUCH_MEMBER}.`, CONFLICT: LAST_OWNER },
});

export const createInvitation = op({
  ...people,
  ...CHANGES,
  name: 'CreateInvitation',
  method: 'POST',
  path: '/business/{businessId}/invitations',
  title: 'Invite a person',
  summary: 'Invite a person to a business',
  description:
    '`Url` is shown only in this answer. The server sends no e-mail, so send the link yourself. It works once, for 7 days, and as long as you are an `Owner`. A new invitation of the same address replaces the earlier one.',
  permission: mayAddPeople,
  body: strict({ Email: about(Email, 'The e-mail address to invite'), Role: ROLE }),
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
  messages: {
    CONFLICT: 'grace@example.com is already a member; use PutMember to change the role.',
  },
  idempotent: false,
});

export const getInvitations = op({
  ...people,
  ...READS,
  name: 'GetInvitations',
  method: 'GET',
  path: '/business/{businessId}/invitations',
  title: 'List invitations',
  summary: 'List the open invitations to a business',
  description: 'An invitation that was accepted, was revoked or has expired is not listed.',
  permission: maySeePeople,
  query: strict(collectionKeys),
  output: collection(Invitation),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_INVITATION], NextCursor: null } },
});

export const revokeInvitation = op({
  ...people,
  ...CHANGES,
  name: 'RevokeInvitation',
  method: 'DELETE',
  path: '/business/{businessId}/invitations/{invitationId}',
  title: 'Revoke an invitation',
  summary: 'Revoke an open invitation',
  description: 'The link of the invitation stops working immediately.',
  permission: mayRemovePeople,
  params: inBusiness({
    invitationId: parameter(Text, 'The id of the invitation', EXAMPLE_INVITATION.InvitationId),
  }),
  output: Invitation,
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_INVITATION },
  messages: { NOT_FOUND: 'There is no such open invitation in this business.' },
});

export const getBusinessApiKeys = op({
  ...people,
  ...READS,
  name: 'GetBusinessApiKeys',
  method: 'GET',
  path: '/business/{businessId}/api-keys',
  title: 'List the API keys of a business',
  summary: 'List the API keys that name a business',
  description: 'A key that may use all businesses of its user names none and is not listed.',
  permission: maySeePeople,
  query: strict(collectionKeys),
  output: collection(BusinessApiKey),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_KEY], NextCursor: null } },
});

export const createBusinessApiKey = op({
  ...people,
  ...ADDS,
  name: 'CreateBusinessApiKey',
  method: 'POST',
  path: '/business/{businessId}/api-keys',
  summary: 'Create an API key for a business',
  description:
    '`Key` is shown only in this answer; the server stores only a hash of it. The user of the key is you, or the member that `UserId` names, who must not be an `Owner`. The key never holds more than the role of its user. A key cannot create a key that expires later than itself, and a caller with limited permissions cannot grant more than those.',
  permission: mayAddPeople,
  body: strict({
    Name: about(Name, 'A name to recognize the key by'),
    Permissions: maybe(
      PermissionMap,
      'The permissions of the key; `Full` on every module by default',
    ),
    ExpiresAt: maybe(Timestamp, 'When the key expires; never by default'),
    UserId: maybe(UserId, 'The member who is the user of the key; you by default'),
  }),
  output: Type.Object({
    ...businessApiKey,
    Key: Type.String({ description: 'The key, which is shown only in this answer' }),
  }),
  statuses: [201],
  examples: {
    body: { Name: EXAMPLE_API_KEY.Name, Permissions: EXAMPLE_API_KEY.Permissions },
    output: { ...EXAMPLE_KEY, Key: 'colloquy_nP4Yq0v1cZ6sT8bW3xK5mJ7rL9dF2hG0aE1iU4oQyRw' },
  },
  messages: { INVALID_REQUEST: 'ExpiresAt must be in the future or left out.' },
});

export const revokeBusinessApiKey = op({
  ...people,
  ...CHANGES,
  name: 'RevokeBusinessApiKey',
  method: 'DELETE',
  path: '/business/{businessId}/api-keys/{apiKeyId}',
  summary: 'Revoke an API key of a business',
  description: `${NEXT_REQUEST} A key that also names other businesses can only be revoked by an admin (\`CONFLICT\`).`,
  permission: mayRemovePeople,
  params: inBusiness({
    apiKeyId: parameter(Text, 'The id of the key; not the key itself', EXAMPLE_API_KEY.ApiKeyId),
  }),
  output: BusinessApiKey,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: { output: { ...EXAMPLE_KEY, RevokedAt: '2024-02-01T09:00:00Z' } },
  messages: {
    NOT_FOUND: 'There is no API key key_01hm72c900f3w5y7a9c1e3g5jk that names this business.',
    CONFLICT: 'This key names other businesses too; ask an admin to revoke it.',
  },
});
