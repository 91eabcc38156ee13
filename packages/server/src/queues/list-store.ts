import type { Scope } from '../access/scope.ts';
import { coverRange } from '../base/cover-range.ts';
import { type Db, type Statement, statement } from '../base/db.ts';
import { timestampText } from '../base/instant.ts';
import type { FoundRows, Position } from '../base/page.ts';
import type { CallOf, Direction } from './call.ts';
import { CALL_COLUMNS, CALL_OF, type CallRows, TABLES } from './call-rows.ts';

/** Values sorted and without repeats, instants inclusive; a key that filters nothing is absent. */
export interface Filter {
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly completedFrom?: number;
  readonly completedTo?: number;
  readonly scheduledFrom?: number;
  readonly scheduledTo?: number;
  readonly statuses?: readonly string[];
  /** Campaigns of outbound calls, routes of inbound ones. */
  readonly groups?: readonly string[];
  readonly numberIds?: readonly string[];
  readonly providers?: readonly string[];
  /** The numbers of the other side. */
  readonly numbers?: readonly string[];
}

export interface CallKey {
  readonly enqueuedAt: number;
  readonly id: string;
}

/** A call, and what holds its whole campaign now. */
export type ListedCall<D extends Direction> = CallOf<D> & { readonly campaignHold: string | null };

/**
 * How a filter is served. `time` and `keys` are counted by the table of counts and read in the order
 * of the list. The others look up what their key lets through, and sort that.
 */
type Path = 'time' | 'keys' | 'number' | 'completion' | 'schedule';
type Way = Position<CallKey>['direction'];

function pathOf(filter: Filter): Path {
  if (filter.numbers) return 'number';
  if (filter.completedFrom !== undefined || filter.completedTo !== undefined) return 'completion';
  if (filter.scheduledFrom !== undefined || filter.scheduledTo !== undefined) return 'schedule';
  const { groups, statuses, numberIds, providers } = filter;
  return groups || statuses || numberIds || providers ? 'keys' : 'time';
}

const HOLD = {
  // A pause comes first in the alphabet, and is what counts.
  outbound: `(SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL)`,
  inbound: 'NULL::text',
} as const;

/** The columns of a call that is shown. */
export const shownColumns = (direction: Direction) =>
  `${CALL_COLUMNS[direction]}, ${HOLD[direction]} AS campaign_hold`;

// Parameters: $1 the business, $2 and $3 when it was enqueued (the end is left out), $4 to $7 the
// keys in the order of the counts.
const KEY_NUMBERS = [4, 5, 6, 7] as const;

function keysMatch(columns: readonly string[]): string {
  return columns
    .map(
      (column, at) =>
        `($${KEY_NUMBERS[at]}::text[] IS NULL OR ${column} = ANY($${KEY_NUMBERS[at]}))`,
    )
    .join(' AND ');
}

/** $8 to $11 are buckets (grain, from, to, sign), $12 and $13 their hours, $14 to $16 edges. */
function countByKeys(direction: Direction): string {
  const { calls, counts, keys } = TABLES[direction];
  const ofCounts = keysMatch(Object.keys(keys).map((key) => `n.${key}`));
  const sum = (table: string, where: string) =>
    `SELECT coalesce(sum(n.n), 0) FROM ${table} n WHERE n.business_id = $1 AND ${ofCounts} AND ${where}`;
  return `(SELECT coalesce(sum(g.sign * (${sum(`${counts}_counts`, 'n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi')})), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (${sum(`${counts}_count_deltas`, 'n.hour >= $12::timestamptz AND n.hour < $13::timestamptz')})
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM ${calls} c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ${keysMatch(Object.values(keys))}
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign))`;
}

