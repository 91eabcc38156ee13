import { type Db, type Statement, statement } from '../kernel/postgres/database.ts';
import { truncateUtc } from '../kernel/postgres/utc.ts';
import { addFiguresText, type FigureColumn, figuresText } from './figures.ts';

/** A change of a count: so many more (or less) with these keys in the hour of `at`. */
export interface CountDelta {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** In the order of the table's keys. */
  readonly keys: readonly (string | null)[];
  readonly n: number;
  /** How long each of them was, in milliseconds; null where that is not known yet. */
  readonly duration?: number | null;
}

/** The deltas of one thing that is counted. */
export interface DeltasOf {
  readonly id: string;
  readonly deltas: readonly CountDelta[];
}

/**
 * Exact counts of the rows of a business by hour and some keys, which never take a scan: a write only
 * adds deltas to `<name>_count_deltas`, and rollingUp moves them into `<name>_counts`, where they add up
 * by hour, day, month and over all time (the same for each class of durations, as grain "hour of 3"), and
 * into `<name>_figures`, which have no keys but many columns, by quarter, hour, day and month.
 */
export interface CountTable {
  /**
   * The text that inserts deltas in a statement whose $1 is the business: `first` is the number of
   * the first of the parameters that `values` gives, `join` takes away those of some `id`.
   */
  insertText(first: number, join?: string): string;
  values(all: readonly DeltasOf[]): unknown[];
  append(db: Db, businessId: number, changed: DeltasOf): Promise<void>;
  readonly figures: readonly FigureColumn[];
  /** The text that reads figures; see `figuresText`. */
  readonly figuresText: string;
  /** Moves the deltas of a business into its counts. */
  rollUp(db: Db, businessId: number): Promise<void>;
}

export interface CountTableOptions {
  readonly name: string;
  readonly keys: readonly string[];
  /** Whether a range without keys is asked so often that it has rows of its own. */
  readonly hasTotals: boolean;
  readonly figures: readonly FigureColumn[];
  /** The lengths, in milliseconds and ascending, at which another class of durations begins. */
  readonly durationBounds?: readonly number[];
}

export function countTable(options: CountTableOptions): CountTable {
  const { name, keys, hasTotals, figures, durationBounds } = options;
  const columns = keys.join(', ');
  const ofRow = keys.map((key) => `t.${key}`).join(', ');
  const insertText = (first: number, join = '') => {
    const parameter = (offset: number, type: string) => `$${first + offset}::${type}[]`;
    const texts = keys.map((_, at) => parameter(2 + at, 'text')).join(', ');
    const measures = durationBounds === undefined ? '' : ', milliseconds, duration_class';
    const measured =
      durationBounds === undefined
        ? ''
        : `, ${parameter(3 + keys.length, 'bigint')}, ${parameter(4 + keys.length, 'smallint')}`;
    return `INSERT INTO ${name}_count_deltas (business_id, hour, quarter, ${columns}, n${measures})
    SELECT $1, ${truncateUtc('hour', 'd.at')}, extract(minute FROM d.at AT TIME ZONE 'UTC')::integer / 15,
      ${keys.map((key) => `coalesce(d.${key}, '')`).join(', ')}, d.n${measures.replaceAll(', ', ', d.')}
    FROM unnest(${parameter(0, 'text')}, ${parameter(1, 'timestamptz')}, ${texts},
      ${parameter(2 + keys.length, 'integer')}${measured})
      AS d(id, at, ${columns}, n${measures}) ${join}`;
  };
  const values = (all: readonly DeltasOf[]) => {
    const deltas = all.flatMap(({ id, deltas }) => deltas.map((delta) => ({ id, ...delta })));
    return [
      deltas.map(({ id }) => id),
      deltas.map(({ at }) => new Date(at).toISOString()),
      ...keys.map((_, index) => deltas.map((delta) => delta.keys[index] ?? null)),
      deltas.map(({ n }) => n),
      ...(durationBounds === undefined
        ? []
        : [
            deltas.map(({ n, duration }) => (duration == null ? null : n * duration)),
            deltas.map(({ duration }) =>
              duration == null ? null : classOf(durationBounds, duration),
            ),
          ]),
    ];
  };
  const totals = `
  UNION ALL SELECT grain, bucket, ${keys.map(() => "''").join(', ')} FROM (VALUES
    ('hour total', t.hour), ('day total', ${truncateUtc('day', 't.hour')}),
    ('month total', ${truncateUtc('month', 't.hour')})) AS totals(grain, bucket)`;
  const byKeys = `(VALUES
    ('hour', t.hour), ('day', ${truncateUtc('day', 't.hour')}), ('month', ${truncateUtc('month', 't.hour')}),
    ('all', timestamptz '-infinity')) AS by_keys(grain, bucket)`;
  const classes = `
  UNION ALL SELECT grain || ' of ' || t.duration_class, bucket, ${ofRow} FROM ${byKeys}
    WHERE t.duration_class IS NOT NULL`;
  const rowsText = `
  SELECT grain, bucket, ${ofRow} FROM ${byKeys}${hasTotals ? totals : ''}${durationBounds ? classes : ''}`;
  const insert = statement(`counts.add-${name}`, insertText(2));
  const measures = durationBounds === undefined ? [] : ['milliseconds', 'duration_class'];
  const rollUp = rollUpStatement(name, columns, keys.length, rowsText, { figures, measures });
  return {
    insertText,
    values,
    figures,
    figuresText: figuresText(name, figures),
    async append(db, businessId, changed) {
      if (changed.deltas.length === 0) return;
      await db.rows(insert, [businessId, ...values([changed])]);
    },
    async rollUp(db, businessId) {
      let moved = ROLL_UP_BATCH;
      while (moved === ROLL_UP_BATCH) {
        moved = (await db.row<{ n: number }>(rollUp, [businessId]))?.n ?? 0;
      }
    },
  };
}

