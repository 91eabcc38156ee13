import {
  BUCKET_COLUMNS,
  bucketSumText,
  EDGE_COLUMNS,
  edgeSumText,
} from '../../counters/range-count.ts';
import type { Position } from '../../kernel/page.ts';
import { nameParameters } from '../../kernel/postgres/named-parameters.ts';
import { truncateUtc } from '../../kernel/postgres/sql-text.ts';
import type { Direction } from '../calls/call.ts';
import { CALL_COLUMNS, TABLES } from '../calls/call-rows.ts';
import { withDueText } from '../lease/due-now-store.ts';
import {
  type CallKey,
  CLOCK_OF,
  isLookedUp,
  type LookedUp,
  type Path,
  type Shape,
} from './list-plan.ts';

type PageDirection = Position<CallKey>['direction'];

const COUNT_TYPES = {
  businessId: 'bigint',
  enqueuedFrom: 'timestamptz',
  enqueuedTo: 'timestamptz',
  groups: 'text[]',
  statuses: 'text[]',
  numberIds: 'text[]',
  providers: 'text[]',
  buckets: BUCKET_COLUMNS,
  hoursFrom: 'timestamptz',
  hoursTo: 'timestamptz',
  edges: EDGE_COLUMNS,
  completedFrom: 'timestamptz',
  completedTo: 'timestamptz',
  scheduledFrom: 'timestamptz',
  scheduledTo: 'timestamptz',
  numbers: 'text[]',
  now: 'timestamptz',
} as const;
export const COUNT_PARAMETERS = nameParameters(COUNT_TYPES);
/** Both statements number the parameters of the count alike. */
export const PAGE_PARAMETERS = nameParameters({
  ...COUNT_TYPES,
  besideTime: 'timestamptz',
  besideId: 'text',
  limit: 'integer',
});
const { typed, untyped, table } = PAGE_PARAMETERS;

/** Every statement gets all parameters, so each needs a type. */
const TYPED_PARAMETERS = `num_nulls(${COUNT_PARAMETERS.allTyped().slice(1).join(', ')}) AS given`;

const SUSPENSION = {
  // CAMPAIGN_PAUSED precedes NO_SLOT, in the alphabet and in importance.
  outbound: `(SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL)`,
  inbound: 'NULL::text',
} as const;

export const listedColumns = (direction: Direction) =>
  `${CALL_COLUMNS[direction]}, ${SUSPENSION[direction]} AS suspension`;

function keysMatch(columns: readonly string[]): string {
  return (['groups', 'statuses', 'numberIds', 'providers'] as const)
    .map((key, at) => `(${typed(key)} IS NULL OR ${columns[at]} = ANY(${untyped(key)}))`)
    .join(' AND ');
}

function countsMatch(direction: Direction, path: Path): string {
  const keys = Object.keys(TABLES[direction].keys).map((key) => `n.${key}`);
  return `n.business_id = $1 AND n.clock = '${CLOCK_OF[path]}' AND ${keysMatch(keys)}`;
}

function rangeCountText({ direction, path }: Shape): string {
  const { calls, clocks, counts, keys } = TABLES[direction];
  const clock = clocks[CLOCK_OF[path]];
  const whole = bucketSumText({
    table: counts,
    matches: countsMatch(direction, path),
    buckets: table('buckets', 'g'),
    inHours: `n.hour >= ${typed('hoursFrom')} AND n.hour < ${typed('hoursTo')}`,
  });
  const count = `SELECT count(*) FROM ${calls} c WHERE c.business_id = $1
          AND ${clock} >= e.lo AND ${clock} < e.hi AND ${keysMatch(Object.values(keys))}`;
  return `${whole}
    + ${edgeSumText(table('edges', 'e'), count)}`;
}

const boundsOf = (clock: 'completed' | 'scheduled') =>
  [typed(`${clock}From`), typed(`${clock}To`)] as const;

function inRanges(direction: Direction): string {
  return (['completed', 'scheduled'] as const)
    .map((clock) => {
      const [from, to] = boundsOf(clock);
      const column = TABLES[direction].clocks[clock];
      return `(${from} IS NULL OR (${column} >= ${from} AND ${column} < ${to}))`;
    })
    .join(' AND ');
}

const FROM = `c.enqueued_at >= ${typed('enqueuedFrom')}`;
const TO = `c.enqueued_at < ${typed('enqueuedTo')}`;
const LIMIT = `LIMIT ${typed('limit')}`;

/** `where` completes the statement with bounds of the time of enqueueing. */
function keyset(way: PageDirection, where: (bounds: string) => string): string {
  // Replaces the date bound on its side: with both, the scan would read all rows between them.
  const beside = `(${typed('besideTime')}, ${typed('besideId')})`;
  const bounds =
    way === 'forward'
      ? `${FROM} AND (c.enqueued_at, c.id) < ${beside}`
      : `(c.enqueued_at, c.id) > ${beside} AND ${TO}`;
  return `${where(bounds)} ${orderOf(way, 'c')} ${LIMIT}`;
}

