import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';

/** The keys by which conversations are counted. */
export interface CountKeys {
  readonly startTime: number;
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
}

export interface CountDelta extends CountKeys {
  readonly n: 1 | -1;
}

/** What a write changes in the counts; empty where the keys stay as they are. */
export function countDeltas(before: CountKeys | null, after: CountKeys | null): CountDelta[] {
  if (before && after && sameKeys(before, after)) return [];
  return [
    ...(before ? [{ ...before, n: -1 } as const] : []),
    ...(after ? [{ ...after, n: 1 } as const] : []),
  ];
}

function sameKeys(a: CountKeys, b: CountKeys): boolean {
  return (
    a.startTime === b.startTime &&
    a.status === b.status &&
    a.initiationType === b.initiationType &&
    a.endType === b.endType
  );
}

/** The deltas of one conversation. */
export interface DeltasOf {
  readonly id: string;
  readonly deltas: readonly CountDelta[];
}

/**
 * The text that inserts deltas in a statement whose $1 is the business: `first` is the number of the
 * first of the six parameters that `deltaValues` gives, `join` takes away those of some `id`.
 */
export function insertDeltas(first: number, join = ''): string {
  const parameter = (offset: number, type: string) => `$${first + offset}::${type}[]`;
  return `INSERT INTO conversation_count_deltas (business_id, hour, status, initiation_type, end_type, n)
    SELECT $1, date_trunc('hour', d.start_time), d.status, d.initiation_type, coalesce(d.end_type, ''), d.n
    FROM unnest(${parameter(0, 'text')}, ${parameter(1, 'timestamptz')}, ${parameter(2, 'text')},
      ${parameter(3, 'text')}, ${parameter(4, 'text')}, ${parameter(5, 'integer')})
      AS d(id, start_time, status, initiation_type, end_type, n) ${join}`;
}

export function deltaValues(all: readonly DeltasOf[]): unknown[] {
  const deltas = all.flatMap(({ id, deltas }) => deltas.map((delta) => ({ id, ...delta })));
  return [
    deltas.map(({ id }) => id),
    deltas.map(({ startTime }) => new Date(startTime).toISOString()),
    deltas.map(({ status }) => status),
    deltas.map(({ initiationType }) => initiationType),
    deltas.map(({ endType }) => endType),
    deltas.map(({ n }) => n),
  ];
}

const INSERT_DELTAS = statement('conversations.count-deltas', insertDeltas(2));

export async function appendDeltas(db: Db, scope: Scope, changed: DeltasOf): Promise<void> {
  if (changed.deltas.length === 0) return;
  await db.rows(INSERT_DELTAS, [scope.businessId, ...deltaValues([changed])]);
}

/** The rows that a row t, counted by its hour and keys, adds to; a total has no keys. */
export const COUNT_ROWS = `
  SELECT grain, bucket, t.status, t.initiation_type, t.end_type FROM (VALUES
    ('hour', t.hour), ('day', date_trunc('day', t.hour)), ('month', date_trunc('month', t.hour)),
    ('all', timestamptz '-infinity')) AS by_keys(grain, bucket)
  UNION ALL SELECT grain, bucket, '', '', '' FROM (VALUES
    ('hour total', t.hour), ('day total', date_trunc('day', t.hour)),
    ('month total', date_trunc('month', t.hour))) AS totals(grain, bucket)`;

// One statement, so that no reader sees a delta twice or not at all. The advisory lock keeps two
// folds of one business from waiting for each other's rows; who does not get it leaves the work to
// the other.
const FOLD_DELTAS = statement(
  'conversations.fold-counts',
  `WITH turn AS MATERIALIZED (
     SELECT pg_try_advisory_xact_lock(hashtextextended('conversation_counts', $1)) AS mine
   ), taken AS (
     DELETE FROM conversation_count_deltas
     WHERE business_id = $1 AND (SELECT mine FROM turn)
     RETURNING hour, status, initiation_type, end_type, n
   ), summed AS (
     SELECT g.grain, g.bucket, g.status, g.initiation_type, g.end_type, sum(t.n) AS n
     FROM taken t CROSS JOIN LATERAL (${COUNT_ROWS}) AS g
     GROUP BY 1, 2, 3, 4, 5
     HAVING sum(t.n) <> 0
   )
   INSERT INTO conversation_counts AS c
     (business_id, grain, bucket, status, initiation_type, end_type, n)
   SELECT $1, grain, bucket, status, initiation_type, end_type, n FROM summed
   ON CONFLICT (business_id, grain, bucket, status, initiation_type, end_type)
     DO UPDATE SET n = c.n + excluded.n`,
);

/** Moves the deltas of a business into its counts. */
export async function foldCounts(db: Db, scope: Scope): Promise<void> {
  await db.rows(FOLD_DELTAS, [scope.businessId]);
}

/** Folds the counts of businesses soon after they changed. */
export interface Counting {
  touched(scope: Scope): void;
  /** Folds what is left. */
  close(): Promise<void>;
}

const FOLD_EVERY = 1_000;
const FOLD_AFTER_CHANGES = 500;

/**
 * Keeps deltas few, so that summing them stays cheap: each business that this process changed is
 * folded within a second, or after 500 changes. What a crash leaves, `foldCounts` of the next
 * round of jobs takes along; the sums are exact all the time.
 */
export function startCounting(db: Db, onError: (error: unknown) => void): Counting {
  const changed = new Map<number, { scope: Scope; changes: number }>();
  const folding = new Set<Promise<void>>();
  const fold = (scope: Scope) => {
    changed.delete(scope.businessId);
    const work = foldCounts(db, scope)
      .catch(onError)
      .finally(() => folding.delete(work));
    folding.add(work);
  };
  const foldAll = () => {
    for (const { scope } of changed.values()) fold(scope);
  };
  const timer = setInterval(foldAll, FOLD_EVERY).unref();
  return {
    touched(scope) {
      const changes = (changed.get(scope.businessId)?.changes ?? 0) + 1;
      changed.set(scope.businessId, { scope, changes });
      if (changes >= FOLD_AFTER_CHANGES) fold(scope);
    },
    async close() {
      clearInterval(timer);
      foldAll();
      await Promise.all(folding);
    },
  };
}
