import { MEMBER_ROLES, type MODULES, type PERMISSION_TYPES } from '@colloquy/wire';

export type Role = (typeof MEMBER_ROLES)[number];
export type Module = (typeof MODULES)[number];
export type PermissionType = (typeof PERMISSION_TYPES)[number];
export type Permissions = { readonly [M in Module]?: readonly PermissionType[] | undefined };

/** The least first. */
export const ROLES: readonly Role[] = MEMBER_ROLES;

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  Viewer: 'Reads conversations and listens to recordings; what redaction masks stays masked.',
  Agent: 'All of a Viewer; also writes conversations, makes calls and keeps the do-not-call list.',
  Admin: 'All of an Agent; also sees what is masked, erases conversations, changes the settings.',
  Owner: 'Everything: also people, API keys and the erasure of persons.',
};

/** What a key can be given: by module, what it is called, and the types that something asks for. */
export const MODULE_WORDS: Readonly<
  Record<
    Module,
    { readonly label: string; readonly types: Partial<Record<PermissionType, string>> }
  >
> = {
  'Conversations.ConversationPermissions': {
    label: 'Conversations, recordings and queues',
    types: { Retrieving: 'read', Adding: 'add', Editing: 'change', Deleting: 'erase' },
  },
  'Conversations.Unredacted': {
    label: 'What redaction masks',
    types: { Retrieving: 'see the original' },
  },
  MakeCall: {
    label: 'Calls, campaigns and do-not-call',
    types: { Executing: 'make calls' },
  },
  Work: { label: "The worker's side of the queues", types: { Executing: 'take and report calls' } },
  Settings: {
    label: 'Retention, holds, erasures, redaction, audit log',
    types: { Retrieving: 'look', Editing: 'change' },
  },
  People: {
    label: 'Members, invitations and keys',
    types: { Retrieving: 'look', Adding: 'add', Editing: 'change', Deleting: 'remove' },
  },
};

/** What a key holds, a line for each module; null: all that the role of its user holds. */
export function permissionLines(permissions: Permissions | null): string[] {
  if (permissions === null) return ['Everything that the role of its user holds'];
  const lines = (Object.keys(MODULE_WORDS) as Module[]).flatMap((module) => {
    const held = permissions[module] ?? [];
    if (held.length === 0) return [];
    const { label, types } = MODULE_WORDS[module];
    const words = held.map((type) => types[type] ?? type.toLowerCase());
    return [`${label}: ${held.includes('Full') ? 'everything' : words.join(', ')}`];
  });
  return lines.length > 0 ? lines : ['Nothing'];
}
