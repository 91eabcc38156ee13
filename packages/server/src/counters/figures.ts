import { truncateUtc } from '../kernel/postgres/utc.ts';

/** A column of figures: what the deltas t of the counts come to for which `where` holds. */
export interface FigureColumn {
  readonly name: string;
  readonly where: string;
  /** How many they are, or how long they were together. */
  readonly of: 'n' | 'milliseconds';
}

/** What the figures of one range come to, by the names of their columns. */
export type Sums = Readonly<Record<string, number>>;

/** The quarter of an hour of a row t of deltas, and the buckets of figures that it counts in. */
const QUARTER = `t.hour + t.quarter * interval '15 minutes'`;
const GRAINS = `(VALUES ('quarter', ${QUARTER}), ('hour', t.hour),
    ('day', ${truncateUtc('day', 't.hour')}), ('month', ${truncateUtc('month', 't.hour')})) AS g(grain, bucket)`;

const sumsOf = (columns: readonly FigureColumn[]) =>
  columns.map(({ where, of }) => `coalesce(sum(t.${of}) FILTER (WHERE ${where}), 0)::bigint`);
/** Deltas from before there were figures have no quarter, and are among the figures already. */
const counted = (columns: readonly FigureColumn[]) =>
  `t.quarter IS NOT NULL AND (${columns.map(({ where }) => where).join(' OR ')})`;

/** The text that adds the deltas of `taken` t to the figures of business $1. */
export function addFiguresText(name: string, columns: readonly FigureColumn[]): string {
  const names = columns.map((column) => column.name);
  return `INSERT INTO ${name}_figures AS f (business_id, grain, bucket, ${names.join(', ')})
     SELECT $1, g.grain, g.bucket, ${sumsOf(columns).join(', ')}
     FROM taken t CROSS JOIN LATERAL ${GRAINS}
     WHERE ${counted(columns)}
     GROUP BY 2, 3
     ON CONFLICT (business_id, grain, bucket) DO UPDATE
     SET ${names.map((column) => `${column} = f.${column} + excluded.${column}`).join(', ')}`;
}

/**
 * The text that reads the figures of business $1 in ranges that are numbered from 0: rows of `at` (that
 * number) and `sums`, an array in the order of the columns. A reader adds up those of one number. A
 * range is parts of one grain each, as arrays of number, grain, from, to (excluded) and sign in $2 to $6.
 * What is not folded yet is in rows of its own: $7 has where the ranges begin, one after the other, and
 * where the last one ends.
 */
export function figuresText(name: string, columns: readonly FigureColumn[]): string {
  const signed = columns.map((column) => `sum(p.sign * f.${column.name})::bigint`);
  // OFFSET 0 keeps the planner from making a join over all figures of it.
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
