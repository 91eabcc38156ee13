import { type Db, type Statement, statement } from './db.ts';

/** A change of a count: so many more (or less) with these keys in the hour of `at`. */
export interface CountDelta {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** In the order of the table's keys. */
  readonly keys: readonly (string | null)[];
  readonly n: number;
}

/** The deltas of one thing that is counted. */
export interface DeltasOf {
  readonly id: string;
  readonly deltas: readonly CountDelta[];
}

/**
 * Exact counts of the rows of a business by hour and some keys, which never take a scan: a write only
 * adds deltas to `<name>_count_deltas`, and folding moves them into `<name>_counts`, where they add up
 * by hour, day, month and over all time.
 */
export interface CountTable {
  /**
   * The text that inserts deltas in a statement whose $1 is the business: `first` is the number of
   * the first of the parameters that `values` gives, `join` takes away those of some `id`.
   */
  insertText(first: number, join?: string): string;
  values(all: readonly DeltasOf[]): unknown[];
  append(db: Db, businessId: number, changed: DeltasOf): Promise<void>;
  /** The rows that a row t, counted by its hour and keys, adds to; a total has no keys. */
  readonly rowsText: string;
  /** Moves the deltas of a business into its counts. */
  fold(db: Db, businessId: number): Promise<void>;
}

export interface CountTableOptions {
  readonly name: string;
  readonly keys: readonly string[];
  /** Whether a range without keys is asked so often that it has rows of its own. */
  readonly hasTotals: boolean;
}

export function countTable({ name, keys, hasTotals }: CountTableOptions): CountTable {
  const columns = keys.join(', ');
  const ofRow = keys.map((key) => `t.${key}`).join(', ');
  const insertText = (first: number, join = '') => {
    const parameter = (offset: number, type: string) => `$${first + offset}::${type}[]`;
    const texts = keys.map((_, at) => parameter(2 + at, 'text')).join(', ');
    return `INSERT INTO ${name}_count_deltas (business_id, hour, ${columns}, n)
    SELECT $1, date_trunc('hour', d.at), ${keys.map((key) => `coalesce(d.${key}, '')`).join(', ')}, d.n
    FROM unnest(${parameter(0, 'text')}, ${parameter(1, 'timestamptz')}, ${texts},
      ${parameter(2 + keys.length, 'integer')}) AS d(id, at, ${columns}, n) ${join}`;
  };
  const values = (all: readonly DeltasOf[]) => {
    const deltas = all.flatMap(({ id, deltas }) => deltas.map((delta) => ({ id, ...delta })));
    return [
      deltas.map(({ id }) => id),
      deltas.map(({ at }) => new Date(at).toISOString()),
      ...keys.map((_, index) => deltas.map((delta) => delta.keys[index] ?? null)),
      deltas.map(({ n }) => n),
    ];
  };
  const totals = `
  UNION ALL SELECT grain, bucket, ${keys.map(() => "''").join(', ')} FROM (VALUES
    ('hour total', t.hour), ('day total', date_trunc('day', t.hour)),
    ('month total', date_trunc('month', t.hour))) AS totals(grain, bucket)`;
  const rowsText = `
  SELECT grain, bucket, ${ofRow} FROM (VALUES
    ('hour', t.hour), ('day', date_trunc('day', t.hour)), ('month', date_trunc('month', t.hour)),
    ('all', timestamptz '-infinity')) AS by_keys(grain, bucket)${hasTotals ? totals : ''}`;
  const insert = statement(`counts.add-${name}`, insertText(2));
  const fold = foldStatement(name, columns, keys.length, rowsText);
  return {
    insertText,
    values,
    rowsText,
    async append(db, businessId, changed) {
      if (changed.deltas.length === 0) return;
      await db.rows(insert, [businessId, ...values([changed])]);
    },
    async fold(db, businessId) {
      await db.rows(fold, [businessId]);
    },
  };
}

// One statement, so that no reader sees a delta twice or not at all. The advisory lock keeps two
// folds of one business from waiting for each other's rows; who does not get it leaves the work to
// the other.
function foldStatement(name: string, columns: string, count: number, rowsText: string): Statement {
  const g = columns.replaceAll(/\w+/g, 'g.$&');
  const groups = Array.from({ length: 2 + count }, (_, at) => at + 1).join(', ');
  return statement(
    `counts.fold-${name}`,
    `WITH turn AS MATERIALIZED (
     SELECT pg_try_advisory_xact_lock(hashtextextended('${name}_counts', $1)) AS mine
   ), taken AS (
     DELETE FROM ${name}_count_deltas
     WHERE business_id = $1 AND (SELECT mine FROM turn)
     RETURNING hour, ${columns}, n
   ), summed AS (
     SELECT g.grain, g.bucket, ${g}, sum(t.n) AS n
     FROM taken t CROSS JOIN LATERAL (${rowsText}) AS g
     GROUP BY ${groups}
     HAVING sum(t.n) <> 0
   )
   INSERT INTO ${name}_counts AS c (business_id, grain, bucket, ${columns}, n)
   SELECT $1, grain, bucket, ${columns}, n FROM summed
   ON CONFLICT (business_id, grain, bucket, ${columns}) DO UPDATE SET n = c.n + excluded.n`,
  );
}

/** Folds the counts of businesses soon after they changed. */
export interface Counting {
  touched(scope: { readonly businessId: number }): void;
  /** Folds what is left. */
  close(): Promise<void>;
}

const FOLD_EVERY = 1_000;
const FOLD_AFTER_CHANGES = 500;

/**
 * Keeps deltas few, so that summing them stays cheap: each business that this process changed is
 * folded within a second, or after 500 changes. What a crash leaves, the next round of jobs takes
 * along; the sums are exact all the time.
 */
export function startCounting(
  db: Db,
  tables: readonly CountTable[],
  onError: (error: unknown) => void,
): Counting {
  const changed = new Map<number, number>();
  const folding = new Set<Promise<unknown>>();
  const fold = (businessId: number) => {
    changed.delete(businessId);
    const work = Promise.all(tables.map((table) => table.fold(db, businessId)))
      .catch(onError)
      .finally(() => folding.delete(work));
    folding.add(work);
  };
  const foldAll = () => {
    for (const businessId of changed.keys()) fold(businessId);
  };
  const timer = setInterval(foldAll, FOLD_EVERY).unref();
  return {
    touched({ businessId }) {
      const changes = (changed.get(businessId) ?? 0) + 1;
      changed.set(businessId, changes);
      if (changes >= FOLD_AFTER_CHANGES) fold(businessId);
    },
    async close() {
      clearInterval(timer);
      foldAll();
      await Promise.all(folding);
    },
  };
}
