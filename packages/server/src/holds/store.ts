import type { Scope } from '../access/authorization/scope.ts';
import { timestampText } from '../kernel/instant.ts';
import { type Db, statement, type Tx } from '../kernel/postgres/database.ts';
import { insertRows } from '../kernel/postgres/insert-rows.ts';

/** Instants are milliseconds since 1970. */
export interface Hold {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
  /** null if the hold names conversations by id. */
  readonly filter: HoldFilter | null;
  /** The number of named conversations and the first ids; empty after lifting. */
  readonly named: { readonly count: number; readonly ids: readonly string[] };
  readonly createdAt: number;
  readonly createdBy: string;
  readonly liftedAt: number | null;
  readonly liftedBy: string | null;
}

/** Absent keys do not filter. */
export interface HoldFilter {
  readonly from?: number;
  readonly to?: number;
  readonly statuses?: readonly string[];
  readonly initiationTypes?: readonly string[];
  readonly endTypes?: readonly string[];
}

export interface Holdable {
  readonly id: string;
  readonly startTime: number;
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
}

const MAX_RETURNED_IDS = 20;

const HOLD = `h.id, h.name, h.reason, h.has_filter, h.start_from, h.start_to, h.statuses,
  h.initiation_types, h.end_types, h.created_at, h.created_by, h.lifted_at, h.lifted_by,
  (SELECT count(*) FROM held_conversations e WHERE e.business_id = $1 AND e.hold_id = h.id) AS named,
  ARRAY(SELECT e.conversation_id FROM held_conversations e
    WHERE e.business_id = $1 AND e.hold_id = h.id
    ORDER BY e.conversation_id LIMIT ${MAX_RETURNED_IDS}) AS named_ids`;

interface HoldRow extends Pick<Hold, 'id' | 'name' | 'reason'> {
  has_filter: boolean;
  start_from: number | null;
  start_to: number | null;
  statuses: string[] | null;
  initiation_types: string[] | null;
  end_types: string[] | null;
  created_at: number;
  created_by: string;
  lifted_at: number | null;
  lifted_by: string | null;
  named: number;
  named_ids: string[];
}

function holdOf(row: HoldRow): Hold {
  const filter: HoldFilter = {
    ...(row.start_from !== null && { from: row.start_from }),
    ...(row.start_to !== null && { to: row.start_to }),
    ...(row.statuses && { statuses: row.statuses }),
    ...(row.initiation_types && { initiationTypes: row.initiation_types }),
    ...(row.end_types && { endTypes: row.end_types }),
  };
  return {
    id: row.id,
    name: row.name,
    reason: row.reason,
    filter: row.has_filter ? filter : null,
    named: { count: row.named, ids: row.named_ids },
    createdAt: row.created_at,
    createdBy: row.created_by,
    liftedAt: row.lifted_at,
    liftedBy: row.lifted_by,
  };
}

// Holds change under an exclusive lock: an erasure finishes before a hold exists, or finds it.
const LOCK = statement('holds.lock', `SELECT pg_advisory_xact_lock(hashtextextended('holds', $1))`);
const SHARE = statement(
  'holds.share',
  `SELECT pg_advisory_xact_lock_shared(hashtextextended('holds', $1))`,
);

/** Until the transaction ends. */
export async function lockHolds(tx: Tx, scope: Scope, mode: 'share' | 'change'): Promise<void> {
  await tx.rows(mode === 'change' ? LOCK : SHARE, [scope.businessId]);
}

const matches = (row: string) => `h.business_id = $1 AND h.lifted_at IS NULL AND h.has_filter
  AND (h.start_from IS NULL OR ${row}.start_time >= h.start_from)
  AND (h.start_to IS NULL OR ${row}.start_time <= h.start_to)
  AND (h.statuses IS NULL OR ${row}.status = ANY(h.statuses))
  AND (h.initiation_types IS NULL OR ${row}.initiation_type = ANY(h.initiation_types))
  AND (h.end_types IS NULL OR ${row}.end_type = ANY(h.end_types))`;

/** A conversation of business $1 is held. */
export const heldText = (row: string, id: string) => `(
  EXISTS (SELECT FROM held_conversations e WHERE e.business_id = $1 AND e.conversation_id = ${id})
  OR EXISTS (SELECT FROM holds h WHERE ${matches(row)}))`;

