import type { Module, Permission, PermissionType } from '@colloquy/wire';

export type { Permission };

/** What a key holds: the types of permission by module; null is `Full` on every module. */
export type Permissions = Readonly<Partial<Record<Module, readonly PermissionType[]>>> | null;

/** Whose key it is. */
export interface Caller {
  readonly userId: string;
  readonly apiKeyId: string;
  readonly isAdmin: boolean;
}

/** A caller within one business that it may use: what every statement of a tenant is given. */
export interface Scope extends Caller {
  readonly businessId: number;
  readonly permissions: Permissions;
  /** The categories that the business has masked for those who may not see the original; null: none. */
  readonly redaction: readonly string[] | null;
  /** Whether the business wants reads of content in its audit log. */
  readonly isReadLogged: boolean;
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

export function allows(permissions: Permissions, permission: Permission): boolean {
  return permission.anyOf.some((type) => holds(permissions, permission.module, type));
}

/** The scope in which jobs and the demo data act: everything, within one business. */
export function systemScope(businessId: number): Scope {
  const caller = { userId: 'system', apiKeyId: 'system', isAdmin: true };
  return { ...caller, businessId, permissions: null, redaction: null, isReadLogged: false };
}
