import { AUDIT_ACTIONS, type AuditAction, type AuditSubject } from '@colloquy/wire';

export type { AuditAction, AuditSubject };

/** What can have been done, by what it is about; an action comes once. */
export const ACTION_GROUPS: Readonly<Record<string, readonly AuditAction[]>> = {
  Conversations: AUDIT_ACTIONS.filter((name) => /^Conversation|^Recording|^Redactions/.test(name)),
  Calls: AUDIT_ACTIONS.filter((name) => /^Call|^Campaign|^DoNotCall/.test(name)),
  'People and keys': AUDIT_ACTIONS.filter((name) => /^Member|^Invitation|^ApiKey/.test(name)),
  Settings: AUDIT_ACTIONS.filter((name) =>
    /^Retention|^Hold|^Erasure|^RedactionChanged|^Audit|^Business|^Backup/.test(name),
  ),
  Reads: AUDIT_ACTIONS.filter((name) => /Read$/.test(name)),
};

/** The names of an address that are actions. */
export const actionsOf = (text: string | undefined): AuditAction[] =>
  AUDIT_ACTIONS.filter((name) => text?.split(',').includes(name));

const SPECIAL: Readonly<Record<string, string>> = {
  DoNotCallAdded: 'Do-not-call number added',
  DoNotCallRemoved: 'Do-not-call number removed',
  ApiKeyCreated: 'API key created',
  ApiKeyRevoked: 'API key revoked',
  UnredactedRead: 'Original read, without redaction',
};

/** "RecordingPut" as "Recording put". */
export function actionText(action: AuditAction): string {
  const special = SPECIAL[action];
  if (special !== undefined) return special;
  const words = action.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const SUBJECT_WORDS: Readonly<Record<AuditSubject, string>> = {
  Conversation: 'conversation',
  QueueEntry: 'call',
  Campaign: 'campaign',
  PhoneNumber: 'phone number',
  Hold: 'hold',
  Erasure: 'erasure',
  Business: 'business',
  ApiKey: 'API key',
  Member: 'member',
  Invitation: 'invitation',
};
