import { openOutbox } from '../kernel/outbox.ts';
import { type Db, type Statement, statement } from '../kernel/postgres/database.ts';
import { truncateUtc } from '../kernel/postgres/utc.ts';
import { addFiguresText, type FigureColumn, figuresText } from './figures.ts';

export interface CountDelta {
  readonly at: number;
  /** In the order of the table's keys. */
  readonly keys: readonly (string | null)[];
  readonly n: number;
  /** Milliseconds of each counted item; null if unknown. */
  readonly duration?: number | null;
}

export interface DeltasOf {
  readonly id: string;
  readonly deltas: readonly CountDelta[];
}

export type CountTable = ReturnType<typeof countTable>;

export interface CountTableOptions {
  readonly name: string;
  readonly keys: readonly string[];
  readonly hasTotals: boolean;
  readonly figures: readonly FigureColumn[];
  /** Ascending, in milliseconds. */
  readonly durationBounds?: readonly number[];
}

/**
 * Exact counts without scans. Writes add deltas to `<name>_count_deltas`; rolling up moves them to
 * `<name>_counts`, by hour, day, month and over all time (also by duration class, with grains like
 * "hour of 3"), and to `<name>_figures`: columns instead of keys, by quarter, hour, day, month.
 */
export function countTable(options: CountTableOptions) {
  const { name, figures } = options;
  const insert = statement(`counts.add-${name}`, insertText(options, 2));
  const rollUp = rollUpStatement(options);
  const values = (all: readonly DeltasOf[]) => insertValues(options, all);
  return {
    /** `first` numbers the parameters of `values`; $1 is the business. `join` may exclude deltas. */
    insertText: (first: number, join?: string) => insertText(options, first, join),
    values,
    figures,
    figuresText: figuresText(name, figures),
    async append(db: Db, businessId: number, changed: DeltasOf) {
      if (changed.deltas.length === 0) return;
      await db.rows(insert, [businessId, ...values([changed])]);
    },
    async rollUp(db: Db, businessId: number) {
      let moved = ROLL_UP_BATCH;
      while (moved === ROLL_UP_BATCH) {
        moved = (await db.row<{ n: number }>(rollUp, [businessId]))?.n ?? 0;
      }
    },
  };
}

function insertText({ name, keys, durationBounds }: CountTableOptions, first: number, join = '') {
  const columns = keys.join(', ');
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
}

function insertValues({ keys, durationBounds }: CountTableOptions, all: readonly DeltasOf[]) {
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
}

function bucketsText({ keys, hasTotals, durationBounds }: CountTableOptions): string {
  const ofRow = keys.map((key) => `t.${key}`).join(', ');
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
  return `
  SELECT grain, bucket, ${ofRow} FROM ${byKeys}${hasTotals ? totals : ''}${durationBounds ? classes : ''}`;
}

/** Limits a statement if many deltas have accumulated. */
const ROLL_UP_BATCH = 10_000;

export const classOf = (bounds: readonly number[], duration: number): number =>
  bounds.filter((bound) => duration >= bound).length;

export const classGrain = (grain: string, durationClass: number): string =>
  `${grain} of ${durationClass}`;

// One statement, so readers see each delta once. Of two concurrent roll-ups, one does nothing.
// Deltas with the same keys are summed first, because most are of the same quarter of an hour.
function rollUpStatement(options: CountTableOptions): Statement {
  const { name, keys, figures, durationBounds } = options;
  const columns = keys.join(', ');
  const measured = durationBounds !== undefined;
  const g = columns.replaceAll(/\w+/g, 'g.$&');
  const groups = (length: number) => Array.from({ length }, (_, at) => at + 1).join(', ');
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
     FROM deleted GROUP BY ${groups(2 + keys.length + (measured ? 1 : 0))}
   ), summed AS (
     SELECT g.grain, g.bucket, ${g}, sum(t.n) AS n
     FROM taken t CROSS JOIN LATERAL (${bucketsText(options)}) AS g
     GROUP BY ${groups(2 + keys.length)}
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

export type Counting = ReturnType<typeof startCounting>;

const ROLL_UP_MILLISECONDS = 1_000;
const ROLL_UP_AFTER_CHANGES = 1_000;

/** Within a second or after 1,000 changes. The next job rolls up what a crash leaves. */
export function startCounting(
  db: Db,
  tables: readonly CountTable[],
  onError: (error: unknown) => void,
) {
  const changed = new Map<number, number>();
  const rollUpChanged = async () => {
    const businesses = [...changed.keys()];
    changed.clear();
    const failures: unknown[] = [];
    for (const businessId of businesses) {
      await Promise.all(tables.map((table) => table.rollUp(db, businessId))).catch((error) =>
        failures.push(error),
      );
    }
    for (const failure of failures) onError(failure);
  };
  const outbox = openOutbox({ work: rollUpChanged, everyMs: ROLL_UP_MILLISECONDS, onError });
  return {
    touched({ businessId }: { readonly businessId: number }) {
      const changes = (changed.get(businessId) ?? 0) + 1;
      changed.set(businessId, changes);
      if (changes >= ROLL_UP_AFTER_CHANGES) outbox.touch();
    },
    async close() {
      await outbox.drain();
      await outbox.close();
    },
  };
}