/** $8 and $9 are when it completed, $10 and $11 for when it was scheduled, $12 the numbers. */
function matching(direction: Direction, path: Path): string {
  const { calls, keys, number } = TABLES[direction];
  const has = (column: string, from: number) =>
    `c.${column} >= $${from}::timestamptz AND c.${column} < $${from + 1}::timestamptz`;
  const maybe = (column: string, from: number) =>
    `($${from}::timestamptz IS NULL OR ${has(column, from)})`;
  return `SELECT c.id, c.enqueued_at FROM ${calls} c WHERE c.business_id = $1
    AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
    AND ${keysMatch(Object.values(keys))}
    AND ${path === 'completion' ? has('completed_at', 8) : maybe('completed_at', 8)}
    AND ${path === 'schedule' ? has('scheduled_for', 10) : maybe('scheduled_for', 10)}
    AND ${path === 'number' ? `c.${number} = ANY($12::text[])` : '$12::text[] IS NULL'}`;
}

/** The rows of a page from `source`, which has id and enqueued_at; `p` is the first parameter. */
function keyset(way: Way, p: number, where: (bounds: string) => string): string {
  // The position replaces the date bound on its side: both together would make the index walk
  // through all rows between them.
  const [at, id, limit] = [`$${p}::timestamptz`, `$${p + 1}::text`, `$${p + 2}::integer`];
  const bounds =
    way === 'forward'
      ? `c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < (${at}, ${id})`
      : `(c.enqueued_at, c.id) > (${at}, ${id}) AND c.enqueued_at < $3::timestamptz`;
  return `${where(bounds)} ORDER BY ${orderOf(way, 'c')} LIMIT ${limit}`;
}

const orderOf = (way: Way, row: string) =>
  way === 'forward' ? `${row}.enqueued_at DESC, ${row}.id DESC` : `${row}.enqueued_at, ${row}.id`;

function pageText(direction: Direction, path: Path, way: Way): string {
  const { calls, counts, keys } = TABLES[direction];
  if (path === 'time') {
    return keyset(
      way,
      17,
      (bounds) =>
        `SELECT c.id, c.enqueued_at FROM ${calls} c WHERE c.business_id = $1 AND ${bounds}`,
    );
  }
  if (path !== 'keys') {
    return keyset(way, 13, (bounds) => `SELECT c.id, c.enqueued_at FROM matches c WHERE ${bounds}`);
  }
  const columns = Object.keys(keys).map((key) => `n.${key}`);
  const equal = Object.entries(keys).map(([key, column]) => `${column} = b.${key}`);
  // Each combination of keys that there is and the filter lets through is a stretch of the index.
  return `SELECT c.id, c.enqueued_at FROM (
      SELECT ${columns.join(', ')} FROM (
        SELECT ${columns.join(', ')}, n.n FROM ${counts}_counts n
          WHERE n.business_id = $1 AND n.grain = 'all' AND ${keysMatch(columns)}
        UNION ALL SELECT ${columns.join(', ')}, n.n FROM ${counts}_count_deltas n
          WHERE n.business_id = $1 AND ${keysMatch(columns)}
      ) n GROUP BY ${columns.join(', ')} HAVING sum(n.n) > 0
    ) b CROSS JOIN LATERAL (
      ${keyset(way, 17, (bounds) => `SELECT c.id, c.enqueued_at FROM ${calls} c WHERE c.business_id = $1 AND ${equal.join(' AND ')} AND ${bounds}`)}
    ) c ORDER BY ${orderOf(way, 'c')} LIMIT $19::integer`;
}

/** Not every statement needs both of them, and each is given both. */
const CREATED = '$2::timestamptz AS created_from, $3::timestamptz AS created_to';

/** Page and count in one statement, so that they are of one snapshot and agree. */
function listText(direction: Direction, path: Path, way: Way): string {
  const { calls } = TABLES[direction];
  const isCounted = path === 'time' || path === 'keys';
  const total = isCounted ? countByKeys(direction) : '(SELECT count(*) FROM matches)';
  return `${isCounted ? '' : `WITH matches AS MATERIALIZED (${matching(direction, path)})`}
    SELECT t.total, p.* FROM (SELECT (${total})::bigint AS total, ${CREATED}) t
    LEFT JOIN (
      SELECT c.* FROM (${pageText(direction, path, way)}) k CROSS JOIN LATERAL (
        SELECT ${shownColumns(direction)} FROM ${calls} c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY ${way === 'forward' ? 'p.enqueued_at DESC, p.id DESC' : 'p.enqueued_at, p.id'}`;
}

