import type { Scope } from '../access/scope.ts';
import { type Db, type Statement, statement } from '../base/db.ts';
import type { Direction } from './call.ts';

/** Of each lane no more calls than these are counted. */
export const MOST_DUE = 10_000;

/** What a queue holds now. */
export interface QueueNow {
  readonly queued: number;
  readonly processing: number;
  /** Those that wait and whose time has come; at most MOST_DUE of a lane. */
  readonly due: number;
  readonly isDueExact: boolean;
  /** Milliseconds since 1970; null where none is due. */
  readonly oldestDueAt: number | null;
}

/** What the calls of a lane have in common, as the index of those that wait has it. */
const LANE = {
  outbound: ['(-q.priority)', `coalesce(q.campaign_id, '')`],
  inbound: ['(-q.priority)'],
} as const;

// The lanes are walked from one to the next by the index in which the calls of each stand in the order
// of their time; so neither what waits for later nor the rest of a long lane is read.
const nowOf = (direction: Direction): Statement => {
  const waits = `q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL`;
  const lane = LANE[direction].join(', ');
  const named = LANE[direction].map((part, at) => `${part} AS part${at}`).join(', ');
  const known = LANE[direction].map((_, at) => `l.part${at}`).join(', ');
  const first = `SELECT ${named} FROM ${direction}_calls q WHERE ${waits}`;
  return statement(
    `queues.now-${direction}`,
    `WITH RECURSIVE lanes AS (
       (${first} ORDER BY ${lane} LIMIT 1)
       UNION ALL
       SELECT n.* FROM lanes l CROSS JOIN LATERAL (
         ${first} AND (${lane}) > (${known}) ORDER BY ${lane} LIMIT 1
       ) n
     ), due AS (
       SELECT d.n, d.first FROM lanes l CROSS JOIN LATERAL (
         SELECT count(*) AS n, min(next_attempt_at) AS first FROM (
           SELECT q.next_attempt_at FROM ${direction}_calls q
           WHERE ${waits} AND (${lane}) = (${known}) AND q.next_attempt_at <= $2
           ORDER BY q.next_attempt_at LIMIT ${MOST_DUE + 1}
         ) of_lane
       ) d
     ), counted AS (
       SELECT status, n FROM ${direction}_counts
       WHERE business_id = $1 AND grain = 'all' AND clock = 'enqueued'
       UNION ALL
       SELECT status, n FROM ${direction}_count_deltas WHERE business_id = $1 AND clock = 'enqueued'
     )
     SELECT
       coalesce((SELECT sum(n) FROM counted WHERE status = 'Queued'), 0)::bigint AS queued,
       coalesce((SELECT sum(n) FROM counted WHERE status = 'Processing'), 0)::bigint AS processing,
       coalesce((SELECT sum(least(n, ${MOST_DUE})) FROM due), 0)::bigint AS due,
       NOT EXISTS (SELECT FROM due WHERE n > ${MOST_DUE}) AS "isDueExact",
       (SELECT min(first) FROM due) AS "oldestDueAt"`,
  );
};
const NOW = { outbound: nowOf('outbound'), inbound: nowOf('inbound') };

/** `now` in milliseconds since 1970 is when a call is due that it is the time of. */
export async function readQueueNow(
  db: Db,
  { businessId }: Scope,
  direction: Direction,
  now: number,
): Promise<QueueNow> {
  const row = await db.row<QueueNow>(NOW[direction], [businessId, new Date(now).toISOString()]);
  if (!row) throw new Error('a SELECT without FROM gave no row');
  return row;
}
