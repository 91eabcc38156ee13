import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { OutboundCall } from '../calls/call.ts';
import { findIdsBefore } from '../calls/call-rows.ts';

const BLOCKED = statement(
  'queues.find-blocked-repeats',
  `SELECT g.id FROM unnest($2::text[], $3::text[], $4::text[]) AS g(id, campaign_id, number)
   WHERE EXISTS (
     SELECT FROM outbound_calls c WHERE c.business_id = $1 AND c.campaign_id = g.campaign_id
       AND c.recipient_number = g.number AND c.status IN ('Queued', 'Processing') AND NOT c.is_repeat
   ) OR EXISTS (
     SELECT FROM outbound_calls c WHERE c.business_id = $1 AND c.campaign_id = g.campaign_id
       AND c.recipient_number = g.number AND c.status IN ('Queued', 'Processing') AND c.is_repeat
       AND c.id < g.id
   )`,
);

export const WITH_CONCEALED = businessesWith('queues.businesses-with-concealed', {
  table: 'outbound_calls',
  where: `status = 'Queued' AND by_masked_key AND expires_at IS NULL
       AND last_reason IN ('DO_NOT_CALL', 'DUPLICATE')`,
  due: 'held_due_at <= $1',
  by: 'held_due_at',
});

/** Calls of masked keys that never expire and are deferred because of their number. */
export const findConcealedDeferrals = findIdsBefore(
  statement(
    'queues.find-concealed-holds',
    `SELECT c.id FROM outbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Queued' AND c.by_masked_key AND c.expires_at IS NULL
       AND c.last_reason IN ('DO_NOT_CALL', 'DUPLICATE') AND c.held_due_at <= $2
     ORDER BY c.held_due_at LIMIT $3`,
  ),
);

/** Repeats of a call that waits or is under way. The oldest of several repeats is not blocked. */
export async function findBlockedRepeats(
  tx: Db,
  scope: Scope,
  calls: readonly OutboundCall[],
): Promise<ReadonlySet<string>> {
  const repeats = calls.filter(({ isRepeat }) => isRepeat);
  if (repeats.length === 0) return new Set();
  const rows = await tx.rows<{ id: string }>(BLOCKED, [
    scope.businessId,
    repeats.map(({ id }) => id),
    repeats.map(({ campaignId }) => campaignId),
    repeats.map(({ recipientNumber }) => recipientNumber),
  ]);
  return new Set(rows.map(({ id }) => id));
}
