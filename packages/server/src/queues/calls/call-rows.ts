import { toE164 } from '@colloquy/phone-numbers';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Db, Statement, Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';
import type { Window } from '../campaigns/windows.ts';
import {
  type Call,
  type CallOf,
  type CallOrigin,
  type CallState,
  type Clock,
  type DecisionRow,
  type Direction,
  type InboundCall,
  type InboundDetails,
  type OutboundCall,
  type OutboundDetails,
  type Retry,
  WITHOUT_RULES,
} from './call.ts';

export const byDirection = <T>(make: (direction: Direction) => T) => ({
  outbound: make('outbound'),
  inbound: make('inbound'),
});

const CLOCKS = {
  enqueued: 'c.enqueued_at',
  completed: 'c.completed_at',
  scheduled: 'c.scheduled_for',
} as const satisfies Record<Clock, string>;

/** `c` is a row of calls. */
export const TABLES = {
  outbound: {
    calls: 'outbound_calls',
    decisions: 'outbound_decisions',
    keys: {
      campaign_id: "coalesce(c.campaign_id, '')",
      status: 'c.status',
      number_id: "coalesce(c.number_id, '')",
      number_provider: "coalesce(c.number_provider, '')",
    },
    clocks: CLOCKS,
    number: 'c.recipient_number',
    counts: 'outbound',
  },
  inbound: {
    calls: 'inbound_calls',
    decisions: 'inbound_decisions',
    keys: {
      route_id: "coalesce(c.route_id, '')",
      status: 'c.status',
      number_id: "coalesce(c.number_id, '')",
      provider: 'c.provider',
    },
    clocks: CLOCKS,
    // 256 is MAX_COMPARED_NUMBER, which fits into an index entry.
    number: 'left(coalesce(c.caller_e164, c.caller_number), 256)',
    counts: 'inbound',
  },
} as const satisfies Record<Direction, unknown>;

const COMMON = `c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id`;

export const CALL_COLUMNS = {
  outbound: `${COMMON}, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key`,
  inbound: `${COMMON}, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164`,
} as const satisfies Record<Direction, string>;

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;
export type RowOf<Fields> = {
  readonly [Name in keyof Fields & string as SnakeCase<Name>]: Fields[Name];
};

type CommonRow = RowOf<CallOrigin & Omit<CallState, keyof typeof WITHOUT_RULES>>;
type TextDetails = Omit<OutboundDetails, 'windows' | 'retry' | 'isByMaskedKey'>;
export interface CallRows {
  readonly outbound: RowOf<CallOrigin & CallState & TextDetails> & {
    readonly windows: string | null;
    readonly retry: string | null;
    readonly by_masked_key: boolean;
  };
  readonly inbound: CommonRow & RowOf<InboundDetails>;
}

const commonOf = (row: CommonRow) => ({
  id: row.id,
  status: row.status,
  enqueuedAt: row.enqueued_at,
  processingStartedAt: row.processing_started_at,
  completedAt: row.completed_at,
  sessionId: row.session_id,
  sessionStatus: row.session_status,
  sessionEndType: row.session_end_type,
  attempts: row.attempts,
  lostLeases: row.lost_leases,
  nextAttemptAt: row.next_attempt_at,
  scheduledFor: row.scheduled_for,
  expiresAt: row.expires_at,
  priority: row.priority,
  lastReason: row.last_reason,
  leaseToken: row.lease_token,
  leaseExpiresAt: row.lease_expires_at,
  decisions: row.decisions,
  numberId: row.number_id,
});

function outboundOf(row: CallRows['outbound']): OutboundCall {
  return {
    direction: 'outbound',
    ...commonOf(row),
    dynamicVariables: row.dynamic_variables,
    metadata: row.metadata,
    campaignId: row.campaign_id,
    numberProvider: row.number_provider,
    recipientNumber: row.recipient_number,
    timeZone: row.time_zone,
    windows: row.windows === null ? null : (JSON.parse(row.windows) as Window[]),
    retry: row.retry === null ? null : (JSON.parse(row.retry) as Retry),
    dueFrom: row.due_from,
    windowClosesAt: row.window_closes_at,
    plan: row.plan,
    leaseUntil: row.lease_until,
    watchAt: row.watch_at,
    abandonedAt: row.abandoned_at,
    isRepeat: row.is_repeat,
    heldDueAt: row.held_due_at,
    isByMaskedKey: row.by_masked_key,
  };
}

function inboundOf(row: CallRows['inbound']): InboundCall {
  return {
    direction: 'inbound',
    ...commonOf(row),
    routeId: row.route_id,
    provider: row.provider,
    providerCallId: row.provider_call_id,
    callerNumber: row.caller_number,
    // Rows of earlier releases have no normal form until the backfill reaches them.
    callerE164: row.caller_e164 ?? toE164(row.caller_number),
    ...WITHOUT_RULES,
    dueFrom: row.next_attempt_at,
  };
}

