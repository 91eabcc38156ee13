import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { audit } from '../audit/pending-store.ts';
import type { MemberRole } from '../authorization/roles.ts';
import type { Scope } from '../authorization/scope.ts';
import { linkOf, makeToken } from '../sign-in/token.ts';
import { requireOrdinaryEmail } from '../users/reserved-email.ts';
import { type Invitation, putInvitation, removeInvitation } from './invitation-store.ts';
import { findMember, findMemberByEmail } from './member-store.ts';
import { assignRole, requireMayAssign } from './members.ts';

export type InvitationContext = Pick<Context, 'db' | 'clock' | 'secrets'>;

const VALID_MILLISECONDS = 7 * 24 * 3_600_000;

/** Faults: PERMISSION_DENIED if the role exceeds the caller's; CONFLICT for a member's address. */
export async function createInvitation(
  ctx: InvitationContext & { publicUrl(): string },
  scope: Scope,
  email: string,
  role: MemberRole,
): Promise<{ invitation: Invitation; url: string }> {
  requireMayAssign(scope, role);
  requireOrdinaryEmail(email);
  const now = ctx.clock.now();
  const { token, tokenHash } = makeToken();
  const { businessId, userId: invitedBy } = scope;
  const invitationId = newId('invitation', now);
  const times = { expiresAt: now + VALID_MILLISECONDS, acceptedAt: null, createdAt: now };
  const invitation = { businessId, invitationId, email, role, invitedBy, ...times };
  await ctx.db.transaction(async (tx) => {
    if (await findMemberByEmail(tx, scope, email)) {
      throw new Fault(
        'CONFLICT',
        `${email} is already a member; use PutMember to change the role.`,
      );
    }
    await putInvitation(tx, invitation, tokenHash);
    const subject = { kind: 'Invitation', id: invitationId } as const;
    const event = { action: 'InvitationCreated', ...subject, details: { Role: role } } as const;
    await audit(tx, ctx, { ...scope, now }, event);
  });
  return { invitation, url: linkOf(ctx.publicUrl(), token) };
}

export function revokeInvitation(ctx: InvitationContext, scope: Scope, invitationId: string) {
  return ctx.db.transaction(async (tx) => {
    const removed = await removeInvitation(tx, scope, invitationId);
    if (!removed) {
      throw new Fault('NOT_FOUND', 'There is no such open invitation in this business.');
    }
    const event = { action: 'InvitationRevoked', kind: 'Invitation', id: invitationId } as const;
    await audit(tx, ctx, { ...scope, now: ctx.clock.now() }, event);
    return removed;
  });
}

/** Within a change of access. Existing members keep their role. */
export async function joinBusiness(
  tx: Tx,
  ctx: Pick<Context, 'clock' | 'secrets'>,
  { businessId, invitationId, role }: Invitation,
  userId: string,
): Promise<void> {
  // There is no key, so the event names the invitation instead.
  const actor = { businessId, userId, apiKeyId: invitationId };
  const event = { action: 'InvitationAccepted', kind: 'Invitation', id: invitationId } as const;
  await audit(tx, ctx, { ...actor, now: ctx.clock.now() }, event);
  if (await findMember(tx, { businessId }, userId)) return;
  await assignRole(tx, ctx, actor, { userId, role, before: undefined });
}
