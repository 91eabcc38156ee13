import { MAX_OCCUPANTS } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { insertRows } from '../../kernel/postgres/insert-rows.ts';
import { time } from './call-rows.ts';

const UNDER_WAY = `SELECT g.id AS campaign_id, c.id, c.processing_started_at
   FROM unnest($2::text[]) AS g(id) CROSS JOIN LATERAL (
     SELECT c.id, c.processing_started_at FROM outbound_calls c
     WHERE c.business_id = $1 AND coalesce(c.campaign_id, '') = g.id AND c.status = 'Processing'
     ORDER BY c.processing_started_at, c.id LIMIT $3
   ) c`;

const OCCUPANTS = statement(
  'queues.find-occupants',
  `SELECT campaign_id, id FROM (${UNDER_WAY}) c ORDER BY processing_started_at, id`,
);

export async function findOccupants(
  db: Db,
  scope: Scope,
  campaignIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (campaignIds.length === 0) return new Map();
  const values = [scope.businessId, campaignIds, MAX_OCCUPANTS];
  const rows = await db.rows<{ campaign_id: string; id: string }>(OCCUPANTS, values);
  const byCampaign = Map.groupBy(rows, (row) => row.campaign_id);
  return new Map([...byCampaign].map(([id, calls]) => [id, calls.map((call) => call.id)]));
}

const FIND_NEW = statement(
  'queues.find-new-occupants',
  `SELECT campaign_id, id FROM (${UNDER_WAY}) c WHERE NOT EXISTS (
     SELECT FROM slot_occupants o WHERE o.business_id = $1 AND o.campaign_id = c.campaign_id
       AND o.call_id = c.id AND o.until_at IS NULL
   )`,
);
const add = insertRows(
  'queues.note-occupants',
  'slot_occupants',
  ['call_id', 'from_at', 'campaign_id'],
  'ON CONFLICT DO NOTHING',
);
const END = statement(
  'queues.end-occupants',
  `UPDATE slot_occupants o SET until_at = $3
   WHERE o.business_id = $1 AND o.campaign_id = ANY($2::text[]) AND o.until_at IS NULL
     AND NOT EXISTS (
       SELECT FROM outbound_calls c
       WHERE c.business_id = $1 AND c.id = o.call_id AND c.status = 'Processing'
     )`,
);

/** The queue must be locked. */
export async function recordOccupants(
  tx: Tx,
  { businessId }: Scope,
  campaignIds: readonly string[],
  now: number,
): Promise<void> {
  if (campaignIds.length === 0) return;
  const values = [businessId, campaignIds, MAX_OCCUPANTS];
  const found = await tx.rows<{ campaign_id: string; id: string }>(FIND_NEW, values);
  const rows = found.map(({ campaign_id, id }) => [id, time(now), campaign_id]);
  // Before the end of others, because calls can end or begin between the statements: a call that
  // has ended since gets an end too, and a call that is under way again keeps its row.
  await add(tx, businessId, rows);
  await tx.rows(END, [businessId, campaignIds, time(now)]);
}

export interface Wait {
  readonly from: number;
  readonly until: number;
}

const MAX_ROWS_PER_WAIT = 1_000;

const FORMER = statement(
  'queues.find-former-occupants',
  `SELECT w.n::integer - 1 AS n, o.call_id AS id
   FROM unnest($4::timestamptz[], $5::timestamptz[]) WITH ORDINALITY AS w(from_at, until_at, n)
   CROSS JOIN LATERAL (
     SELECT r.call_id, r.from_at FROM (
       SELECT o.call_id, o.from_at, o.until_at FROM slot_occupants o
       WHERE o.business_id = $1 AND o.campaign_id = $2 AND o.from_at < w.until_at
       ORDER BY o.from_at DESC, o.call_id DESC LIMIT ${MAX_ROWS_PER_WAIT}
     ) r JOIN outbound_calls c ON c.business_id = $1 AND c.id = r.call_id
     WHERE r.call_id <> $3 AND (r.until_at IS NULL OR r.until_at > w.from_at)
       AND (c.completed_at IS NULL OR c.completed_at > w.from_at)
     ORDER BY r.from_at DESC, r.call_id DESC LIMIT $6
   ) o ORDER BY w.n, o.from_at, o.call_id`,
);

/** For each wait, the last calls that occupied slots of the campaign, the oldest first. */
export async function findFormerOccupants(
  db: Db,
  scope: Scope,
  { id, campaignId }: { readonly id: string; readonly campaignId: string },
  waits: readonly Wait[],
): Promise<Map<Wait, string[]>> {
  if (waits.length === 0) return new Map();
  const rows = await db.rows<{ n: number; id: string }>(FORMER, [
    scope.businessId,
    campaignId,
    id,
    waits.map(({ from }) => time(from)),
    waits.map(({ until }) => time(until)),
    MAX_OCCUPANTS,
  ]);
  const byWait = Map.groupBy(rows, ({ n }) => n);
  return new Map(waits.map((wait, n) => [wait, (byWait.get(n) ?? []).map((row) => row.id)]));
}
