import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import { coverRange } from '../../counters/cover-range.ts';
import { timestampText } from '../../kernel/instant.ts';
import type { FoundRows, Position } from '../../kernel/page.ts';
import { type Db, type Statement, statement } from '../../kernel/postgres/database.ts';
import { truncateUtc } from '../../kernel/postgres/utc.ts';
import type { CallOf, Clock, Direction } from '../calls/call.ts';
import { CALL_COLUMNS, CALL_OF, type CallRows, TABLES } from '../calls/call-rows.ts';
import { withDueText } from '../lease/due-now-store.ts';

/** Values are sorted and distinct, instants inclusive; a key that filters nothing is absent. */
export interface Filter {
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly completedFrom?: number;
  readonly completedTo?: number;
  readonly scheduledFrom?: number;
  readonly scheduledTo?: number;
  readonly statuses?: readonly string[];
  readonly groups?: readonly string[];
  readonly numberIds?: readonly string[];
  readonly providers?: readonly string[];
  readonly numbers?: readonly string[];
  /** Calls that could be leased now, at most the first 10,000. */
  readonly isDue?: true;
}

export interface CallKey {
  readonly enqueuedAt: number;
  readonly id: string;
}

/** A call with the reason why its campaign is suspended now. */
export type ListedCall<D extends Direction> = CallOf<D> & { readonly suspension: string | null };

/**
 * How a filter is served. `time` and `keys` are read in the order of the list, `completed` and
 * `scheduled` day by day. The other paths look up all matches and sort them.
 */
type Path = 'time' | 'keys' | 'completed' | 'scheduled' | 'number' | 'due' | 'due-as-masked';
type LookedUp = 'number' | 'due' | 'due-as-masked';
const isLookedUp = (path: Path): path is LookedUp =>
  path === 'number' || path === 'due' || path === 'due-as-masked';
type PageDirection = Position<CallKey>['direction'];

interface Plan {
  readonly path: Path;
  /** True if the table of counts has the total, because the filter has at most one range of dates. */
  readonly isCounted: boolean;
}

const PATHS: Readonly<Record<Direction, readonly Path[]>> = {
  outbound: ['time', 'keys', 'completed', 'scheduled', 'number', 'due', 'due-as-masked'],
  inbound: ['time', 'keys', 'completed', 'number', 'due'],
};
const CLOCK_OF = {
  time: 'enqueued',
  keys: 'enqueued',
  completed: 'completed',
  scheduled: 'scheduled',
  number: 'enqueued',
  due: 'enqueued',
  'due-as-masked': 'enqueued',
} as const satisfies Record<Path, Clock>;

