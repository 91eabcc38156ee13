import type { Direction } from '../calls/call.ts';
import { MAX_PARTITIONS } from './due-store.ts';

/** No more calls than these are counted as due. */
const MAX_DUE = 10_000;

/** What a queue holds now. */
export interface QueueNow {
  readonly queued: number;
  readonly processing: number;
  /** Those that could be made now, whose campaign is not paused; at most MAX_DUE. */
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

/** Whether the calls of a lane may be handed out: nobody takes those of a paused campaign. */
const IS_OPEN = {
  outbound: `NOT EXISTS (
         SELECT FROM campaigns p WHERE p.business_id = $1 AND p.id = l.part1 AND p.is_paused)`,
  inbound: 'true',
} as const;

/**
 * Walks from lane to lane by the index in which the calls of each stand in the order of their time, as far
 * as a lease looks.
 */
function lanesText(direction: Direction): string {
  const lane = LANE[direction].join(', ');
  const named = LANE[direction].map((part, at) => `${part} AS part${at}`).join(', ');
  const first = `SELECT ${named} FROM ${direction}_calls q WHERE ${WAITS}`;
  return `RECURSIVE all_lanes AS (
     (${first} ORDER BY ${lane} LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_lanes l CROSS JOIN LATERAL (
       ${first} AND (${lane}) > (${knownOf(direction)}) ORDER BY ${lane} LIMIT 1
     ) n
   ), lanes AS MATERIALIZED (SELECT * FROM all_lanes LIMIT ${MAX_PARTITIONS})`;
}

const WAITS = `q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL`;
const knownOf = (direction: Direction) => LANE[direction].map((_, at) => `l.part${at}`).join(', ');

/** Whether the time of a call is not over, which is noted once a minute only. */
function canBeMade(direction: Direction, instant: string): string {
  const ends = { outbound: ['expires_at', 'window_closes_at'], inbound: ['expires_at'] }[direction];
  return ends
    .map((end) => `(q.${end} IS NULL OR q.${end} > ${instant}::timestamptz)`)
    .join(' AND ');
}

/** The text that selects columns of calls q that are due at an instant, so many of each open lane. */
const dueText = (direction: Direction, columns: string, instant: string, limit: number) =>
  `SELECT of_lane.* FROM lanes l CROSS JOIN LATERAL (
     SELECT ${columns} FROM ${direction}_calls q
     WHERE ${WAITS} AND (${LANE[direction].join(', ')}) = (${knownOf(direction)})
       AND q.next_attempt_at <= ${instant}::timestamptz AND ${canBeMade(direction, instant)}
     ORDER BY q.next_attempt_at, q.id LIMIT ${limit}
   ) of_lane WHERE ${IS_OPEN[direction]}`;

/**
 * The same of calls that are held back for what is known of their number, which masked readers are shown as
 * due: what is counted as due must not tell them from others.
 */
const concealedText = (columns: string, instant: string, limit: number) =>
  `SELECT ${columns} FROM outbound_calls q
   WHERE q.business_id = $1 AND q.status = 'Queued' AND q.held_due_at <= ${instant}::timestamptz
     AND q.last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE')
     AND (q.next_attempt_at IS NULL OR q.next_attempt_at > ${instant}::timestamptz)
     AND ${canBeMade('outbound', instant)} AND NOT EXISTS (
       SELECT FROM campaigns p WHERE p.business_id = $1 AND p.id = q.campaign_id AND p.is_paused)
   ORDER BY q.held_due_at LIMIT ${limit}`;

/** What a reader is shown as due. */
export type DueOf = Direction | 'outbound as masked';

const directionOf = (of: DueOf): Direction => (of === 'inbound' ? 'inbound' : 'outbound');

interface DueColumns {
  readonly columns: string;
  /** Those of calls whose hold is concealed. */
  readonly concealed: string;
  readonly perLane: number;
  readonly limit: number;
}

function shownText(of: DueOf, instant: string, { columns, concealed, perLane, limit }: DueColumns) {
  const due = dueText(directionOf(of), columns, instant, perLane);
  if (of !== 'outbound as masked') return due;
  return `(${due}) UNION ALL (${concealedText(concealed, instant, limit)})`;
}

/**
 * The text of a WITH that has, as `due`, the calls of business $1 that are due at the instant of another
 * parameter: at most 10,000, of more the first that would be handed out. Neither what waits for later
 * nor what is beyond them is read.
 */
export const withDueText = (of: DueOf, instant: string): string =>
  `WITH ${lanesText(directionOf(of))}, due AS (
     ${shownText(of, instant, { columns: 'q.*', concealed: 'q.*', perLane: MAX_DUE, limit: MAX_DUE })}
     LIMIT ${MAX_DUE}
   )`;

/** The text that reads the QueueNow of business $1 at the instant of another parameter, likewise. */
export function queueNowText(of: DueOf, instant: string): string {
  const direction = directionOf(of);
  const [most, one] = [MAX_DUE + 1, 1];
  const rows = { columns: '1', concealed: '1', perLane: most, limit: most };
  const times = { columns: 'q.next_attempt_at', concealed: 'q.held_due_at' };
  return `WITH ${lanesText(direction)}, due AS (
     SELECT count(*) AS n FROM (
       ${shownText(of, instant, rows)} LIMIT ${most}
     ) of_all
   ), counted AS (
     SELECT status, n FROM ${direction}_counts
     WHERE business_id = $1 AND grain = 'all' AND clock = 'enqueued'
     UNION ALL
     SELECT status, n FROM ${direction}_count_deltas WHERE business_id = $1 AND clock = 'enqueued'
   )
   SELECT
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Queued'), 0)::bigint AS queued,
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Processing'), 0)::bigint AS processing,
     (SELECT least(n, ${MAX_DUE}) FROM due) AS due,
     (SELECT n <= ${MAX_DUE} FROM due) AS "isDueExact",
     (SELECT min(oldest.next_attempt_at)
      FROM (${shownText(of, instant, { ...times, perLane: one, limit: one })}) oldest) AS "oldestDueAt"`;
}