const countText = (direction: Direction, path: Path) =>
  path === 'time' || path === 'keys'
    ? `SELECT t.total FROM (SELECT (${countByKeys(direction)})::bigint AS total, ${CREATED}) t`
    : `SELECT count(*) AS total FROM (${matching(direction, path)}) c`;

const LISTS = new Map<string, Statement>();
for (const direction of ['outbound', 'inbound'] as const) {
  for (const path of ['time', 'keys', 'number', 'completion', 'schedule'] as const) {
    const name = `${direction}-${path}`;
    LISTS.set(name, statement(`queues.count-${name}`, countText(direction, path)));
    for (const way of ['forward', 'backward'] as const) {
      const list = `${name}-${way}`;
      LISTS.set(list, statement(`queues.list-${list}`, listText(direction, path, way)));
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

/** The parameters of the count of a path, which the list begins with too. */
function countValues(scope: Scope, path: Path, filter: Filter): unknown[] {
  const from = filter.createdFrom ?? Number.NEGATIVE_INFINITY;
  const to = endOf(filter.createdTo);
  const keys = [filter.groups, filter.statuses, filter.numberIds, filter.providers];
  const start = [
    scope.businessId,
    timestampText(from),
    timestampText(to),
    ...keys.map((key) => key ?? null),
  ];
  if (path !== 'time' && path !== 'keys') {
    const range = (first: number | undefined, last: number | undefined) =>
      first === undefined && last === undefined
        ? [null, null]
        : [timestampText(first ?? Number.NEGATIVE_INFINITY), timestampText(endOf(last))];
    return [
      ...start,
      ...range(filter.completedFrom, filter.completedTo),
      ...range(filter.scheduledFrom, filter.scheduledTo),
      filter.numbers ?? null,
    ];
  }
  const { buckets, hours, edges } = coverRange(from, to);
  return [
    ...start,
    buckets.map(({ grain }) => grain),
    buckets.map((part) => timestampText(part.from)),
    buckets.map((part) => timestampText(part.to)),
    buckets.map(({ sign }) => sign),
    timestampText(hours.from),
    timestampText(hours.to),
    edges.map((part) => timestampText(part.from)),
    edges.map((part) => timestampText(part.to)),
    edges.map(({ sign }) => sign),
  ];
}

/** They come before and after every id: none is empty, none holds a character beyond ASCII. */
const FIRST_ID = '';
const LAST_ID = '\u007f';

/** A page of a direction's calls, newest first, with the exact number that the filter lets through. */
export async function findPage<D extends Direction>(
  db: Db,
  scope: Scope,
  direction: D,
  filter: Filter,
  { direction: way, beside, limit }: Position<CallKey>,
): Promise<FoundRows<ListedCall<D>>> {
  const path = pathOf(filter);
  const forward = way === 'forward';
  const edge = forward
    ? endOf(filter.createdTo)
    : (filter.createdFrom ?? Number.NEGATIVE_INFINITY) - 1;
  const rows = await db.rows<CallRows[D] & { total: number; campaign_hold: string | null }>(
    statementOf(`${direction}-${path}-${way}`),
    [
      ...countValues(scope, path, filter),
      timestampText(beside?.enqueuedAt ?? edge),
      beside?.id ?? (forward ? FIRST_ID : LAST_ID),
      limit,
    ],
  );
  const calls = rows
    .filter(({ id }) => id !== null)
    .map((row) => ({ ...CALL_OF[direction](row), campaignHold: row.campaign_hold }));
  return { rows: forward ? calls : calls.reverse(), totalCount: rows[0]?.total ?? 0 };
}

/** The exact number of a direction's calls that the filter lets through. */
export async function countCalls(
  db: Db,
  scope: Scope,
  direction: Direction,
  filter: Filter,
): Promise<number> {
  const path = pathOf(filter);
  const count = statementOf(`${direction}-${path}`);
  const row = await db.row<{ total: number }>(count, countValues(scope, path, filter));
  return row?.total ?? 0;
}
