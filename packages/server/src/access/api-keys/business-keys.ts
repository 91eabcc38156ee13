import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { includesAll } from '../authorization/roles.ts';
import type { Permissions, Scope } from '../authorization/scope.ts';
import { findMember } from '../members/member-store.ts';
import { getUser } from '../store.ts';
import { auditRevocation, createApiKey } from './api-keys.ts';
import { type BusinessKey, findBusinessKey } from './business-key-store.ts';
import { revokeKey } from './key-store.ts';

export interface NewBusinessKey {
  readonly name: string;
  /** null: the caller. */
  readonly userId: string | null;
  /** null: all permissions of the user's role. */
  readonly permissions: Permissions;
  readonly expiresAt: number | null;
}

/**
 * Creates a key for this business only. Faults: PERMISSION_DENIED if it would exceed the caller's
 * permissions or expiry, or act as another Owner; INVALID_REQUEST if its user is not a member of the business
 * or the time has passed.
 */
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

/**
 * A key for another member keeps working after the caller has lost access. It is therefore refused for
 * Owners and admins of the server. Faults: INVALID_REQUEST, PERMISSION_DENIED.
 */
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

/** Revoking again changes nothing. Faults: NOT_FOUND; CONFLICT if the key also names other businesses. */
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
    const isElsewhere = key.businessIds?.some((businessId) => businessId !== scope.businessId);
    if (isElsewhere && !scope.isAdmin) {
      throw new Fault(
        'CONFLICT',
        'This key names other businesses too; ask an admin to revoke it.',
      );
    }
    const revoked = await revokeKey(tx, apiKeyId, now);
    if (revoked) await auditRevocation(tx, ctx, scope, now, revoked);
    return { ...key, revokedAt: revoked?.revokedAt ?? now };
  });
}
