import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { includesAll } from '../authorization/roles.ts';
import type { Scope } from '../authorization/scope.ts';
import { findMember } from '../members/member-store.ts';
import { getUser } from '../store.ts';
import { auditKey, createApiKey, type NewApiKey } from './api-keys.ts';
import { type BusinessKey, findBusinessKey, revokeKey } from './key-store.ts';

export type NewBusinessKey = Pick<NewApiKey, 'name' | 'permissions' | 'expiresAt'> & {
  /** null: the caller. */
  readonly userId: string | null;
};

/** Faults: PERMISSION_DENIED beyond the caller's rights or as another Owner; INVALID_REQUEST. */
export async function createBusinessKey(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  { userId, ...input }: NewBusinessKey,
): Promise<{ apiKey: BusinessKey; key: string }> {
  if (!includesAll(scope.permissions, input.permissions)) {
    throw new Fault(
      'PERMISSION_DENIED',
      'A key cannot have more permissions than its creator; give Permissions that you have.',
    );
  }
  const keyUserId = userId ?? scope.userId;
  if (keyUserId !== scope.userId) await requireMayActAs(ctx.db, scope, keyUserId);
  const { apiKey, key } = await createApiKey(ctx, scope, {
    ...input,
    userId: keyUserId,
    businessIds: [scope.businessId],
  });
  const user = await getUser(ctx.db, keyUserId);
  return { apiKey: { ...apiKey, userName: user?.name ?? '' }, key };
}

/** The key outlives the caller's access, so it is refused for Owners and admins of the server. */
async function requireMayActAs(db: Db, scope: Scope, userId: string): Promise<void> {
  const member = await findMember(db, scope, userId);
  if (!member) {
    throw new Fault('INVALID_REQUEST', `UserId names no member of this business: ${userId}.`);
  }
  const user = await getUser(db, userId);
  if (member.role !== 'Owner' && !user?.isAdmin) return;
  throw new Fault(
    'PERMISSION_DENIED',
    `Only ${userId} may create keys for this user; leave UserId out, or name a member who is not an Owner.`,
  );
}

/** Faults: NOT_FOUND; CONFLICT if the key also names other businesses. */
export function revokeBusinessKey(
  authorizer: Authorizer,
  ctx: Pick<Context, 'clock' | 'secrets'>,
  scope: Scope,
  apiKeyId: string,
): Promise<BusinessKey> {
  const now = ctx.clock.now();
  return authorizer.change(async (tx) => {
    const key = await findBusinessKey(tx, scope, apiKeyId);
    if (!key) {
      throw new Fault('NOT_FOUND', `There is no API key ${apiKeyId} that names this business.`);
    }
    if (!scope.isAdmin && key.businessIds?.some((businessId) => businessId !== scope.businessId)) {
      throw new Fault(
        'CONFLICT',
        'This key names other businesses too; ask an admin to revoke it.',
      );
    }
    const revoked = await revokeKey(tx, apiKeyId, now);
    if (revoked?.wasRevoked === false) await auditKey(tx, ctx, scope, revoked);
    return { ...key, revokedAt: revoked?.revokedAt ?? now };
  });
}