const orderOf = (way: PageDirection, row: string) =>
  way === 'forward'
    ? `ORDER BY ${row}.enqueued_at DESC, ${row}.id DESC`
    : `ORDER BY ${row}.enqueued_at, ${row}.id`;

/** Empty for paths that are read in the order of the list. */
function matchesOf({ direction, path }: Shape): string {
  const { calls, keys, number } = TABLES[direction];
  const matching = (from: string, numbers: string) =>
    `matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM ${from} c WHERE c.business_id = $1 AND ${FROM} AND ${TO}
         AND ${numbers} AND ${keysMatch(Object.values(keys))} AND ${inRanges(direction)}
     )`;
  const isOfNumbers = `${number} = ANY(${typed('numbers')})`;
  if (path === 'number') return `WITH ${matching(calls, isOfNumbers)}`;
  if (!isLookedUp(path)) return '';
  const of = path === 'due-as-masked' ? 'outbound as masked' : direction;
  const maybeOfNumbers = `(${typed('numbers')} IS NULL OR ${isOfNumbers})`;
  return `${withDueText(of, untyped('now'))}, ${matching('due', maybeOfNumbers)}`;
}

/**
 * One range of an index for each existing combination `b` of keys that matches the filter and, for
 * completion and schedule, for each day.
 */
function indexRanges(
  direction: Direction,
  path: Exclude<Path, 'time' | LookedUp>,
  read: (where: string) => string,
): string {
  const { calls, counts, clocks, keys } = TABLES[direction];
  const columns = Object.keys(keys).map((key) => `n.${key}`);
  const equal = Object.entries(keys).map(([key, column]) => `${column} = b.${key}`);
  const clock = path === 'keys' ? null : path;
  const ofDay = (column: string) => {
    if (!clock) return '';
    const [from, to] = boundsOf(clock);
    return ` AND ${column} >= ${truncateUtc('day', from)} AND ${column} < ${to}`;
  };
  const where = countsMatch(direction, path);
  const existing = `SELECT n.day, ${columns.join(', ')} FROM (
      SELECT n.bucket AS day, ${columns.join(', ')}, n.n FROM ${counts}_counts n
        WHERE ${where} AND n.grain = '${clock ? 'day' : 'all'}'${ofDay('n.bucket')}
      UNION ALL SELECT ${clock ? truncateUtc('day', 'n.hour') : "timestamptz '-infinity'"}, ${columns.join(', ')}, n.n
        FROM ${counts}_count_deltas n WHERE ${where}${ofDay('n.hour')}
    ) n GROUP BY n.day, ${columns.join(', ')} HAVING sum(n.n) > 0`;
  const dayEqual = clock ? `AND ${dayOf(clocks[clock])} = b.day AT TIME ZONE 'UTC'` : '';
  return `(${existing}) b CROSS JOIN LATERAL (${read(`${calls} c WHERE c.business_id = $1
    AND ${equal.join(' AND ')} ${dayEqual}${clock ? ` AND ${inRanges(direction)}` : ''}`)}) c`;
}

const dayOf = (column: string) => `date_trunc('day', ${column} AT TIME ZONE 'UTC')`;

function pageText({ direction, path }: Shape, way: PageDirection): string {
  const columns = 'SELECT c.id, c.enqueued_at FROM';
  if (isLookedUp(path)) return keyset(way, (bounds) => `${columns} matches c WHERE ${bounds}`);
  if (path === 'time') {
    const { calls } = TABLES[direction];
    return keyset(way, (bounds) => `${columns} ${calls} c WHERE c.business_id = $1 AND ${bounds}`);
  }
  const read = (where: string) => keyset(way, (bounds) => `${columns} ${where} AND ${bounds}`);
  return `${columns} ${indexRanges(direction, path, read)} ${orderOf(way, 'c')} ${LIMIT}`;
}

function totalText(shape: Shape): string {
  const { direction, path, isCounted } = shape;
  if (isCounted) return rangeCountText(shape);
  if (path === 'completed' || path === 'scheduled') {
    const read = (where: string) => `SELECT count(*) AS n FROM ${where} AND ${FROM} AND ${TO}`;
    return `(SELECT coalesce(sum(c.n), 0) FROM ${indexRanges(direction, path, read)})`;
  }
  return '(SELECT count(*) FROM matches)';
}

export const countText = (shape: Shape) => `${matchesOf(shape)}
      SELECT (${totalText(shape)})::bigint AS total, ${TYPED_PARAMETERS}`;

/** Page and count are one statement, so both are from the same snapshot. */
export function listText(shape: Shape, way: PageDirection): string {
  const { direction } = shape;
  return `${matchesOf(shape)}
    SELECT t.total, p.*
    FROM (SELECT (${totalText(shape)})::bigint AS total, ${TYPED_PARAMETERS}) t
    LEFT JOIN (
      SELECT c.* FROM (${pageText(shape, way)}) k CROSS JOIN LATERAL (
        SELECT ${listedColumns(direction)} FROM ${TABLES[direction].calls} c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ${orderOf(way, 'p')}`;
}
