import { isMasked, type Scope } from '../access/authorization/scope.ts';
import { CONVERSATION_COUNTS } from '../conversations/model/counts.ts';
import type { FigureColumn, Sums } from '../counters/figures.ts';
import { timestampText } from '../kernel/instant.ts';
import { type Db, statement } from '../kernel/postgres/database.ts';
import type { Direction } from '../queues/calls/call.ts';
import { COUNTS } from '../queues/calls/counts.ts';
import { type DueView, type QueueNow, queueNowText } from '../queues/lease/due-now-store.ts';
import { type Buckets, figureParts } from './buckets.ts';

/** Several rows may belong to one bucket. */
interface SumsRow {
  readonly at: number;
  readonly sums: readonly number[];
}

const CONVERSATIONS = statement('analytics.conversations', CONVERSATION_COUNTS.figuresText);
// One statement, so current state and rollups are of the same instant.
const queueText = (direction: Direction, due: DueView = direction) =>
  `SELECT (
     SELECT coalesce(json_agg(s), '[]') FROM (${COUNTS[direction].figuresText}) s
   ) AS rows, now.* FROM (${queueNowText(due, '$8')}) now`;
const QUEUES = {
  outbound: statement('analytics.outbound', queueText('outbound')),
  inbound: statement('analytics.inbound', queueText('inbound')),
  'outbound as masked': statement(
    'analytics.outbound-as-masked',
    queueText('outbound', 'outbound as masked'),
  ),
};

function parameters({ businessId }: Scope, buckets: Buckets): unknown[] {
  const parts = figureParts(buckets);
  return [
    businessId,
    parts.map(({ at }) => at),
    parts.map(({ grain }) => grain),
    parts.map(({ from }) => timestampText(from)),
    parts.map(({ to }) => timestampText(to)),
    parts.map(({ sign }) => sign),
    [...buckets.starts, buckets.end].map(timestampText),
  ];
}

function sumsOf(buckets: Buckets, columns: readonly FigureColumn[], rows: readonly SumsRow[]) {
  const all = buckets.starts.map(() =>
    Object.fromEntries(columns.map(({ name }): [string, number] => [name, 0])),
  );
  for (const { at, sums } of rows) {
    const sum = all[at];
    if (sum === undefined) throw new Error(`there is no bucket ${at}`);
    for (const [index, { name }] of columns.entries()) {
      sum[name] = (sum[name] ?? 0) + (sums[index] ?? 0);
    }
  }
  return all;
}

export async function readConversationFigures(db: Db, scope: Scope, buckets: Buckets) {
  const rows = await db.rows<SumsRow>(CONVERSATIONS, parameters(scope, buckets));
  return sumsOf(buckets, CONVERSATION_COUNTS.figures, rows);
}

/** Also reads the queue's state at `now`. */
export async function readQueueFigures(
  db: Db,
  scope: Scope,
  direction: Direction,
  { buckets, now }: { readonly buckets: Buckets; readonly now: number },
): Promise<QueueNow & { readonly figures: Sums[] }> {
  const due = direction === 'outbound' && isMasked(scope) ? 'outbound as masked' : direction;
  const values = [...parameters(scope, buckets), timestampText(now)];
  const row = await db.row<QueueNow & { rows: SumsRow[] }>(QUEUES[due], values);
  if (!row) throw new Error('a SELECT of one row gave none');
  return { ...row, figures: sumsOf(buckets, COUNTS[direction].figures, row.rows) };
}
