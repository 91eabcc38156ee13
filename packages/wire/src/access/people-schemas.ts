import Type from 'typebox';
import { about, nullable, Timestamp } from '../types.ts';
import { apiKey, businessKeys, MemberRole, PermissionMap, UserId } from './access-schemas.ts';

const zone = nullable(Type.String(), 'The time zone of the business; null: UTC');

export const MyBusiness = Type.Object(
  {
    ...businessKeys,
    TimeZone: zone,
    Role: about(MemberRole, 'Your role in the business'),
    IsDisabled: Type.Boolean({
      description: 'True if every request for the business is `BUSINESS_DISABLED`',
    }),
    IsEditingEnabled: Type.Boolean({
      description: 'False if every request for the business is `BUSINESS_EDITING_DISABLED`',
    }),
  },
  { title: 'MyBusiness', description: 'A business that you may use, with your role' },
);
export const OwnBusiness = Type.Object(
  {
    ...businessKeys,
    TimeZone: zone,
    Role: about(MemberRole, 'Your role in the business'),
    Permissions: about(
      PermissionMap,
      'What your role permits, or with a key what both the role and the key permit',
    ),
    IsMasked: Type.Boolean({
      description: 'True if the business masks content and this key or session reads it masked',
    }),
    IsEditingEnabled: Type.Boolean({
      description: 'False if every request for the business is `BUSINESS_EDITING_DISABLED`',
    }),
    CreatedAt: about(Timestamp, 'When the business was created'),
    OwnerUserId: nullable(UserId, 'The owner of the business; null if it has none'),
  },
  { title: 'OwnBusiness', description: 'A business, with what you may do in it' },
);
export const Member = Type.Object(
  {
    UserId: about(UserId, 'The id of the user'),
    Email: Type.String({ description: 'The e-mail address of the user' }),
    Name: Type.String({ description: 'The display name of the user' }),
    Role: about(MemberRole, 'The role in the business'),
    IsOwner: Type.Boolean({
      description: 'True for the owner of the business, whose role is always `Owner`',
    }),
    IsDisabled: Type.Boolean({ description: 'True if the user is disabled' }),
    AddedAt: nullable(Timestamp, 'When the member was added; null for the owner of the business'),
  },
  { title: 'Member', description: 'A member of a business' },
);
export const invitation = {
  InvitationId: Type.String({ description: 'The id of the invitation' }),
  Email: Type.String({ description: 'The invited e-mail address' }),
  Role: about(MemberRole, 'The role that the invitation gives'),
  InvitedBy: Type.String({ description: 'The `UserId` of the user who sent the invitation' }),
  ExpiresAt: about(Timestamp, 'When the invitation expires'),
  CreatedAt: about(Timestamp, 'When the invitation was created'),
};
export const Invitation = Type.Object(invitation, {
  title: 'Invitation',
  description: 'An invitation to a business that was not accepted yet',
});
export const businessApiKey = {
  ...apiKey,
  UserName: Type.String({ description: 'The display name of the user of the key' }),
};
export const BusinessApiKey = Type.Object(businessApiKey, {
  title: 'BusinessApiKey',
  description: 'An API key that names a business, without the key itself',
});
