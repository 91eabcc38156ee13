import { timestampText } from '../../kernel/instant.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import { CONVERSATION_FIGURES } from '../model/counts.ts';
import { AMOUNTS, monthName, monthOfText, monthStart } from './usage-counts.ts';

export interface MonthUsage {
  /** Such as 2026-01. */
  readonly month: string;
  /** Conversations that began in the month, and how long they took. */
  readonly conversations: number;
  readonly milliseconds: number;
  readonly transcriptBytesAdded: number;
  readonly recordingBytesAdded: number;
  /** At the end of the month, or now. */
  readonly transcriptBytesStored: number;
  readonly recordingBytesStored: number;
}

interface UsageRow {
  /** null: all months. */
  readonly month: string | null;
  readonly conversations: number;
  readonly milliseconds: number;
  readonly transcriptBytesAdded: number;
  readonly transcriptBytesRemoved: number;
  readonly recordingBytesAdded: number;
  readonly recordingBytesRemoved: number;
}

const COLUMNS = Object.values(AMOUNTS);
const NO_BYTES = ', 0, 0, 0, 0';
const COUNT = CONVERSATION_FIGURES.statuses.map(({ name }) => `f.${name}`).join(' + ');
const IN_RANGE = (column: string) => `${column} >= $2 AND ${column} < $3`;
const ofUsage = (row: string) => COLUMNS.map((column) => `${row}.${column}`).join(', ');

// One statement, so all parts are of the same instant. The rollups of analytics count the conversations that exist;
// `usage_months` counts deleted ones. What was stored at the end of a month is computed from now backwards.
const READ = statement(
  'usage.read',
  `SELECT u.month, ${Object.entries(AMOUNTS)
    .map(([key, column]) => `sum(u.${column})::bigint AS "${key}"`)
    .join(', ')}
   FROM (
     SELECT ${monthOfText('f.bucket')} AS month, ${COUNT} AS conversations, f.milliseconds${NO_BYTES}
     FROM conversation_figures f
     WHERE f.business_id = $1 AND f.grain = 'month' AND ${IN_RANGE('f.bucket')}
     UNION ALL
     SELECT ${monthOfText('t.hour')}, t.n, coalesce(t.milliseconds, 0)${NO_BYTES}
     FROM conversation_count_deltas t
     WHERE t.business_id = $1 AND t.quarter IS NOT NULL AND ${IN_RANGE('t.hour')}
     UNION ALL
     SELECT CASE WHEN m.month > '-infinity' THEN ${monthOfText('m.month')} END, ${ofUsage('m')}
     FROM usage_months m
     WHERE m.business_id = $1 AND (m.month >= $2 OR m.month = '-infinity')
     UNION ALL
     SELECT g.month, ${ofUsage('d')}
     FROM usage_deltas d
     CROSS JOIN LATERAL (VALUES (${monthOfText('d.month')}), (NULL)) AS g(month)
     WHERE d.business_id = $1 AND (g.month IS NULL OR d.month >= $2)
   ) AS u(month, ${COLUMNS.join(', ')})
   GROUP BY u.month`,
);

/** Of each month from that of `from` to that of `to`, in time order. */
export async function readUsage(
  db: Db,
  businessId: number,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<MonthUsage[]> {
  const range = [monthStart(from), monthStart(to, 1)].map(timestampText);
  const rows = await db.rows<UsageRow>(READ, [businessId, ...range]);
  const byMonth = new Map(rows.map((row): [string | null, UsageRow] => [row.month, row]));
  const total = byMonth.get(null);
  const last = monthName(to);
  const stored = storedBefore(
    [...byMonth.values()].filter(({ month }) => month !== null && month > last),
    total ? storedIn(total) : { transcript: 0, recording: 0 },
  );
  const months: MonthUsage[] = [];
  for (let at = monthStart(to); at >= monthStart(from); at = monthStart(at, -1)) {
    const month = monthName(at);
    const row = byMonth.get(month);
    months.push({
      month,
      conversations: row?.conversations ?? 0,
      milliseconds: row?.milliseconds ?? 0,
      transcriptBytesAdded: row?.transcriptBytesAdded ?? 0,
      recordingBytesAdded: row?.recordingBytesAdded ?? 0,
      transcriptBytesStored: stored.transcript,
      recordingBytesStored: stored.recording,
    });
    if (row) Object.assign(stored, storedBefore([row], stored));
  }
  return months.reverse();
}

interface Stored {
  readonly transcript: number;
  readonly recording: number;
}

const storedIn = (row: UsageRow): Stored => ({
  transcript: row.transcriptBytesAdded - row.transcriptBytesRemoved,
  recording: row.recordingBytesAdded - row.recordingBytesRemoved,
});

/** Bytes stored before the months of `rows`, from the bytes stored after them. */
function storedBefore(rows: readonly UsageRow[], { transcript, recording }: Stored) {
  const added = rows.map(storedIn);
  return {
    transcript: added.reduce((bytes, one) => bytes - one.transcript, transcript),
    recording: added.reduce((bytes, one) => bytes - one.recording, recording),
  };
}
