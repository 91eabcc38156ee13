import type { OutputOf } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatInstant } from '../../kernel/instant.ts';
import { readAscending } from '../../kernel/page.ts';
import { type BusinessKey, listBusinessKeys } from '../api-keys/business-key-store.ts';
import { createBusinessKey, revokeBusinessKey } from '../api-keys/business-keys.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Answer, Handlers } from '../authorization/call.ts';
import { type MemberRole, spelledOut } from '../authorization/roles.ts';
import { isMasked, type Permissions, type Scope } from '../authorization/scope.ts';
import { changeBusiness } from '../businesses/businesses.ts';
import { apiKeyJson, instantOf, zoneOf } from '../from-wire.ts';
import { type Business, getBusiness } from '../store.ts';
import { type Invitation, listInvitations } from './invitation-store.ts';
import { createInvitation, revokeInvitation } from './invitations.ts';
import {
  findMemberByEmail,
  listMembers,
  listMyBusinesses,
  type Member,
  type MyBusiness,
} from './member-store.ts';
import { putMember, removeMember } from './members.ts';

type PeopleOps =
  | 'GetMyBusinesses'
  | 'GetBusiness'
  | 'PatchBusiness'
  | 'GetMembers'
  | 'PutMember'
  | 'RemoveMember'
  | 'CreateInvitation'
  | 'GetInvitations'
  | 'RevokeInvitation'
  | 'GetBusinessApiKeys'
  | 'CreateBusinessApiKey'
  | 'RevokeBusinessApiKey';

export function peopleHandlers(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'> & { publicUrl(): string },
  authorizer: Authorizer,
): Handlers<PeopleOps> {
  const { db } = ctx;
  async function invite(
    scope: Scope,
    email: string,
    role: MemberRole,
  ): Promise<Answer<'CreateInvitation'>> {
    const { invitation, url } = await createInvitation(ctx, scope, email, role);
    return { status: 201, data: { ...invitationJson(invitation), Url: url } };
  }
  return {
    GetMyBusinesses({ scope, query }) {
      const search = query.Search ?? '';
      return readAscending(ctx, `my businesses ${scope.userId} ${search}`, query, {
        first: 0,
        read: (after, limit) => listMyBusinesses(db, scope, search, after, limit),
        keyOf: ({ businessId }) => businessId,
        toWire: myBusinessJson,
      });
    },
    async GetBusiness({ scope }) {
      const business = await getBusiness(db, scope.businessId);
      if (!business) throw new Fault('NOT_FOUND', `There is no business ${scope.businessId}.`);
      return { data: businessJson(scope, business) };
    },
    async PatchBusiness({ scope, body }) {
      const business = await changeBusiness(authorizer, ctx, scope, scope.businessId, {
        name: body.Name ?? null,
        timeZone: zoneOf(body.TimeZone),
        isDisabled: null,
        isEditingEnabled: null,
        retention: null,
      });
      return { data: businessJson(scope, business) };
    },
    GetMembers: ({ scope, query }) =>
      readAscending(ctx, `members ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listMembers(db, scope, after, limit),
        keyOf: ({ userId }) => userId,
        toWire: memberJson,
      }),
    async PutMember({ scope, body }) {
      const [userId, email] = [body.UserId ?? null, body.Email ?? null];
      if ((userId === null) === (email === null)) {
        throw new Fault('INVALID_REQUEST', 'Give UserId or Email, one of the two.');
      }
      const known = email === null ? userId : (await findMemberByEmail(db, scope, email))?.userId;
      // Users and strangers who are no members are answered alike.
      if (known == null) return invite(scope, email ?? '', body.Role);
      const { member, isNew } = await putMember(authorizer, ctx, scope, known, body.Role);
      return { status: isNew ? 201 : 200, data: memberJson(member) };
    },
    async RemoveMember({ scope, params }) {
      return { data: memberJson(await removeMember(authorizer, ctx, scope, params.userId)) };
    },
    async CreateInvitation({ scope, body }) {
      return invite(scope, body.Email, body.Role);
    },
    GetInvitations: ({ scope, query }) =>
      readAscending(ctx, `invitations ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listInvitations(db, scope, after, limit),
        keyOf: ({ invitationId }) => invitationId,
        toWire: invitationJson,
      }),
    async RevokeInvitation({ scope, params }) {
      return { data: invitationJson(await revokeInvitation(ctx, scope, params.invitationId)) };
    },
    GetBusinessApiKeys: ({ scope, query }) =>
      readAscending(ctx, `keys ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listBusinessKeys(db, scope, after, limit),
        keyOf: ({ apiKeyId }) => apiKeyId,
        toWire: businessKeyJson,
      }),
    async CreateBusinessApiKey({ scope, body }) {
      const { apiKey, key } = await createBusinessKey(ctx, scope, {
        name: body.Name,
        userId: body.UserId ?? null,
        permissions: (body.Permissions ?? null) as Permissions,
        expiresAt: body.ExpiresAt == null ? null : instantOf('ExpiresAt', body.ExpiresAt),
      });
      return { status: 201, data: { ...businessKeyJson(apiKey), Key: key } };
    },
    async RevokeBusinessApiKey({ scope, params }) {
      return {
        data: businessKeyJson(await revokeBusinessKey(authorizer, ctx, scope, params.apiKeyId)),
      };
    },
  };
}

type MyBusinessJson = OutputOf<'GetMyBusinesses'>['Items'][number];
type BusinessJson = OutputOf<'GetBusiness'>;

const myBusinessJson = (business: MyBusiness): MyBusinessJson => ({
  BusinessId: business.businessId,
  Name: business.name,
  TimeZone: business.timeZone,
  Role: business.role,
  IsDisabled: business.isDisabled,
  IsEditingEnabled: business.isEditingEnabled,
});

const businessJson = (scope: Scope, business: Business): BusinessJson => ({
  BusinessId: business.businessId,
  Name: business.name,
  TimeZone: business.timeZone,
  Role: scope.role,
  Permissions: spelledOut(scope.permissions) as BusinessJson['Permissions'],
  IsMasked: isMasked(scope),
  IsEditingEnabled: business.isEditingEnabled,
  CreatedAt: formatInstant(business.createdAt),
  OwnerUserId: business.ownerUserId,
});

const memberJson = (member: Member): OutputOf<'RemoveMember'> => ({
  UserId: member.userId,
  Email: member.email,
  Name: member.name,
  Role: member.role,
  IsOwner: member.isOwner,
  IsDisabled: member.isDisabled,
  AddedAt: member.addedAt === null ? null : formatInstant(member.addedAt),
});

const invitationJson = (invitation: Invitation): OutputOf<'RevokeInvitation'> => ({
  InvitationId: invitation.invitationId,
  Email: invitation.email,
  Role: invitation.role,
  InvitedBy: invitation.invitedBy,
  ExpiresAt: formatInstant(invitation.expiresAt),
  CreatedAt: formatInstant(invitation.createdAt),
});

const businessKeyJson = (key: BusinessKey): OutputOf<'RevokeBusinessApiKey'> => ({
  ...apiKeyJson(key),
  UserName: key.userName,
});
