import {
  BUCKET_COLUMNS,
  bucketSumText,
  EDGE_COLUMNS,
  edgeSumText,
  sumText,
} from '../../counters/range-count.ts';
import { type NamedParameters, nameParameters } from '../../kernel/postgres/named-parameters.ts';
import type { Path, Shape } from './list-plan.ts';

/** `at` is the number of the request, starting at 1. */
const TYPES = {
  businessId: 'bigint',
  requests: {
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
  },
  branches: {
    at: 'integer',
    status: 'text',
    initiation_type: 'text',
    end_type: 'text',
    duration_class: 'smallint',
  },
  buckets: { at: 'integer', ...BUCKET_COLUMNS },
  edges: { at: 'integer', ...EDGE_COLUMNS },
} as const;

const isByDuration = (path: Path) => path === 'duration' || path === 'only duration';

export type ListParameters = NamedParameters<typeof TYPES>;

const BRANCH_COLUMNS: Record<Path, readonly (keyof typeof TYPES.branches)[]> = {
  time: [],
  status: ['initiation_type', 'status'],
  end: ['initiation_type', 'status', 'end_type'],
  duration: ['initiation_type', 'status', 'end_type'],
  'only duration': [],
};
const filterColumnsOf = (path: Path): readonly string[] =>
  isByDuration(path) ? [...BRANCH_COLUMNS[path], 'duration_class'] : BRANCH_COLUMNS[path];

/** Every parameter costs time, so a statement has only those of its shape. */
export function parametersOf({ path, branches, range }: Shape): ListParameters {
  const isUsed: Record<keyof typeof TYPES, boolean> = {
    businessId: true,
    requests: true,
    branches: path !== 'time' && branches === 'several',
    buckets: range !== 'all',
    edges: range === 'edges',
  };
  const filtered = filterColumnsOf(path);
  const unused = new Set([
    ...filterColumnsOf('duration').filter((name) => !filtered.includes(name)),
    ...(range === 'all' ? ['hour_lo', 'hour_hi'] : []),
  ]);
  const isColumnUsed = ([name]: [string, unknown]) => !unused.has(name);
  const columnsOf = (type: string | object) =>
    typeof type === 'string' ? type : Object.fromEntries(Object.entries(type).filter(isColumnUsed));
  const used = Object.entries(TYPES)
    .filter(([name]) => isUsed[name as keyof typeof TYPES])
    .map(([name, type]) => [name, columnsOf(type)]);
  return nameParameters(Object.fromEntries(used) as typeof TYPES);
}

const INDEXED: Partial<Record<Path, string>> = {
  end: 'AND c.end_type IS NOT NULL',
  duration: 'AND c.duration_class IS NOT NULL',
  'only duration': 'AND c.duration_class IS NOT NULL',
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
    ${isByDuration(path) ? `AND c.duration_class = ${durationClass}` : ''} ${INDEXED[path] ?? ''}`;
}

const orderOf = ({ direction }: Shape, row: string) =>
  direction === 'forward'
    ? `ORDER BY ${row}.start_time DESC, ${row}.id DESC`
    : `ORDER BY ${row}.start_time, ${row}.id`;

function keyset(shape: Shape, columns: string): string {
  // With both a cursor and a date bound on one side, the index would scan every row between them.
  const bounds =
    shape.direction === 'forward'
      ? 'c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)'
      : '(c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi';
  return `SELECT ${columns} FROM conversations c WHERE ${rowsOf(shape)} AND ${bounds}
    ${orderOf(shape, 'c')} LIMIT r.row_limit`;
}

const ITEM_COLUMNS = 'c.id, c.head, c.recordings';

function pageText(shape: Shape, parameters: ListParameters): string {
  if (shape.path === 'time' || shape.branches === 'one') return keyset(shape, ITEM_COLUMNS);
  // LIMIT 1 makes the planner look up only the rows of the page, one by one.
  return `SELECT ${ITEM_COLUMNS}
    FROM (
      SELECT k.id FROM ${parameters.table('branches', 'b')} CROSS JOIN LATERAL (${keyset(shape, 'c.id, c.start_time')}) k
      WHERE b.at = r.at ${orderOf(shape, 'k')} LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT ${ITEM_COLUMNS} FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c`;
}

/** Names of a key in one text, and the array that they are split into. */
const KEYS = [
  ['status', 'statuses'],
  ['initiation_type', 'initiation_types'],
  ['end_type', 'end_types'],
] as const;
/** Keys that a request of several branches may leave open. */
const openKeysOf = ({ path, branches }: Shape) =>
  KEYS.filter(([key]) => branches === 'several' && filterColumnsOf(path).includes(key));

function anyOfKeys(shape: Shape): string {
  const conditions = openKeysOf(shape).map(
    ([key, names]) => `AND (r.${key} IS NULL OR n.${key} = ANY(r.${names}))`,
  );
  return conditions.join(' ');
}

function countText(shape: Shape, parameters: ListParameters): string {
  const { path, branches, range } = shape;
  const ofKeys = branches === 'one' ? ofBranch(shape, 'n') : anyOfKeys(shape);
  const matches = `n.business_id = $1 ${ofKeys}`;
  if (range === 'all') {
    return `(${sumText('conversation_counts', `${matches} AND n.grain = 'all'`)})
      + (${sumText('conversation_count_deltas', `${matches} AND true`)})`;
  }
  const ofClasses = isByDuration(path) ? 'AND n.duration_class = ANY(r.duration_classes)' : '';
  const whole = bucketSumText({
    table: 'conversation',
    matches,
    buckets: `${parameters.table('buckets', 'g')} WHERE g.at = r.at`,
    inHours: `n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ${ofClasses}`,
  });
  if (range === 'buckets') return whole;
  const isJoined = path !== 'time' && branches === 'several';
  const joined = isJoined ? `JOIN ${parameters.table('branches', 'b')} USING (at)` : '';
  const edges = `${parameters.table('edges', 'e')}
      ${joined} WHERE e.at = r.at`;
  const count = `SELECT count(*) FROM conversations c
        WHERE ${rowsOf(shape)} AND c.start_time >= e.lo AND c.start_time < e.hi`;
  return `${whole} + ${edgeSumText(edges, count)}`;
}

// No value contains it. Twenty rows of four columns take longer to send and to parse than joined texts.
export const SEPARATOR = '\u0003';
const joinTexts = (value: string) => `string_agg(${value}, E'\\x03')`;

/** One statement, so page and count use one snapshot. */
export function listText(shape: Shape, parameters: ListParameters): string {
  const arrays = openKeysOf(shape).map(
    ([key, names]) => `string_to_array(r.${key}, ',') AS ${names}`,
  );
  if (isByDuration(shape.path)) {
    arrays.push(`string_to_array(r.duration_class, ',')::smallint[] AS duration_classes`);
  }
  const requests = parameters.table('requests', 'r', 'at');
  // OFFSET 0 keeps the planner from splitting the names again for each row.
  const split = `(
      SELECT r.*, ${arrays.join(',\n        ')}
      FROM ${requests} OFFSET 0
    ) r`;
  return `SELECT (${countText(shape, parameters)})::bigint AS total, p.*
    FROM ${arrays.length === 0 ? requests : split} CROSS JOIN LATERAL (
      SELECT ${joinTexts('c.id')} AS ids, ${joinTexts('c.head')} AS heads, ${joinTexts("coalesce(c.recordings, '')")} AS recordings
      FROM (${pageText(shape, parameters)}) c
    ) p
    ORDER BY r.at`;
}
