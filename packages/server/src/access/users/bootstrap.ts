import type { Context } from '../../context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Db, Tx } from '../../kernel/postgres/database.ts';
import {
  type ApiKey,
  getBootstrapKey,
  getKeyByHash,
  insertKey,
  replaceKey,
  restoreKey,
} from '../api-keys/key-store.ts';
import { changeAccess } from '../authorization/access-change.ts';
import { hashKey, makeKey } from '../authorization/credential.ts';
import { firstAdmin, insertUser, restoreAdmin, type User } from '../store.ts';
import { ADMIN_EMAIL } from './reserved-email.ts';

interface Plan {
  /** The working key, to be replaced. */
  readonly stop: ApiKey | null;
  /** An earlier key to restore. */
  readonly start: ApiKey | 'new' | null;
}

/**
 * A configured key replaces the earlier one; without one, the first start creates and returns it.
 * A key that an admin revoked is never restored. Safe if several servers start concurrently.
 */
export async function bootstrapAccess(
  ctx: Pick<Context, 'config' | 'db' | 'clock' | 'log'>,
): Promise<{ madeKey: string | null }> {
  const { config, db, clock, log } = ctx;
  const key = config.bootstrapApiKey ?? makeKey();
  const configuredHash = config.bootstrapApiKey === null ? null : hashKey(key);

  const unusable = configuredHash === null ? null : await findUnusableKey(db, configuredHash);
  if (unusable) {
    log.warn(
      { apiKeyId: unusable.apiKeyId },
      'BOOTSTRAP_API_KEY is ignored: the key was revoked or is an ordinary key; set another value',
    );
  }
  if (!(await planKeys(db, configuredHash)) && (await firstAdmin(db, null)))
    return { madeKey: null };

  return changeAccess(db, async (tx) => {
    const now = clock.now();
    const admin = (await firstAdmin(tx, null)) ?? (await makeAdmin(tx, now));
    // Plans again, because another server may have made the change while this one waited.
    const { stop, start } = (await planKeys(tx, configuredHash)) ?? { stop: null, start: null };
    if (stop) await replaceKey(tx, stop.apiKeyId, now);
    if (start === 'new') {
      await insertKey(tx, {
        apiKeyId: newId('key', now),
        keyHash: hashKey(key),
        userId: admin.userId,
        name: 'Bootstrap',
        businessIds: null,
        permissions: null,
        expiresAt: null,
        isBootstrap: true,
        createdAt: now,
      });
    } else if (start) await restoreKey(tx, start.apiKeyId, admin.userId);
    return { madeKey: configuredHash === null && start === 'new' ? key : null };
  });
}

async function planKeys(db: Db, configuredHash: string | null): Promise<Plan | null> {
  const latest = (await getBootstrapKey(db)) ?? null;
  if (configuredHash === null) return latest ? null : { stop: null, start: 'new' };
  const configured = await getKeyByHash(db, configuredHash);
  const working = latest && latest.revokedAt === null ? latest : null;
  if (working && configured?.apiKeyId === working.apiKeyId) return null;
  if (!configured) return { stop: working, start: 'new' };
  if (configured.isReplaced) return { stop: working, start: configured };
  return working ? { stop: working, start: null } : null;
}

async function findUnusableKey(db: Db, configuredHash: string): Promise<ApiKey | null> {
  const key = await getKeyByHash(db, configuredHash);
  if (!key || key.isReplaced || (key.isBootstrap && key.revokedAt === null)) return null;
  return key;
}

async function makeAdmin(tx: Tx, now: number): Promise<User> {
  const made = await insertUser(tx, {
    userId: newId('user', now),
    email: ADMIN_EMAIL,
    name: 'Admin',
    isAdmin: true,
    isEmailProven: true,
    createdAt: now,
  });
  const admin = made ?? (await restoreAdmin(tx, ADMIN_EMAIL));
  if (!admin) throw new Error(`${ADMIN_EMAIL} could be neither created nor restored`);
  return admin;
}
