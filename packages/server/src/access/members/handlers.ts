import type { OutputOf } from '@colloquy/wire';
import { Fault } from '../../kernel/fault.ts';
import { formatInstant } from '../../kernel/instant.ts';
import { readAscending } from '../../kernel/page.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Answer, Handlers } from '../authorization/call.ts';
import type { MemberRole } from '../authorization/roles.ts';
import type { Scope } from '../authorization/scope.ts';
import { type Invitation, listInvitations } from './invitation-store.ts';
import { createInvitation, type InvitationContext, revokeInvitation } from './invitations.ts';
import { findMemberByEmail, listMembers, type Member } from './member-store.ts';
import { putMember, removeMember } from './members.ts';

type LinkContext = InvitationContext & { publicUrl(): string };

export function memberHandlers(
  ctx: LinkContext,
  authorizer: Authorizer,
): Handlers<
  | 'GetMembers'
  | 'PutMember'
  | 'RemoveMember'
  | 'CreateInvitation'
  | 'GetInvitations'
  | 'RevokeInvitation'
> {
  const { db } = ctx;
  return {
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
        throw new Fault('INVALID_REQUEST', 'Give either UserId or Email.');
      }
      const known = email === null ? userId : (await findMemberByEmail(db, scope, email))?.userId;
      // Does not reveal which addresses belong to users of other businesses.
      if (known == null) return invite(ctx, scope, email ?? '', body.Role);
      const row = { userId: known, role: body.Role };
      const { member, isNew } = await putMember(authorizer, ctx, scope, row);
      return { status: isNew ? 201 : 200, data: memberJson(member) };
    },
    async RemoveMember({ scope, params }) {
      return { data: memberJson(await removeMember(authorizer, ctx, scope, params.userId)) };
    },
    CreateInvitation: ({ scope, body }) => invite(ctx, scope, body.Email, body.Role),
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
  };
}

async function invite(
  ctx: LinkContext,
  scope: Scope,
  email: string,
  role: MemberRole,
): Promise<Answer<'CreateInvitation'>> {
  const { invitation, url } = await createInvitation(ctx, scope, email, role);
  return { status: 201, data: { ...invitationJson(invitation), Url: url } };
}

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
