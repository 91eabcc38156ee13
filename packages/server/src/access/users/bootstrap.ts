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

/** What is to be done for the bootstrap key; null where all is as it should be. */
interface Plan {
  /** The key that works now and is to stop. */
  readonly stop: ApiKey | null;
  /** An earlier key to bring back, or a new one to make; null: neither. */
  readonly start: ApiKey | 'new' | null;
}

/**
 * Sees to it that there is an admin, and a bootstrap key: the configured one, which replaces the
 * earlier one, or, where none is configured and there never was one, a new one that is returned to
 * be shown this once. A key that an admin revoked never comes back by itself. Any number of servers
 * may start at once.
 */
export async function bootstrapAccess({
  config,
  db,
  clock,
  log,
}: Pick<Context, 'config' | 'db' | 'clock' | 'log'>): Promise<{ madeKey: string | null }> {
  const key = config.bootstrapApiKey ?? makeKey();
  const wantedHash = config.bootstrapApiKey === null ? null : hashKey(key);

  const refused = wantedHash === null ? null : await refusal(db, wantedHash);
  if (refused) {
    log.warn(
      { apiKeyId: refused.apiKeyId },
      'BOOTSTRAP_API_KEY is not used: its value was revoked, or is that of an ordinary key; set another',
    );
  }
  if (!(await plan(db, wantedHash)) && (await firstAdmin(db, null))) return { madeKey: null };

  return changeAccess(db, async (tx) => {
    const now = clock.now();
    const admin = (await firstAdmin(tx, null)) ?? (await makeAdmin(tx, now));
    // Again, because another server may have done it while this one waited for its turn.
    const { stop, start } = (await plan(tx, wantedHash)) ?? { stop: null, start: null };
    if (stop) await replaceKey(tx, stop.apiKeyId, now);
    if (start === 'new') await insertBootstrapKey(tx, admin, hashKey(key), now);
    else if (start) await restoreKey(tx, start.apiKeyId, admin.userId);
    return { madeKey: wantedHash === null && start === 'new' ? key : null };
  });
}

async function plan(db: Db, wantedHash: string | null): Promise<Plan | null> {
  const latest = (await getBootstrapKey(db)) ?? null;
  if (wantedHash === null) return latest ? null : { stop: null, start: 'new' };
  const wanted = await getKeyByHash(db, wantedHash);
  const working = latest && latest.revokedAt === null ? latest : null;
  if (working && wanted?.apiKeyId === working.apiKeyId) return null;
  if (!wanted) return { stop: working, start: 'new' };
  if (wanted.isReplaced) return { stop: working, start: wanted };
  return working ? { stop: working, start: null } : null;
}

/** The key that has the configured value but cannot serve as bootstrap key. */
async function refusal(db: Db, wantedHash: string): Promise<ApiKey | null> {
  const key = await getKeyByHash(db, wantedHash);
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
  if (!admin) throw new Error(`${ADMIN_EMAIL} could be neither made nor restored`);
  return admin;
}

async function insertBootstrapKey(
  tx: Tx,
  admin: User,
  keyHash: string,
  now: number,
): Promise<void> {
  await insertKey(tx, {
    apiKeyId: newId('key', now),
    keyHash,
    userId: admin.userId,
    name: 'Bootstrap',
    businessIds: null,
    permissions: null,
    expiresAt: null,
    isBootstrap: true,
    createdAt: now,
  });
}
