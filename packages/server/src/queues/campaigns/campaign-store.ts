import type { QueueStatus } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';
import type { Campaign, Retry } from '../calls/call.ts';
import { type RowOf, time } from '../calls/call-rows.ts';
import { type Queue, type QueueRow, queueOf, zoneOf } from './queue-store.ts';
import type { Window } from './windows.ts';

type CampaignRow = RowOf<Omit<Campaign, 'windows' | 'retry'>> & {
  readonly windows: string;
  readonly retry: string | null;
};

const COLUMNS = `g.id, g.name, g.is_paused, g.max_concurrent, g.windows, g.retry,
  g.max_attempts_per_number_per_day, g.abandon_after_seconds, g.created_at`;

const campaignOf = (row: CampaignRow): Campaign => ({
  id: row.id,
  name: row.name,
  isPaused: row.is_paused,
  maxConcurrent: row.max_concurrent,
  windows: JSON.parse(row.windows) as Window[],
  retry: row.retry === null ? null : (JSON.parse(row.retry) as Retry),
  maxAttemptsPerNumberPerDay: row.max_attempts_per_number_per_day,
  abandonAfterSeconds: row.abandon_after_seconds,
  createdAt: row.created_at,
});

const FIND = statement(
  'queues.find-campaigns',
  `SELECT ${COLUMNS} FROM campaigns g WHERE g.business_id = $1 AND g.id = ANY($2::text[])`,
);