const FIND_ON = statement(
  'holds.find-on',
  `SELECT DISTINCT h.id, h.name FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[],
       $6::text[]) AS c(id, start_time, status, initiation_type, end_type)
     CROSS JOIN LATERAL (
       SELECT h.id, h.name FROM holds h WHERE ${matches('c')}
       UNION ALL
       SELECT h.id, h.name FROM held_conversations e
         JOIN holds h ON h.business_id = $1 AND h.id = e.hold_id
       WHERE e.business_id = $1 AND e.conversation_id = c.id
     ) h
   ORDER BY h.id LIMIT 100`,
);

/** Oldest first, at most 100. */
export const findHoldsOn = (db: Db, scope: Scope, conversations: readonly Holdable[]) =>
  db.rows<Pick<Hold, 'id' | 'name'>>(FIND_ON, [
    scope.businessId,
    conversations.map(({ id }) => id),
    conversations.map(({ startTime }) => timestampText(startTime)),
    conversations.map(({ status }) => status),
    conversations.map(({ initiationType }) => initiationType),
    conversations.map(({ endType }) => endType),
  ]);

const INSERT = statement(
  'holds.insert',
  `INSERT INTO holds (business_id, id, name, reason, has_filter, start_from, start_to, statuses,
     initiation_types, end_types, created_at, created_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);

const nameConversations = insertRows('holds.name-conversations', 'held_conversations', [
  'conversation_id',
  'hold_id',
]);

export async function insertHold(
  tx: Tx,
  scope: Scope,
  hold: Omit<Hold, 'named'>,
  conversationIds: readonly string[],
): Promise<void> {
  const { filter } = hold;
  const time = (instant: number | undefined) =>
    instant === undefined ? null : timestampText(instant);
  await tx.rows(INSERT, [
    scope.businessId,
    hold.id,
    hold.name,
    hold.reason,
    filter !== null,
    time(filter?.from),
    time(filter?.to),
    filter?.statuses ?? null,
    filter?.initiationTypes ?? null,
    filter?.endTypes ?? null,
    timestampText(hold.createdAt),
    hold.createdBy,
  ]);
  const named = conversationIds.map((conversationId) => [conversationId, hold.id]);
  await nameConversations(tx, scope.businessId, named);
}

const HAS_HOLDS = statement(
  'holds.has-any',
  'SELECT 1 FROM holds WHERE business_id = $1 AND lifted_at IS NULL LIMIT 1',
);

export const hasHolds = async (db: Db, scope: Scope) =>
  (await db.row(HAS_HOLDS, [scope.businessId])) !== undefined;

const COUNT_FILTERS = statement(
  'holds.count-filters',
  'SELECT count(*) AS n FROM holds WHERE business_id = $1 AND lifted_at IS NULL AND has_filter',
);

export const countFilterHolds = async (db: Db, scope: Scope) =>
  (await db.row<{ n: number }>(COUNT_FILTERS, [scope.businessId]))?.n ?? 0;

const FIND = statement(
  'holds.find',
  `SELECT ${HOLD} FROM holds h WHERE h.business_id = $1 AND h.id = $2`,
);

export async function findHold(db: Db, scope: Scope, id: string): Promise<Hold | null> {
  const row = await db.row<HoldRow>(FIND, [scope.businessId, id]);
  return row ? holdOf(row) : null;
}

const LIST = statement(
  'holds.list',
  `SELECT ${HOLD} FROM holds h WHERE h.business_id = $1 AND h.id > $2 ORDER BY h.id LIMIT $3`,
);

/** Includes lifted holds; oldest first. */
export const listHolds = async (db: Db, scope: Scope, after: string, limit: number) =>
  (await db.rows<HoldRow>(LIST, [scope.businessId, after, limit])).map(holdOf);

const REMOVE_NAMES = statement(
  'holds.remove-names',
  'DELETE FROM held_conversations WHERE business_id = $1 AND hold_id = $2',
);
const LIFT = statement(
  'holds.lift',
  `UPDATE holds h SET lifted_at = $3, lifted_by = $4
   WHERE business_id = $1 AND id = $2 AND lifted_at IS NULL RETURNING ${HOLD}`,
);

/** Null if there is no such active hold. */
export async function liftHold(tx: Tx, scope: Scope, id: string, at: number): Promise<Hold | null> {
  await tx.rows(REMOVE_NAMES, [scope.businessId, id]);
  const values = [scope.businessId, id, timestampText(at), scope.userId];
  const row = await tx.row<HoldRow>(LIFT, values);
  return row ? holdOf(row) : null;
}