interface Range {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** The ranges of a filter; a clock without bounds is absent. */
function rangesOf(filter: Filter): Partial<Record<Clock, Range>> {
  const range = (clock: Clock, first: number | undefined, last: number | undefined) =>
    first === undefined && last === undefined
      ? {}
      : { [clock]: { from: first ?? Number.NEGATIVE_INFINITY, to: endOf(last) } };
  return {
    ...range('enqueued', filter.createdFrom, filter.createdTo),
    ...range('completed', filter.completedFrom, filter.completedTo),
    ...range('scheduled', filter.scheduledFrom, filter.scheduledTo),
  };
}

function choosePlan(scope: Scope, direction: Direction, filter: Filter): Plan {
  if (filter.isDue) {
    const isConcealing = direction === 'outbound' && isMasked(scope);
    return { path: isConcealing ? 'due-as-masked' : 'due', isCounted: false };
  }
  if (filter.numbers) return { path: 'number', isCounted: false };
  const ranges = rangesOf(filter);
  const isCounted = Object.keys(ranges).length < 2;
  if (ranges.completed) return { path: 'completed', isCounted };
  if (ranges.scheduled) return { path: 'scheduled', isCounted };
  const { groups, statuses, numberIds, providers } = filter;
  const path = groups || statuses || numberIds || providers ? 'keys' : 'time';
  return { path, isCounted };
}

const SUSPENSION = {
  // CAMPAIGN_PAUSED precedes NO_SLOT, in the alphabet and in importance.
  outbound: `(SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL)`,
  inbound: 'NULL::text',
} as const;

export const listedColumns = (direction: Direction) =>
  `${CALL_COLUMNS[direction]}, ${SUSPENSION[direction]} AS suspension`;

// Parameters: $1 business, $2 and $3 range of enqueued_at (end excluded), $4 to $7 keys in the order of
// the counts, $8 to $11 buckets (grain, from, to, sign), $12 and $13 their hours, $14 to $16 edges,
// $17 to $20 ranges of completed_at and scheduled_for, $21 numbers, $22 now; for a list also $23 to
// $25, the position and the limit.
const RANGES = { completed: 17, scheduled: 19 } as const;
const NOW = '$22';
const POSITION = 23;
/** Declares the type of each parameter, because every statement gets all of them. */
const TYPED_PARAMETERS = `num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[],
  $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz,
  $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz,
  $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], ${NOW}::timestamptz) AS given`;

function keysMatch(columns: readonly string[]): string {
  return columns
    .map((column, at) => `($${4 + at}::text[] IS NULL OR ${column} = ANY($${4 + at}))`)
    .join(' AND ');
}

function countsMatch(direction: Direction, path: Path): string {
  const keys = Object.keys(TABLES[direction].keys).map((key) => `n.${key}`);
  return `n.business_id = $1 AND n.clock = '${CLOCK_OF[path]}' AND ${keysMatch(keys)}`;
}

function countText(direction: Direction, path: Path): string {
  const { calls, clocks, counts, keys } = TABLES[direction];
  const clock = clocks[CLOCK_OF[path]];
  const sum = (table: string, where: string) =>
    `SELECT coalesce(sum(n.n), 0) FROM ${table} n WHERE ${countsMatch(direction, path)} AND ${where}`;
  return `(SELECT coalesce(sum(g.sign * (${sum(`${counts}_counts`, 'n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi')})), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (${sum(`${counts}_count_deltas`, 'n.hour >= $12::timestamptz AND n.hour < $13::timestamptz')})
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM ${calls} c WHERE c.business_id = $1
          AND ${clock} >= e.lo AND ${clock} < e.hi AND ${keysMatch(Object.values(keys))}
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign))`;
}

function inRanges(direction: Direction): string {
  return (['completed', 'scheduled'] as const)
    .map((clock) => {
      const [from, to] = [`$${RANGES[clock]}::timestamptz`, `$${RANGES[clock] + 1}::timestamptz`];
      const column = TABLES[direction].clocks[clock];
      return `(${from} IS NULL OR (${column} >= ${from} AND ${column} < ${to}))`;
    })
    .join(' AND ');
}

/** The rows of a page; `where` completes the statement with bounds of the time of enqueueing. */
function keyset(way: PageDirection, where: (bounds: string) => string): string {
  // The position replaces the date bound on its side: with both, the index scan would read all rows
  // between them.
  const [at, id] = [`$${POSITION}::timestamptz`, `$${POSITION + 1}::text`];
  const bounds =
    way === 'forward'
      ? `c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < (${at}, ${id})`
      : `(c.enqueued_at, c.id) > (${at}, ${id}) AND c.enqueued_at < $3::timestamptz`;
  return `${where(bounds)} ${orderOf(way, 'c')} LIMIT $${POSITION + 2}::integer`;
}

const orderOf = (way: PageDirection, row: string) =>
  way === 'forward'
    ? `ORDER BY ${row}.enqueued_at DESC, ${row}.id DESC`
    : `ORDER BY ${row}.enqueued_at, ${row}.id`;

const WITHIN = 'c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz';

/** A WITH clause that defines `matches`; empty for paths that are read in the order of the list. */
function matchesOf(direction: Direction, { path }: Plan): string {
  const { calls, keys, number } = TABLES[direction];
  const matching = (from: string, numbers: string) =>
    `matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM ${from} c WHERE c.business_id = $1 AND ${WITHIN}
         AND ${numbers} AND ${keysMatch(Object.values(keys))} AND ${inRanges(direction)}
     )`;
  const isOfNumbers = `${number} = ANY($21::text[])`;
  if (path === 'number') return `WITH ${matching(calls, isOfNumbers)}`;
  if (!isLookedUp(path)) return '';
  const of = path === 'due-as-masked' ? 'outbound as masked' : direction;
  return `${withDueText(of, NOW)}, ${matching('due', `($21::text[] IS NULL OR ${isOfNumbers})`)}`;
}

/**
 * Reads from several ranges of an index: one for each existing combination of keys that matches the
 * filter and, for completion and schedule, for each day. `b` is a combination, `c` what `read` selects.
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
  const range = clock && [`$${RANGES[clock]}::timestamptz`, `$${RANGES[clock] + 1}::timestamptz`];
  const ofDay = (column: string) =>
    range
      ? ` AND ${column} >= ${truncateUtc('day', range[0] ?? '')} AND ${column} < ${range[1]}`
      : '';
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

function pageText(direction: Direction, path: Path, way: PageDirection): string {
  const columns = 'SELECT c.id, c.enqueued_at FROM';
  if (isLookedUp(path)) return keyset(way, (bounds) => `${columns} matches c WHERE ${bounds}`);
  if (path === 'time') {
    const { calls } = TABLES[direction];
    return keyset(way, (bounds) => `${columns} ${calls} c WHERE c.business_id = $1 AND ${bounds}`);
  }
  const read = (where: string) => keyset(way, (bounds) => `${columns} ${where} AND ${bounds}`);
  return `${columns} ${indexRanges(direction, path, read)} ${orderOf(way, 'c')} LIMIT $${POSITION + 2}::integer`;
}

function totalText(direction: Direction, { path, isCounted }: Plan): string {
  if (isCounted) return countText(direction, path);
  if (path === 'completed' || path === 'scheduled') {
    const read = (where: string) => `SELECT count(*) AS n FROM ${where} AND ${WITHIN}`;
    return `(SELECT coalesce(sum(c.n), 0) FROM ${indexRanges(direction, path, read)})`;
  }
  return '(SELECT count(*) FROM matches)';
}

/** Page and count are one statement, so both are from the same snapshot. */
function listText(direction: Direction, plan: Plan, way: PageDirection): string {
  const { calls } = TABLES[direction];
  return `${matchesOf(direction, plan)}
    SELECT t.total, p.*
    FROM (SELECT (${totalText(direction, plan)})::bigint AS total, ${TYPED_PARAMETERS}) t
    LEFT JOIN (
      SELECT c.* FROM (${pageText(direction, plan.path, way)}) k CROSS JOIN LATERAL (
        SELECT ${listedColumns(direction)} FROM ${calls} c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ${orderOf(way, 'p')}`;
}

const LISTS = new Map<string, Statement>();
const statementNameOf = (direction: Direction, { path, isCounted }: Plan) =>
  `${direction}-${path}${isCounted ? '' : '-looked-up'}`;
for (const direction of ['outbound', 'inbound'] as const) {
  for (const plan of PATHS[direction].flatMap((path) => [
    ...(isLookedUp(path) ? [] : [{ path, isCounted: true }]),
    ...(path === 'time' || path === 'keys' ? [] : [{ path, isCounted: false }]),
  ])) {
    const name = statementNameOf(direction, plan);
    const count = `${matchesOf(direction, plan)}
      SELECT (${totalText(direction, plan)})::bigint AS total, ${TYPED_PARAMETERS}`;
    LISTS.set(name, statement(`queues.count-${name}`, count));
    for (const way of ['forward', 'backward'] as const) {
      const list = `${name}-${way}`;
      LISTS.set(list, statement(`queues.list-${list}`, listText(direction, plan, way)));
    }
  }
}

function statementOf(name: string): Statement {
  const found = LISTS.get(name);
  if (!found) throw new Error(`no list ${name}`);
  return found;
}

const endOf = (inclusive: number | undefined) =>
  inclusive === undefined ? Number.POSITIVE_INFINITY : inclusive + 1;
const ALWAYS: Range = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** The parameters of a count, and the first ones of a list. */
function countValues(scope: Scope, { path }: Plan, filter: Filter, now: number): unknown[] {
  const ranges = rangesOf(filter);
  const texts = (range: Range | undefined) =>
    range ? [timestampText(range.from), timestampText(range.to)] : [null, null];
  const counted = ranges[CLOCK_OF[path]] ?? ALWAYS;
  const { buckets, hours, edges } = coverRange(counted.from, counted.to);
  return [
    scope.businessId,
    ...texts(ranges.enqueued ?? ALWAYS),
    ...[filter.groups, filter.statuses, filter.numberIds, filter.providers].map((k) => k ?? null),
    buckets.map(({ grain }) => grain),
    buckets.map((part) => timestampText(part.from)),
    buckets.map((part) => timestampText(part.to)),
    buckets.map(({ sign }) => sign),
    ...texts(hours),
    edges.map((part) => timestampText(part.from)),
    edges.map((part) => timestampText(part.to)),
    edges.map(({ sign }) => sign),
    ...texts(ranges.completed),
    ...texts(ranges.scheduled),
    filter.numbers ?? null,
    timestampText(now),
  ];
}

/** Before and after every id, because ids are neither empty nor contain non-ASCII characters. */
const FIRST_ID = '';
const LAST_ID = '\u007f';

/** A page of calls, newest first, with their exact number. `now` is in milliseconds since 1970. */
export async function findPage<D extends Direction>(
  db: Db,
  scope: Scope,
  direction: D,
  filter: Filter,
  now: number,
  { direction: way, beside, limit }: Position<CallKey>,
): Promise<FoundRows<ListedCall<D>>> {
  const plan = choosePlan(scope, direction, filter);
  const forward = way === 'forward';
  const edge = forward
    ? endOf(filter.createdTo)
    : (filter.createdFrom ?? Number.NEGATIVE_INFINITY) - 1;
  const rows = await db.rows<CallRows[D] & { total: number; suspension: string | null }>(
    statementOf(`${statementNameOf(direction, plan)}-${way}`),
    [
      ...countValues(scope, plan, filter, now),
      timestampText(beside?.enqueuedAt ?? edge),
      beside?.id ?? (forward ? FIRST_ID : LAST_ID),
      limit,
    ],
  );
  const calls = rows
    .filter(({ id }) => id !== null)
    .map((row) => ({ ...CALL_OF[direction](row), suspension: row.suspension }));
  return { rows: forward ? calls : calls.reverse(), totalCount: rows[0]?.total ?? 0 };
}

export async function countCalls(
  db: Db,
  scope: Scope,
  direction: Direction,
  filter: Filter,
  now: number,
): Promise<number> {
  const plan = choosePlan(scope, direction, filter);
  const count = statementOf(statementNameOf(direction, plan));
  const row = await db.row<{ total: number }>(count, countValues(scope, plan, filter, now));
  return row?.total ?? 0;
}
