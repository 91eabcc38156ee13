import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { rowsInSteps, steppedQuery } from '../../kernel/postgres/rows-in-steps.ts';
import type { CallOf, Direction } from '../calls/call.ts';
import { CALL_COLUMNS, CALL_OF, type CallRows, TABLES, time } from '../calls/call-rows.ts';

/** The calls of one priority and campaign, of which the oldest due is taken first. */
export interface Partition {
  readonly priority: number;
  /** The campaign's id; '' for calls without one. */
  readonly lane: string;
  /** When its first call is due; that may be to come. */
  readonly nextAttemptAt: number;
  readonly isPaused: boolean;
  readonly maxConcurrent: number | null;
  /** Its calls under way, counted up to `maxConcurrent`. */
  readonly underWay: number;
}

/** More lanes than these are not looked at for one lease. */
export const MAX_PARTITIONS = 5_000;

const laneColumn = { outbound: "coalesce(campaign_id, '')", inbound: "''::text" } as const;
const waits = "business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL";

// Steps from the head of one lane to the head of the next, highest priority first: as many look-ups
// of the index as there are lanes, however many calls wait in them.
function lanesText(direction: Direction): string {
  const { calls } = TABLES[direction];
  const lane = laneColumn[direction];
  const isOutbound = direction === 'outbound';
  const head = (where: string) => `SELECT -priority AS urgency, ${lane} AS lane, next_attempt_at
    FROM ${calls} WHERE ${waits} ${where}
    ORDER BY (-priority)${isOutbound ? `, ${lane}` : ''}, next_attempt_at, id LIMIT 1`;
  const next = isOutbound
    ? `AND ((-priority), ${lane}) > (l.urgency, l.lane)`
    : 'AND (-priority) > l.urgency';
  return `WITH RECURSIVE lanes AS (
     (${head('')})
     UNION ALL
     SELECT n.* FROM lanes l CROSS JOIN LATERAL (${head(next)}) n
   )
   SELECT -l.urgency AS priority, l.lane, l.next_attempt_at, coalesce(g.is_paused, false) AS is_paused,
     g.max_concurrent,
     CASE WHEN g.max_concurrent IS NULL THEN 0 ELSE (
       SELECT count(*) FROM (
         SELECT FROM ${calls} c WHERE c.business_id = $1 AND ${isOutbound ? "coalesce(c.campaign_id, '')" : "''"} = l.lane
           AND c.status = 'Processing' LIMIT g.max_concurrent
       ) busy
     ) END AS under_way
   FROM (SELECT * FROM lanes LIMIT ${MAX_PARTITIONS}) l
   LEFT JOIN campaigns g ON g.business_id = $1 AND g.id = l.lane AND l.lane <> ''`;
}

const LANES = {
  outbound: statement('queues.find-lanes-outbound', lanesText('outbound')),
  inbound: statement('queues.find-lanes-inbound', lanesText('inbound')),
};

interface LaneRow {
  priority: number;
  lane: string;
  next_attempt_at: number;
  is_paused: boolean;
  max_concurrent: number | null;
  under_way: number;
}

/** Every lane in which calls wait, highest priority first, then by campaign. */
export async function findPartitions(
  db: Db,
  scope: Scope,
  direction: Direction,
): Promise<Partition[]> {
  const rows = await db.rows<LaneRow>(LANES[direction], [scope.businessId]);
  return rows.map((row) => ({
    priority: row.priority,
    lane: row.lane,
    nextAttemptAt: row.next_attempt_at,
    isPaused: row.is_paused,
    maxConcurrent: row.max_concurrent,
    underWay: row.under_way,
  }));
}

/** How many calls to take of a lane. */
export interface Taking {
  readonly priority: number;
  readonly lane: string;
  readonly count: number;
}

function takeText(direction: Direction): string {
  const { calls } = TABLES[direction];
  const isOutbound = direction === 'outbound';
  return `SELECT c.* FROM unnest($2::integer[], $3::text[], $4::integer[]) WITH ORDINALITY
      AS t(urgency, lane, n, at)
    CROSS JOIN LATERAL (
      SELECT ${CALL_COLUMNS[direction]} FROM ${calls} c
      WHERE c.${waits} AND (-c.priority) = t.urgency
        ${isOutbound ? "AND coalesce(c.campaign_id, '') = t.lane" : 'AND t.lane IS NOT NULL'}
        AND c.next_attempt_at <= $5
      ORDER BY c.next_attempt_at, c.id LIMIT t.n
      FOR NO KEY UPDATE SKIP LOCKED
    ) c
    ORDER BY t.at, c.next_attempt_at, c.id`;
}
const TAKE = {
  outbound: statement('queues.take-outbound', takeText('outbound')),
  inbound: statement('queues.take-inbound', takeText('inbound')),
};

