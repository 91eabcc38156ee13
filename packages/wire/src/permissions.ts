/** Of a module; `Full` includes the others. */
export const PERMISSION_TYPES = [
  'Full',
  'Adding',
  'Editing',
  'Deleting',
  'Exporting',
  'Retrieving',
  'Executing',
] as const;
export type PermissionType = (typeof PERMISSION_TYPES)[number];

export const MODULES = [
  'Conversations.ConversationPermissions',
  'Conversations.Unredacted',
  'MakeCall',
  'Work',
  'Settings',
  'People',
] as const;
export type Module = (typeof MODULES)[number];

/** The module with `Full` or with one of `anyOf`. */
export interface Permission {
  readonly module: Module;
  readonly anyOf: readonly Exclude<PermissionType, 'Full'>[];
  readonly onlyOwner?: true;
}

/** The least first. */
export const MEMBER_ROLES = ['Viewer', 'Agent', 'Admin', 'Owner'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

const conversations = (...anyOf: Permission['anyOf']): Permission => ({
  module: 'Conversations.ConversationPermissions',
  anyOf,
});

export const mayRead = conversations('Retrieving');
export const mayAdd = conversations('Adding');
/** Which of the two it was is only known at the look-up. */
export const mayAddOrEdit = conversations('Adding', 'Editing');
export const mayEdit = conversations('Editing');
export const mayDelete = conversations('Deleting');
/** Enqueueing, canceling, rescheduling, campaigns and the do-not-call list. */
export const mayCall: Permission = { module: 'MakeCall', anyOf: ['Executing'] };
/** The worker's side of the queues. */
export const mayWork: Permission = { module: 'Work', anyOf: ['Executing'] };
/** Retention, holds, erasures and the other settings of a business. */
export const maySeeSettings: Permission = { module: 'Settings', anyOf: ['Retrieving'] };
export const mayChangeSettings: Permission = { module: 'Settings', anyOf: ['Editing'] };
export const mayErase: Permission = { ...mayChangeSettings, onlyOwner: true };

const people = (type: Permission['anyOf'][number]): Permission => ({
  module: 'People',
  anyOf: [type],
});
export const maySeePeople = people('Retrieving');
export const mayAddPeople = people('Adding');
export const mayEditPeople = people('Editing');
export const mayRemovePeople = people('Deleting');
