import type pg from 'pg';
import { OUTBOUND_COUNTS } from '../packages/server/src/queues/calls/counts.ts';
import { NUMBER_ID } from './queued-calls.ts';
import { countLoaded } from './roll-up-counts.ts';

export const CAMPAIGNS = 10;
export const PRIORITIES = 3;

// Enqueued in the order of their ids over a week. Every second call is due since then; the others are
// scheduled within a month. Numbers are in random order.
const ROWS = `
  SELECT i, id, campaign_id, priority, enqueued_at, number,
    CASE WHEN i % 2 = i / ${CAMPAIGNS * PRIORITIES} % 2 THEN enqueued_at ELSE later END AS due
  FROM (
    SELECT i, 'queue_' || lpad(i::text, 26, '0') AS id, 'campaign_' || i % ${CAMPAIGNS} AS campaign_id,
      i / ${CAMPAIGNS} % ${PRIORITIES} AS priority,
      '+1202' || 2000000 + i * 3141593::bigint % 8000000 AS number,
      date_trunc('milliseconds', now() - (1 - i / $4::float8) * interval '7 days') AS enqueued_at,
      date_trunc('milliseconds', now() + interval '1 day'
        + abs(hashint4extended(i, 1)) % 1000000 * interval '2500 milliseconds') AS later
    FROM generate_series($2::int, $3::int) AS i
  ) made`;

const LOAD = `WITH r AS MATERIALIZED (${ROWS}), told AS (
    INSERT INTO outbound_decisions
      (business_id, call_id, seq, decided_at, decision, details, next_attempt_at)
    SELECT $1, id, 1, enqueued_at, 'Enqueued', 'Enqueued to call ' || number || ' from ${NUMBER_ID}.', due
    FROM r
  )
  INSERT INTO outbound_calls (business_id, id, status, enqueued_at, next_attempt_at, scheduled_for,
    priority, decisions, dynamic_variables, metadata, campaign_id, number_id, number_provider,
    recipient_number, due_from)
  SELECT $1, id, 'Queued', enqueued_at, due, CASE WHEN due > now() THEN due END, priority, 1,
    '{"name":"Ada Lovelace ' || i || '","appointment":"2026-03-02 at 10:30"}',
    '{"customer":"customer_' || i || '"}', campaign_id, '${NUMBER_ID}', 'twilio', number, due
  FROM r`;

const KEYS = 'clock, campaign_id, status, number_id, number_provider';
const COUNT = `INSERT INTO outbound_count_deltas (business_id, hour, quarter, ${KEYS}, n)
  SELECT business_id, date_trunc('hour', k.at), extract(minute FROM k.at)::int / 15, ${KEYS}, count(*)
  FROM outbound_calls CROSS JOIN LATERAL (VALUES
    ('enqueued', enqueued_at), ('completed', completed_at), ('scheduled', scheduled_for)
  ) AS k(clock, at) WHERE business_id = $1 AND k.at IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`;

const BATCH = 50_000;

export async function loadCalls(sql: pg.Pool, businessId: number, count: number): Promise<void> {
  for (let from = 1; from <= count; from += BATCH) {
    const to = Math.min(from + BATCH - 1, count);
    await sql.query(LOAD, [businessId, from, to, count]);
  }
  await countLoaded(sql, businessId, COUNT, OUTBOUND_COUNTS);
}