/** The oldest calls of some lanes that are due, locked; those that somebody else has locked are not. */
export async function takeDue<D extends Direction>(
  tx: Db,
  scope: Scope,
  direction: D,
  takings: readonly Taking[],
  now: number,
): Promise<CallOf<D>[]> {
  if (takings.length === 0) return [];
  const rows = await tx.rows<CallRows[D]>(TAKE[direction], [
    scope.businessId,
    takings.map(({ priority }) => -priority),
    takings.map(({ lane }) => lane),
    takings.map(({ count }) => count),
    time(now),
  ]);
  return rows.map((row) => CALL_OF[direction](row));
}

// Without what a call carries, of which there may be much.
const LIGHT = CALL_COLUMNS.outbound
  .replace('c.dynamic_variables', "'{}' AS dynamic_variables")
  .replace('c.metadata', "'{}' AS metadata");
/** They take some 2 ms to read. */
const PEEKED_AT_ONCE = 500;
const PEEK = steppedQuery(
  'queues',
  'waiting-calls',
  `SELECT * FROM (
     SELECT c.* FROM unnest($2::integer[], $3::text[]) AS t(urgency, lane)
     CROSS JOIN LATERAL (
       SELECT ${LIGHT} FROM outbound_calls c
       WHERE c.business_id = $1 AND c.status = 'Queued' AND c.next_attempt_at IS NOT NULL
         AND (-c.priority) = t.urgency AND coalesce(c.campaign_id, '') = t.lane
       ORDER BY c.next_attempt_at, c.id LIMIT $4
     ) c
     UNION ALL
     (SELECT ${LIGHT} FROM outbound_calls c
      WHERE c.business_id = $1 AND c.status = 'Queued' AND c.next_attempt_at IS NULL
        AND ($6::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($6))
      ORDER BY c.id LIMIT $4)
   ) c ORDER BY c.next_attempt_at NULLS LAST, c.id LIMIT $5`,
  PEEKED_AT_ONCE,
);

export interface Peeking {
  readonly lanes: readonly Pick<Partition, 'priority' | 'lane'>[];
  /** null: all campaigns. */
  readonly campaignIds: readonly string[] | null;
  /** Calls of each lane, and of all. */
  readonly perLane: number;
  readonly limit: number;
}

/** Calls that wait, those first that are due first, without their variables and metadata. */
export async function peekWaiting(
  tx: Tx,
  scope: Scope,
  { lanes, campaignIds, perLane, limit }: Peeking,
): Promise<CallOf<'outbound'>[]> {
  const calls: CallOf<'outbound'>[] = [];
  const steps = rowsInSteps<CallRows['outbound']>(tx, PEEK, [
    scope.businessId,
    lanes.map(({ priority }) => -priority),
    lanes.map(({ lane }) => lane),
    perLane,
    limit,
    campaignIds,
  ]);
  for await (const rows of steps) calls.push(...rows.map(CALL_OF.outbound));
  return calls;
}

const LAPSED = {
  outbound: lapsed('outbound'),
  inbound: lapsed('inbound'),
};
function lapsed(direction: Direction) {
  return statement(
    `queues.find-lapsed-${direction}`,
    `SELECT c.id FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at <= $2
     ORDER BY c.lease_expires_at LIMIT $3`,
  );
}

/** The ids of calls whose lease has run out. */
export async function findLapsed(
  db: Db,
  scope: Scope,
  direction: Direction,
  now: number,
  limit: number,
): Promise<string[]> {
  const values = [scope.businessId, time(now), limit];
  return (await db.rows<{ id: string }>(LAPSED[direction], values)).map(({ id }) => id);
}

const NEXT_LAPSE = {
  outbound: nextLapse('outbound'),
  inbound: nextLapse('inbound'),
};
function nextLapse(direction: Direction) {
  return statement(
    `queues.find-next-lapse-${direction}`,
    `SELECT min(c.lease_expires_at) AS at FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at IS NOT NULL`,
  );
}

/** When the next lease runs out; null where no worker holds a call. */
export async function findNextLapse(
  db: Db,
  scope: Scope,
  direction: Direction,
): Promise<number | null> {
  const row = await db.row<{ at: number | null }>(NEXT_LAPSE[direction], [scope.businessId]);
  return row?.at ?? null;
}

const EXPIRED = statement(
  'queues.find-expired',
  `SELECT c.id FROM outbound_calls c
   WHERE c.business_id = $1 AND c.status = 'Queued' AND c.expires_at <= $2
   ORDER BY c.expires_at LIMIT $3`,
);

/** The ids of calls that wait although they have expired. */
export async function findExpired(
  db: Db,
  scope: Scope,
  now: number,
  limit: number,
): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(EXPIRED, [scope.businessId, time(now), limit]);
  return rows.map(({ id }) => id);
}

const CLOSED = statement(
  'queues.find-closed',
  `SELECT c.id FROM outbound_calls c
   WHERE c.business_id = $1 AND c.status = 'Queued' AND c.window_closes_at <= $2
   ORDER BY c.window_closes_at LIMIT $3`,
);

