import { FINAL_STATUSES, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import type { Scope } from '../access/scope.ts';
import { type Db, type Statement, statement } from '../base/db.ts';
import { coverRange } from './counts.ts';

/** Values sorted and without repeats; a key that filters nothing is absent. */
export interface Filter {
  /** Milliseconds since 1970, inclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly statuses?: readonly string[];
  readonly initiationTypes?: readonly string[];
  readonly endTypes?: readonly string[];
}

export interface Position {
  readonly direction: 'forward' | 'backward';
  /** The row that the page begins beside; null: where the list itself begins. */
  readonly beside: { readonly startTime: number; readonly id: string } | null;
  readonly limit: number;
}

export interface PageRow {
  readonly id: string;
  readonly startTime: number;
  readonly head: string;
  readonly recordings: string | null;
}

/** The index that serves a filter; each reads the rows of a branch in the order of the list. */
type Path = 'time' | 'status' | 'end';

/** The equalities of one stretch of an index. */
interface Branch {
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
}

/**
 * A filter as stretches of an index. A key that the filter leaves open is filled with all of its
 * values: a page then costs a few more index descents, and never a scan past rows that do not match.
 */
function planBranches(filter: Filter): { path: Path; branches: Branch[] } {
  const { statuses, initiationTypes, endTypes } = filter;
  if (!statuses && !initiationTypes && !endTypes) return { path: 'time', branches: [] };
  const fits = (status: string) => !endTypes || FINAL_STATUSES.some((final) => final === status);
  const branches = (endTypes ?? [null]).flatMap((endType) =>
    (initiationTypes ?? INITIATION_TYPE.names).flatMap((initiationType) =>
      (statuses ?? STATUS.names)
        .filter(fits)
        .map((status) => ({ status, initiationType, endType })),
    ),
  );
  return { path: endTypes ? 'end' : 'status', branches };
}

const BRANCHES =
  'unnest($6::text[], $7::text[], $8::text[]) AS b(initiation_type, status, end_type)';
const OF_BRANCH: Record<Path, string> = {
  time: '',
  status: 'AND c.initiation_type = b.initiation_type AND c.status = b.status',
  end: `AND c.end_type = b.end_type AND c.initiation_type = b.initiation_type
        AND c.status = b.status AND c.end_type IS NOT NULL`,
};

/** $2 and $3 bound StartTime (from, to excluded), $4 is the id beside which a page begins. */
function keyset(path: Path, direction: Position['direction'], columns: string): string {
  // The position replaces the date bound on its side: both together would make the index walk
  // through all rows between them.
  const bounds =
    direction === 'forward'
      ? 'c.start_time >= $2 AND (c.start_time, c.id) < ($3, $4)'
      : '(c.start_time, c.id) > ($2, $4) AND c.start_time < $3';
  const order = direction === 'forward' ? 'c.start_time DESC, c.id DESC' : 'c.start_time, c.id';
  return `SELECT ${columns} FROM conversations c
    WHERE c.business_id = $1 AND c.erased_at IS NULL ${OF_BRANCH[path]} AND ${bounds}
    ORDER BY ${order} LIMIT $5`;
}

function pageText(path: Path, direction: Position['direction']): string {
  if (path === 'time') return keyset(path, direction, 'c.id, c.start_time, c.head, c.recordings');
  const order = direction === 'forward' ? 'k.start_time DESC, k.id DESC' : 'k.start_time, k.id';
  // Only the rows that are shown are looked up in the table.
  return `SELECT c.id, c.start_time, c.head, c.recordings
    FROM (
      SELECT k.id FROM ${BRANCHES}
      CROSS JOIN LATERAL (${keyset(path, direction, 'c.id, c.start_time')}) k
      ORDER BY ${order} LIMIT $5
    ) k JOIN conversations c ON c.business_id = $1 AND c.id = k.id`;
}

/** $first is the first of the parameters: filters, buckets, and, where there are edges, those. */
function countText(path: Path, first: number, edges: boolean): string {
  const [statuses, initiationTypes, endTypes, grains, froms, tos, edgeFroms, edgeTos] = Array.from(
    { length: 8 },
    (_, index) => `$${first + index}`,
  );
  const matches = `($${first}::text[] IS NULL OR n.status = ANY(${statuses}))
      AND (${initiationTypes}::text[] IS NULL OR n.initiation_type = ANY(${initiationTypes}))
      AND (${endTypes}::text[] IS NULL OR n.end_type = ANY(${endTypes}))`;
  // Each sum is a subquery of its own, which the planner cannot turn into a join over all rows.
  const branch = path === 'time' ? '' : `CROSS JOIN ${BRANCHES}`;
  const atEdges = edges
    ? `+ (SELECT coalesce(sum((
          SELECT count(*) FROM conversations c
          WHERE c.business_id = $1 AND c.erased_at IS NULL ${OF_BRANCH[path]}
            AND c.start_time >= e.lo AND c.start_time < e.hi
        )), 0) FROM unnest(${edgeFroms}::timestamptz[], ${edgeTos}::timestamptz[]) AS e(lo, hi) ${branch})`
    : '';
  return `(SELECT coalesce(sum((
        SELECT sum(n.n) FROM conversation_counts n
        WHERE n.business_id = $1 AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi
          AND ${matches}
      )), 0) FROM unnest(${grains}::text[], ${froms}::timestamptz[], ${tos}::timestamptz[]) AS g(grain, lo, hi))
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n
      WHERE n.business_id = $1 AND ${matches} AND EXISTS (
        SELECT FROM unnest(${froms}::timestamptz[], ${tos}::timestamptz[]) AS g(lo, hi)
        WHERE n.hour >= g.lo AND n.hour < g.hi))
    ${atEdges}`;
}

/** Page and count in one statement, so that they are of one snapshot and agree. */
function listStatement(path: Path, direction: Position['direction'], edges: boolean): Statement {
  const first = path === 'time' ? 6 : 9;
  return statement(
    `conversations.list-by-${path}-${direction}${edges ? '-edges' : ''}`,
    `SELECT t.total, p.id, p.start_time, p.head, p.recordings
     FROM (SELECT (${countText(path, first, edges)})::bigint AS total) t
     LEFT JOIN (${pageText(path, direction)}) p ON true
     ORDER BY p.start_time DESC, p.id DESC`,
  );
}

const LISTS = new Map<string, Statement>();
for (const path of ['time', 'status', 'end'] as const) {
  for (const direction of ['forward', 'backward'] as const) {
    for (const edges of [true, false]) {
      LISTS.set(`${path} ${direction} ${edges}`, listStatement(path, direction, edges));
    }
  }
}

interface ListRow {
  readonly total: number;
  readonly id: string | null;
  readonly start_time: number;
  readonly head: string;
  readonly recordings: string | null;
}

export async function findPage(
  db: Db,
  scope: Scope,
  filter: Filter,
  position: Position,
): Promise<{ rows: PageRow[]; totalCount: number }> {
  const { path, branches } = planBranches(filter);
  const from = filter.from ?? -Infinity;
  const to = filter.to === undefined ? Infinity : filter.to + 1;
  const cover = coverRange(from, to);
  const list = LISTS.get(`${path} ${position.direction} ${cover.edges.length > 0}`);
  if (!list) throw new Error(`no list by ${path}`);
  const { beside, direction } = position;
  const lower = direction === 'backward' && beside ? beside.startTime : from;
  const upper = direction === 'forward' && beside ? beside.startTime : to;
  // '' comes before every id: at the start of the list it makes both bounds plain date bounds.
  const values: unknown[] = [
    scope.businessId,
    timestamp(direction === 'backward' && !beside ? lower - 1 : lower),
    timestamp(upper),
    beside ? beside.id : direction === 'forward' ? '' : LAST_ID,
    position.limit,
  ];
  if (path !== 'time') {
    values.push(
      branches.map(({ initiationType }) => initiationType),
      branches.map(({ status }) => status),
      branches.map(({ endType }) => endType),
    );
  }
  values.push(
    filter.statuses ?? null,
    filter.initiationTypes ?? null,
    filter.endTypes ?? null,
    cover.buckets.map(({ grain }) => grain),
    cover.buckets.map((bucket) => timestamp(bucket.from)),
    cover.buckets.map((bucket) => timestamp(bucket.to)),
  );
  if (cover.edges.length > 0) {
    values.push(
      cover.edges.map((edge) => timestamp(edge.from)),
      cover.edges.map((edge) => timestamp(edge.to)),
    );
  }
  const rows = await db.rows<ListRow>(list, values);
  return {
    totalCount: rows[0]?.total ?? 0,
    rows: rows.flatMap(({ id, start_time: startTime, head, recordings }) =>
      id === null ? [] : [{ id, startTime, head, recordings }],
    ),
  };
}

/** Comes after every id: no id holds a character beyond ASCII. */
const LAST_ID = '\u007f';

const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

function timestamp(instant: number): string {
  if (instant < FIRST_INSTANT) return '-infinity';
  return instant > LAST_INSTANT ? 'infinity' : new Date(instant).toISOString();
}