export const CALL_OF: { readonly [D in Direction]: (row: CallRows[D]) => CallOf<D> } = {
  outbound: outboundOf,
  inbound: inboundOf,
};

let lastTime = { instant: Number.NaN, text: '' };

/** A timestamptz. Caches the last one, because rows of one statement share most instants. */
export function time(instant: number): string {
  if (instant !== lastTime.instant) lastTime = { instant, text: new Date(instant).toISOString() };
  return lastTime.text;
}

/** Runs a statement that finds ids of business $1 by a time $2, at most $3. */
export const findIdsBefore =
  (find: Statement) =>
  async (db: Db, { businessId }: Scope, before: number, limit: number): Promise<string[]> => {
    const rows = await db.rows<{ id: string }>(find, [businessId, time(before), limit]);
    return rows.map(({ id }) => id);
  };

const timeOrNull = (instant: number | null) => (instant === null ? null : time(instant));

export type Columns<Row = Call> = Readonly<
  Record<string, readonly [type: string, read: (row: Row) => unknown]>
>;

const STATE: Columns = {
  status: ['text', ({ status }) => status],
  processing_started_at: ['timestamptz', (call) => timeOrNull(call.processingStartedAt)],
  completed_at: ['timestamptz', (call) => timeOrNull(call.completedAt)],
  session_id: ['text', ({ sessionId }) => sessionId],
  session_status: ['text', ({ sessionStatus }) => sessionStatus],
  session_end_type: ['text', ({ sessionEndType }) => sessionEndType],
  attempts: ['integer', ({ attempts }) => attempts],
  lost_leases: ['integer', ({ lostLeases }) => lostLeases],
  next_attempt_at: ['timestamptz', (call) => timeOrNull(call.nextAttemptAt)],
  scheduled_for: ['timestamptz', (call) => timeOrNull(call.scheduledFor)],
  expires_at: ['timestamptz', (call) => timeOrNull(call.expiresAt)],
  last_reason: ['text', ({ lastReason }) => lastReason],
  lease_token: ['text', ({ leaseToken }) => leaseToken],
  lease_expires_at: ['timestamptz', (call) => timeOrNull(call.leaseExpiresAt)],
  decisions: ['integer', ({ decisions }) => decisions],
};
export const STATE_COLUMNS: Readonly<Record<Direction, Columns>> = {
  outbound: {
    ...STATE,
    due_from: ['timestamptz', (call) => timeOrNull(call.dueFrom)],
    window_closes_at: ['timestamptz', (call) => timeOrNull(call.windowClosesAt)],
    plan: ['integer', ({ plan }) => plan],
    lease_until: ['timestamptz', (call) => timeOrNull(call.leaseUntil)],
    watch_at: ['timestamptz', (call) => timeOrNull(call.watchAt)],
    abandoned_at: ['timestamptz', (call) => timeOrNull(call.abandonedAt)],
    is_repeat: ['boolean', ({ isRepeat }) => isRepeat],
    held_due_at: ['timestamptz', (call) => timeOrNull(call.heldDueAt)],
  },
  inbound: STATE,
};

export const columnArrays = (columns: Columns<never>, first: number) =>
  Object.values(columns)
    .map(([type], at) => `$${first + at}::${type}[]`)
    .join(', ');
export const columnValues = <Row>(columns: Columns<Row>, rows: readonly Row[]) =>
  Object.values(columns).map(([, read]) => rows.map(read));
/** For `insertRows`. */
export const rowValues = <Row>(columns: Columns<Row>, rows: readonly Row[]) => {
  const reads = Object.values(columns).map(([, read]) => read);
  return rows.map((row) => reads.map((read) => read(row)));
};

type StoredDecision = DecisionRow & { readonly callId: string; readonly seq: number };
const DECISIONS: Columns<StoredDecision> = {
  call_id: ['text', ({ callId }) => callId],
  seq: ['integer', ({ seq }) => seq],
  decided_at: ['timestamptz', ({ at }) => time(at)],
  decision: ['text', ({ decision }) => decision],
  reason: ['text', ({ reason }) => reason],
  details: ['text', ({ details }) => details],
  lease_token: ['text', ({ leaseToken }) => leaseToken],
  session_id: ['text', ({ sessionId }) => sessionId],
  next_attempt_at: ['timestamptz', ({ nextAttemptAt }) => timeOrNull(nextAttemptAt)],
};

const ADD_DECISIONS = byDirection((direction) =>
  insertRows(
    `queues.add-decisions-${direction}`,
    TABLES[direction].decisions,
    Object.keys(DECISIONS),
  ),
);

export async function addDecisions(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  rows: readonly StoredDecision[],
): Promise<void> {
  await ADD_DECISIONS[direction](tx, scope.businessId, rowValues(DECISIONS, rows));
}
