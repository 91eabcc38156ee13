import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';
import { rowsInSteps, steppedQuery } from '../../kernel/postgres/rows-in-steps.ts';
import type { CallOf, Direction } from '../calls/call.ts';
import {
  byDirection,
  CALL_COLUMNS,
  CALL_OF,
  type CallRows,
  findIdsBefore,
  type RowOf,
  TABLES,
  time,
} from '../calls/call-rows.ts';
import type { NumberDay } from '../campaigns/plan.ts';

export interface Partition {
  readonly priority: number;
  /** '' for calls without a campaign. */
  readonly campaignId: string;
  readonly nextAttemptAt: number;
  readonly isPaused: boolean;
  readonly maxConcurrent: number | null;
  /** Counted up to `maxConcurrent`. */
  readonly underWay: number;
}

export const MAX_PARTITIONS = 5_000;

const campaignColumn = { outbound: "coalesce(campaign_id, '')", inbound: "''::text" } as const;
const waits = "business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL";

// A loose index scan takes one look-up per partition, however many calls wait.
function partitionsText(direction: Direction): string {
  const { calls } = TABLES[direction];
  const campaign = campaignColumn[direction];
  const isOutbound = direction === 'outbound';
  const head = (
    where: string,
  ) => `SELECT -priority AS urgency, ${campaign} AS campaign, next_attempt_at
    FROM ${calls} WHERE ${waits} ${where}
    ORDER BY (-priority)${isOutbound ? `, ${campaign}` : ''}, next_attempt_at, id LIMIT 1`;
  const next = isOutbound
    ? `AND ((-priority), ${campaign}) > (p.urgency, p.campaign)`
    : 'AND (-priority) > p.urgency';
  return `WITH RECURSIVE partitions AS (
     (${head('')})
     UNION ALL
     SELECT n.* FROM partitions p CROSS JOIN LATERAL (${head(next)}) n
   )
   SELECT -p.urgency AS priority, p.campaign, p.next_attempt_at, coalesce(g.is_paused, false) AS is_paused,
     g.max_concurrent,
     CASE WHEN g.max_concurrent IS NULL THEN 0 ELSE (
       SELECT count(*) FROM (
         SELECT FROM ${calls} c WHERE c.business_id = $1 AND ${isOutbound ? "coalesce(c.campaign_id, '')" : "''"} = p.campaign
           AND c.status = 'Processing' LIMIT g.max_concurrent
       ) busy
     ) END AS under_way
   FROM (SELECT * FROM partitions LIMIT ${MAX_PARTITIONS}) p
   LEFT JOIN campaigns g ON g.business_id = $1 AND g.id = p.campaign AND p.campaign <> ''`;
}

const FIND_PARTITIONS = byDirection((direction) =>
  statement(`queues.find-lanes-${direction}`, partitionsText(direction)),
);
type PartitionRow = RowOf<Omit<Partition, 'campaignId'>> & { readonly campaign: string };

export async function findPartitions(
  db: Db,
  scope: Scope,
  direction: Direction,
): Promise<Partition[]> {
  const rows = await db.rows<PartitionRow>(FIND_PARTITIONS[direction], [scope.businessId]);
  return rows.map((row) => ({
    priority: row.priority,
    campaignId: row.campaign,
    nextAttemptAt: row.next_attempt_at,
    isPaused: row.is_paused,
    maxConcurrent: row.max_concurrent,
    underWay: row.under_way,
  }));
}

export interface Taking {
  readonly priority: number;
  readonly campaignId: string;
  readonly count: number;
}

function takeText(direction: Direction): string {
  const { calls } = TABLES[direction];
  const isOutbound = direction === 'outbound';
  return `SELECT c.* FROM unnest($2::integer[], $3::text[], $4::integer[]) WITH ORDINALITY
      AS t(urgency, campaign, n, at)
    CROSS JOIN LATERAL (
      SELECT ${CALL_COLUMNS[direction]} FROM ${calls} c
      WHERE c.${waits} AND (-c.priority) = t.urgency
        ${isOutbound ? "AND coalesce(c.campaign_id, '') = t.campaign" : 'AND t.campaign IS NOT NULL'}
        AND c.next_attempt_at <= $5
      ORDER BY c.next_attempt_at, c.id LIMIT t.n
      FOR NO KEY UPDATE SKIP LOCKED
    ) c
    ORDER BY t.at, c.next_attempt_at, c.id`;
}
const TAKE = byDirection((direction) => statement(`queues.take-${direction}`, takeText(direction)));

