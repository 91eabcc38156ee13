import type { AuditAction, AuditSubject } from '@colloquy/wire';
import type { Secrets } from '../../kernel/secrets.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import type { Scope } from '../authorization/scope.ts';

/** Who does something, in which business. */
export type Actor = Pick<Scope, 'businessId' | 'userId' | 'apiKeyId'>;

/** Few and small, one level deep; never content, a number or a name. */
export type Details = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What was done to one thing. */
export interface Deed {
  readonly action: AuditAction;
  readonly kind: AuditSubject;
  readonly id: string;
  /** True where the id goes with this very change. A phone number is never kept in clear. */
  readonly isErased?: boolean;
  readonly details?: Details;
}

/** An entry as it is written; what becomes of it after that stands in chain.ts. */
export interface AuditRow {
  /** By which a statement may join it; kept where `isHidden` is false. */
  readonly id: string;
  readonly isHidden: boolean;
  readonly at: number;
  readonly userId: string;
  readonly apiKeyId: string;
  readonly action: AuditAction;
  readonly kind: AuditSubject;
  readonly hash: string;
  /** JSON. */
  readonly details: string | null;
}

// Conversations and calls have the hash that their tombstones have, so that what is chained after an
// erasure is known to be of something that went.
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
};

export const subjectHash = (
  secrets: Secrets,
  businessId: number,
  kind: AuditSubject,
  id: string,
): string => idHash(secrets, businessId, HASHED_AS[kind], id);

/** The hashes that an id has as whatever kind of subject. */
export const hashesOf = (secrets: Secrets, businessId: number, id: string): string[] =>
  Object.values(HASHED_AS).map((kind) => idHash(secrets, businessId, kind, id));

export function rowsOf(
  secrets: Secrets,
  { businessId, userId, apiKeyId }: Actor,
  at: number,
  deeds: readonly Deed[],
): AuditRow[] {
  return deeds.map(({ action, kind, id, isErased = false, details }) => ({
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
