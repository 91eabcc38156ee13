import type { DeliveryStatus, DeliveryType } from '@colloquy/wire';
import type { Scope } from '../access/authorization/scope.ts';
import { type Db, statement } from '../kernel/postgres/database.ts';
import type { Attempt, Delivery, HappeningDetails, NewDelivery } from './webhook.ts';

type Business = Pick<Scope, 'businessId'>;

const instant = (milliseconds: number | null) =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();

const ADD = statement(
  'webhooks.add-deliveries',
  `SELECT add_webhook_deliveries($1, $2, $3, $4::text[], $5::text[], $6::text[], $7::text[],
     $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::text[])`,
);

/** Also moves the position in the change log. The caller holds the lock of the position. */
export async function addDeliveries(
  tx: Db,
  { businessId }: Business,
  { reached, now }: { readonly reached: number; readonly now: number },
  deliveries: readonly NewDelivery[],
): Promise<void> {
  await tx.rows(ADD, [
    businessId,
    reached,
    instant(now),
    deliveries.map(({ id }) => id),
    deliveries.map(({ webhookId }) => webhookId),
    deliveries.map(({ messageId }) => messageId),
    deliveries.map(({ type }) => type),
    deliveries.map(({ subjectHash }) => subjectHash),
    deliveries.map(({ subjectId }) => subjectId),
    deliveries.map(({ details }) => (details ? JSON.stringify(details) : null)),
    deliveries.map(({ at }) => instant(at)),
    deliveries.map(({ masking }) => masking),
    deliveries.map(({ body }) => body),
  ]);
}

const COLUMNS = `d.delivery_id AS id, d.webhook_id AS "webhookId", d.seq, d.message_id AS "messageId",
  d.event_type AS type, d.subject_hash AS "subjectHash", d.subject_id AS "subjectId", d.details, d.at,
  d.created_at AS "createdAt", d.masking, d.body, d.status, d.next_attempt_at AS "nextAttemptAt",
  d.failures, d.replays`;

interface DeliveryRow extends Omit<Delivery, 'details'> {
  readonly details: string | null;
}

const deliveryOf = ({ details, ...row }: DeliveryRow): Delivery => ({
  ...row,
  details: details === null ? null : (JSON.parse(details) as HappeningDetails),
});

const NEXT = statement(
  'webhooks.find-next',
  `SELECT ${COLUMNS} FROM webhook_deliveries d
   WHERE d.business_id = $1 AND d.webhook_id = $2 AND d.next_attempt_at IS NOT NULL
     AND d.delivery_id <> ALL ($3::text[])
   ORDER BY d.next_attempt_at, d.seq LIMIT $4`,
);

/** The earliest first; they may be due later. Those of `sending` are left out. */
export async function findNext(
  db: Db,
  { businessId }: Business,
  webhookId: string,
  { sending, limit }: { readonly sending: readonly string[]; readonly limit: number },
): Promise<Delivery[]> {
  return (await db.rows<DeliveryRow>(NEXT, [businessId, webhookId, sending, limit])).map(
    deliveryOf,
  );
}

export interface Settled extends Attempt {
  readonly deliveryId: string;
  /** Of the delivery when the attempt began. */
  readonly replays: number;
  readonly status: Exclude<DeliveryStatus, 'Canceled'>;
  readonly nextAttemptAt: number | null;
}

const SETTLE = statement(
  'webhooks.settle',
  `SELECT settle_webhook_deliveries($1, $2, $3::text[], $4::integer[], $5::timestamptz[],
     $6::integer[], $7::text[], $8::integer[], $9::text[], $10::text[], $11::timestamptz[])`,
);

/**
 * Notes attempts; a settled delivery makes the next of its conversation due. One that was replayed
 * since its attempt began stays due itself.
 */
export async function settleDeliveries(
  db: Db,
  { businessId }: Business,
  now: number,
  settled: readonly Settled[],
): Promise<void> {
  await db.rows(SETTLE, [
    businessId,
    instant(now),
    settled.map(({ deliveryId }) => deliveryId),
    settled.map(({ replays }) => replays),
    settled.map(({ at }) => instant(at)),
    settled.map(({ httpStatus }) => httpStatus),
    settled.map(({ error }) => error),
    settled.map(({ durationMs }) => durationMs),
    settled.map(({ answer }) => answer),
    settled.map(({ status }) => status),
    settled.map(({ nextAttemptAt }) => instant(nextAttemptAt)),
  ]);
}

