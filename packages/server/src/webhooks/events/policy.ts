import { findUserStanding } from '../../access/api-keys/key-store.ts';
import { effectivePermissions } from '../../access/authorization/roles.ts';
import { holds, type Scope, systemScope } from '../../access/authorization/scope.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Webhook } from '../webhook.ts';
import { findPolicy } from './policy-store.ts';

export const UNREDACTED = 'Conversations.Unredacted';

/** What webhooks of a business may receive now. */
export interface Policy {
  /** True if nothing is sent, because the business is disabled. */
  readonly isDisabled: boolean;
  /** As which reader a webhook sees conversations and calls. */
  viewOf(webhook: Pick<Webhook, 'unredactedBy'>): WebhookView;
}

export interface WebhookView {
  readonly scope: Scope;
  /** Equal for equal masking; empty: nothing is masked. */
  readonly masking: string;
}

export async function readPolicy(
  db: Db,
  businessId: number,
  webhooks: readonly Pick<Webhook, 'unredactedBy'>[],
): Promise<Policy> {
  const { redaction, country, isDisabled } = await findPolicy(db, businessId);
  const users = new Set(webhooks.map(({ unredactedBy }) => unredactedBy));
  const trusted = new Set<string | null>();
  for (const userId of redaction === null ? [] : users) {
    if (userId !== null && (await seesOriginals(db, businessId, userId))) trusted.add(userId);
  }
  const system = systemScope(businessId);
  const original = { scope: system, masking: '' };
  const reader = { permissions: {}, redaction, redactionCountry: country };
  const masking = `${redaction?.join()} ${country ?? ''}`;
  const masked = { scope: { ...system, ...reader }, masking };
  return {
    isDisabled,
    viewOf({ unredactedBy }) {
      return redaction === null || trusted.has(unredactedBy) ? original : masked;
    },
  };
}

/** The key with which the user set it may be gone; the user's own rights count. */
async function seesOriginals(db: Db, businessId: number, userId: string): Promise<boolean> {
  const session = { userId, sessionId: '', expiresAt: 0 };
  const standing = await findUserStanding(db, session, businessId);
  if (!standing || standing.isUserDisabled || standing.role === null) return false;
  return holds(effectivePermissions(null, standing.role), UNREDACTED, 'Retrieving');
}
