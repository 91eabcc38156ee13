import type { MemberRole, Module, Permission, PermissionType } from '@colloquy/wire';
import type { Quotas } from '../businesses/quotas.ts';

export type { Permission };

/** null: `Full` on every module. */
export type Permissions = Readonly<Partial<Record<Module, readonly PermissionType[]>>> | null;

export interface Caller {
  readonly userId: string;
  /** The id of the session if there is no key. */
  readonly apiKeyId: string;
  readonly isAdmin: boolean;
}

export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  readonly token: string;
  readonly expiresAt: number;
}

export interface SignedIn extends Caller {
  /** null: the request has a key. */
  readonly session: Session | null;
  /** null: all businesses of the user. */
  readonly businessIds: readonly number[] | null;
}

/** A caller within a business. A restricted key is never an admin's. */
export interface Scope extends Caller {
  readonly businessId: number;
  readonly role: MemberRole;
  readonly permissions: Permissions;
  /** Masked categories of readers without Conversations.Unredacted. */
  readonly redaction: readonly string[] | null;
  /** ISO 3166-1 alpha-2: national phone numbers of this country are masked. */
  readonly redactionCountry: string | null;
  readonly isReadLogged: boolean;
  /** null: nothing is limited. */
  readonly quotas: Quotas | null;
  /** Pages of a signed-in user refresh periodically. */
  readonly isSession: boolean;
}

export function holds(
  permissions: Permissions,
  module: Module,
  type: Exclude<PermissionType, 'Full'>,
): boolean {
  if (permissions === null) return true;
  const held = permissions[module];
  return held !== undefined && (held.includes('Full') || held.includes(type));
}

export const isMasked = ({ redaction, permissions }: Pick<Scope, 'redaction' | 'permissions'>) =>
  redaction !== null && !holds(permissions, 'Conversations.Unredacted', 'Retrieving');

export function allows(
  { permissions, role }: Pick<Scope, 'permissions' | 'role'>,
  permission: 'member' | Permission,
): boolean {
  if (permission === 'member') return true;
  if (permission.onlyOwner && role !== 'Owner') return false;
  return permission.anyOf.some((type) => holds(permissions, permission.module, type));
}

export function systemScope(businessId: number): Scope {
  const caller = { userId: 'system', apiKeyId: 'system', isAdmin: true };
  const all = { role: 'Owner', permissions: null } as const;
  const unmasked = {
    redaction: null,
    redactionCountry: null,
    isReadLogged: false,
    quotas: null,
    isSession: false,
  };
  return { ...caller, ...all, ...unmasked, businessId };
}
