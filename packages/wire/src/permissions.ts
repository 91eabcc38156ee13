/** What a key may do with a module. `Full` is all of it. */
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

/** An operation's demand: the module with `Full` or with one of `anyOf`. */
export interface Permission {
  readonly module: Module;
  readonly anyOf: readonly Exclude<PermissionType, 'Full'>[];
}

const conversations = (...anyOf: Permission['anyOf']): Permission => ({
  module: 'Conversations.ConversationPermissions',
  anyOf,
});

export const mayRead = conversations('Retrieving');
export const mayAdd = conversations('Adding');
/** Creates or replaces; which of the two it was is only known at the look-up. */
export const mayAddOrEdit = conversations('Adding', 'Editing');
export const mayDelete = conversations('Deleting');
/** Enqueueing, canceling, rescheduling, campaigns and the do-not-call list. */
export const mayCall: Permission = { module: 'MakeCall', anyOf: ['Executing'] };
/** The worker's side of the queues. */
export const mayWork: Permission = { module: 'Work', anyOf: ['Executing'] };
/** Looking at how the business is kept; changing it takes `Editing`. */
export const mayLookAtSettings: Permission = { module: 'Settings', anyOf: ['Retrieving'] };