/** Skips calls that are already locked. */
export async function takeDue<D extends Direction>(
  tx: Db,
  scope: Scope,
  direction: D,
  { takings, now }: { readonly takings: readonly Taking[]; readonly now: number },
): Promise<CallOf<D>[]> {
  if (takings.length === 0) return [];
  const rows = await tx.rows<CallRows[D]>(TAKE[direction], [
    scope.businessId,
    takings.map(({ priority }) => -priority),
    takings.map(({ campaignId }) => campaignId),
    takings.map(({ count }) => count),
    time(now),
  ]);
  return rows.map((row) => CALL_OF[direction](row));
}

const SMALL_COLUMNS = CALL_COLUMNS.outbound
  .replace('c.dynamic_variables', "'{}' AS dynamic_variables")
  .replace('c.metadata', "'{}' AS metadata");
/** About 2 ms of reading. */
const ROWS_PER_STEP = 500;
const PEEK = steppedQuery(
  'queues',
  'waiting-calls',
  `SELECT * FROM (
     SELECT c.* FROM unnest($2::integer[], $3::text[]) AS t(urgency, campaign)
     CROSS JOIN LATERAL (
       SELECT ${SMALL_COLUMNS} FROM outbound_calls c
       WHERE c.business_id = $1 AND c.status = 'Queued' AND c.next_attempt_at IS NOT NULL
         AND (-c.priority) = t.urgency AND coalesce(c.campaign_id, '') = t.campaign
       ORDER BY c.next_attempt_at, c.id LIMIT $4
     ) c
     UNION ALL
     (SELECT ${SMALL_COLUMNS} FROM outbound_calls c
      WHERE c.business_id = $1 AND c.status = 'Queued' AND c.next_attempt_at IS NULL
        AND ($6::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($6))
      ORDER BY c.id LIMIT $4)
   ) c ORDER BY c.next_attempt_at NULLS LAST, c.id LIMIT $5`,
  ROWS_PER_STEP,
);

export interface Peeking {
  readonly partitions: readonly Pick<Partition, 'priority' | 'campaignId'>[];
  readonly campaignIds: readonly string[] | null;
  readonly perPartition: number;
  readonly limit: number;
}

/** In the order in which they are due, without variables and metadata. */
export async function peekWaiting(
  tx: Tx,
  scope: Scope,
  { partitions, campaignIds, perPartition, limit }: Peeking,
): Promise<CallOf<'outbound'>[]> {
  const calls: CallOf<'outbound'>[] = [];
  const steps = rowsInSteps<CallRows['outbound']>(tx, PEEK, [
    scope.businessId,
    partitions.map(({ priority }) => -priority),
    partitions.map(({ campaignId }) => campaignId),
    perPartition,
    limit,
    campaignIds,
  ]);
  for await (const rows of steps) calls.push(...rows.map(CALL_OF.outbound));
  return calls;
}

export const FIND_EXPIRED_LEASES = byDirection((direction) =>
  findIdsBefore(
    statement(
      `queues.find-lapsed-${direction}`,
      `SELECT c.id FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at <= $2
     ORDER BY c.lease_expires_at LIMIT $3`,
    ),
  ),
);

const LEASED = {
  where: "status = 'Processing' AND lease_expires_at IS NOT NULL",
  due: 'lease_expires_at <= $1',
  by: 'lease_expires_at',
};
export const WITH_EXPIRED_LEASES = businessesWith(
  'queues.businesses-with-lapsed',
  { table: 'outbound_calls', ...LEASED },
  { table: 'inbound_calls', ...LEASED },
);

const NEXT_EXPIRY = byDirection((direction) =>
  statement(
    `queues.find-next-lapse-${direction}`,
    `SELECT min(c.lease_expires_at) AS at FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at IS NOT NULL`,
  ),
);