const SET_BODY = statement(
  'webhooks.set-body',
  `UPDATE webhook_deliveries SET body = $3, masking = $4
   WHERE business_id = $1 AND delivery_id = $2 AND status <> 'Canceled'
   RETURNING delivery_id`,
);

// They may repeat an earlier body, in which less was masked.
const FORGET_ANSWERS = statement(
  'webhooks.forget-answers',
  'UPDATE webhook_attempts SET answer = NULL WHERE business_id = $1 AND delivery_id = $2',
);

/** Also removes earlier answers. False if the delivery was canceled. */
export async function setBody(
  tx: Db,
  { businessId }: Business,
  id: string,
  { body, masking }: { readonly body: string; readonly masking: string },
): Promise<boolean> {
  const updated = await tx.row(SET_BODY, [businessId, id, body, masking]);
  if (updated) await tx.rows(FORGET_ANSWERS, [businessId, id]);
  return updated !== undefined;
}

const PARK = statement('webhooks.park', 'SELECT park_webhook_deliveries($1, $2, $3, $4) AS parked');

/** Parks at most `limit` deliveries of a disabled webhook; returns their number, 0 at the end. */
export async function parkPending(
  db: Db,
  { businessId }: Business,
  webhookId: string,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<number> {
  const values = [businessId, webhookId, instant(now), limit];
  return (await db.row<{ parked: number }>(PARK, values))?.parked ?? 0;
}

const LAG = statement(
  'webhooks.sum-lag',
  `SELECT min(first.due_at) AS "oldestDueAt",
     count(*) FILTER (WHERE w.is_enabled AND w.failing_since IS NOT NULL)::int AS failing
   FROM webhooks w
   JOIN businesses b ON b.business_id = w.business_id AND NOT b.is_disabled
   LEFT JOIN LATERAL (
     SELECT d.next_attempt_at AS due_at FROM webhook_deliveries d
     WHERE d.business_id = w.business_id AND d.webhook_id = w.webhook_id
       AND d.next_attempt_at IS NOT NULL
     ORDER BY d.next_attempt_at, d.seq LIMIT 1
   ) first ON true`,
);

/** Of all businesses; deliveries of disabled businesses wait and do not count. */
export async function sumLag(db: Db) {
  const row = await db.row<{ oldestDueAt: number | null; failing: number }>(LAG, []);
  return row ?? { oldestDueAt: null, failing: 0 };
}

export interface DeliveryFilter {
  readonly status?: DeliveryStatus;
  readonly type?: DeliveryType;
  readonly subjectHash?: string;
  readonly from?: number;
  readonly to?: number;
}

const MATCHES = `d.business_id = $1 AND d.webhook_id = $2
  AND ($3::text IS NULL OR d.status = $3) AND ($4::text IS NULL OR d.event_type = $4)
  AND ($5::text IS NULL OR d.subject_hash = $5)
  AND ($6::timestamptz IS NULL OR d.created_at >= $6)
  AND ($7::timestamptz IS NULL OR d.created_at <= $7)`;
const LIST = statement(
  'webhooks.list-deliveries',
  `SELECT ${COLUMNS} FROM webhook_deliveries d WHERE ${MATCHES} AND d.seq < $8
   ORDER BY d.seq DESC LIMIT $9`,
);
const LIST_IDS = statement(
  'webhooks.list-delivery-ids',
  `SELECT d.delivery_id AS id, d.seq FROM webhook_deliveries d
   WHERE ${MATCHES} AND d.seq > $8 AND (d.subject_id IS NOT NULL OR d.event_type LIKE 'webhook.%')
   ORDER BY d.seq LIMIT $9`,
);

const filterValues = ({ status, type, subjectHash, from, to }: DeliveryFilter) => [
  status ?? null,
  type ?? null,
  subjectHash ?? null,
  instant(from ?? null),
  instant(to ?? null),
];

interface DeliveryPage {
  readonly webhookId: string;
  readonly filter: DeliveryFilter;
  readonly limit: number;
}

/** Newest first. */
export async function listDeliveries(
  db: Db,
  { businessId }: Business,
  { webhookId, filter, limit }: DeliveryPage,
  before: number,
): Promise<Delivery[]> {
  const values = [businessId, webhookId, ...filterValues(filter), before, limit];
  return (await db.rows<DeliveryRow>(LIST, values)).map(deliveryOf);
}

/** Oldest first, without those about what was erased. */
export function listDeliveryIds(
  db: Db,
  { businessId }: Business,
  { webhookId, filter, limit }: DeliveryPage,
  after: number,
) {
  const values = [businessId, webhookId, ...filterValues(filter), after, limit];
  return db.rows<{ id: string; seq: number }>(LIST_IDS, values);
}

const FIND = statement(
  'webhooks.find-delivery',
  `SELECT ${COLUMNS} FROM webhook_deliveries d
   WHERE d.business_id = $1 AND d.webhook_id = $2 AND d.delivery_id = $3`,
);

export async function findDelivery(
  db: Db,
  { businessId }: Business,
  webhookId: string,
  id: string,
): Promise<Delivery | null> {
  const row = await db.row<DeliveryRow>(FIND, [businessId, webhookId, id]);
  return row ? deliveryOf(row) : null;
}

const REPLAY = statement(
  'webhooks.replay',
  'SELECT replay_webhook_deliveries($1, $2, $3::text[]) AS replayed',
);

export async function replayDeliveries(
  db: Db,
  { businessId }: Business,
  now: number,
  ids: readonly string[],
): Promise<number> {
  const row = await db.row<{ replayed: number }>(REPLAY, [businessId, instant(now), ids]);
  return row?.replayed ?? 0;
}

const MAX_SHOWN_ATTEMPTS = 20;
const ATTEMPTS = statement(
  'webhooks.find-attempts',
  `SELECT a.delivery_id AS "deliveryId", a.at, a.http_status AS "httpStatus", a.error,
     a.duration_ms AS "durationMs", a.answer
   FROM webhook_attempts a
   JOIN webhook_deliveries d ON d.business_id = $1 AND d.delivery_id = a.delivery_id
   WHERE a.business_id = $1 AND a.delivery_id = ANY($2::text[])
     AND a.attempt > d.attempts - ${MAX_SHOWN_ATTEMPTS}
   ORDER BY a.delivery_id, a.attempt`,
);

/** Of each delivery the last 20, oldest first. */
export async function findAttempts(db: Db, { businessId }: Business, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, Attempt[]>();
  const rows = await db.rows<Attempt & { deliveryId: string }>(ATTEMPTS, [businessId, ids]);
  return Map.groupBy(rows, ({ deliveryId }) => deliveryId);
}

const OLD = statement(
  'webhooks.find-old',
  `SELECT delivery_id AS id FROM webhook_deliveries d
   WHERE d.business_id = $1 AND d.created_at < $2 AND d.status <> 'Pending'
   ORDER BY d.created_at LIMIT $3`,
);
const OF_WEBHOOK = statement(
  'webhooks.find-deliveries-of',
  `SELECT delivery_id AS id FROM webhook_deliveries d
   WHERE d.business_id = $1 AND d.webhook_id = $2 LIMIT $3`,
);
const REMOVE_ATTEMPTS = statement(
  'webhooks.remove-attempts',
  'DELETE FROM webhook_attempts WHERE business_id = $1 AND delivery_id = ANY($2::text[])',
);
const REMOVE = statement(
  'webhooks.remove-deliveries',
  'DELETE FROM webhook_deliveries WHERE business_id = $1 AND delivery_id = ANY($2::text[])',
);

export const WITH_REMOVABLE = statement(
  'webhooks.businesses-with-removable',
  `SELECT DISTINCT business_id AS "businessId" FROM webhook_deliveries WHERE created_at < $1
   UNION SELECT business_id FROM deleted_webhooks`,
);

/** Removes at most `limit` settled deliveries from before an instant; returns their number. */
export async function removeOldDeliveries(
  tx: Db,
  { businessId }: Business,
  before: number,
  limit: number,
): Promise<number> {
  const found = await tx.rows<{ id: string }>(OLD, [businessId, instant(before), limit]);
  return remove(tx, businessId, found);
}

/** Removes at most `limit` deliveries of a deleted webhook; returns their number. */
export async function removeDeliveriesOf(
  tx: Db,
  { businessId }: Business,
  webhookId: string,
  limit: number,
): Promise<number> {
  const found = await tx.rows<{ id: string }>(OF_WEBHOOK, [businessId, webhookId, limit]);
  return remove(tx, businessId, found);
}

async function remove(tx: Db, businessId: number, found: readonly { readonly id: string }[]) {
  if (found.length === 0) return 0;
  const ids = found.map(({ id }) => id);
  await tx.rows(REMOVE_ATTEMPTS, [businessId, ids]);
  await tx.rows(REMOVE, [businessId, ids]);
  return ids.length;
}
