import type { EndType, QueueStatus, Status } from '@colloquy/wire';
import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';

/** A call to be made, or that was made; instants are milliseconds since 1970. */
export interface OutboundCall {
  readonly id: string;
  readonly status: QueueStatus;
  readonly enqueuedAt: number;
  readonly processingStartedAt: number | null;
  readonly completedAt: number | null;
  readonly dynamicVariables: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly campaignId: string | null;
  readonly numberId: string | null;
  readonly recipientNumber: string;
  readonly sessionId: string | null;
  readonly sessionStatus: Status | null;
  readonly sessionEndType: EndType | null;
}

const FIND = statement(
  'queues.find-outbound',
  `SELECT status, enqueued_at, processing_started_at, completed_at, dynamic_variables, metadata,
     campaign_id, number_id, recipient_number, session_id, session_status, session_end_type
   FROM outbound_calls WHERE business_id = $1 AND id = $2`,
);

interface OutboundRow {
  status: QueueStatus;
  enqueued_at: number;
  processing_started_at: number | null;
  completed_at: number | null;
  dynamic_variables: string;
  metadata: string;
  campaign_id: string | null;
  number_id: string | null;
  recipient_number: string;
  session_id: string | null;
  session_status: Status | null;
  session_end_type: EndType | null;
}

export async function findOutboundCall(
  db: Db,
  scope: Scope,
  id: string,
): Promise<OutboundCall | null> {
  const row = await db.row<OutboundRow>(FIND, [scope.businessId, id]);
  if (!row) return null;
  return {
    id,
    status: row.status,
    enqueuedAt: row.enqueued_at,
    processingStartedAt: row.processing_started_at,
    completedAt: row.completed_at,
    dynamicVariables: JSON.parse(row.dynamic_variables),
    metadata: JSON.parse(row.metadata),
    campaignId: row.campaign_id,
    numberId: row.number_id,
    recipientNumber: row.recipient_number,
    sessionId: row.session_id,
    sessionStatus: row.session_status,
    sessionEndType: row.session_end_type,
  };
}

const INSERT = statement(
  'queues.insert-outbound',
  `INSERT INTO outbound_calls (business_id, id, status, enqueued_at, processing_started_at,
     completed_at, dynamic_variables, metadata, campaign_id, number_id, recipient_number, session_id,
     session_status, session_end_type)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
   ON CONFLICT DO NOTHING`,
);

/** Adds a call to the queue; one whose id is taken is left as it is. */
export async function insertOutboundCall(db: Db, scope: Scope, call: OutboundCall): Promise<void> {
  const time = (instant: number | null) =>
    instant === null ? null : new Date(instant).toISOString();
  await db.rows(INSERT, [
    scope.businessId,
    call.id,
    call.status,
    time(call.enqueuedAt),
    time(call.processingStartedAt),
    time(call.completedAt),
    JSON.stringify(call.dynamicVariables),
    JSON.stringify(call.metadata),
    call.campaignId,
    call.numberId,
    call.recipientNumber,
    call.sessionId,
    call.sessionStatus,
    call.sessionEndType,
  ]);
}