export async function findNextLeaseExpiry(
  db: Db,
  scope: Scope,
  direction: Direction,
): Promise<number | null> {
  const row = await db.row<{ at: number | null }>(NEXT_EXPIRY[direction], [scope.businessId]);
  return row?.at ?? null;
}

export const WITH_EXPIRED = businessesWith('queues.businesses-with-expired', {
  table: 'outbound_calls',
  where: "status = 'Queued' AND expires_at IS NOT NULL",
  due: 'expires_at <= $1',
  by: 'expires_at',
});
export const findExpired = findIdsBefore(
  statement(
    'queues.find-expired',
    `SELECT c.id FROM outbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Queued' AND c.expires_at <= $2
     ORDER BY c.expires_at LIMIT $3`,
  ),
);

export const findClosed = findIdsBefore(
  statement(
    'queues.find-closed',
    `SELECT c.id FROM outbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Queued' AND c.window_closes_at <= $2
     ORDER BY c.window_closes_at LIMIT $3`,
  ),
);

// Forces the primary key: an index by day would read all numbers of the day for each number.
const DAYS = statement(
  'queues.find-number-days',
  `SELECT d.campaign_id AS "campaignId", d.number, d.day::text AS day, d.attempts
   FROM unnest($2::text[], $3::text[]) AS g(campaign_id, number)
   JOIN LATERAL (
     SELECT * FROM number_days d
     WHERE d.business_id = $1 AND d.campaign_id = g.campaign_id AND d.number = g.number
       AND d.day >= $4::date
       AND (d.campaign_id, d.number, d.day) >= (g.campaign_id, g.number, $4::date)
     LIMIT 10
   ) d ON true`,
);
const addDays = insertRows(
  'queues.add-number-days',
  'number_days AS d',
  ['campaign_id', 'number', 'day', 'attempts'],
  'ON CONFLICT (business_id, campaign_id, number, day) DO UPDATE SET attempts = d.attempts + 1',
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
const EXPIRE_DAYS = statement(
  'queues.drop-number-days',
  `DELETE FROM number_days WHERE business_id = $1 AND ctid = ANY(ARRAY(
     SELECT ctid FROM number_days WHERE business_id = $1 AND day < $2::date LIMIT $3))
   RETURNING 1`,
);

const ROWS_PER_STATEMENT = 5_000;

export const numberDayKey = ({ campaignId, number, day }: NumberDay) =>
  `${campaignId} ${number} ${day}`;

const DAY = 24 * 3_600_000;
const dayText = (instant: number) => time(instant).slice(0, 10);

/** Since yesterday, by `numberDayKey`. */
export async function findNumberDays(
  db: Db,
  scope: Scope,
  numbers: readonly Omit<NumberDay, 'day'>[],
  now: number,
): Promise<Map<string, number>> {
  if (numbers.length === 0) return new Map();
  const rows = await db.rows<NumberDay & { readonly attempts: number }>(DAYS, [
    scope.businessId,
    numbers.map(({ campaignId }) => campaignId),
    numbers.map(({ number }) => number),
    dayText(now - DAY),
  ]);
  return new Map(rows.map((row) => [numberDayKey(row), row.attempts]));
}

/** `days` must not contain duplicates. */
export async function addNumberDays(
  tx: Tx,
  { businessId }: Scope,
  days: readonly NumberDay[],
): Promise<void> {
  const rows = days.map(({ campaignId, number, day }) => [campaignId, number, day, 1]);
  await addDays(tx, businessId, rows);
}

export async function removeNumberDays(
  tx: Tx,
  { businessId }: Scope,
  days: readonly NumberDay[],
): Promise<void> {
  if (days.length === 0) return;
  const campaignIds = days.map(({ campaignId }) => campaignId);
  const numbers = days.map(({ number }) => number);
  await tx.rows(REMOVE_DAYS, [businessId, campaignIds, numbers, days.map(({ day }) => day)]);
}

export async function expireNumberDays(db: Db, scope: Scope, now: number): Promise<void> {
  const before = dayText(now - 3 * DAY);
  for (let count = ROWS_PER_STATEMENT; count === ROWS_PER_STATEMENT; ) {
    count = (await db.rows(EXPIRE_DAYS, [scope.businessId, before, ROWS_PER_STATEMENT])).length;
  }
}
