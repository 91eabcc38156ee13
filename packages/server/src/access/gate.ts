import { LRUCache } from 'lru-cache';
import type { Context } from '../base/context.ts';
import type { Tx } from '../base/db.ts';
import { Fault } from '../base/fault.ts';
import { changeAccess } from './access-change.ts';
import { hashOfAuthorization, invalidKey } from './credential.ts';
import { findStanding, type Standing } from './key-store.ts';
import { openLease } from './lease.ts';
import { allows, type Caller, type Permission, type Permissions, type Scope } from './scope.ts';

/** A key that is valid and whose user is not disabled. */
export interface Identified {
  readonly caller: Caller;
  readonly permissions: Permissions;
  /** null: all businesses of the user. */
  readonly businessIds: readonly number[] | null;
  readonly expiresAt: number | null;
  /** SHA-256 of the key, in base64. */
  readonly keyHash: string;
}

export interface Gate {
  /** Whose key it is. Faults: API_KEY_MISSING, API_KEY_INVALID, USER_DISABLED. */
  identify(authorization: string | undefined): Promise<Identified>;
  /**
   * Faults, in this order: BUSINESS_ACCESS_DENIED, BUSINESS_DISABLED, BUSINESS_EDITING_DISABLED,
   * PERMISSION_DENIED; and those of `identify` where the key stopped working in between.
   */
  enter(identified: Identified, businessId: number, permission: Permission): Promise<Scope>;
  /**
   * The scope that `identify` and `enter` would give, where both are remembered and nothing refuses;
   * null says nothing. Without waiting, because every request begins with it.
   */
  recall(
    authorization: string | undefined,
    businessId: number,
    permission: Permission,
  ): Scope | null;
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

export interface GateOptions {
  /** How many keys, and how many pairs of key and business, are remembered. */
  readonly remembered?: number;
}

/**
 * Checks who may come in. What it looked up it remembers, as long as this node holds a lease that
 * makes every change wait until it has forgotten; refusals are not remembered.
 */
export async function openGate(
  { db, clock, log }: Pick<Context, 'db' | 'clock' | 'log'>,
  { remembered = 20_000 }: GateOptions = {},
): Promise<Gate> {
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

  /** Faults: API_KEY_INVALID, USER_DISABLED. */
  async function lookUp(keyHash: string, businessId: number | null): Promise<Standing> {
    lookups += 1;
    const standing = await findStanding(db, keyHash, businessId);
    if (!standing || hasExpired(standing)) throw invalidKey();
    if (standing.isUserDisabled) {
      throw new Fault(
        'USER_DISABLED',
        'The user of this API key is disabled; ask an admin to enable the user, or use another key.',
      );
    }
    return standing;
  }

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
      const standing = await lookUp(keyHash, null);
      const { permissions, businessIds, expiresAt } = standing;
      const caller = callerOf(standing);
      const identified: Identified = { caller, permissions, businessIds, expiresAt, keyHash };
      if (begun === generation) callers.set(keyHash, identified);
      return identified;
    },

    async enter({ keyHash }, businessId, permission) {
      const entrance = `${keyHash} ${businessId}`;
      let scope = lease.isLive() ? scopes.get(entrance) : undefined;
      if (!scope) {
        const begun = generation;
        // Asks anew whose key it is: what `identify` found may be older than this generation.
        const standing = await lookUp(keyHash, businessId);
        requireOpen(standing, businessId);
        const { permissions, redaction, isReadLogged } = standing;
        scope = {
          ...{ ...callerOf(standing), businessId, permissions, redaction },
          isReadLogged: isReadLogged ?? false,
        };
        if (begun === generation) scopes.set(entrance, scope);
      }
      if (!allows(scope.permissions, permission)) throw lacks(permission);
      return scope;
    },

    recall(authorization, businessId, permission) {
      if (authorization === undefined || !lease.isLive()) return null;
      const keyHash = hashOfAuthorization(authorization);
      const known = callers.get(keyHash);
      const scope = scopes.get(`${keyHash} ${businessId}`);
      if (!known || !scope || hasExpired(known)) return null;
      return allows(scope.permissions, permission) ? scope : null;
    },

    requireAdmin({ caller, permissions, businessIds }) {
      if (!caller.isAdmin) {
        throw new Fault('PERMISSION_DENIED', 'Only an admin may do this; use the key of an admin.');
      }
      if (permissions !== null || businessIds !== null) {
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

function callerOf({ userId, apiKeyId, isAdmin }: Standing): Caller {
  return { userId, apiKeyId, isAdmin };
}

function requireOpen(standing: Standing, businessId: number): void {
  if (standing.businessId === null) {
    throw new Fault(
      'BUSINESS_ACCESS_DENIED',
      `This API key may not use business ${businessId}; check the number, or ask an admin for access.`,
    );
  }
  if (standing.isBusinessDisabled) {
    throw new Fault(
      'BUSINESS_DISABLED',
      `Business ${businessId} is disabled; ask an admin to enable it.`,
    );
  }
  if (!standing.isEditingEnabled) {
    throw new Fault(
      'BUSINESS_EDITING_DISABLED',
      `Editing is switched off for business ${businessId}; ask an admin to switch it on.`,
    );
  }
}

function lacks({ module, anyOf }: Permission): Fault {
  const types = ['Full', ...anyOf].join(' or ');
  return new Fault(
    'PERMISSION_DENIED',
    `This API key lacks ${module} with ${types}; use a key that holds it.`,
  );
}
