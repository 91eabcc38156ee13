import { LRUCache } from 'lru-cache';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { findStanding, findUserStanding, type Standing } from '../api-keys/key-store.ts';
import { changeAccess } from './access-change.ts';
import { hashOfAuthorization, invalidKey } from './credential.ts';
import { openLease } from './lease.ts';
import { type Credential, lacks, requireOpen, sessionExpired, userDisabled } from './refusals.ts';
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

/** A key or a session that is valid and whose user is not disabled. */
export interface Identified {
  readonly caller: Caller;
  readonly permissions: Permissions;
  /** null: all businesses of the user. */
  readonly businessIds: readonly number[] | null;
  readonly expiresAt: number | null;
  /** SHA-256 of the key, in base64, or the session. */
  readonly by: Credential;
}

export interface Authorizer {
  /** Whose key it is. Faults: API_KEY_MISSING, API_KEY_INVALID, USER_DISABLED. */
  identify(authorization: string | undefined): Promise<Identified>;
  /** Whose session it is, found anew each time. Faults: SESSION_EXPIRED, USER_DISABLED. */
  identifySession(session: Session): Promise<Identified>;
  /**
   * Faults, in this order: BUSINESS_ACCESS_DENIED, BUSINESS_DISABLED, BUSINESS_EDITING_DISABLED,
   * PERMISSION_DENIED; and those of `identify` where the key stopped working in between.
   */
  enter(
    identified: Identified,
    businessId: number,
    permission: 'member' | Permission,
  ): Promise<Scope>;
  /**
   * The scope that `identify` and `enter` would give, where both are remembered and nothing refuses;
   * null says nothing. Without waiting, because every request begins with it.
   */
  recall(
    authorization: string | undefined,
    businessId: number,
    permission: 'member' | Permission,
  ): Scope | null;
  /** Whose key or session it is, for what belongs to no business. */
  signedIn(identified: Identified): SignedIn;
  /**
   * Fault: PERMISSION_DENIED unless the user is an admin and the key has no limits of its own. One
   * limited to some businesses or permissions could else make itself a key without them.
   */
  requireAdmin(identified: Identified): Caller;
  /** Changes who may use what; returns when it holds on every node. See `changeAccess`. */
  change<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** How many checks had to ask the database so far. */
  readonly lookups: number;
  /** Whether checks may be answered from memory now. */
  readonly isLeased: boolean;
  close(): Promise<void>;
}

export interface AuthorizerOptions {
  /** How many keys, and how many pairs of key and business, are remembered. */
  readonly remembered?: number;
}

/**
 * Checks who may come in. What it looked up it remembers, as long as this node holds a lease that
 * makes every change wait until it has forgotten; refusals are not remembered.
 */
export async function openAuthorizer(
  { db, clock, log }: Pick<Context, 'db' | 'clock' | 'log'>,
  { remembered = 20_000 }: AuthorizerOptions = {},
): Promise<Authorizer> {
  const callers = new LRUCache<string, Identified>({ max: remembered });
  const scopes = new LRUCache<string, Scope>({ max: remembered });
  let lookups = 0;
  /** Counts how often everything was forgotten, to tell look-ups that began before from later. */
  let generation = 0;
  const forget = () => {
    generation += 1;
    callers.clear();
    scopes.clear();
  };
  const lease = await openLease({ db, log }, forget);

  /** Faults: API_KEY_INVALID or SESSION_EXPIRED, USER_DISABLED. */
  async function lookUp(by: Credential, businessId: number | null): Promise<Standing> {
    lookups += 1;
    const standing =
      typeof by === 'string'
        ? await findStanding(db, by, businessId)
        : await findUserStanding(db, by, businessId);
    if (!standing || (typeof by === 'string' && hasExpired(standing))) throw invalid(by);
    if (standing.isUserDisabled) throw userDisabled(by);
    return standing;
  }

  const identifiedBy = (by: Credential, standing: Standing): Identified => {
    const { permissions, businessIds, expiresAt } = standing;
    return { caller: callerOf(standing), permissions, businessIds, expiresAt, by };
  };

  const hasExpired = ({ expiresAt }: { expiresAt: number | null }) =>
    expiresAt !== null && expiresAt <= clock.now();

  return {
    async identify(authorization) {
      const keyHash = hashOfAuthorization(authorization);
      const known = lease.isLive() ? callers.get(keyHash) : undefined;
      if (known) {
        if (hasExpired(known)) throw invalidKey();
        return known;
      }
      const begun = generation;
      const identified = identifiedBy(keyHash, await lookUp(keyHash, null));
      if (begun === generation) callers.set(keyHash, identified);
      return identified;
    },

    async identifySession(session) {
      return identifiedBy(session, await lookUp(session, null));
    },

    async enter({ by }, businessId, permission) {
      const entrance = typeof by === 'string' ? `${by} ${businessId}` : null;
      let scope = entrance !== null && lease.isLive() ? scopes.get(entrance) : undefined;
      if (!scope) {
        const begun = generation;
        // Asks anew whose it is: what `identify` found may be older than this generation.
        const standing = await lookUp(by, businessId);
        requireOpen(by, standing, businessId);
        scope = scopeOf(by, standing, businessId);
        if (entrance !== null && begun === generation) scopes.set(entrance, scope);
      }
      if (permission !== 'member' && !allows(scope, permission)) throw lacks(by, permission);
      return scope;
    },

    signedIn: ({ caller, businessIds, by }) => ({
      ...caller,
      businessIds,
      session: typeof by === 'string' ? null : by,
    }),

    recall(authorization, businessId, permission) {
      if (authorization === undefined || !lease.isLive()) return null;
      const keyHash = hashOfAuthorization(authorization);
      const known = callers.get(keyHash);
      const scope = scopes.get(`${keyHash} ${businessId}`);
      if (!known || !scope || hasExpired(known)) return null;
      return allows(scope, permission) ? scope : null;
    },

    requireAdmin({ caller, ...limits }) {
      if (!caller.isAdmin) {
        throw new Fault('PERMISSION_DENIED', 'Only an admin may do this; use the key of an admin.');
      }
      if (!isUnlimited(limits)) {
        throw new Fault(
          'PERMISSION_DENIED',
          'A key that is limited by BusinessIds or Permissions may not administer; use one without.',
        );
      }
      return caller;
    },

    change: (work) => changeAccess(db, work, { nodeId: lease.nodeId, forget }),
    get lookups() {
      return lookups;
    },
    get isLeased() {
      return lease.isLive();
    },
    close: () => lease.close(),
  };
}

const isUnlimited = ({
  permissions,
  businessIds,
}: Pick<Identified, 'permissions' | 'businessIds'>) => permissions === null && businessIds === null;

const invalid = (by: Credential) => (typeof by === 'string' ? invalidKey() : sessionExpired());

function callerOf({ userId, apiKeyId, isAdmin }: Standing): Caller {
  return { userId, apiKeyId, isAdmin };
}

/** As the last thing that `requireOpen` lets through. */
function scopeOf(by: Credential, standing: Standing, businessId: number): Scope {
  const { role, redaction, redactionCountry, isReadLogged } = standing;
  if (role === null) throw new Error(`user ${standing.userId} has no role in ${businessId}`);
  const permissions = effectivePermissions(standing.permissions, role);
  return {
    ...callerOf(standing),
    businessId,
    role,
    permissions,
    redaction,
    redactionCountry,
    isAdmin: standing.isAdmin && isUnlimited(standing),
    isReadLogged: isReadLogged ?? false,
    isSession: typeof by !== 'string',
  };
}
