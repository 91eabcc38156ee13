import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';
import type { Call, CallOf, DecisionRow, Direction, InboundCall, OutboundCall } from './call.ts';
import {
  DECISION_NAMES,
  decisionArrays,
  decisionValues,
  TABLES,
  time,
  timeOrNull,
} from './call-rows.ts';
import { countDeltas, INBOUND_COUNTS, OUTBOUND_COUNTS } from './counts.ts';

const OUTBOUND: Readonly<Record<string, readonly [string, (call: OutboundCall) => unknown]>> = {
  id: ['text', ({ id }) => id],
  status: ['text', ({ status }) => status],
  enqueued_at: ['timestamptz', ({ enqueuedAt }) => time(enqueuedAt)],
  processing_started_at: ['timestamptz', (call) => timeOrNull(call.processingStartedAt)],
  completed_at: ['timestamptz', (call) => timeOrNull(call.completedAt)],
  session_id: ['text', ({ sessionId }) => sessionId],
  session_status: ['text', ({ sessionStatus }) => sessionStatus],
  session_end_type: ['text', ({ sessionEndType }) => sessionEndType],
  attempts: ['integer', ({ attempts }) => attempts],
  next_attempt_at: ['timestamptz', (call) => timeOrNull(call.nextAttemptAt)],
  scheduled_for: ['timestamptz', (call) => timeOrNull(call.scheduledFor)],
  expires_at: ['timestamptz', (call) => timeOrNull(call.expiresAt)],
  priority: ['smallint', ({ priority }) => priority],
  last_reason: ['text', ({ lastReason }) => lastReason],
  decisions: ['integer', ({ decisions }) => decisions],
  dynamic_variables: ['text', ({ dynamicVariables }) => dynamicVariables],
  metadata: ['text', ({ metadata }) => metadata],
  campaign_id: ['text', ({ campaignId }) => campaignId],
  number_id: ['text', ({ numberId }) => numberId],
  number_provider: ['text', ({ numberProvider }) => numberProvider],
  recipient_number: ['text', ({ recipientNumber }) => recipientNumber],
  time_zone: ['text', ({ timeZone }) => timeZone],
  windows: ['text', ({ windows }) => windows && JSON.stringify(windows)],
  retry: ['text', ({ retry }) => retry && JSON.stringify(retry)],
  due_from: ['timestamptz', (call) => timeOrNull(call.dueFrom)],
  window_closes_at: ['timestamptz', (call) => timeOrNull(call.windowClosesAt)],
  plan: ['integer', ({ plan }) => plan],
};

const columns = Object.keys(OUTBOUND);
const toldAt = 2 + columns.length;
const told = (direction: Direction, first: number) => `
  INSERT INTO ${TABLES[direction].decisions} (business_id, ${DECISION_NAMES})
  SELECT $1, ${DECISION_NAMES} FROM unnest(${decisionArrays(first)}) AS d(${DECISION_NAMES})
  WHERE d.call_id IN (SELECT id FROM added)`;
const ADD_OUTBOUND = statement(
  'queues.add-outbound',
  `WITH added AS (
     INSERT INTO outbound_calls (business_id, ${columns.join(', ')})
     SELECT $1, ${columns.join(', ')}
     FROM unnest(${Object.values(OUTBOUND)
       .map(([type], at) => `$${2 + at}::${type}[]`)
       .join(', ')}) AS g(${columns.join(', ')})
     ON CONFLICT DO NOTHING
     RETURNING id
   ), told AS (${told('outbound', toldAt)})
   SELECT id FROM added`,
);

/** A new call with the first rows of its history. */
export interface NewCall<C extends Call> {
  readonly call: C;
  readonly rows: readonly DecisionRow[];
}

const rowsOf = (added: readonly NewCall<Call>[]) =>
  added.flatMap(({ call, rows }) =>
    rows.map((row, at) => ({ ...row, callId: call.id, seq: at + 1 })),
  );

/** Adds calls, and counts them; gives the ids of those whose number waits in their campaign already. */
export async function addOutbound(
  tx: Db,
  scope: Scope,
  added: readonly NewCall<OutboundCall>[],
): Promise<Set<string>> {
  if (added.length === 0) return new Set();
  const calls = added.map(({ call }) => call);
  const rows = await tx.rows<{ id: string }>(ADD_OUTBOUND, [
    scope.businessId,
    ...Object.values(OUTBOUND).map(([, value]) => calls.map(value)),
    ...decisionValues(rowsOf(added)),
  ]);
  const there = new Set(rows.map(({ id }) => id));
  const deltas = countDeltas(
    [],
    calls.filter(({ id }) => there.has(id)),
  );
  await OUTBOUND_COUNTS.append(tx, scope.businessId, { id: '', deltas });
  return new Set(calls.map(({ id }) => id).filter((id) => !there.has(id)));
}

const ADD_INBOUND = statement(
  'queues.add-inbound',
  `WITH added AS (
     INSERT INTO inbound_calls (business_id, id, status, enqueued_at, next_attempt_at, decisions,
       route_id, number_id, provider, provider_call_id, caller_number)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT DO NOTHING
     RETURNING id
   ), told AS (${told('inbound', 12)})
   SELECT id FROM added`,
);

/** False where the provider's call is there already. */
export async function addInbound(
  tx: Db,
  scope: Scope,
  added: NewCall<InboundCall>,
): Promise<boolean> {
  const { call } = added;
  const rows = await tx.rows(ADD_INBOUND, [
    scope.businessId,
    call.id,
    call.status,
    time(call.enqueuedAt),
    timeOrNull(call.nextAttemptAt),
    call.decisions,
    call.routeId,
    call.numberId,
    call.provider,
    call.providerCallId,
    call.callerNumber,
    ...decisionValues(rowsOf([added])),
  ]);
  if (rows.length === 0) return false;
  await INBOUND_COUNTS.append(tx, scope.businessId, { id: '', deltas: countDeltas([], [call]) });
  return true;
}

const FIND_RECEIVED = statement(
  'queues.find-received',
  `SELECT id FROM inbound_calls WHERE business_id = $1 AND provider = $2 AND provider_call_id = $3`,
);

/** The id of the call that a provider told of before. */
export async function findReceived(
  db: Db,
  scope: Scope,
  { provider, providerCallId }: Pick<CallOf<'inbound'>, 'provider' | 'providerCallId'>,
): Promise<string | null> {
  const values = [scope.businessId, provider, providerCallId];
  return (await db.row<{ id: string }>(FIND_RECEIVED, values))?.id ?? null;
}
