import type { Scope } from '../access/authorization/scope.ts';
import { businessFinder } from '../kernel/citus/find-businesses.ts';
import { type Database, type Db, statement } from '../kernel/postgres/database.ts';
import type { Webhook } from './webhook.ts';

type Business = Pick<Scope, 'businessId'>;

const COLUMNS = `webhook_id AS id, url, event_types AS events, description, headers, secrets,
  is_enabled AS "isEnabled", disabled_reason AS "disabledReason", unredacted_by AS "unredactedBy",
  starts_after AS "startsAfter", failing_since AS "failingSince", created_at AS "createdAt",
  created_by AS "createdBy"`;

const instant = (milliseconds: number | null) =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();

const INSERT = statement(
  'webhooks.insert',
  `INSERT INTO webhooks (business_id, webhook_id, url, event_types, description, headers, secrets,
     is_enabled, unredacted_by, starts_after, created_at, created_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);

export async function insertWebhook(tx: Db, { businessId }: Business, webhook: Webhook) {
  await tx.rows(INSERT, [
    businessId,
    webhook.id,
    webhook.url,
    webhook.events,
    webhook.description,
    webhook.headers,
    webhook.secrets,
    webhook.isEnabled,
    webhook.unredactedBy,
    webhook.startsAfter,
    instant(webhook.createdAt),
    webhook.createdBy,
  ]);
}

const UPDATE = statement(
  'webhooks.update',
  `UPDATE webhooks SET url = $3, event_types = $4, description = $5, headers = $6, secrets = $7,
     is_enabled = $8, disabled_reason = $9, unredacted_by = $10, starts_after = $11,
     failing_since = $12
   WHERE business_id = $1 AND webhook_id = $2`,
);

export async function updateWebhookRow(tx: Db, { businessId }: Business, webhook: Webhook) {
  await tx.rows(UPDATE, [
    businessId,
    webhook.id,
    webhook.url,
    webhook.events,
    webhook.description,
    webhook.headers,
    webhook.secrets,
    webhook.isEnabled,
    webhook.disabledReason,
    webhook.unredactedBy,
    webhook.startsAfter,
    instant(webhook.failingSince),
  ]);
}

const FIND = `SELECT ${COLUMNS} FROM webhooks WHERE business_id = $1 AND webhook_id = $2`;
const FIND_ONE = statement('webhooks.find', FIND);
const LOCK_ONE = statement('webhooks.lock', `${FIND} FOR NO KEY UPDATE`);

/** With `lock`, the row is locked until the transaction ends. */
export const findWebhook = (
  db: Db,
  { businessId }: Business,
  id: string,
  lock: 'lock' | 'no lock' = 'no lock',
) => db.row<Webhook>(lock === 'lock' ? LOCK_ONE : FIND_ONE, [businessId, id]);

const LIST = statement(
  'webhooks.list',
  `SELECT ${COLUMNS} FROM webhooks WHERE business_id = $1 AND webhook_id > $2
   ORDER BY webhook_id LIMIT $3`,
);

/** In the order of their creation. */
export const listWebhooks = (db: Db, { businessId }: Business, after: string, limit: number) =>
  db.rows<Webhook>(LIST, [businessId, after, limit]);

const COUNT = statement(
  'webhooks.count',
  'SELECT count(*) AS n FROM webhooks WHERE business_id = $1',
);

export const countWebhooks = async (db: Db, { businessId }: Business) =>
  (await db.row<{ n: number }>(COUNT, [businessId]))?.n ?? 0;

const DELETE = statement(
  'webhooks.delete',
  'DELETE FROM webhooks WHERE business_id = $1 AND webhook_id = $2',
);
const NOTE_DELETED = statement(
  'webhooks.note-deleted',
  'INSERT INTO deleted_webhooks (business_id, webhook_id) VALUES ($1, $2)',
);

/** A job removes the deliveries. */
export async function deleteWebhookRow(tx: Db, { businessId }: Business, id: string) {
  await tx.rows(DELETE, [businessId, id]);
  await tx.rows(NOTE_DELETED, [businessId, id]);
}

const LIST_DELETED = statement(
  'webhooks.list-deleted',
  'SELECT webhook_id AS id FROM deleted_webhooks WHERE business_id = $1 LIMIT 100',
);

/** Deleted webhooks that may have deliveries. */
export async function listDeleted(db: Db, { businessId }: Business): Promise<string[]> {
  return (await db.rows<{ id: string }>(LIST_DELETED, [businessId])).map(({ id }) => id);
}

const FORGET_DELETED = statement(
  'webhooks.forget-deleted',
  'DELETE FROM deleted_webhooks WHERE business_id = $1 AND webhook_id = $2',
);

export async function forgetDeleted(db: Db, { businessId }: Business, id: string) {
  await db.rows(FORGET_DELETED, [businessId, id]);
}

const NOTE_FAILING = statement(
  'webhooks.note-failing',
  `UPDATE webhooks SET failing_since = coalesce(failing_since, $3)
   WHERE business_id = $1 AND webhook_id = $2 RETURNING failing_since AS "failingSince"`,
);
const NOTE_SUCCESS = statement(
  'webhooks.note-success',
  `UPDATE webhooks SET failing_since = NULL
   WHERE business_id = $1 AND webhook_id = $2 AND failing_since IS NOT NULL`,
);

/** Returns since when the webhook fails. */
export async function noteFailing(db: Db, { businessId }: Business, id: string, now: number) {
  const values = [businessId, id, instant(now)];
  return (await db.row<{ failingSince: number }>(NOTE_FAILING, values))?.failingSince ?? now;
}

export async function noteSuccess(db: Db, { businessId }: Business, id: string): Promise<void> {
  await db.rows(NOTE_SUCCESS, [businessId, id]);
}

const INSERT_POSITION = statement(
  'webhooks.insert-position',
  `INSERT INTO webhook_positions (business_id, position, last_seq) VALUES ($1, $2, 0)
   ON CONFLICT DO NOTHING`,
);

export async function insertPosition(tx: Db, { businessId }: Business, position: number) {
  await tx.rows(INSERT_POSITION, [businessId, position]);
}

const LOCK_POSITION = statement(
  'webhooks.lock-position',
  'SELECT position FROM webhook_positions WHERE business_id = $1 FOR UPDATE',
);

/** Null if the business never had a webhook. Locks the deliveries until the transaction ends. */
export const lockPosition = async (tx: Db, { businessId }: Business) =>
  (await tx.row<{ position: number }>(LOCK_POSITION, [businessId]))?.position ?? null;

// What keeps the index of due deliveries from being read in whole is the limit of each look-up.
const hasWork = (business: string, now: string) => `(
    EXISTS (SELECT FROM webhooks w WHERE w.business_id = ${business} AND w.is_enabled
      AND (EXISTS (SELECT FROM changes_pending c WHERE c.business_id = ${business})
        OR EXISTS (SELECT FROM change_ends e WHERE e.business_id = ${business}
          AND e.last_position > p.position)
        OR EXISTS (SELECT FROM webhook_uploads u WHERE u.business_id = ${business})))
    OR EXISTS (SELECT FROM webhooks w WHERE w.business_id = ${business}
      AND EXISTS (SELECT FROM webhook_deliveries d WHERE d.business_id = ${business}
        AND d.webhook_id = w.webhook_id AND d.next_attempt_at <= ${now})))`;
const findWithWork = businessFinder({
  across: statement(
    'webhooks.businesses-with-work',
    `SELECT p.business_id AS "businessId" FROM webhook_positions p
     WHERE ${hasWork('p.business_id', '$1')}`,
  ),
  ofOne: statement(
    'webhooks.has-work',
    `SELECT true AS has FROM webhook_positions p
     WHERE p.business_id = $1 AND ${hasWork('$1', '$2')}`,
  ),
});

/** Businesses with changes that webhooks have not received, or with deliveries that are due. */
export const listWithWork = (db: Database, now: number) => findWithWork(db, instant(now));

/** Businesses that have, or had, webhooks. */
export const findWithWebhooks = businessFinder({
  across: statement(
    'webhooks.businesses',
    'SELECT business_id AS "businessId" FROM webhook_positions ORDER BY business_id',
  ),
  ofOne: statement(
    'webhooks.has-webhooks',
    'SELECT true AS has FROM webhook_positions WHERE business_id = $1',
  ),
});

const ADD_UPLOADING = statement(
  'webhooks.await-upload',
  `INSERT INTO webhook_uploads (business_id, conversation_id, sealed_at) VALUES ($1, $2, $3)
   ON CONFLICT DO NOTHING`,
);

/** Notes a sealed conversation with an upload under way. */
export async function awaitUpload(tx: Db, { businessId }: Business, id: string, at: number) {
  await tx.rows(ADD_UPLOADING, [businessId, id, instant(at)]);
}

const LIST_UPLOADING = statement(
  'webhooks.list-uploads',
  `SELECT conversation_id AS id, sealed_at AS "sealedAt" FROM webhook_uploads
   WHERE business_id = $1 ORDER BY sealed_at LIMIT $2`,
);

export const listAwaited = (db: Db, { businessId }: Business, limit: number) =>
  db.rows<{ id: string; sealedAt: number }>(LIST_UPLOADING, [businessId, limit]);

const DELETE_UPLOADING = statement(
  'webhooks.delete-uploads',
  'DELETE FROM webhook_uploads WHERE business_id = $1 AND conversation_id = ANY($2::text[])',
);

export async function forgetAwaited(tx: Db, { businessId }: Business, ids: readonly string[]) {
  if (ids.length > 0) await tx.rows(DELETE_UPLOADING, [businessId, ids]);
}

const UNREAD = statement(
  'webhooks.find-unread-recordings',
  `SELECT subject_id AS id FROM changes_pending
   WHERE business_id = $1 AND kind = 'RecordingReady' AND subject_id = ANY($2::text[])
   UNION
   SELECT subject_id FROM changes
   WHERE business_id = $1 AND position > $3 AND kind = 'RecordingReady'
     AND subject_id = ANY($2::text[])`,
);

/** Those of the conversations with recordings whose changes are after the position. */
export async function findUnreadRecordings(
  tx: Db,
  { businessId }: Business,
  ids: readonly string[],
  position: number,
): Promise<ReadonlySet<string>> {
  const rows = await tx.rows<{ id: string }>(UNREAD, [businessId, ids, position]);
  return new Set(rows.map(({ id }) => id));
}
