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

/** Faults: PERMISSION_DENIED if it would outlast the caller's key; INVALID_REQUEST. */
export async function createApiKey(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  caller: Caller,
  input: NewApiKey,
): Promise<{ apiKey: ApiKey; key: string }> {
  const { db } = ctx;
  const now = ctx.clock.now();
  const { userId, expiresAt } = input;
  const businessIds = input.businessIds && [...new Set(input.businessIds)];
  if (expiresAt !== null && expiresAt <= now) {
    throw new Fault('INVALID_REQUEST', 'ExpiresAt must be in the future or left out.');
  }
  const callerExpiresAt = await findKeyEnd(db, caller.apiKeyId);
  if (callerExpiresAt !== null && (expiresAt === null || expiresAt > callerExpiresAt)) {
    throw new Fault(
      'PERMISSION_DENIED',
      `A key cannot expire later than the key that creates it; give an ExpiresAt of ${formatInstant(callerExpiresAt)} or earlier.`,
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
      ...input,
      businessIds,
      apiKeyId: newId('key', now),
      keyHash: hashKey(key),
      isBootstrap: false,
      createdAt: now,
    });
    await auditKey(tx, ctx, caller, made);
    return made;
  });
  return { apiKey, key };
}

/** Logs the creation or revocation in each business that the key names; not of a key for all. */
export async function auditKey(
  tx: Tx,
  ctx: Pick<Context, 'secrets'>,
  caller: Caller,
  { apiKeyId: id, userId, businessIds, createdAt, revokedAt }: ApiKey,
): Promise<void> {
  const action = revokedAt === null ? 'ApiKeyCreated' : 'ApiKeyRevoked';
  const now = revokedAt ?? createdAt;
  const event = { action, kind: 'ApiKey', id, details: { UserId: userId } } as const;
  for (const businessId of businessIds ?? []) {
    await audit(tx, ctx, { ...caller, businessId, now }, event);
  }
}

/** A revoked bootstrap key stays revoked: set another `BOOTSTRAP_API_KEY`. Fault: NOT_FOUND. */
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
    if (!revoked.wasRevoked) await auditKey(tx, ctx, caller, revoked);
    return revoked;
  });
}
