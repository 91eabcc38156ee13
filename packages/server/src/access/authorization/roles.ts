import { type MemberRole, MODULES, type PermissionType } from '@colloquy/wire';
import type { Permissions } from './scope.ts';

export type { MemberRole };

const FULL: readonly PermissionType[] = ['Full'];

const ROLE_PERMISSIONS: Readonly<Record<MemberRole, Permissions>> = {
  Viewer: { 'Conversations.ConversationPermissions': ['Retrieving'] },
  Agent: {
    'Conversations.ConversationPermissions': ['Retrieving', 'Adding', 'Editing'],
    MakeCall: ['Executing'],
  },
  Admin: Object.fromEntries(
    MODULES.filter((module) => module !== 'People').map((module) => [module, FULL]),
  ),
  Owner: null,
};

export function effectivePermissions(ownPermissions: Permissions, role: MemberRole): Permissions {
  const held = ROLE_PERMISSIONS[role];
  if (held === null) return ownPermissions;
  if (ownPermissions === null) return held;
  const both: [string, readonly PermissionType[]][] = [];
  for (const module of MODULES) {
    const types = intersect(ownPermissions[module] ?? [], held[module] ?? []);
    if (types.length > 0) both.push([module, types]);
  }
  return Object.fromEntries(both);
}

/** True if the role has no permission that the giver lacks. */
export const mayAssignRole = (held: Permissions, role: MemberRole): boolean =>
  includesAll(held, ROLE_PERMISSIONS[role]);

function intersect(one: readonly PermissionType[], other: readonly PermissionType[]) {
  if (one.includes('Full')) return other;
  if (other.includes('Full')) return one;
  return one.filter((type) => other.includes(type));
}

/** Omits modules without permissions. */
export function permissionsByModule(permissions: Permissions): Exclude<Permissions, null> {
  const entries = MODULES.map((module) => [module, permissions ? permissions[module] : FULL]);
  return Object.fromEntries(entries.filter(([, types]) => types?.length));
}

export function includesAll(held: Permissions, required: Permissions): boolean {
  if (held === null) return true;
  if (required === null) return false;
  return MODULES.every((module) => {
    const [has, needed] = [held[module] ?? [], required[module] ?? []];
    return has.includes('Full') || needed.every((type) => has.includes(type));
  });
}
