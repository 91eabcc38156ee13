import type { Scope } from '../access/scope.ts';
import type { CountTable } from '../base/counts.ts';
import { type Db, type Statement, statement } from '../base/db.ts';
import { CONVERSATION_COUNTS } from '../conversations/counts.ts';
import { INBOUND_COUNTS, OUTBOUND_COUNTS } from '../queues/counts.ts';
import type { Buckets } from './buckets.ts';

/** How many of a bucket (its index) have a value in a dimension, and how long they were together. */
export interface Figure {
  readonly at: number;
  readonly dimension: string;
  readonly value: string;
  readonly n: number;
  readonly milliseconds: number;
}

export type Subject = 'conversation' | 'outbound' | 'inbound';

// One statement, so that all figures are of one instant. A start is where its bucket begins, so the
// number of starts that are not later is the number of the bucket.
const sumOf = (subject: Subject, { figuresText }: CountTable): Statement =>
  statement(
    `analytics.sum-${subject}`,
    `SELECT width_bucket(f.bucket, $5::timestamptz[]) - 1 AS at, f.dimension, f.value,
       sum(f.n)::bigint AS n, sum(f.milliseconds)::bigint AS milliseconds
     FROM (${figuresText}) f
     GROUP BY 1, 2, 3 HAVING sum(f.n) <> 0`,
  );
const SUMS: Readonly<Record<Subject, Statement>> = {
  conversation: sumOf('conversation', CONVERSATION_COUNTS),
  outbound: sumOf('outbound', OUTBOUND_COUNTS),
  inbound: sumOf('inbound', INBOUND_COUNTS),
};

/** The figures of each bucket; what is zero is absent. */
export function sumFigures(
  db: Db,
  { businessId }: Scope,
  subject: Subject,
  { grain, starts, end }: Buckets,
): Promise<Figure[]> {
  const instants = starts.map((start) => new Date(start).toISOString());
  const values = [businessId, grain, instants[0], new Date(end).toISOString(), instants];
  return db.rows(SUMS[subject], values);
}