/** No more deltas in one statement, which would take too long for one where many came and none was moved. */
const ROLL_UP_BATCH = 10_000;

/** The number of the class that a duration belongs to; `bounds` in its unit, ascending. */
export const classOf = (bounds: readonly number[], duration: number): number =>
  bounds.filter((bound) => duration >= bound).length;

/** The grain under which the counts of a class stand beside those of all. */
export const classGrain = (grain: string, durationClass: number): string =>
  `${grain} of ${durationClass}`;

// One statement, so that no reader sees a delta twice or not at all. The advisory lock keeps two
// folds of one business from waiting for each other's rows; who does not get it leaves the work to
// the other. Deltas of the same keys are summed before they are spread: most are of one quarter.
function rollUpStatement(
  name: string,
  columns: string,
  count: number,
  rowsText: string,
  {
    figures,
    measures,
  }: Pick<CountTableOptions, 'figures'> & { readonly measures: readonly string[] },
): Statement {
  const g = columns.replaceAll(/\w+/g, 'g.$&');
  const groups = (length: number) => Array.from({ length }, (_, at) => at + 1).join(', ');
  const measured = measures.length > 0;
  return statement(
    `counts.fold-${name}`,
    `WITH turn AS MATERIALIZED (
     SELECT pg_try_advisory_xact_lock(hashtextextended('${name}_counts', $1)) AS mine
   ), deleted AS (
     DELETE FROM ${name}_count_deltas
     WHERE business_id = $1 AND (SELECT mine FROM turn) AND delta_id = ANY(ARRAY(
       SELECT delta_id FROM ${name}_count_deltas WHERE business_id = $1
       ORDER BY delta_id LIMIT ${ROLL_UP_BATCH}))
     RETURNING hour, quarter, ${columns}, n${measured ? ', milliseconds, duration_class' : ''}
   ), taken AS (
     SELECT hour, quarter, ${columns}${measured ? ', duration_class' : ''}, sum(n) AS n
       ${measured ? ', sum(milliseconds) AS milliseconds' : ''}
     FROM deleted GROUP BY ${groups(2 + count + (measured ? 1 : 0))}
   ), summed AS (
     SELECT g.grain, g.bucket, ${g}, sum(t.n) AS n
     FROM taken t CROSS JOIN LATERAL (${rowsText}) AS g
     GROUP BY ${groups(2 + count)}
     HAVING sum(t.n) <> 0
   ), figured AS (
     ${addFiguresText(name, figures)}
   ), added AS (
     INSERT INTO ${name}_counts AS c (business_id, grain, bucket, ${columns}, n)
     SELECT $1, grain, bucket, ${columns}, n FROM summed
     ON CONFLICT (business_id, grain, bucket, ${columns}) DO UPDATE SET n = c.n + excluded.n
   )
   SELECT count(*)::integer AS n FROM deleted`,
  );
}

/** Folds the counts of businesses soon after they changed. */
export interface Counting {
  touched(scope: { readonly businessId: number }): void;
  /** Folds what is left. */
  close(): Promise<void>;
}

const ROLL_UP_EVERY = 1_000;
const ROLL_UP_AFTER_CHANGES = 1_000;

/**
 * Keeps deltas few, so that summing them stays cheap: each business that this process changed is
 * moved within a second, or after 1,000 changes. What a crash leaves, the next round of jobs takes
 * along; the sums are exact all the time.
 */
export function startCounting(
  db: Db,
  tables: readonly CountTable[],
  onError: (error: unknown) => void,
): Counting {
  const changed = new Map<number, number>();
  const rollingUp = new Set<Promise<unknown>>();
  const rollUp = (businessId: number) => {
    changed.delete(businessId);
    const work = Promise.all(tables.map((table) => table.rollUp(db, businessId)))
      .catch(onError)
      .finally(() => rollingUp.delete(work));
    rollingUp.add(work);
  };
  const rollUpAll = () => {
    for (const businessId of changed.keys()) rollUp(businessId);
  };
  const timer = setInterval(rollUpAll, ROLL_UP_EVERY).unref();
  return {
    touched({ businessId }) {
      const changes = (changed.get(businessId) ?? 0) + 1;
      changed.set(businessId, changes);
      if (changes >= ROLL_UP_AFTER_CHANGES) rollUp(businessId);
    },
    async close() {
      clearInterval(timer);
      rollUpAll();
      await Promise.all(rollingUp);
    },
  };
}
