import { timestampText } from '../kernel/instant.ts';
import type { Cover, Part } from './cover-range.ts';

export const EDGE_COLUMNS = { lo: 'timestamptz', hi: 'timestamptz', sign: 'integer' } as const;
export const BUCKET_COLUMNS = { grain: 'text', ...EDGE_COLUMNS } as const;

const boundsOf = ({ from, to }: Pick<Part, 'from' | 'to'>) => ({
  lo: timestampText(from),
  hi: timestampText(to),
});

export const rowsOfCover = ({ buckets, hours, edges }: Cover) => ({
  buckets: buckets.map((part) => ({ grain: part.grain, ...boundsOf(part), sign: part.sign })),
  hours: boundsOf(hours),
  edges: edges.map((part) => ({ ...boundsOf(part), sign: part.sign })),
});

export const sumText = (table: string, matches: string) =>
  `SELECT coalesce(sum(n.n), 0) FROM ${table} n WHERE ${matches}`;

export interface BucketSum {
  readonly table: string;
  /** Condition on a row n of `_counts` and `_count_deltas`. */
  readonly matches: string;
  /** Rows g of `BUCKET_COLUMNS`. */
  readonly buckets: string;
  /** Condition on the hour of a delta n. */
  readonly inHours: string;
}

/** Includes deltas that are not rolled up yet. */
export function bucketSumText({ table, matches, buckets, inHours }: BucketSum): string {
  const inBucket = 'n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi';
  // Separate subqueries keep the planner from joining all rows.
  return `(SELECT coalesce(sum(g.sign * (${sumText(`${table}_counts`, `${matches} AND ${inBucket}`)})), 0)
      FROM ${buckets})
    + (${sumText(`${table}_count_deltas`, `${matches} AND ${inHours}`)})`;
}

/** `edges` are rows e of `EDGE_COLUMNS`. */
export const edgeSumText = (edges: string, count: string) =>
  `(SELECT coalesce(sum(e.sign * (
        ${count}
      )), 0) FROM ${edges})`;
