import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { audit } from '../audit/pending-store.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { type MemberRole, mayAssignRole } from '../authorization/roles.ts';
import type { Scope } from '../authorization/scope.ts';
import { getUser } from '../store.ts';
import {
  findMember,
  hasOtherOwner,
  type Member,
  type MemberRow,
  putMemberRow,
  removeMemberRow,
} from './member-store.ts';

type MemberContext = Pick<Context, 'clock' | 'secrets'>;

/** Only an admin can add a user. Faults: PERMISSION_DENIED, NOT_FOUND, CONFLICT (last Owner). */
export function putMember(
  authorizer: Authorizer,
  ctx: MemberContext,
  scope: Scope,
  { userId, role }: MemberRow,
): Promise<{ member: Member; isNew: boolean }> {
  requireMayAssign(scope, role);
  return authorizer.change(async (tx) => {
    const before = await findMember(tx, scope, userId);
    // Other callers need the user's consent, given by accepting an invitation.
    if (!before && !(scope.isAdmin && (await getUser(tx, userId)))) throw noMember(userId);
    if (before && role !== 'Owner') await requireOtherOwner(tx, scope, before);
    await assignRole(tx, ctx, scope, { userId, role, before });
    const member = await findMember(tx, scope, userId);
    if (!member) throw new Error(`${userId} is not a member of ${scope.businessId}`);
    return { member, isNew: before === undefined };
  });
}

export function requireMayAssign({ permissions }: Pick<Scope, 'permissions'>, role: MemberRole) {
  if (mayAssignRole(permissions, role)) return;
  throw new Fault(
    'PERMISSION_DENIED',
    `${role} includes permissions that you do not have; give a lower role.`,
  );
}

/** Runs within a change of access. */
export async function assignRole(
  tx: Tx,
  ctx: MemberContext,
  actor: Pick<Scope, 'businessId' | 'userId' | 'apiKeyId'>,
  { userId, role, before }: MemberRow & { readonly before: Member | undefined },
): Promise<void> {
  if (before?.role === role) return;
  const now = ctx.clock.now();
  await putMemberRow(tx, actor, { userId, role }, now);
  const action = before ? 'MemberChanged' : 'MemberAdded';
  const event = { action, kind: 'Member', id: userId, details: { Role: role } } as const;
  await audit(tx, ctx, { ...actor, now }, event);
}

/** Faults: NOT_FOUND; CONFLICT if no Owner would be left. */
export function removeMember(
  authorizer: Authorizer,
  ctx: MemberContext,
  scope: Scope,
  userId: string,
): Promise<Member> {
  return authorizer.change(async (tx) => {
    const member = await findMember(tx, scope, userId);
    if (!member) throw new Fault('NOT_FOUND', `${userId} is not a member of this business.`);
    await requireOtherOwner(tx, scope, member);
    await removeMemberRow(tx, scope, userId);
    const event = { action: 'MemberRemoved', kind: 'Member', id: userId } as const;
    await audit(tx, ctx, { ...scope, now: ctx.clock.now() }, event);
    return member;
  });
}

const noMember = (userId: string) =>
  new Fault(
    'NOT_FOUND',
    `${userId} is not a member of this business; give an Email to invite a person.`,
  );

async function requireOtherOwner(tx: Tx, scope: Scope, member: Member): Promise<void> {
  if (member.isOwner) {
    throw new Fault(
      'CONFLICT',
      'The business belongs to this user, who is always an Owner of it; ask an admin of the server.',
    );
  }
  if (member.role === 'Owner' && !(await hasOtherOwner(tx, scope, member.userId))) {
    throw new Fault(
      'CONFLICT',
      'This is the last Owner of the business; make another member an Owner first.',
    );
  }
}
