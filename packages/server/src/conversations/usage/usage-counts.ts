import { CHOSEN, rollUp, rollUpOf } from '../../counters/roll-up-counts.ts';
import { type Database, statement, type Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';
import { truncateUtc } from '../../kernel/postgres/sql-text.ts';

/** Of deleted conversations, and of stored and deleted bytes. */
export interface UsageDelta {
  /** An instant of the month. */
  readonly at: number;
  readonly conversations?: number;
  readonly milliseconds?: number;
  readonly transcriptBytesAdded?: number;
  readonly transcriptBytesRemoved?: number;
  readonly recordingBytesAdded?: number;
  readonly recordingBytesRemoved?: number;
}

/** Columns by key of a delta. */
export const AMOUNTS = {
  conversations: 'conversations',
  milliseconds: 'milliseconds',
  transcriptBytesAdded: 'transcript_bytes_added',
  transcriptBytesRemoved: 'transcript_bytes_removed',
  recordingBytesAdded: 'recording_bytes_added',
  recordingBytesRemoved: 'recording_bytes_removed',
} as const satisfies Record<Exclude<keyof UsageDelta, 'at'>, string>;
type Amount = keyof typeof AMOUNTS;

const KEYS = Object.keys(AMOUNTS) as Amount[];
const COLUMNS = Object.values(AMOUNTS);

/** The first instant of the month (UTC) that is `later` months after that of `instant`. */
export function monthStart(instant: number, later = 0): number {
  const date = new Date(instant);
  date.setUTCHours(0, 0, 0, 0);
  date.setUTCMonth(date.getUTCMonth() + later, 1);
  return date.getTime();
}

const ADD = insertRows('usage.add', 'usage_deltas', ['month', ...COLUMNS]);

/** In the transaction of the change that they follow from. */
export async function addUsage(tx: Tx, businessId: number, deltas: readonly UsageDelta[]) {
  const months = Map.groupBy(deltas, ({ at }) => monthStart(at));
  const rows = [...months].flatMap(([month, ofMonth]) => {
    const sums = KEYS.map((key) => ofMonth.reduce((sum, delta) => sum + (delta[key] ?? 0), 0));
    return sums.some((sum) => sum !== 0) ? [[new Date(month).toISOString(), ...sums]] : [];
  });
  if (rows.length > 0) await ADD(tx, businessId, rows);
}

const SUMS = COLUMNS.map((column) => `sum(t.${column})::bigint`);
const ROLL_UP = rollUpOf({
  name: 'usage',
  deltas: 'usage_deltas',
  lock: 'usage_months',
  add: [
    statement(
      'counts.fold-usage',
      `INSERT INTO usage_months AS u (business_id, month, ${COLUMNS.join(', ')})
     SELECT t.business_id, g.month, ${SUMS.join(', ')}
     FROM usage_deltas t CROSS JOIN LATERAL (VALUES (t.month), ('-infinity')) AS g(month)
     WHERE ${CHOSEN}
     GROUP BY 1, 2
     ON CONFLICT (business_id, month) DO UPDATE
     SET ${COLUMNS.map((column) => `${column} = u.${column} + excluded.${column}`).join(', ')}`,
    ),
  ],
});

export const USAGE_COUNTS = {
  rollUp: (db: Pick<Database, 'row' | 'transaction'>, businessId: number) =>
    rollUp(db, ROLL_UP, businessId),
};

/** Such as 2026-01. `monthOfText` is the same in SQL. */
export const monthName = (instant: number): string => new Date(instant).toISOString().slice(0, 7);

export const monthOfText = (timestamp: string) =>
  `to_char(${truncateUtc('month', timestamp)} AT TIME ZONE 'UTC', 'YYYY-MM')`;
