import { truncateUtc } from '../kernel/postgres/sql-text.ts';

/** Sums deltas `t` that match `where`. */
export interface FigureColumn {
  readonly name: string;
  readonly where: string;
  readonly of: 'n' | 'milliseconds';
}

export type Sums = Readonly<Record<string, number>>;

/** The quarter of an hour of a delta `t`, and the buckets that it counts in. */
const QUARTER = `t.hour + t.quarter * interval '15 minutes'`;
const GRAINS = `(VALUES ('quarter', ${QUARTER}), ('hour', t.hour),
    ('day', ${truncateUtc('day', 't.hour')}), ('month', ${truncateUtc('month', 't.hour')})) AS g(grain, bucket)`;

const sumsOf = (columns: readonly FigureColumn[]) =>
  columns.map(({ where, of }) => `coalesce(sum(t.${of}) FILTER (WHERE ${where}), 0)::bigint`);
/** Deltas without a quarter are older than the rollups, which already include them. */
const counted = (columns: readonly FigureColumn[]) =>
  `t.quarter IS NOT NULL AND (${columns.map(({ where }) => where).join(' OR ')})`;

/** `deltas` selects deltas t, with their business. */
export function addFiguresText(
  name: string,
  columns: readonly FigureColumn[],
  deltas: string,
): string {
  const names = columns.map((column) => column.name);
  return `INSERT INTO ${name}_figures AS f (business_id, grain, bucket, ${names.join(', ')})
     SELECT t.business_id, g.grain, g.bucket, ${sumsOf(columns).join(', ')}
     FROM (${deltas}) t CROSS JOIN LATERAL ${GRAINS}
     WHERE ${counted(columns)}
     GROUP BY 1, 2, 3
     ON CONFLICT (business_id, grain, bucket) DO UPDATE
     SET ${names.map((column) => `${column} = f.${column} + excluded.${column}`).join(', ')}`;
}

/**
 * Rows have `at` (the range's number) and `sums`, to be added by number. A range consists of parts:
 * arrays of number, grain, from, to (exclusive), sign in $2 to $6. $7 has the starts of the ranges
 * and the last end, for deltas that are not rolled up yet.
 */
export function figuresText(name: string, columns: readonly FigureColumn[]): string {
  const signed = columns.map((column) => `sum(p.sign * f.${column.name})::bigint`);
  // OFFSET 0 keeps the planner from joining all rollups.
  return `SELECT p.at, to_json(ARRAY[${signed.join(', ')}]) AS sums
    FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
      AS p(at, grain, lo, hi, sign)
    CROSS JOIN LATERAL (
      SELECT f.* FROM ${name}_figures f
      WHERE f.business_id = $1 AND f.grain = p.grain AND f.bucket >= p.lo AND f.bucket < p.hi
      OFFSET 0
    ) f
    GROUP BY p.at
    UNION ALL
    SELECT q.at, to_json(ARRAY[${sumsOf(columns).join(', ')}])
    FROM ${name}_count_deltas t
    CROSS JOIN LATERAL (SELECT width_bucket(${QUARTER}, $7::timestamptz[]) - 1 AS at) q
    WHERE t.business_id = $1 AND ${counted(columns)}
      AND q.at >= 0 AND q.at < cardinality($7::timestamptz[]) - 1
    GROUP BY q.at`;
}