export async function findCampaigns(
  db: Db,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, Campaign>> {
  if (ids.length === 0) return new Map();
  const rows = await db.rows<CampaignRow>(FIND, [scope.businessId, ids]);
  return new Map(rows.map((row) => [row.id, campaignOf(row)] as const));
}

// A queue exists before its first call or campaign.
const READ_RULES = statement(
  'queues.read-rules',
  `SELECT q.plan, q.turns, q.planned_to, q.time_zone, ${COLUMNS}
   FROM call_queues q
   LEFT JOIN campaigns g ON g.business_id = q.business_id AND g.id = ANY($2::text[])
   WHERE q.business_id = $1 AND q.direction = 'outbound'`,
);
type RulesRow = QueueRow & (CampaignRow | { readonly id: null });

/** The outbound queue and campaigns in one statement, because each report of a worker reads both. */
export async function readRules(
  db: Db,
  scope: Scope,
  campaignIds: readonly string[],
): Promise<{ readonly queue: Queue; readonly campaigns: Map<string, Campaign> }> {
  const rows = await db.rows<RulesRow>(READ_RULES, [scope.businessId, campaignIds]);
  const campaigns = rows.flatMap((row) => (row.id === null ? [] : campaignOf(row)));
  return {
    queue: queueOf(rows[0], await zoneOf(db, scope)),
    campaigns: new Map(campaigns.map((campaign) => [campaign.id, campaign] as const)),
  };
}

const LIST = statement(
  'queues.list-campaigns',
  `SELECT ${COLUMNS} FROM campaigns g WHERE g.business_id = $1 AND g.id > $2
   ORDER BY g.id LIMIT $3`,
);

export async function listCampaigns(
  db: Db,
  scope: Scope,
  after: string,
  limit: number,
): Promise<Campaign[]> {
  const rows = await db.rows<CampaignRow>(LIST, [scope.businessId, after, limit]);
  return rows.map(campaignOf);
}

const COUNTS = statement(
  'queues.count-campaigns',
  `SELECT n.campaign_id AS id, n.status, sum(n.n)::bigint AS n FROM (
     SELECT campaign_id, status, n FROM outbound_counts
     WHERE business_id = $1 AND grain = 'all' AND clock = 'enqueued' AND campaign_id = ANY($2::text[])
     UNION ALL
     SELECT campaign_id, status, n FROM outbound_count_deltas
     WHERE business_id = $1 AND clock = 'enqueued' AND campaign_id = ANY($2::text[])
   ) n GROUP BY 1, 2`,
);

export async function countByStatus(
  db: Db,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, Partial<Record<QueueStatus, number>>>> {
  type Row = { readonly id: string; readonly status: QueueStatus; readonly n: number };
  const counts = new Map<string, Partial<Record<QueueStatus, number>>>();
  for (const { id, status, n } of await db.rows<Row>(COUNTS, [scope.businessId, ids])) {
    counts.set(id, { ...counts.get(id), [status]: n });
  }
  return counts;
}

const PUT = statement(
  'queues.put-campaign',
  `INSERT INTO campaigns (business_id, id, name, is_paused, max_concurrent, windows, retry,
     max_attempts_per_number_per_day, created_at, abandon_after_seconds)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   ON CONFLICT (business_id, id) DO UPDATE SET name = excluded.name, is_paused = excluded.is_paused,
     max_concurrent = excluded.max_concurrent, windows = excluded.windows, retry = excluded.retry,
     max_attempts_per_number_per_day = excluded.max_attempts_per_number_per_day,
     abandon_after_seconds = excluded.abandon_after_seconds`,
);

export async function putCampaign(tx: Db, scope: Scope, campaign: Campaign): Promise<void> {
  await tx.rows(PUT, [
    scope.businessId,
    campaign.id,
    campaign.name,
    campaign.isPaused,
    campaign.maxConcurrent,
    JSON.stringify(campaign.windows),
    campaign.retry && JSON.stringify(campaign.retry),
    campaign.maxAttemptsPerNumberPerDay,
    time(campaign.createdAt),
    campaign.abandonAfterSeconds,
  ]);
}

const ADD = statement(
  'queues.add-campaign',
  `INSERT INTO campaigns (business_id, id, name, is_paused, windows, created_at)
   VALUES ($1, $2, $2, false, '[]', $3) ON CONFLICT DO NOTHING RETURNING 1`,
);

/** Not in a transaction: requests for the same campaign would wait for its end. */
export async function addCampaign(db: Db, scope: Scope, id: string, now: number): Promise<boolean> {
  return (await db.rows(ADD, [scope.businessId, id, time(now)])).length > 0;
}

const FIND_OPEN = statement(
  'queues.find-open-holds',
  `SELECT campaign_id FROM campaign_holds
   WHERE business_id = $1 AND campaign_id = ANY($2::text[]) AND reason = $3 AND ended_at IS NULL`,
);
const beginSuspensions = insertRows(
  'queues.begin-hold',
  'campaign_holds',
  ['campaign_id', 'reason', 'began_at'],
  'ON CONFLICT (business_id, campaign_id, reason, began_at) DO UPDATE SET ended_at = NULL',
);
const END_SUSPENSION = statement(
  'queues.end-hold',
  `UPDATE campaign_holds SET ended_at = $4
   WHERE business_id = $1 AND campaign_id = ANY($2::text[]) AND reason = $3 AND ended_at IS NULL`,
);

export type SuspensionReason = 'CAMPAIGN_PAUSED' | 'NO_SLOT';

interface SuspensionChange {
  readonly reason: SuspensionReason;
  readonly isSuspended: boolean;
  readonly now: number;
}

/** The queue must be locked. */
export async function setSuspended(
  tx: Tx,
  { businessId }: Scope,
  ids: readonly string[],
  { reason, isSuspended, now }: SuspensionChange,
): Promise<void> {
  if (ids.length === 0) return;
  if (!isSuspended) {
    await tx.rows(END_SUSPENSION, [businessId, ids, reason, time(now)]);
    return;
  }
  const open = await tx.rows<{ campaign_id: string }>(FIND_OPEN, [businessId, ids, reason]);
  const begun = new Set(ids).difference(new Set(open.map(({ campaign_id }) => campaign_id)));
  const rows = [...begun].map((id) => [id, reason, time(now)]);
  await beginSuspensions(tx, businessId, rows);
}

const FIND_SUSPENDED = statement(
  'queues.find-held-campaigns',
  `SELECT campaign_id FROM campaign_holds
   WHERE business_id = $1 AND reason = $2 AND ended_at IS NULL`,
);

export async function findSuspendedCampaigns(
  db: Db,
  scope: Scope,
  reason: SuspensionReason,
): Promise<string[]> {
  const rows = await db.rows<{ campaign_id: string }>(FIND_SUSPENDED, [scope.businessId, reason]);
  return rows.map(({ campaign_id }) => campaign_id);
}

const END_IDLE = statement(
  'queues.end-idle-holds',
  `UPDATE campaign_holds h SET ended_at = $3
   WHERE h.business_id = $1 AND h.campaign_id = ANY($2::text[]) AND h.reason = 'NO_SLOT'
     AND h.ended_at IS NULL AND NOT EXISTS (
       SELECT FROM outbound_calls c
       WHERE c.business_id = $1 AND coalesce(c.campaign_id, '') = h.campaign_id AND c.status = 'Queued'
     )`,
);

export async function endIdleSuspensions(
  tx: Db,
  scope: Scope,
  ids: readonly string[],
  now: number,
): Promise<void> {
  if (ids.length > 0) await tx.rows(END_IDLE, [scope.businessId, ids, time(now)]);
}

export interface CampaignSuspension {
  readonly reason: SuspensionReason;
  readonly from: number;
  readonly to: number | null;
}

const SUSPENSIONS = statement(
  'queues.find-holds',
  `SELECT reason, began_at AS "from", ended_at AS "to" FROM campaign_holds
   WHERE business_id = $1 AND campaign_id = $2 AND (ended_at IS NULL OR ended_at > $3)
   ORDER BY began_at, reason`,
);

export function findSuspensions(
  db: Db,
  scope: Scope,
  campaignId: string,
  since: number,
): Promise<CampaignSuspension[]> {
  return db.rows(SUSPENSIONS, [scope.businessId, campaignId, time(since)]);
}

const lockStatement = (name: string, strength: string) =>
  statement(
    `queues.${name}`,
    `SELECT ${COLUMNS} FROM campaigns g WHERE g.business_id = $1 AND g.id = $2 FOR ${strength}`,
  );
const LOCK = {
  // Prevents changes of its windows.
  share: lockStatement('keep-campaign', 'KEY SHARE'),
  // Waits for transactions that enqueue calls; `settings` does not.
  windows: lockStatement('lock-campaign', 'UPDATE'),
  settings: lockStatement('lock-campaign-settings', 'NO KEY UPDATE'),
};

export async function lockCampaign(
  tx: Db,
  scope: Scope,
  id: string,
  lock: keyof typeof LOCK,
): Promise<Campaign | null> {
  const row = await tx.row<CampaignRow>(LOCK[lock], [scope.businessId, id]);
  return row ? campaignOf(row) : null;
}
