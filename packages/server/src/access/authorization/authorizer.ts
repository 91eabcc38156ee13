import { LRUCache } from 'lru-cache';
import type { Context } from '../../context.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Database, Tx } from '../../kernel/postgres/database.ts';
import { findStanding, findUserStanding, type Standing } from '../api-keys/key-store.ts';
import { changeAccess } from './access-change.ts';
import { hashOfAuthorization, invalidKey } from './credential.ts';
import { type Lease, openLease } from './lease.ts';
import {
  type Credential,
  lacksPermission,
  requireUsableBusiness,
  sessionExpired,
  userDisabled,
} from './refusals.ts';
import { effectivePermissions } from './roles.ts';
import {
  allows,
  type Caller,
  type Permission,
  type Permissions,
  type Scope,
  type Session,
  type SignedIn,
} from './scope.ts';

/** A valid key or session, whose user is not disabled. */
export interface Identity {
  readonly caller: Caller;
  readonly permissions: Permissions;
  readonly businessIds: readonly number[] | null;
  readonly expiresAt: number | null;
  readonly by: Credential;
}

const MAX_CACHED = 20_000;

/** Caches positive results while this node has a lease; a change waits for every eviction. */
export async function openAuthorizer(
  ctx: Pick<Context, 'db' | 'clock' | 'log'>,
): Promise<Authorizer> {
  const cache = new AccessCache();
  return new Authorizer(ctx, cache, await openLease(ctx, () => cache.evict()));
}

class AccessCache {
  readonly identities = new LRUCache<string, Identity>({ max: MAX_CACHED });
  readonly scopes = new LRUCache<string, Scope>({ max: MAX_CACHED });
  /** Increases with each eviction; results read in an earlier generation must not be cached. */
  generation = 0;

  evict(): void {
    this.generation += 1;
    this.identities.clear();
    this.scopes.clear();
  }
}

export class Authorizer {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #cache: AccessCache;
  readonly #lease: Lease;
  lookups = 0;

  constructor({ db, clock }: Pick<Context, 'db' | 'clock'>, cache: AccessCache, lease: Lease) {
    this.#db = db;
    this.#clock = clock;
    this.#cache = cache;
    this.#lease = lease;
  }

  /** True if checks may be answered from the cache now. */
  get isLeased(): boolean {
    return this.#lease.isLive();
  }

  /** Faults: API_KEY_MISSING, API_KEY_INVALID, USER_DISABLED. */
  async authenticate(authorization: string | undefined): Promise<Identity> {
    const keyHash = hashOfAuthorization(authorization);
    const cached = this.isLeased ? this.#cache.identities.get(keyHash) : undefined;
    if (cached) {
      if (this.#hasExpired(cached)) throw invalidKey();
      return cached;
    }
    const { generation } = this.#cache;
    const identity = identityOf(keyHash, await this.#lookUp(keyHash, null));
    if (generation === this.#cache.generation) this.#cache.identities.set(keyHash, identity);
    return identity;
  }

  /** Sessions are never cached. Faults: SESSION_EXPIRED, USER_DISABLED. */
  async authenticateSession(session: Session): Promise<Identity> {
    return identityOf(session, await this.#lookUp(session, null));
  }

  /** Faults: of `authenticate`, BUSINESS_ACCESS_DENIED, BUSINESS_…_DISABLED, PERMISSION_DENIED. */
  async authorize({ by }: Identity, businessId: number, permission: 'member' | Permission) {
    const scope = this.#cachedScope(by, businessId) ?? (await this.#lookUpScope(by, businessId));
    if (permission !== 'member' && !allows(scope, permission)) {
      throw lacksPermission(by, permission);
    }
    return scope;
  }

  /** null: not cached, or denied. Synchronous, because every request starts with it. */
  authorizeCached(
    keyHash: string,
    businessId: number,
    permission: 'member' | Permission,
  ): Scope | null {
    const scope = this.#cachedScope(keyHash, businessId);
    const identity = this.#cache.identities.get(keyHash);
    if (!identity || !scope || this.#hasExpired(identity)) return null;
    return allows(scope, permission) ? scope : null;
  }

  signedIn({ caller, businessIds, by }: Identity): SignedIn {
    return { ...caller, businessIds, session: typeof by === 'string' ? null : by };
  }

  /** Fault: PERMISSION_DENIED, also for a restricted key: it could create an unrestricted one. */
  requireAdmin({ caller, ...limits }: Identity): Caller {
    if (!caller.isAdmin) {
      throw new Fault('PERMISSION_DENIED', 'Only an admin may do this; use the key of an admin.');
    }
    if (!isUnrestricted(limits)) {
      throw new Fault(
        'PERMISSION_DENIED',
        'A key that is limited by BusinessIds or Permissions may not administer; use one without.',
      );
    }
    return caller;
  }

  /** See `changeAccess`. */
  change<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { nodeId } = this.#lease;
    return changeAccess(this.#db, work, { nodeId, evict: () => this.#cache.evict() });
  }

  close(): Promise<void> {
    return this.#lease.close();
  }

  #cachedScope(by: Credential, businessId: number): Scope | undefined {
    if (typeof by !== 'string' || !this.isLeased) return undefined;
    return this.#cache.scopes.get(`${by} ${businessId}`);
  }

  async #lookUpScope(by: Credential, businessId: number): Promise<Scope> {
    const { generation } = this.#cache;
    // Reads the user again, because the identity may be from an earlier generation.
    const standing = await this.#lookUp(by, businessId);
    requireUsableBusiness(by, standing, businessId);
    const scope = scopeOf(by, standing, businessId);
    if (typeof by === 'string' && generation === this.#cache.generation) {
      this.#cache.scopes.set(`${by} ${businessId}`, scope);
    }
    return scope;
  }

  /** Faults: API_KEY_INVALID or SESSION_EXPIRED, USER_DISABLED. */
  async #lookUp(by: Credential, businessId: number | null): Promise<Standing> {
    this.lookups += 1;
    const isKey = typeof by === 'string';
    const standing = isKey
      ? await findStanding(this.#db, by, businessId)
      : await findUserStanding(this.#db, by, businessId);
    if (!standing || (isKey && this.#hasExpired(standing))) {
      throw isKey ? invalidKey() : sessionExpired();
    }
    if (standing.isUserDisabled) throw userDisabled(by);
    return standing;
  }

  #hasExpired({ expiresAt }: { expiresAt: number | null }): boolean {
    return expiresAt !== null && expiresAt <= this.#clock.now();
  }
}

const isUnrestricted = (by: Pick<Identity, 'permissions' | 'businessIds'>) =>
  by.permissions === null && by.businessIds === null;

const callerOf = ({ userId, apiKeyId, isAdmin }: Standing) => ({ userId, apiKeyId, isAdmin });

function identityOf(by: Credential, standing: Standing): Identity {
  const { permissions, businessIds, expiresAt } = standing;
  return { caller: callerOf(standing), permissions, businessIds, expiresAt, by };
}

function scopeOf(by: Credential, standing: Standing, businessId: number): Scope {
  const { role, redaction, redactionCountry, isReadLogged, quotas } = standing;
  if (role === null) throw new Error(`user ${standing.userId} has no role in ${businessId}`);
  const permissions = effectivePermissions(standing.permissions, role);
  return {
    ...callerOf(standing),
    businessId,
    role,
    permissions,
    redaction,
    redactionCountry,
    isAdmin: standing.isAdmin && isUnrestricted(standing),
    isReadLogged: isReadLogged ?? false,
    quotas,
    isSession: typeof by !== 'string',
  };
}
