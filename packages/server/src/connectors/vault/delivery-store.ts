import type { DeliveryState } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Delivery, RawParts } from './delivery.ts';

type Business = Pick<Scope, 'businessId'>;

const instant = (milliseconds: number | null) =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();

const RECEIVE = statement(
  'connectors.receive',
  `SELECT receive_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS outcome`,
);

export interface NewDelivery {
  readonly id: string;
  readonly connectionId: string;
  readonly source: string;
  readonly conversationId: string | null;
  readonly conversationHash: string | null;
  readonly callId: string | null;
  readonly eventType: string;
  readonly dedupeKey: string;
  readonly receivedAt: number;
  readonly status: DeliveryState;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Outcome = 'Stored' | 'Repeated' | 'Erased';

/** `Erased`: its conversation was erased, so it is counted and not stored. */
export async function storeDelivery(
  db: Db,
  { businessId }: Business,
  delivery: NewDelivery,
): Promise<Outcome> {
  const { id, connectionId, source, conversationId, conversationHash, callId } = delivery;
  const { eventType, dedupeKey, receivedAt, status, headers, body } = delivery;
  const row = await db.row<{ outcome: Outcome }>(RECEIVE, [
    ...[businessId, id, connectionId, source, conversationId, conversationHash, callId],
    ...[eventType, dedupeKey, instant(receivedAt), status, body.length],
    ...[JSON.stringify(headers), body],
  ]);
  if (!row) throw new Error('the function gave no row');
  return row.outcome;
}

const COLUMNS = `d.delivery_id AS id, d.connection_id AS "connectionId", d.source,
  d.conversation_id AS "conversationId", d.call_id AS "callId", d.event_type AS "eventType",
  d.received_at AS "receivedAt", d.repeats, d.status, d.error, d.warnings, d.due_at AS "dueAt",
  d.bytes`;

type Row = Omit<Delivery, 'warnings'> & { readonly warnings: string | null };

const deliveryOf = ({ warnings, ...row }: Row): Delivery => ({
  ...row,
  warnings: warnings === null ? [] : (JSON.parse(warnings) as string[]),
});

const LIST = statement(
  'connectors.list-deliveries',
  `SELECT ${COLUMNS} FROM connection_deliveries d
   WHERE d.business_id = $1 AND d.connection_id = $2 AND d.delivery_id < $3
   ORDER BY d.delivery_id DESC LIMIT $4`,
);
// Of an index without deliveries that are in conversations.
const LIST_OF_STATUS = statement(
  'connectors.list-deliveries-of-status',
  `SELECT ${COLUMNS} FROM connection_deliveries d
   WHERE d.business_id = $1 AND d.connection_id = $2 AND d.delivery_id < $3
     AND d.status = $5 AND d.status <> 'Assembled'
   ORDER BY d.delivery_id DESC LIMIT $4`,
);

interface DeliveryPage {
  readonly connectionId: string;
  readonly status: DeliveryState | null;
  readonly limit: number;
}

/** Newest first. */
export async function listDeliveries(
  db: Db,
  { businessId }: Business,
  { connectionId, status, limit }: DeliveryPage,
  before: string,
): Promise<Delivery[]> {
  const values = [businessId, connectionId, before, limit];
  const rows =
    status === null
      ? await db.rows<Row>(LIST, values)
      : await db.rows<Row>(LIST_OF_STATUS, [...values, status]);
  return rows.map(deliveryOf);
}

const FIND = `SELECT ${COLUMNS} FROM connection_deliveries d
  WHERE d.business_id = $1 AND d.delivery_id = $2 AND d.connection_id = $3`;
const FIND_ONE = statement('connectors.find-delivery', FIND);
const LOCK_ONE = statement('connectors.lock-delivery', `${FIND} FOR NO KEY UPDATE`);

export interface DeliveryKey {
  readonly connectionId: string;
  readonly deliveryId: string;
}

/** With `lock`, the row is locked until the transaction ends. */
export async function findDelivery(
  db: Db,
  { businessId }: Business,
  { connectionId, deliveryId }: DeliveryKey,
  lock: 'lock' | 'no lock' = 'no lock',
): Promise<Delivery | undefined> {
  const find = lock === 'lock' ? LOCK_ONE : FIND_ONE;
  const row = await db.row<Row>(find, [businessId, deliveryId, connectionId]);
  return row && deliveryOf(row);
}

const FIND_RAW = statement(
  'connectors.find-raw',
  `SELECT d.delivery_id AS id, d.headers, d.body FROM connection_deliveries d
   WHERE d.business_id = $1 AND d.delivery_id = ANY($2::text[])`,
);

interface RawRow extends Pick<RawParts, 'body'> {
  readonly id: string;
  readonly headers: string | null;
}

export async function findRaw(
  db: Db,
  { businessId }: Business,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RawParts>> {
  const rows = await db.rows<RawRow>(FIND_RAW, [businessId, ids]);
  return new Map(
    rows.map(({ id, headers, body }) => [
      id,
      { headers: headers === null ? null : (JSON.parse(headers) as RawParts['headers']), body },
    ]),
  );
}

const RETRY = statement(
  'connectors.retry-delivery',
  `UPDATE connection_deliveries SET status = 'Pending', error = NULL, failures = 0, due_at = $3
   WHERE business_id = $1 AND delivery_id = $2`,
);

export async function retryRow(tx: Db, { businessId }: Business, id: string, now: number) {
  await tx.rows(RETRY, [businessId, id, instant(now)]);
}
