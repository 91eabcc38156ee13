import type { Direction } from '../calls/call.ts';
import { MAX_PARTITIONS } from './due-store.ts';

const MAX_DUE = 10_000;

export interface QueueNow {
  readonly queued: number;
  readonly processing: number;
  /** Counted up to MAX_DUE, without those of paused campaigns. */
  readonly due: number;
  readonly isDueExact: boolean;
  readonly oldestDueAt: number | null;
}

const PARTITION = {
  outbound: ['(-q.priority)', `coalesce(q.campaign_id, '')`],
  inbound: ['(-q.priority)'],
} as const;

const IS_OPEN = {
  outbound: `NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)`,
  inbound: 'true',
} as const;

/** A loose index scan, over as many partitions as a lease considers. */
function partitionsText(direction: Direction): string {
  const partition = PARTITION[direction].join(', ');
  const named = PARTITION[direction].map((part, at) => `${part} AS part${at}`).join(', ');
  const first = `SELECT ${named} FROM ${direction}_calls q WHERE ${WAITS}`;
  return `RECURSIVE all_partitions AS (
     (${first} ORDER BY ${partition} LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       ${first} AND (${partition}) > (${currentOf(direction)}) ORDER BY ${partition} LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT ${MAX_PARTITIONS})`;
}

const WAITS = `q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL`;
const currentOf = (direction: Direction) =>
  PARTITION[direction].map((_, at) => `p.part${at}`).join(', ');

/** A job ends such calls only once a minute. */
function canBeMade(direction: Direction, instant: string): string {
  const ends = { outbound: ['expires_at', 'window_closes_at'], inbound: ['expires_at'] }[direction];
  return ends
    .map((end) => `(q.${end} IS NULL OR q.${end} > ${instant}::timestamptz)`)
    .join(' AND ');
}

const dueText = (direction: Direction, columns: string, instant: string, limit: number) =>
  `SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT ${columns} FROM ${direction}_calls q
     WHERE ${WAITS} AND (${PARTITION[direction].join(', ')}) = (${currentOf(direction)})
       AND q.next_attempt_at <= ${instant}::timestamptz AND ${canBeMade(direction, instant)}
     ORDER BY q.next_attempt_at, q.id LIMIT ${limit}
   ) of_partition WHERE ${IS_OPEN[direction]}`;

/** Masked readers see calls that are deferred because of their number as due, also in counts. */
const concealedText = (columns: string, instant: string, limit: number) =>
  `SELECT ${columns} FROM outbound_calls q
   WHERE q.business_id = $1 AND q.status = 'Queued' AND q.held_due_at <= ${instant}::timestamptz
     AND q.last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE')
     AND (q.next_attempt_at IS NULL OR q.next_attempt_at > ${instant}::timestamptz)
     AND ${canBeMade('outbound', instant)} AND NOT EXISTS (
       SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = q.campaign_id AND g.is_paused)
   ORDER BY q.held_due_at LIMIT ${limit}`;

export type DueView = Direction | 'outbound as masked';

const directionOf = (view: DueView): Direction => (view === 'inbound' ? 'inbound' : 'outbound');

interface DueColumns {
  readonly columns: string;
  readonly concealed: string;
  readonly perPartition: number;
  readonly limit: number;
}

function shownText(
  view: DueView,
  instant: string,
  { columns, concealed, perPartition, limit }: DueColumns,
) {
  const due = dueText(directionOf(view), columns, instant, perPartition);
  if (view !== 'outbound as masked') return due;
  return `(${due}) UNION ALL (${concealedText(concealed, instant, limit)})`;
}

/**
 * `due` contains the calls of business $1 that are due at the instant of another parameter: at most
 * 10,000, those that would be leased first.
 */
export const withDueText = (view: DueView, instant: string): string =>
  `WITH ${partitionsText(directionOf(view))}, due AS (
     ${shownText(view, instant, { columns: 'q.*', concealed: 'q.*', perPartition: MAX_DUE, limit: MAX_DUE })}
     LIMIT ${MAX_DUE}
   )`;

/** For business $1 at the instant of another parameter. */
export function queueNowText(view: DueView, instant: string): string {
  const direction = directionOf(view);
  const limit = MAX_DUE + 1;
  const rows = { columns: '1', concealed: '1', perPartition: limit, limit };
  const times = { columns: 'q.next_attempt_at', concealed: 'q.held_due_at' };
  return `WITH ${partitionsText(direction)}, due AS (
     SELECT count(*) AS n FROM (
       ${shownText(view, instant, rows)} LIMIT ${limit}
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
      FROM (${shownText(view, instant, { ...times, perPartition: 1, limit: 1 })}) oldest) AS "oldestDueAt"`;
}
