import type { AuditAction, AuditSubject } from '@colloquy/wire';
import type { Secrets } from '../../kernel/secrets.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import type { Scope } from '../authorization/scope.ts';

export type Actor = Pick<Scope, 'businessId' | 'userId' | 'apiKeyId'>;

/** Few, small and one level deep. Never content, phone numbers or names. */
export type Details = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface AuditEvent {
  readonly action: AuditAction;
  readonly kind: AuditSubject;
  readonly id: string;
  /** True if the same transaction erases the id. Phone numbers are always stored as hashes only. */
  readonly isErased?: boolean;
  readonly details?: Details;
}

// The hash of tombstones, so events that are chained after an erasure are recognized.
const HASHED_AS: Readonly<Record<AuditSubject, string>> = {
  Conversation: 'conversation',
  QueueEntry: 'call',
  Campaign: 'campaign',
  PhoneNumber: 'number',
  Hold: 'hold',
  Erasure: 'erasure',
  Business: 'business',
  ApiKey: 'api-key',
  Member: 'member',
  Invitation: 'invitation',
  Webhook: 'webhook',
  Connection: 'connection',
};

export const subjectHash = (
  secrets: Secrets,
  businessId: number,
  kind: AuditSubject,
  id: string,
): string => idHash(secrets, businessId, HASHED_AS[kind], id);

export const hashesOf = (secrets: Secrets, businessId: number, id: string): string[] =>
  Object.values(HASHED_AS).map((kind) => idHash(secrets, businessId, kind, id));

export type AuditRow = ReturnType<typeof rowsOf>[number];

export function rowsOf(
  secrets: Secrets,
  { businessId, userId, apiKeyId }: Actor,
  at: number,
  events: readonly AuditEvent[],
) {
  return events.map(({ action, kind, id, isErased = false, details }) => ({
    // Stored unless `isHidden`.
    id,
    isHidden: isErased || kind === 'PhoneNumber',
    at,
    userId,
    apiKeyId,
    action,
    kind,
    hash: subjectHash(secrets, businessId, kind, id),
    details: details === undefined ? null : JSON.stringify(details),
  }));
}
