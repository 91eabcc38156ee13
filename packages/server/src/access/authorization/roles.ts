import { type MemberRole, MODULES, type PermissionType } from '@colloquy/wire';
import type { Permissions } from './scope.ts';

export type { MemberRole };

const FULL: readonly PermissionType[] = ['Full'];

/** What each role holds; null is `Full` on every module. */
const HELD: Readonly<Record<MemberRole, Permissions>> = {
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

/** What a key, or a session (null), holds where its user has a role: nothing that one of both lacks. */
export function effectivePermissions(own: Permissions, role: MemberRole): Permissions {
  const held = HELD[role];
  if (held === null) return own;
  if (own === null) return held;
  const both: [string, readonly PermissionType[]][] = [];
  for (const module of MODULES) {
    const types = inBoth(own[module] ?? [], held[module] ?? []);
    if (types.length > 0) both.push([module, types]);
  }
  return Object.fromEntries(both);
}

/** Whether somebody with these permissions may give a role: one that holds nothing that they lack. */
export const mayGive = (held: Permissions, role: MemberRole): boolean =>
  includesAll(held, HELD[role]);

function inBoth(
  one: readonly PermissionType[],
  other: readonly PermissionType[],
): readonly PermissionType[] {
  if (one.includes('Full')) return other;
  if (other.includes('Full')) return one;
  return one.filter((type) => other.includes(type));
}

/** The types by module, of those modules of which something is held. */
export function spelledOut(permissions: Permissions): Exclude<Permissions, null> {
  const entries = MODULES.map((module) => [module, permissions ? permissions[module] : FULL]);
  return Object.fromEntries(entries.filter(([, types]) => types?.length));
}

/** Whether `held` is all of `wanted`. */
export function includesAll(held: Permissions, wanted: Permissions): boolean {
  if (held === null) return true;
  if (wanted === null) return false;
  return MODULES.every((module) => {
    const [has, asked] = [held[module] ?? [], wanted[module] ?? []];
    return has.includes('Full') || asked.every((type) => has.includes(type));
  });
}
