import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { newId } from '../base/ids.ts';
import { hashKey, makeKey } from './credential.ts';
import type { Gate } from './gate.ts';
import { type ApiKey, findUnusableBusiness, insertKey, revokeKey } from './key-store.ts';
import { getUser } from './store.ts';

export type NewApiKey = Pick<
  ApiKey,
  'userId' | 'name' | 'businessIds' | 'permissions' | 'expiresAt'
>;

/**
 * The key itself is in `key` and nowhere else. Faults: INVALID_REQUEST where the user is unknown,
 * may not use one of the businesses, or the time has passed.
 */
export async function createApiKey(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  wanted: NewApiKey,
): Promise<{ apiKey: ApiKey; key: string }> {
  const now = clock.now();
  const { userId, expiresAt } = wanted;
  const businessIds = wanted.businessIds && [...new Set(wanted.businessIds)];
  if (expiresAt !== null && expiresAt <= now) {
    throw new Fault('INVALID_REQUEST', 'ExpiresAt is in the past; give a time to come, or none.');
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
  const apiKey = await insertKey(db, {
    ...wanted,
    businessIds,
    apiKeyId: newId('key', now),
    keyHash: hashKey(key),
    isBootstrap: false,
    createdAt: now,
  });
  return { apiKey, key };
}

/**
 * Revokes any key, the caller's own and the bootstrap key too: a bootstrap key that was revoked stays
 * revoked, and another value of `BOOTSTRAP_API_KEY` is the way back in. Revoking again changes
 * nothing. Fault: NOT_FOUND.
 */
export function revokeApiKey(gate: Gate, now: number, apiKeyId: string): Promise<ApiKey> {
  return gate.change(async (tx) => {
    const apiKey = await revokeKey(tx, apiKeyId, now);
    if (!apiKey) throw new Fault('NOT_FOUND', `There is no API key ${apiKeyId}.`);
    return apiKey;
  });
}
