import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { formatInstant } from '../../kernel/instant.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { audit } from '../audit/pending-store.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { hashKey, makeKey } from '../authorization/credential.ts';
import type { Caller } from '../authorization/scope.ts';
import { getUser } from '../store.ts';
import {
  type ApiKey,
  findKeyEnd,
  findUnusableBusiness,
  insertKey,
  revokeKey,
} from './key-store.ts';

export type NewApiKey = Pick<
  ApiKey,
  'userId' | 'name' | 'businessIds' | 'permissions' | 'expiresAt'
>;

/**
 * The key itself is in `key` and nowhere else. Faults: PERMISSION_DENIED where it would outlast the key
 * that makes it; INVALID_REQUEST where the user is unknown,
 * may not use one of the businesses, or the time has passed.
 */
export async function createApiKey(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  caller: Caller,
  wanted: NewApiKey,
): Promise<{ apiKey: ApiKey; key: string }> {
  const { db } = ctx;
  const now = ctx.clock.now();
  const { userId, expiresAt } = wanted;
  const businessIds = wanted.businessIds && [...new Set(wanted.businessIds)];
  if (expiresAt !== null && expiresAt <= now) {
    throw new Fault('INVALID_REQUEST', 'ExpiresAt must be in the future or left out.');
  }
  const until = await findKeyEnd(db, caller.apiKeyId);
  if (until !== null && (expiresAt === null || expiresAt > until)) {
    throw new Fault(
      'PERMISSION_DENIED',
      `A key cannot outlast the one that makes it; give an ExpiresAt of ${formatInstant(until)} or earlier.`,
    );
  }
  if (!(await getUser(db, userId))) {
    throw new Fault('INVALID_REQUEST', `UserId names no user: ${userId}.`);
  }
  const unusable = businessIds && (await findUnusableBusiness(db, userId, businessIds));
  if (unusable) {
    throw new Fault(
      'INVALID_REQUEST',
      `BusinessIds names ${unusable}, which this user may not use; give businesses that the user owns or is a member of.`,
    );
  }
  const key = makeKey();
  const apiKey = await db.transaction(async (tx) => {
    const made = await insertKey(tx, {
      ...wanted,
      businessIds,
      apiKeyId: newId('key', now),
      keyHash: hashKey(key),
      isBootstrap: false,
      createdAt: now,
    });
    await auditKey(tx, ctx, caller, now, 'ApiKeyCreated', made);
    return made;
  });
  return { apiKey, key };
}

/** In the log of each business that the key names; one for all of its user's belongs to none. */
async function auditKey(
  tx: Tx,
  ctx: Pick<Context, 'secrets'>,
  caller: Caller,
  now: number,
  action: 'ApiKeyCreated' | 'ApiKeyRevoked',
  { apiKeyId: id, userId, businessIds }: ApiKey,
): Promise<void> {
  const deed = { action, kind: 'ApiKey', id, details: { UserId: userId } } as const;
  for (const businessId of businessIds ?? []) {
    await audit(tx, ctx, { ...caller, businessId }, now, deed);
  }
}

/**
 * Revokes any key, the caller's own and the bootstrap key too: a bootstrap key that was revoked stays
 * revoked, and another value of `BOOTSTRAP_API_KEY` is the way back in. Revoking again changes
 * nothing. Fault: NOT_FOUND.
 */
export function revokeApiKey(
  authorizer: Authorizer,
  ctx: Pick<Context, 'clock' | 'secrets'>,
  caller: Caller,
  apiKeyId: string,
): Promise<ApiKey> {
  const now = ctx.clock.now();
  return authorizer.change(async (tx) => {
    const revoked = await revokeKey(tx, apiKeyId, now);
    if (!revoked) throw new Fault('NOT_FOUND', `There is no API key ${apiKeyId}.`);
    await noteRevoked(tx, ctx, caller, now, revoked);
    return revoked;
  });
}

/** In the logs, unless it was revoked before. */
export async function noteRevoked(
  tx: Tx,
  ctx: Pick<Context, 'secrets'>,
  caller: Caller,
  now: number,
  key: ApiKey & { readonly wasRevoked: boolean },
): Promise<void> {
  if (!key.wasRevoked) await auditKey(tx, ctx, caller, now, 'ApiKeyRevoked', key);
}
