import type { Scope } from '../../access/authorization/scope.ts';
import { businessFinder } from '../../kernel/citus/find-businesses.ts';
import { type Database, type Db, statement } from '../../kernel/postgres/database.ts';
import type { Call } from './call.ts';
import { findIdsBefore, time } from './call-rows.ts';

const IS_WATCHED = `c.status = 'Processing' AND c.session_id IS NOT NULL AND c.lease_expires_at IS NULL`;

export const findToWatch = findIdsBefore(
  statement(
    'queues.find-silent',
    `SELECT c.id FROM outbound_calls c
   WHERE c.business_id = $1 AND ${IS_WATCHED} AND coalesce(c.watch_at, timestamptz '-infinity') <= $2
   ORDER BY coalesce(c.watch_at, timestamptz '-infinity') LIMIT $3`,
  ),
);

const HAS_OVERDUE = statement(
  'queues.has-overdue',
  `SELECT EXISTS (
     SELECT FROM outbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at <= $2
   ) OR EXISTS (
     SELECT FROM outbound_calls c
     WHERE c.business_id = $1 AND ${IS_WATCHED} AND coalesce(c.watch_at, timestamptz '-infinity') <= $2
   ) AS "hasOverdue"`,
);

/** An outbound call whose call lease has expired, or that may be silent. */
export async function hasOverdueCalls(db: Db, scope: Scope, now: number): Promise<boolean> {
  const values = [scope.businessId, time(now)];
  return (await db.row<{ hasOverdue: boolean }>(HAS_OVERDUE, values))?.hasOverdue ?? false;
}

// A loose index scan: reads one row for each business with calls under way.
const BUSINESSES = statement(
  'queues.find-watched-businesses',
  `WITH RECURSIVE watched AS (
     (SELECT c.business_id FROM outbound_calls c WHERE ${IS_WATCHED} ORDER BY c.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM watched w CROSS JOIN LATERAL (
       SELECT c.business_id FROM outbound_calls c
       WHERE ${IS_WATCHED} AND c.business_id > w.business_id ORDER BY c.business_id LIMIT 1
     ) n
   ) SELECT w.business_id AS "businessId" FROM watched w WHERE EXISTS (
     SELECT FROM outbound_calls c WHERE c.business_id = w.business_id AND ${IS_WATCHED}
       AND coalesce(c.watch_at, timestamptz '-infinity') <= $1
   )`,
);

const findToWatchIn = businessFinder({
  across: BUSINESSES,
  ofOne: statement(
    'queues.has-watched',
    `SELECT EXISTS (SELECT FROM outbound_calls c WHERE c.business_id = $1 AND ${IS_WATCHED}
       AND coalesce(c.watch_at, timestamptz '-infinity') <= $2) AS has`,
  ),
});

export const listToWatch = (db: Database, now: number) => findToWatchIn(db, time(now));

const WATCH_AGAIN = statement(
  'queues.watch-again',
  `WITH under_way AS (
     SELECT c.id FROM outbound_calls c WHERE c.business_id = $1 AND coalesce(c.campaign_id, '') = $2
       AND ${IS_WATCHED} ORDER BY c.id FOR NO KEY UPDATE
   )
   UPDATE outbound_calls c SET watch_at = greatest(c.lease_until, $3)
   FROM under_way u WHERE c.business_id = $1 AND c.id = u.id`,
);

export async function restartWatch(
  tx: Db,
  scope: Scope,
  campaignId: string,
  at: number,
): Promise<void> {
  await tx.rows(WATCH_AGAIN, [scope.businessId, campaignId, time(at)]);
}

const WAITING = statement(
  'queues.is-number-waiting',
  `SELECT EXISTS (
     SELECT FROM outbound_calls c WHERE c.business_id = $1 AND c.campaign_id = $2
       AND c.recipient_number = $3 AND c.status IN ('Queued', 'Processing') AND c.id <> $4
       AND NOT c.is_repeat
   ) AS waits`,
);

export async function isNumberWaiting(tx: Db, scope: Scope, call: Call): Promise<boolean> {
  if (call.direction === 'inbound' || call.campaignId === null) return false;
  const values = [scope.businessId, call.campaignId, call.recipientNumber, call.id];
  return (await tx.row<{ waits: boolean }>(WAITING, values))?.waits ?? false;
}
