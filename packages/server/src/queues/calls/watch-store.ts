import type { Scope } from '../../access/authorization/scope.ts';
import { businessFinder } from '../../kernel/citus/find-businesses.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Database, type Db, statement } from '../../kernel/postgres/database.ts';
import type { Call } from './call.ts';
import { findIdsBefore, time } from './call-rows.ts';

const IS_WATCHED = "status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL";

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

const BUSINESSES = businessesWith('queues.find-watched-businesses', {
  table: 'outbound_calls',
  where: IS_WATCHED,
  due: "coalesce(watch_at, timestamptz '-infinity') <= $1",
});

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
