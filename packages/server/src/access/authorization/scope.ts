import type { MemberRole, Module, Permission, PermissionType } from '@colloquy/wire';

export type { Permission };

/** What a key holds: the types of permission by module; null is `Full` on every module. */
export type Permissions = Readonly<Partial<Record<Module, readonly PermissionType[]>>> | null;

/** Whose key or session it is. */
export interface Caller {
  readonly userId: string;
  /** Of a session its own id. */
  readonly apiKeyId: string;
  readonly isAdmin: boolean;
}

/** A session that works, by its cookie. */
export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  readonly token: string;
  readonly expiresAt: number;
}

/** A caller outside of every business. */
export interface SignedIn extends Caller {
  /** null: it is a key. */
  readonly session: Session | null;
  /** null: all businesses of the user. */
  readonly businessIds: readonly number[] | null;
}

/**
 * A caller within one business that it may use: what every statement of a tenant is given. By a key
 * that has limits of its own it is no admin.
 */
export interface Scope extends Caller {
  readonly businessId: number;
  /** What the user is in the business. */
  readonly role: MemberRole;
  /** What both the key and the role hold. */
  readonly permissions: Permissions;
  /** The categories that the business has masked for those who may not see the original; null: none. */
  readonly redaction: readonly string[] | null;
  /** The country whose national phone numbers are masked (ISO 3166-1 alpha-2); null: none. */
  readonly redactionCountry: string | null;
  /** Whether the business wants reads of content in its audit log. */
  readonly isReadLogged: boolean;
  /** Whether it is somebody who is signed in, at a page that renews itself, and no program. */
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

/** Whether the business masks what it stores, and this caller may not see the original. */
export const isMasked = ({ redaction, permissions }: Pick<Scope, 'redaction' | 'permissions'>) =>
  redaction !== null && !holds(permissions, 'Conversations.Unredacted', 'Retrieving');

/** `member`: whoever may use the business. */
export function allows(
  { permissions, role }: Pick<Scope, 'permissions' | 'role'>,
  permission: 'member' | Permission,
): boolean {
  if (permission === 'member') return true;
  if (permission.onlyOwner && role !== 'Owner') return false;
  return permission.anyOf.some((type) => holds(permissions, permission.module, type));
}

/** The scope in which jobs and the demo data act: everything, within one business. */
export function systemScope(businessId: number): Scope {
  const caller = { userId: 'system', apiKeyId: 'system', isAdmin: true };
  const all = { role: 'Owner', permissions: null } as const;
  const nobody = { redaction: null, redactionCountry: null, isReadLogged: false, isSession: false };
  return { ...caller, ...all, ...nobody, businessId };
}
