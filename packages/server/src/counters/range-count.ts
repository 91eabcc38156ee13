import { timestampText } from '../kernel/instant.ts';
import type { Cover, Part } from './cover-range.ts';

/** SQL types of the parts of a `Cover` as parameters. */
export const BUCKET_COLUMNS = {
  grain: 'text',
  lo: 'timestamptz',
  hi: 'timestamptz',
  sign: 'integer',
} as const;
export const EDGE_COLUMNS = { lo: 'timestamptz', hi: 'timestamptz', sign: 'integer' } as const;

const boundsOf = ({ from, to }: Pick<Part, 'from' | 'to'>) => ({
  lo: timestampText(from),
  hi: timestampText(to),
});

/** The parts of a cover as rows of `BUCKET_COLUMNS` and `EDGE_COLUMNS`. */
export const rowsOfCover = ({ buckets, hours, edges }: Cover) => ({
  buckets: buckets.map((part) => ({ grain: part.grain, ...boundsOf(part), sign: part.sign })),
  hours: boundsOf(hours),
  edges: edges.map((part) => ({ ...boundsOf(part), sign: part.sign })),
});

/** SQL that sums the matching rows n of a table of counts or deltas. */
export const sumText = (table: string, matches: string) =>
  `SELECT coalesce(sum(n.n), 0) FROM ${table} n WHERE ${matches}`;

export interface BucketSum {
  /** Prefix of `_counts` and `_count_deltas`. */
  readonly table: string;
  /** Condition on a row n of both tables. */
  readonly matches: string;
  /** Rows g of `BUCKET_COLUMNS`. */
  readonly buckets: string;
  /** Condition on the hour of a delta n. */
  readonly inHours: string;
}

/** SQL that sums whole buckets and the deltas that are not rolled up into them yet. */
export function bucketSumText({ table, matches, buckets, inHours }: BucketSum): string {
  const inBucket = 'n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi';
  // Separate subqueries keep the planner from joining all rows.
  return `(SELECT coalesce(sum(g.sign * (${sumText(`${table}_counts`, `${matches} AND ${inBucket}`)})), 0)
      FROM ${buckets})
    + (${sumText(`${table}_count_deltas`, `${matches} AND ${inHours}`)})`;
}

/** SQL that sums the counts of rows in partial hours; `edges` are rows e of `EDGE_COLUMNS`. */
export const edgeSumText = (edges: string, count: string) =>
  `(SELECT coalesce(sum(e.sign * (
        ${count}
      )), 0) FROM ${edges})`;
