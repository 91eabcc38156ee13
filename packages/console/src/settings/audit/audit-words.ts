import { AUDIT_ACTIONS, type AuditAction, type AuditSubject } from '@colloquy/wire';
import { toWords } from '../../conversations/facts.ts';

export type { AuditAction, AuditSubject };

export const ACTION_GROUPS: Readonly<Record<string, readonly AuditAction[]>> = {
  Conversations: AUDIT_ACTIONS.filter((name) => /^Conversation|^Recording|^Redactions/.test(name)),
  Calls: AUDIT_ACTIONS.filter((name) => /^Call|^Campaign|^DoNotCall/.test(name)),
  'People and keys': AUDIT_ACTIONS.filter((name) => /^Member|^Invitation|^ApiKey/.test(name)),
  Settings: AUDIT_ACTIONS.filter((name) =>
    /^(Retention|Hold|Erasure|RedactionChanged|Audit|Business|Quotas|Backup|Webhook|Connection)/.test(
      name,
    ),
  ),
  Reads: AUDIT_ACTIONS.filter((name) => /Read$/.test(name)),
};

export const parseActions = (text: string | undefined): AuditAction[] =>
  AUDIT_ACTIONS.filter((name) => text?.split(',').includes(name));

const SPECIAL: Readonly<Record<string, string>> = {
  DoNotCallAdded: 'Do-not-call number added',
  DoNotCallRemoved: 'Do-not-call number removed',
  ApiKeyCreated: 'API key created',
  ApiKeyRevoked: 'API key revoked',
  UnredactedRead: 'Unredacted original read',
};

export const actionText = (action: AuditAction): string => SPECIAL[action] ?? toWords(action);

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
  Webhook: 'webhook',
  Connection: 'connection',
};