/** The ids of calls that wait although the window that they waited for has closed. */
export async function findClosed(
  db: Db,
  scope: Scope,
  now: number,
  limit: number,
): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(CLOSED, [scope.businessId, time(now), limit]);
  return rows.map(({ id }) => id);
}

// The comparison of rows says nothing more, but only the primary key serves it: by days alone each
// number would be looked for among all numbers of the day.
const DAYS = statement(
  'queues.find-number-days',
  `SELECT d.campaign_id, d.number, d.day::text AS day, d.attempts
   FROM unnest($2::text[], $3::text[]) AS g(campaign_id, number)
   JOIN LATERAL (
     SELECT * FROM number_days d
     WHERE d.business_id = $1 AND d.campaign_id = g.campaign_id AND d.number = g.number
       AND d.day >= $4::date
       AND (d.campaign_id, d.number, d.day) >= (g.campaign_id, g.number, $4::date)
     LIMIT 10
   ) d ON true`,
);
const ADD_DAYS = statement(
  'queues.add-number-days',
  `INSERT INTO number_days AS d (business_id, campaign_id, number, day, attempts)
   SELECT $1, campaign_id, number, day, 1
   FROM unnest($2::text[], $3::text[], $4::date[]) AS g(campaign_id, number, day)
   ON CONFLICT (business_id, campaign_id, number, day) DO UPDATE SET attempts = d.attempts + 1`,
);
const REMOVE_DAYS = statement(
  'queues.remove-number-days',
  `UPDATE number_days d SET attempts = greatest(d.attempts - g.attempts, 0)
   FROM (
     SELECT campaign_id, number, day, count(*) AS attempts
     FROM unnest($2::text[], $3::text[], $4::date[]) AS u(campaign_id, number, day)
     GROUP BY campaign_id, number, day
   ) AS g
   WHERE d.business_id = $1 AND d.campaign_id = g.campaign_id AND d.number = g.number AND d.day = g.day`,
);
const DROP_DAYS = statement(
  'queues.drop-number-days',
  `DELETE FROM number_days WHERE business_id = $1 AND ctid = ANY(ARRAY(
     SELECT ctid FROM number_days WHERE business_id = $1 AND day < $2::date LIMIT $3))
   RETURNING 1`,
);

/** Rows of one statement. */
const DROPPED_AT_ONCE = 5_000;

/** A number of a campaign on a day, `YYYY-MM-DD`. */
export interface NumberDay {
  readonly campaignId: string;
  readonly number: string;
  readonly day: string;
}
export const numberDayKey = ({ campaignId, number, day }: NumberDay) =>
  `${campaignId} ${number} ${day}`;

const DAY = 24 * 3_600_000;
const dayText = (instant: number) => time(instant).slice(0, 10);

/** How often numbers were handed out on the days around now, by `numberDayKey`. */
export async function findNumberDays(
  db: Db,
  scope: Scope,
  numbers: readonly Omit<NumberDay, 'day'>[],
  now: number,
): Promise<Map<string, number>> {
  if (numbers.length === 0) return new Map();
  const rows = await db.rows<{
    campaign_id: string;
    number: string;
    day: string;
    attempts: number;
  }>(DAYS, [
    scope.businessId,
    numbers.map(({ campaignId }) => campaignId),
    numbers.map(({ number }) => number),
    dayText(now - DAY),
  ]);
  return new Map(
    rows.map(({ campaign_id: campaignId, number, day, attempts }) => [
      numberDayKey({ campaignId, number, day }),
      attempts,
    ]),
  );
}

/** Counts one more for each; none of them may stand there twice. */
export async function addNumberDays(
  tx: Db,
  scope: Scope,
  days: readonly NumberDay[],
): Promise<void> {
  if (days.length > 0) await tx.rows(ADD_DAYS, dayValues(scope, days));
}

/** Undoes `addNumberDays`. */
export async function removeNumberDays(
  tx: Db,
  scope: Scope,
  days: readonly NumberDay[],
): Promise<void> {
  if (days.length > 0) await tx.rows(REMOVE_DAYS, dayValues(scope, days));
}

const dayValues = ({ businessId }: Scope, days: readonly NumberDay[]) => [
  businessId,
  days.map(({ campaignId }) => campaignId),
  days.map(({ number }) => number),
  days.map(({ day }) => day),
];

/** Drops what no cap counts any more. */
export async function dropNumberDays(db: Db, scope: Scope, now: number): Promise<void> {
  const before = dayText(now - 3 * DAY);
  for (let dropped = DROPPED_AT_ONCE; dropped === DROPPED_AT_ONCE; ) {
    dropped = (await db.rows(DROP_DAYS, [scope.businessId, before, DROPPED_AT_ONCE])).length;
  }
}
