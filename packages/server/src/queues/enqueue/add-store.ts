import type { Scope } from '../../access/authorization/scope.ts';
import { addChanges } from '../../changes/pending-store.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';
import type {
  Call,
  CallOf,
  DecisionRow,
  Direction,
  InboundCall,
  OutboundCall,
} from '../calls/call.ts';
import {
  addDecisions,
  byDirection,
  type Columns,
  rowValues,
  STATE_COLUMNS,
  TABLES,
  time,
} from '../calls/call-rows.ts';
import { COUNTS, countDeltas } from '../calls/counts.ts';

const outboundText = (of: (call: OutboundCall) => unknown): Columns[string] => [
  'text',
  (call) => (call.direction === 'outbound' ? of(call) : null),
];
const inboundText = (of: (call: InboundCall) => unknown): Columns[string] => [
  'text',
  (call) => (call.direction === 'inbound' ? of(call) : null),
];
const ORIGIN: Columns = {
  id: ['text', ({ id }) => id],
  enqueued_at: ['timestamptz', ({ enqueuedAt }) => time(enqueuedAt)],
  priority: ['smallint', ({ priority }) => priority],
  number_id: ['text', ({ numberId }) => numberId],
};
const COLUMNS: Readonly<Record<Direction, Columns>> = {
  outbound: {
    ...ORIGIN,
    ...STATE_COLUMNS.outbound,
    dynamic_variables: outboundText(({ dynamicVariables }) => dynamicVariables),
    metadata: outboundText(({ metadata }) => metadata),
    campaign_id: outboundText(({ campaignId }) => campaignId),
    number_provider: outboundText(({ numberProvider }) => numberProvider),
    recipient_number: outboundText(({ recipientNumber }) => recipientNumber),
    time_zone: outboundText(({ timeZone }) => timeZone),
    windows: outboundText(({ windows }) => windows && JSON.stringify(windows)),
    retry: outboundText(({ retry }) => retry && JSON.stringify(retry)),
    by_masked_key: ['boolean', (call) => call.direction === 'outbound' && call.isByMaskedKey],
  },
  inbound: {
    ...ORIGIN,
    ...STATE_COLUMNS.inbound,
    route_id: inboundText(({ routeId }) => routeId),
    provider: inboundText(({ provider }) => provider),
    provider_call_id: inboundText(({ providerCallId }) => providerCallId),
    caller_number: inboundText(({ callerNumber }) => callerNumber),
    caller_e164: inboundText(({ callerE164 }) => callerE164),
  },
};

const ADD = byDirection((direction) =>
  insertRows(
    `queues.add-${direction}`,
    TABLES[direction].calls,
    Object.keys(COLUMNS[direction]),
    'ON CONFLICT DO NOTHING RETURNING id',
  ),
);

export interface NewCall<C extends Call> {
  readonly call: C;
  readonly rows: readonly DecisionRow[];
}

/**
 * Returns the ids of calls that were not added: outbound calls whose number waits in their
 * campaign, and inbound calls that their provider has reported before.
 */
export async function addCalls<D extends Direction>(
  tx: Tx,
  scope: Scope,
  direction: D,
  added: readonly NewCall<CallOf<D>>[],
): Promise<Set<string>> {
  if (added.length === 0) return new Set();
  const calls: Call[] = added.map(({ call }) => call);
  const values = rowValues(COLUMNS[direction], calls);
  const written = await ADD[direction]<{ id: string }>(tx, scope.businessId, values);
  const writtenIds = new Set(written.map(({ id }) => id));
  const rows = added.flatMap(({ call, rows }) =>
    writtenIds.has(call.id)
      ? rows.map((row, at) => ({ ...row, callId: call.id, seq: at + 1 }))
      : [],
  );
  await addDecisions(tx, scope, direction, rows);
  const counted = calls.filter(({ id }) => writtenIds.has(id));
  const deltas = countDeltas([], counted);
  const queued = counted.filter(({ status }) => status === 'Queued');
  const logged = queued.map(({ id }) => ({ kind: 'CallEnqueued', subjectId: id }) as const);
  await addChanges(tx, scope, queued[0]?.enqueuedAt ?? 0, logged);
  await COUNTS[direction].append(tx, scope.businessId, deltas);
  return new Set(calls.map(({ id }) => id)).difference(writtenIds);
}

const FIND_RECEIVED = statement(
  'queues.find-received',
  `SELECT id FROM inbound_calls WHERE business_id = $1 AND provider = $2 AND provider_call_id = $3`,
);

export async function findReceived(
  db: Db,
  scope: Scope,
  { provider, providerCallId }: Pick<InboundCall, 'provider' | 'providerCallId'>,
): Promise<string | null> {
  const values = [scope.businessId, provider, providerCallId];
  return (await db.row<{ id: string }>(FIND_RECEIVED, values))?.id ?? null;
}
