import type { QueueStatus } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import type { ChangeKind } from '../../changes/change.ts';
import { addChanges } from '../../changes/pending-store.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import type { ListedCall } from '../lists/list-store.ts';
import { listedColumns } from '../lists/list-text.ts';
import type { Call, CallOf, Change, DecisionRow, Direction } from './call.ts';
import {
  addDecisions,
  byDirection,
  CALL_COLUMNS,
  CALL_OF,
  type CallRows,
  columnArrays,
  columnValues,
  type RowOf,
  STATE_COLUMNS,
  TABLES,
} from './call-rows.ts';
import { COUNTS, countDeltas } from './counts.ts';

const FIND = byDirection((direction) =>
  statement(
    `queues.find-${direction}`,
    `SELECT ${listedColumns(direction)} FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND c.id = $2`,
  ),
);

export async function findCall<D extends Direction>(
  db: Db,
  scope: Scope,
  direction: D,
  id: string,
): Promise<ListedCall<D> | null> {
  type Row = CallRows[D] & { suspension: string | null };
  const row = await db.row<Row>(FIND[direction], [scope.businessId, id]);
  return row ? { ...CALL_OF[direction](row), suspension: row.suspension } : null;
}

/** Each attempt may have one conversation. */
const HAS_CONVERSATION = `EXISTS (
       SELECT FROM conversations v
       WHERE v.business_id = $1 AND v.queue_id = $2 AND v.erased_at IS NULL
       OFFSET greatest(c.attempts, 1) - 1)`;
const IS_UNDER_WAY = statement(
  'queues.is-under-way',
  `SELECT EXISTS (
     SELECT FROM ${TABLES.outbound.calls} c
     WHERE c.business_id = $1 AND c.id = $2 AND c.status = 'Processing' AND NOT ${HAS_CONVERSATION}
   ) OR EXISTS (
     SELECT FROM ${TABLES.inbound.calls} c
     WHERE c.business_id = $1 AND c.id = $2 AND c.status IN ('Queued', 'Processing')
       AND NOT ${HAS_CONVERSATION}
   ) AS "isUnderWay"`,
);

/** True if the call was handed out to a worker, or came in and has not ended, and has no conversation yet. */
export async function isCallUnderWay(db: Db, scope: Scope, id: string): Promise<boolean> {
  const row = await db.row<{ isUnderWay: boolean }>(IS_UNDER_WAY, [scope.businessId, id]);
  return row?.isUnderWay ?? false;
}

const LOCK = byDirection((direction) =>
  statement(
    `queues.lock-${direction}`,
    `SELECT ${CALL_COLUMNS[direction]} FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) ORDER BY c.id FOR NO KEY UPDATE`,
  ),
);

export async function lockCalls<D extends Direction>(
  tx: Db,
  scope: Scope,
  direction: D,
  ids: readonly string[],
): Promise<Map<string, CallOf<D>>> {
  const rows = await tx.rows<CallRows[D]>(LOCK[direction], [scope.businessId, ids]);
  return new Map(rows.map((row) => [row.id, CALL_OF[direction](row)] as const));
}

function saveText(direction: Direction): string {
  const columns = Object.keys(STATE_COLUMNS[direction]);
  return `UPDATE ${TABLES[direction].calls} AS c SET ${columns.map((name) => `${name} = g.${name}`).join(', ')}
     FROM unnest($2::text[], ${columnArrays(STATE_COLUMNS[direction], 3)}) AS g(id, ${columns.join(', ')})
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) AND c.id = g.id`;
}
const SAVE = byDirection((direction) => statement(`queues.save-${direction}`, saveText(direction)));

/** The changes are of calls of one direction, which are locked. */
export async function saveChanges(tx: Tx, scope: Scope, changes: readonly Change[]): Promise<void> {
  const [first] = changes;
  if (!first) return;
  const { direction } = first.before;
  const [before, after] = [changes.map((one) => one.before), changes.map((one) => one.after)];
  const rows = changes.flatMap(({ before, rows }) =>
    rows.map((row, at) => ({ ...row, callId: before.id, seq: before.decisions + at + 1 })),
  );
  await tx.rows(SAVE[direction], [
    scope.businessId,
    after.map(({ id }) => id),
    ...columnValues(STATE_COLUMNS[direction], after),
  ]);
  await addDecisions(tx, scope, direction, rows);
  const deltas = countDeltas(before, after);
  await COUNTS[direction].append(tx, scope.businessId, deltas);
  await logEnds(tx, scope, changes);
}

const ENDS: Readonly<Partial<Record<QueueStatus, ChangeKind>>> = {
  Completed: 'CallCompleted',
  Failed: 'CallFailed',
  Expired: 'CallExpired',
  Canceled: 'CallCanceled',
};

async function logEnds(tx: Tx, scope: Scope, changes: readonly Change[]): Promise<void> {
  const ended = changes.flatMap(({ before, after }) => {
    const kind = before.status === after.status ? undefined : ENDS[after.status];
    return kind ? [{ kind, subjectId: after.id, at: after.completedAt ?? 0 }] : [];
  });
  await addChanges(tx, scope, ended[0]?.at ?? 0, ended);
}

const HISTORY = byDirection((direction) =>
  statement(
    `queues.history-${direction}`,
    `SELECT decided_at, decision, reason, details, lease_token, session_id, next_attempt_at
     FROM ${TABLES[direction].decisions} WHERE business_id = $1 AND call_id = $2 ORDER BY seq`,
  ),
);
type HistoryRow = RowOf<Omit<DecisionRow, 'at'>> & { readonly decided_at: number };

export async function findDecisions(
  db: Db,
  scope: Scope,
  { direction, id }: Pick<Call, 'direction' | 'id'>,
): Promise<DecisionRow[]> {
  const rows = await db.rows<HistoryRow>(HISTORY[direction], [scope.businessId, id]);
  return rows.map((row) => ({
    at: row.decided_at,
    decision: row.decision,
    reason: row.reason,
    details: row.details,
    leaseToken: row.lease_token,
    sessionId: row.session_id,
    nextAttemptAt: row.next_attempt_at,
  }));
}
