import { openOutbox } from '../kernel/outbox.ts';
import { type Database, statement, type Tx } from '../kernel/postgres/database.ts';
import { insertRows } from '../kernel/postgres/insert-rows.ts';
import { type Element, truncateUtc } from '../kernel/postgres/sql-text.ts';
import { addFiguresText, type FigureColumn, figuresText } from './figures.ts';
import { CHOSEN, type RollUp, rollUp, rollUpOf } from './roll-up-counts.ts';

export interface CountDelta {
  readonly at: number;
  /** In the order of the table's keys. */
  readonly keys: readonly (string | null)[];
  readonly n: number;
  /** Milliseconds of each counted item; null if unknown. */
  readonly duration?: number | null;
}

export type CountTable = ReturnType<typeof countTable>;
type Pool = Pick<Database, 'row' | 'transaction'>;
/** A table whose deltas are rolled up. */
export type RolledUp = Pick<CountTable, 'rollUp'>;

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
  const addRows = insertRows(`counts.add-${name}`, `${name}_count_deltas`, deltaColumns(options));
  const statements = rollUpStatements(options);
  const values = (delta: CountDelta) => deltaValues(options, delta);
  return {
    /** Hour, quarter, the keys, n, and milliseconds and duration class if durations are counted. */
    values,
    figures,
    figuresText: figuresText(name, figures),
    async append(tx: Tx, businessId: number, deltas: readonly CountDelta[]) {
      await addRows(tx, businessId, deltas.map(values));
    },
    rollUp: (db: Pool, businessId: number) => rollUp(db, statements, businessId),
  };
}

const deltaColumns = ({ keys, durationBounds }: CountTableOptions) => [
  'hour',
  'quarter',
  ...keys,
  'n',
  ...(durationBounds === undefined ? [] : ['milliseconds', 'duration_class']),
];

const HOUR = 3_600_000;
const QUARTER = HOUR / 4;

function deltaValues({ keys, durationBounds }: CountTableOptions, delta: CountDelta): Element[] {
  const { at, n, duration = null } = delta;
  const hour = Math.floor(at / HOUR) * HOUR;
  const quarter = Math.floor((at - hour) / QUARTER);
  const ofKeys = keys.map((_, index) => delta.keys[index] ?? '');
  const row = [new Date(hour).toISOString(), quarter, ...ofKeys, n];
  if (durationBounds === undefined) return row;
  if (duration === null) return [...row, null, null];
  return [...row, n * duration, classOf(durationBounds, duration)];
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

export const classOf = (bounds: readonly number[], duration: number): number =>
  bounds.filter((bound) => duration >= bound).length;

export const classGrain = (grain: string, durationClass: number): string =>
  `${grain} of ${durationClass}`;

// Deltas with the same keys are summed first, because most are of the same quarter of an hour.
function rollUpStatements(options: CountTableOptions): RollUp {
  const { name, keys, figures, durationBounds } = options;
  const columns = keys.join(', ');
  const measured = durationBounds !== undefined;
  const g = columns.replaceAll(/\w+/g, 'g.$&');
  const groups = (length: number) => Array.from({ length }, (_, at) => at + 1).join(', ');
  const summed = `SELECT business_id, hour, quarter, ${columns}${measured ? ', duration_class' : ''}, sum(n) AS n
       ${measured ? ', sum(milliseconds) AS milliseconds' : ''}
     FROM ${name}_count_deltas WHERE ${CHOSEN}
     GROUP BY ${groups(3 + keys.length + (measured ? 1 : 0))}`;
  return rollUpOf({
    name,
    deltas: `${name}_count_deltas`,
    lock: `${name}_counts`,
    add: [
      statement(`counts.fold-figures-${name}`, addFiguresText(name, figures, summed)),
      statement(
        `counts.fold-${name}`,
        `INSERT INTO ${name}_counts AS c (business_id, grain, bucket, ${columns}, n)
     SELECT t.business_id, g.grain, g.bucket, ${g}, sum(t.n)
     FROM (${summed}) t CROSS JOIN LATERAL (${bucketsText(options)}) AS g
     GROUP BY ${groups(3 + keys.length)}
     HAVING sum(t.n) <> 0
     ON CONFLICT (business_id, grain, bucket, ${columns}) DO UPDATE SET n = c.n + excluded.n`,
      ),
    ],
  });
}

export type Counting = ReturnType<typeof startCounting>;

const ROLL_UP_MILLISECONDS = 1_000;
const ROLL_UP_AFTER_CHANGES = 1_000;

export interface CountedTables {
  readonly ofChanges: readonly RolledUp[];
  /** Rolled up only after changes of usage: appends, which are most changes, never write it. */
  readonly ofUsage: RolledUp;
}

export interface Written {
  readonly hasUsage?: boolean;
}

/** Within a second or after 1,000 changes. The next job rolls up what a crash leaves. */
export function startCounting(
  db: Pool,
  { ofChanges, ofUsage }: CountedTables,
  onError: (error: unknown) => void,
) {
  const changed = new Map<number, { changes: number; hasUsage: boolean }>();
  const rollUpChanged = async () => {
    const businesses = [...changed];
    changed.clear();
    const failures: unknown[] = [];
    for (const [businessId, { hasUsage }] of businesses) {
      const tables = hasUsage ? [...ofChanges, ofUsage] : ofChanges;
      await Promise.all(tables.map((table) => table.rollUp(db, businessId))).catch((error) =>
        failures.push(error),
      );
    }
    for (const failure of failures) onError(failure);
  };
  const outbox = openOutbox({ work: rollUpChanged, everyMs: ROLL_UP_MILLISECONDS, onError });
  return {
    touched({ businessId }: { readonly businessId: number }, { hasUsage = false }: Written = {}) {
      const before = changed.get(businessId) ?? { changes: 0, hasUsage: false };
      const changes = before.changes + 1;
      changed.set(businessId, { changes, hasUsage: before.hasUsage || hasUsage });
      if (changes >= ROLL_UP_AFTER_CHANGES) outbox.touch();
    },
    async close() {
      await outbox.drain();
      await outbox.close();
    },
  };
}
