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
  readonly beside: RowKey | null;
  readonly limit: number;
}

/** Where a row stands in the list. */
export interface RowKey {
  /** As PostgreSQL writes it: it goes back there as it came, and is not parsed on the way. */
  readonly startTime: string;
  readonly id: string;
}

export interface PageRow extends RowKey {
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

/** What tells one list statement from another. */
interface Shape {
  readonly path: Path;
  readonly direction: Position['direction'];
  /** One branch is plain equalities; several are read side by side and merged. */
  readonly branches: 'one' | 'several';
  /** Whether the dates of the filter take all counts, whole buckets, or also the edges of hours. */
  readonly range: 'all' | 'buckets' | 'edges';
}

// The parameters: $1 business, $2 and $3 bounds of StartTime (from, to excluded), $4 the id beside
// which a page begins, $5 limit; then the branches, the filter, the buckets and the edges, each only
// where the shape has them.
const BRANCH_COLUMNS: Record<Path, readonly string[]> = {
  time: [],
  status: ['initiation_type', 'status'],
  end: ['initiation_type', 'status', 'end_type'],
};

const branchesOf = (path: Path) => {
  const columns = BRANCH_COLUMNS[path];
  return `unnest(${columns.map((_, at) => `$${6 + at}::text[]`).join(', ')}) AS b(${columns.join(', ')})`;
};

/** The condition that a row belongs to the branch. */
function ofBranch({ path, branches }: Shape): string {
  const equal = BRANCH_COLUMNS[path].map(
    (column, at) => `AND c.${column} = ${branches === 'one' ? `$${6 + at}::text` : `b.${column}`}`,
  );
  return `${equal.join(' ')} ${path === 'end' ? 'AND c.end_type IS NOT NULL' : ''}`;
}

function keyset(shape: Shape, columns: string): string {
  // The position replaces the date bound on its side: both together would make the index walk
  // through all rows between them.
  const forward = shape.direction === 'forward';
  const bounds = forward
    ? 'c.start_time >= $2::timestamptz AND (c.start_time, c.id) < ($3::timestamptz, $4::text)'
    : '(c.start_time, c.id) > ($2::timestamptz, $4::text) AND c.start_time < $3::timestamptz';
  return `SELECT ${columns} FROM conversations c
    WHERE c.business_id = $1 AND c.erased_at IS NULL ${ofBranch(shape)} AND ${bounds}
    ORDER BY ${forward ? 'c.start_time DESC, c.id DESC' : 'c.start_time, c.id'} LIMIT $5`;
}

const SHOWN = 'c.id, c.start_time, c.head, c.recordings';

function pageText(shape: Shape): string {
  if (shape.path === 'time' || shape.branches === 'one') return keyset(shape, SHOWN);
  const order =
    shape.direction === 'forward' ? 'k.start_time DESC, k.id DESC' : 'k.start_time, k.id';
  // Only the rows that are shown are looked up in the table, one by one (LIMIT 1 sees to that).
  return `SELECT ${SHOWN}
    FROM (
      SELECT k.id FROM ${branchesOf(shape.path)}
      CROSS JOIN LATERAL (${keyset(shape, 'c.id, c.start_time')}) k
      ORDER BY ${order} LIMIT $5
    ) k CROSS JOIN LATERAL (
      SELECT ${SHOWN} FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c`;
}

function countText(shape: Shape): string {
  const first = 6 + BRANCH_COLUMNS[shape.path].length;
  const parameter = (at: number, type: string) => `$${first + at}::${type}[]`;
  const matches = ['status', 'initiation_type', 'end_type']
    .map((column, at) => `(${parameter(at, 'text')} IS NULL OR n.${column} = ANY($${first + at}))`)
    .join(' AND ');
  const sumOf = (table: string, where: string) =>
    `SELECT coalesce(sum(n.n), 0) FROM ${table} n WHERE n.business_id = $1 AND ${matches} AND ${where}`;
  if (shape.range === 'all') {
    return `(${sumOf('conversation_counts', "n.grain = 'all'")})
      + (${sumOf('conversation_count_deltas', 'true')})`;
  }
  const buckets = `unnest(${parameter(3, 'text')}, ${parameter(4, 'timestamptz')}, ${parameter(5, 'timestamptz')}) AS g(grain, lo, hi)`;
  const inBucket = 'n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi';
  // Each sum is a subquery of its own, which the planner cannot turn into a join over all rows.
  const whole = `(SELECT coalesce(sum((${sumOf('conversation_counts', inBucket)})), 0) FROM ${buckets})
    + (${sumOf('conversation_count_deltas', `EXISTS (SELECT FROM ${buckets} WHERE n.hour >= g.lo AND n.hour < g.hi)`)})`;
  if (shape.range === 'buckets') return whole;
  const several = shape.path !== 'time' && shape.branches === 'several';
  return `${whole} + (SELECT coalesce(sum((
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL ${ofBranch(shape)}
          AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest(${parameter(6, 'timestamptz')}, ${parameter(7, 'timestamptz')}) AS e(lo, hi)
      ${several ? `CROSS JOIN ${branchesOf(shape.path)}` : ''})`;
}

/** Page and count in one statement, so that they are of one snapshot and agree. */
function listStatement(shape: Shape): Statement {
  return statement(
    `conversations.list-${nameOf(shape)}`,
    `SELECT t.total, p.id, p.start_time::text AS start_time, p.head, p.recordings
     FROM (SELECT (${countText(shape)})::bigint AS total) t
     LEFT JOIN (${pageText(shape)}) p ON true
     ORDER BY p.start_time DESC, p.id DESC`,
  );
}

const nameOf = ({ path, branches, direction, range }: Shape) =>
  `${path}-${branches}-${direction}-${range}`;

const LISTS = new Map<string, Statement>();
for (const path of ['time', 'status', 'end'] as const) {
  for (const branches of ['one', 'several'] as const) {
    for (const direction of ['forward', 'backward'] as const) {
      for (const range of ['all', 'buckets', 'edges'] as const) {
        const shape = { path, branches, direction, range };
        LISTS.set(nameOf(shape), listStatement(shape));
      }
    }
  }
}

interface ListRow {
  readonly total: number;
  readonly id: string | null;
  readonly start_time: string;
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
  const { beside, direction, limit } = position;
  const one = branches.length === 1 ? branches[0] : undefined;
  const shape: Shape = {
    path,
    direction,
    branches: one ? 'one' : 'several',
    range: cover.edges.length > 0 ? 'edges' : cover.buckets[0]?.grain === 'all' ? 'all' : 'buckets',
  };
  const list = LISTS.get(nameOf(shape));
  if (!list) throw new Error(`no list ${nameOf(shape)}`);
  const forward = direction === 'forward';
  const values: unknown[] = [
    scope.businessId,
    !forward && beside ? beside.startTime : timestamp(forward ? from : from - 1),
    forward && beside ? beside.startTime : timestamp(to),
    // At the start of the list these make both bounds plain date bounds.
    beside ? beside.id : forward ? FIRST_ID : LAST_ID,
    limit,
  ];
  const ofBranches = (column: keyof Branch) =>
    one ? one[column] : branches.map((branch) => branch[column]);
  if (path !== 'time') values.push(ofBranches('initiationType'), ofBranches('status'));
  if (path === 'end') values.push(ofBranches('endType'));
  values.push(filter.statuses ?? null, filter.initiationTypes ?? null, filter.endTypes ?? null);
  if (shape.range !== 'all') {
    values.push(
      cover.buckets.map(({ grain }) => grain),
      cover.buckets.map((bucket) => timestamp(bucket.from)),
      cover.buckets.map((bucket) => timestamp(bucket.to)),
    );
  }
  if (shape.range === 'edges') {
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

/** They come before and after every id: none is empty, none holds a character beyond ASCII. */
const FIRST_ID = '';
const LAST_ID = '\u007f';

const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

function timestamp(instant: number): string {
  if (instant < FIRST_INSTANT) return '-infinity';
  return instant > LAST_INSTANT ? 'infinity' : new Date(instant).toISOString();
}
