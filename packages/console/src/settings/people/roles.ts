import { MEMBER_ROLES, type MODULES, type PERMISSION_TYPES } from '@colloquy/wire';

export type Role = (typeof MEMBER_ROLES)[number];
export type Module = (typeof MODULES)[number];
export type PermissionType = (typeof PERMISSION_TYPES)[number];
export type Permissions = { readonly [M in Module]?: readonly PermissionType[] | undefined };

export const ROLES: readonly Role[] = MEMBER_ROLES;

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  Viewer: 'Reads conversations and listens to recordings, both redacted.',
  Agent:
    'Everything a Viewer can do, plus adding conversations, making calls and managing the do-not-call list.',
  Admin:
    'Everything an Agent can do, plus seeing unredacted content, deleting conversations and changing settings.',
  Owner: 'Everything an Admin can do, plus managing people and API keys and erasing persons.',
};

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
  'Conversations.Unredacted': { label: 'Unredacted content', types: { Retrieving: 'view' } },
  MakeCall: { label: 'Calls, campaigns and do-not-call', types: { Executing: 'make calls' } },
  Work: { label: "The worker's side of the queues", types: { Executing: 'take and report calls' } },
  Settings: {
    label: 'Retention, holds, erasures, redaction, connections, webhooks, audit log',
    types: { Retrieving: 'view', Editing: 'change' },
  },
  People: {
    label: 'Members, invitations and keys',
    types: { Retrieving: 'view', Adding: 'add', Editing: 'change', Deleting: 'remove' },
  },
};

export function describePermissions(permissions: Permissions | null): string[] {
  if (permissions === null) return ['All permissions of its user'];
  const lines = (Object.keys(MODULE_WORDS) as Module[]).flatMap((module) => {
    const held = permissions[module] ?? [];
    if (held.length === 0) return [];
    const { label, types } = MODULE_WORDS[module];
    const words = held.map((type) => types[type] ?? type.toLowerCase());
    return [`${label}: ${held.includes('Full') ? 'everything' : words.join(', ')}`];
  });
  return lines.length > 0 ? lines : ['Nothing'];
}
