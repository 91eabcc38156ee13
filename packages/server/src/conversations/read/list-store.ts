import { END_TYPE, FINAL_STATUSES, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { classGrain } from '../../counters/counts.ts';
import { coverRange } from '../../counters/cover-range.ts';
import { timestampText } from '../../kernel/instant.ts';
import type { FoundRows, Position } from '../../kernel/page.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

/** Values are sorted and distinct; keys that filter nothing are absent. */
export interface Filter {
  /** Milliseconds since 1970, inclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly statuses?: readonly string[];
  readonly initiationTypes?: readonly string[];
  readonly endTypes?: readonly string[];
  /** Class numbers; conversations that have ended only. */
  readonly durationClasses?: readonly number[];
}

export interface RowKey {
  /** In PostgreSQL's own format; never parsed here. */
  readonly startTime: string;
  readonly id: string;
}

export interface PageRow extends RowKey {
  readonly head: string;
  readonly recordings: string | null;
}

/** The index that serves a filter; each returns the rows of a branch in list order. */
type Path = 'time' | 'status' | 'end' | 'duration';

interface Branch {
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
  readonly durationClass: number | null;
}

/**
 * Splits a filter into index ranges. A key without a filter is expanded to all of its values: this adds a
 * few index descents per page and never scans rows that do not match.
 */
function planBranches(filter: Filter): { path: Path; branches: Branch[] } {
  const { statuses, initiationTypes, durationClasses } = filter;
  const endTypes = filter.endTypes ?? (durationClasses && END_TYPE.names);
  if (!statuses && !initiationTypes && !endTypes) return { path: 'time', branches: [] };
  const isAllowed = (status: string) =>
    !endTypes || FINAL_STATUSES.some((final) => final === status);
  const branches = (durationClasses ?? [null]).flatMap((durationClass) =>
    (endTypes ?? [null]).flatMap((endType) =>
      (initiationTypes ?? INITIATION_TYPE.names).flatMap((initiationType) =>
        (statuses ?? STATUS.names)
          .filter(isAllowed)
          .map((status) => ({ status, initiationType, endType, durationClass })),
      ),
    ),
  );
  return { path: durationClasses ? 'duration' : endTypes ? 'end' : 'status', branches };
}

interface Shape {
  readonly path: Path;
  readonly direction: Position<RowKey>['direction'];
  /** One branch uses equalities; several are read in parallel and merged. */
  readonly branches: 'one' | 'several';
  /** Whether the date filter covers all counts, whole buckets, or also parts of hours. */
  readonly range: 'all' | 'buckets' | 'edges';
}

/**
 * Columns of one request in a list statement, in the order of its parameters from $2 on. The last ones are
 * optional.
 */
const REQUEST = {
  lo: 'timestamptz',
  hi: 'timestamptz',
  beside: 'text',
  row_limit: 'integer',
  status: 'text',
  initiation_type: 'text',
  end_type: 'text',
  hour_lo: 'timestamptz',
  hour_hi: 'timestamptz',
  duration_class: 'text',
} as const;
/** Rows that belong to a request by its number; their parameters follow REQUEST. */
const BRANCH = {
  at: 'integer',
  status: 'text',
  initiation_type: 'text',
  end_type: 'text',
  duration_class: 'smallint',
} as const;
const BUCKET = {
  at: 'integer',
  grain: 'text',
  lo: 'timestamptz',
  hi: 'timestamptz',
  sign: 'integer',
} as const;
const EDGE = { at: 'integer', lo: 'timestamptz', hi: 'timestamptz', sign: 'integer' } as const;

type Columns = Readonly<Record<string, string>>;
interface Tables<T> {
  readonly request: T;
  readonly branch: T;
  readonly bucket: T;
  readonly edge: T;
}
const COLUMNS: Tables<Columns> = { request: REQUEST, branch: BRANCH, bucket: BUCKET, edge: EDGE };

/** Only the statements of one path have the duration parameters: every parameter costs time. */
function columnsOf({ path }: Shape, table: keyof Tables<Columns>): [name: string, type: string][] {
  const columns = Object.entries(COLUMNS[table]);
  return path === 'duration' ? columns : columns.filter(([name]) => name !== 'duration_class');
}

function tablesOf({ path, branches, range }: Shape): (keyof Tables<Columns>)[] {
  return [
    'request',
    ...(path !== 'time' && branches === 'several' ? (['branch'] as const) : []),
    ...(range === 'all' ? [] : (['bucket'] as const)),
    ...(range === 'edges' ? (['edge'] as const) : []),
  ];
}

function unnest(shape: Shape, table: keyof Tables<Columns>, alias: string): string {
  const tables = tablesOf(shape);
  const before = tables.slice(0, tables.indexOf(table));
  const first = before.reduce((sum, name) => sum + columnsOf(shape, name).length, 2);
  const columns = columnsOf(shape, table);
  const types = columns.map(([, type], at) => `$${first + at}::${type}[]`);
  const names = columns.map(([name]) => name);
  return table === 'request'
    ? `unnest(${types.join(', ')}) WITH ORDINALITY AS ${alias}(${names.join(', ')}, at)`
    : `unnest(${types.join(', ')}) AS ${alias}(${names.join(', ')})`;
}

const BRANCH_COLUMNS: Record<Path, readonly (keyof typeof BRANCH)[]> = {
  time: [],
  status: ['initiation_type', 'status'],
  end: ['initiation_type', 'status', 'end_type'],
  duration: ['initiation_type', 'status', 'end_type'],
};
const INDEXED: Partial<Record<Path, string>> = {
  end: 'AND c.end_type IS NOT NULL',
  duration: 'AND c.duration_class IS NOT NULL',
};

function ofBranch({ path, branches }: Shape, table: string): string {
  const of = branches === 'one' ? 'r' : 'b';
  const equal = BRANCH_COLUMNS[path].map((column) => `AND ${table}.${column} = ${of}.${column}`);
  return equal.join(' ');
}

function rowsOf(shape: Shape): string {
  const { path, branches } = shape;
  const durationClass = branches === 'one' ? 'r.duration_class::smallint' : 'b.duration_class';
  return `c.business_id = $1 AND c.erased_at IS NULL ${ofBranch(shape, 'c')}
    ${path === 'duration' ? `AND c.duration_class = ${durationClass}` : ''} ${INDEXED[path] ?? ''}`;
}

function keyset(shape: Shape, columns: string): string {
  // The cursor replaces the date bound on its side. With both, the index would scan every row between them.
  const forward = shape.direction === 'forward';
  const bounds = forward
    ? 'c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)'
    : '(c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi';
  return `SELECT ${columns} FROM conversations c WHERE ${rowsOf(shape)} AND ${bounds}
    ORDER BY ${forward ? 'c.start_time DESC, c.id DESC' : 'c.start_time, c.id'} LIMIT r.row_limit`;
}

const ITEM_COLUMNS = 'c.id, c.start_time, c.head, c.recordings';

function pageText(shape: Shape): string {
  if (shape.path === 'time' || shape.branches === 'one') return keyset(shape, ITEM_COLUMNS);
  const order =
    shape.direction === 'forward' ? 'k.start_time DESC, k.id DESC' : 'k.start_time, k.id';
  // LIMIT 1 makes the planner look up only the rows of the page, one by one.
  return `SELECT ${ITEM_COLUMNS}
    FROM (
      SELECT k.id FROM ${unnest(shape, 'branch', 'b')} CROSS JOIN LATERAL (${keyset(shape, 'c.id, c.start_time')}) k
      WHERE b.at = r.at ORDER BY ${order} LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT ${ITEM_COLUMNS} FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c`;
}

function countText(shape: Shape): string {
  const several = ['status = ANY(r.statuses)', 'initiation_type = ANY(r.initiation_types)']
    .concat('end_type = ANY(r.end_types)')
    .map((match, at) => `AND (r.${Object.keys(REQUEST)[4 + at]} IS NULL OR n.${match})`)
    .join(' ');
  const matches =
    shape.path === 'time' ? '' : shape.branches === 'one' ? ofBranch(shape, 'n') : several;
  const sumOf = (table: string, where: string) =>
    `SELECT coalesce(sum(n.n), 0) FROM ${table} n WHERE n.business_id = $1 ${matches} AND ${where}`;
  if (shape.range === 'all') {
    return `(${sumOf('conversation_counts', "n.grain = 'all'")})
      + (${sumOf('conversation_count_deltas', 'true')})`;
  }
  const inBucket = 'n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi';
  // Separate subqueries keep the planner from joining all rows.
  const whole = `(SELECT coalesce(sum(g.sign * (${sumOf('conversation_counts', inBucket)})), 0)
      FROM ${unnest(shape, 'bucket', 'g')} WHERE g.at = r.at)
    + (${sumOf(
      'conversation_count_deltas',
      `n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ${shape.path === 'duration' ? 'AND n.duration_class = ANY(r.duration_classes)' : ''}`,
    )})`;
  if (shape.range === 'buckets') return whole;
  const ofEach = shape.path !== 'time' && shape.branches === 'several';
  return `${whole} + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE ${rowsOf(shape)} AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM ${unnest(shape, 'edge', 'e')}
      ${ofEach ? `JOIN ${unnest(shape, 'branch', 'b')} USING (at)` : ''} WHERE e.at = r.at)`;
}

// A page is one row of texts joined by U+0003, which no value contains. Twenty rows of four columns take
// longer to send and to parse.
const SEPARATOR = '\u0003';
const joinTexts = (value: string) => `string_agg(${value}, E'\\x03')`;

/** Page and count are one statement, so they use one snapshot. */
function listText(shape: Shape): string {
  // Names that a filter requests of counts are joined by commas. OFFSET 0 keeps the planner from splitting
  // them again for each row.
  return `SELECT (${countText(shape)})::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types
        ${shape.path === 'duration' ? `, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes` : ''}
      FROM ${unnest(shape, 'request', 'r')} OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT ${joinTexts("c.id || ' ' || c.start_time")} AS keys, ${joinTexts('c.head')} AS heads, ${joinTexts("coalesce(c.recordings, '')")} AS recordings
      FROM (${pageText(shape)}) c
    ) p
    ORDER BY r.at`;
}

interface ListRow {
  readonly total: number;
  /** Each key is an id, a space and a start time; null if there are no rows. */
  readonly keys: string | null;
  readonly heads: string;
  readonly recordings: string;
}

type Values = readonly (string | number | null)[];
type RequestValues = { readonly [Table in keyof Tables<Columns>]: readonly Values[] };

const nameOf = ({ path, branches, direction, range }: Shape) =>
  `${path}-${branches}-${direction}-${range}`;

/** Requests of one shape in the same event-loop turn share a statement. */
function createListBatcher(shape: Shape) {
  const list = statement(`conversations.list-${nameOf(shape)}`, listText(shape));
  const tables = tablesOf(shape).map((table) => ({
    table,
    columns: [...columnsOf(shape, table).keys()],
  }));
  return createBatcher(LIST_BATCHES, async (db, businessId, requests: readonly RequestValues[]) => {
    const values: unknown[] = [businessId];
    for (const { table, columns } of tables) {
      const rows = requests.flatMap((request, at) =>
        table === 'request' ? request.request : request[table].map((row) => [at + 1, ...row]),
      );
      for (const column of columns) values.push(rows.map((row) => row[column]));
    }
    return (await db.rows<ListRow>(list, values)).map((row) => pageOf(row, shape));
  });
}

function pageOf({ total, keys, ...row }: ListRow, { direction }: Shape): FoundRows<PageRow> {
  if (keys === null) return { rows: [], totalCount: total };
  const heads = row.heads.split(SEPARATOR);
  const recordings = row.recordings.split(SEPARATOR);
  const rows = keys.split(SEPARATOR).map((key, at) => {
    const space = key.indexOf(' ');
    return {
      id: key.slice(0, space),
      startTime: key.slice(space + 1),
      head: heads[at] ?? '',
      recordings: recordings[at] || null,
    };
  });
  return { rows: direction === 'forward' ? rows : rows.reverse(), totalCount: total };
}

const LIST_BATCHES = { most: 8, atOnce: 1 };
const LISTS = new Map<string, ReturnType<typeof createListBatcher>>();
for (const path of ['time', 'status', 'end', 'duration'] as const) {
  for (const branches of ['one', 'several'] as const) {
    for (const direction of ['forward', 'backward'] as const) {
      for (const range of ['all', 'buckets', 'edges'] as const) {
        const shape = { path, branches, direction, range };
        LISTS.set(nameOf(shape), createListBatcher(shape));
      }
    }
  }
}

/** Returns a page, newest first, with the exact count of all matches. */
export async function findPage(
  db: Db,
  scope: Scope,
  filter: Filter,
  { beside, direction, limit }: Position<RowKey>,
): Promise<FoundRows<PageRow>> {
  const { path, branches } = planBranches(filter);
  const from = filter.from ?? -Infinity;
  const to = filter.to === undefined ? Infinity : filter.to + 1;
  const { buckets, hours, edges } = coverRange(from, to);
  const forward = direction === 'forward';
  // Class counts have several grains, also over all time.
  const isAll = buckets[0]?.grain === 'all' && path !== 'duration';
  const [only] = branches.length === 1 ? branches : [];
  const find = LISTS.get(
    nameOf({
      path,
      direction,
      branches: only ? 'one' : 'several',
      range: edges.length > 0 ? 'edges' : isAll ? 'all' : 'buckets',
    }),
  );
  if (!find) throw new Error(`no list of ${path}`);
  const request = [
    !forward && beside ? beside.startTime : timestampText(forward ? from : from - 1),
    forward && beside ? beside.startTime : timestampText(to),
    // Without a cursor, these extremes turn both bounds into plain date bounds.
    beside ? beside.id : forward ? FIRST_ID : LAST_ID,
    limit,
    // Conflicting names may leave one branch.
    only?.status ?? filter.statuses?.join() ?? null,
    only?.initiationType ?? filter.initiationTypes?.join() ?? null,
    only?.endType ?? filter.endTypes?.join() ?? null,
    timestampText(hours.from),
    timestampText(hours.to),
    filter.durationClasses?.join() ?? null,
  ];
  // Without a key filter, a bucket has one row for all values.
  const grainsOf = (grain: string): readonly string[] =>
    filter.durationClasses?.map((of) => classGrain(grain, of)) ??
    (path === 'time' ? [`${grain} total`] : [grain]);
  return find(db, scope.businessId, {
    request: [request],
    branch: branches.map((branch) => [
      ...[branch.status, branch.initiationType, branch.endType, branch.durationClass],
    ]),
    bucket: buckets.flatMap((part) =>
      grainsOf(part.grain).map((grain) => [
        ...[grain, timestampText(part.from), timestampText(part.to), part.sign],
      ]),
    ),
    edge: edges.map((part) => [timestampText(part.from), timestampText(part.to), part.sign]),
  });
}

export async function countConversations(db: Db, scope: Scope, filter: Filter): Promise<number> {
  const first = { beside: null, direction: 'forward', limit: 1 } as const;
  return (await findPage(db, scope, filter, first)).totalCount;
}

/** They sort before and after every id: ids are not empty and are ASCII. */
const FIRST_ID = '';
const LAST_ID = '\u007f';
