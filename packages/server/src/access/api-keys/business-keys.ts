import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { includesAll } from '../authorization/roles.ts';
import type { Permissions, Scope } from '../authorization/scope.ts';
import { findMember } from '../members/member-store.ts';
import { getUser } from '../store.ts';
import { createApiKey, noteRevoked } from './api-keys.ts';
import { type BusinessKey, findBusinessKey } from './business-key-store.ts';
import { revokeKey } from './key-store.ts';

export interface NewBusinessKey {
  readonly name: string;
  /** null: the caller. */
  readonly userId: string | null;
  /** null: whatever the role of its user holds. */
  readonly permissions: Permissions;
  readonly expiresAt: number | null;
}

/**
 * A key for this business alone. Faults: PERMISSION_DENIED where it would hold what the caller lacks, last
 * longer than theirs, or be another Owner's; INVALID_REQUEST where its user is no member of the business,
 * or the time has passed.
 */
export async function createBusinessKey(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  { userId, ...wanted }: NewBusinessKey,
): Promise<{ apiKey: BusinessKey; key: string }> {
  if (!includesAll(scope.permissions, wanted.permissions)) {
    throw new Fault(
      'PERMISSION_DENIED',
      'A key cannot hold more than whoever makes it; give Permissions that you hold.',
    );
  }
  const ofUser = userId ?? scope.userId;
  if (ofUser !== scope.userId) await requireMayActAs(ctx.db, scope, ofUser);
  const { apiKey, key } = await createApiKey(ctx, scope, {
    ...wanted,
    userId: ofUser,
    businessIds: [scope.businessId],
  });
  const user = await getUser(ctx.db, ofUser);
  return { apiKey: { ...apiKey, userName: user?.name ?? '' }, key };
}

/**
 * A key in the name of another outlasts whoever made it, so it is of members who may less than they, and
 * never of an admin of the server. Faults: INVALID_REQUEST, PERMISSION_DENIED.
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
    `${userId} makes keys of their own; leave UserId out, or name a member who is no Owner.`,
  );
}

/** Revoking again changes nothing. Faults: NOT_FOUND; CONFLICT where it is good elsewhere too. */
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
    if (revoked) await noteRevoked(tx, ctx, scope, now, revoked);
    return { ...key, revokedAt: revoked?.revokedAt ?? now };
  });
}
