import type { Scope } from '../../access/authorization/scope.ts';
import type { RecordingCopy } from '../../conversations/model/document.ts';
import { readRecordings } from '../../conversations/store.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { CallOf, Direction } from '../../queues/calls/call.ts';
import {
  byDirection,
  CALL_COLUMNS,
  CALL_OF,
  type CallRows,
  TABLES,
} from '../../queues/calls/call-rows.ts';

type Business = Pick<Scope, 'businessId'>;

// An erasure deletes the row before it removes what webhooks have stored, and waits for this lock.
const HEADS = statement(
  'webhooks.find-conversations',
  `SELECT id, head, recordings FROM conversations
   WHERE business_id = $1 AND id = ANY($2::text[]) AND erased_at IS NULL
   ORDER BY id FOR KEY SHARE`,
);

export interface HeadOf {
  readonly head: string;
  readonly recordings: readonly RecordingCopy[];
}

/** Not erased before the transaction ends. */
export async function lockConversations(
  tx: Db,
  { businessId }: Business,
  ids: readonly string[],
): Promise<ReadonlyMap<string, HeadOf>> {
  if (ids.length === 0) return new Map();
  interface Row {
    readonly id: string;
    readonly head: string;
    readonly recordings: string | null;
  }
  const rows = await tx.rows<Row>(HEADS, [businessId, ids]);
  return new Map(
    rows.map(({ id, head, recordings }) => [id, { head, recordings: readRecordings(recordings) }]),
  );
}

const CALLS = byDirection((direction) =>
  statement(
    `webhooks.find-calls-${direction}`,
    `SELECT ${CALL_COLUMNS[direction]} FROM ${TABLES[direction].calls} c
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) ORDER BY c.id FOR KEY SHARE`,
  ),
);

/** Not erased before the transaction ends. */
export async function lockCallsOf(
  tx: Db,
  { businessId }: Business,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CallOf<Direction>>> {
  if (ids.length === 0) return new Map();
  const values = [businessId, ids];
  const outbound = await tx.rows<CallRows['outbound']>(CALLS.outbound, values);
  const inbound = await tx.rows<CallRows['inbound']>(CALLS.inbound, values);
  const calls: CallOf<Direction>[] = [
    ...outbound.map(CALL_OF.outbound),
    ...inbound.map(CALL_OF.inbound),
  ];
  return new Map(calls.map((call) => [call.id, call]));
}
