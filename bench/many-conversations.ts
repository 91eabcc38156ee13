import type pg from 'pg';
import type { Conversation } from '../packages/server/src/conversations/model/conversation.ts';
import {
  CONVERSATION_COUNTS,
  durationClass,
} from '../packages/server/src/conversations/model/counts.ts';
import { renderDocument } from '../packages/server/src/conversations/model/document.ts';
import { countLoaded } from './roll-up-counts.ts';

/** The conversations of a business begin between these instants. */
export const FIRST_START = Date.parse('2025-01-01T00:00:00Z');
export const LAST_START = Date.parse('2026-01-01T00:00:00Z');

/** The start of conversation `number` (from 1) of `count`; five share an instant. */
export function startOf(number: number, count: number): number {
  const step = (LAST_START - FIRST_START) / count;
  return FIRST_START + Math.floor(((Math.ceil(number / 5) - 1) * 5 * step) / 1000) * 1000;
}

export const idOf = (number: number) => `session_${String(number).padStart(10, '0')}`;

/** The duration of finished conversations. */
export const MILLISECONDS = 180_000;
const DURATION_CLASS = durationClass({ startTime: 0, endTime: MILLISECONDS });

// Placeholders, which the statement below replaces.
const START = Date.parse('2001-01-01T00:00:00Z');
const END = Date.parse('2002-01-01T00:00:00Z');
const iso = (instant: number) => `${new Date(instant).toISOString().slice(0, -5)}Z`;

function model(finished: boolean): Conversation {
  const presence = { joinedAt: START, leftAt: finished ? END : null, leaveReason: null };
  return {
    id: '%id%',
    queueId: null,
    status: '%status%' as Conversation['status'],
    startTime: START,
    endTime: finished ? END : null,
    endType: finished ? ('%end_type%' as Conversation['endType']) : null,
    clients: [
      { clientId: 'caller', clientType: 'Phone', ...presence, phoneNumber: '+15551234567' },
    ],
    agents: [{ agentId: 'agent_reception', agentType: 'AI', ...presence, name: 'Reception' }],
    initiationType: '%initiation_type%' as Conversation['initiationType'],
    metadata: { campaign: 'spring', number: '%id%' },
    messages: [
      { senderId: 'agent_reception', role: 'Agent', content: 'Hello, how can I help?', at: START },
      { senderId: 'caller', role: 'User', content: 'When do you open tomorrow?', at: START },
    ],
    logs: [{ level: 'Info', message: 'Call connected', at: START }],
  };
}

// One in ten thousand each: the status Paused, the initiation type Web, the end type
// ExpiredWaitingForInitialize; and Transferred, which is frequent, for outbound calls.
const ROWS = `
  SELECT i, 'session_' || lpad(i::text, 10, '0') AS id, status, initiation_type,
    timestamptz '${new Date(FIRST_START).toISOString()}'
      + floor(((i - 1) / 5) * 5 * $5::float8 / 1000) * interval '1 second' AS start_time,
    CASE WHEN status IN ('Active', 'Paused') THEN NULL
      WHEN e < 100 THEN 'ExpiredWaitingForInitialize'
      WHEN e < 40000 AND (initiation_type = 'Inbound' OR e < 200) THEN 'Transferred'
      WHEN status = 'Failed' THEN CASE WHEN e < 800000 THEN 'MidSessionFailure' ELSE 'InitializeError' END
      WHEN e < 600000 THEN 'Normal' WHEN e < 800000 THEN 'UserEndedCall'
      WHEN e < 950000 THEN 'AgentEndedCall' WHEN e < 980000 THEN 'UserNoAnswer'
      ELSE 'VoicemailDetected' END AS end_type
  FROM (
    SELECT i, abs(hashint4extended(i, 3)) % 1000000 AS e,
      CASE WHEN s < 100 THEN 'Paused' WHEN s < 10000 THEN 'Active' WHEN s < 60000 THEN 'Failed'
        ELSE 'Completed' END AS status,
      CASE WHEN t < 100 THEN 'Web' WHEN t < 600000 THEN 'Outbound' ELSE 'Inbound' END AS initiation_type
    FROM (
      SELECT i, abs(hashint4extended(i, 1)) % 1000000 AS s, abs(hashint4extended(i, 2)) % 1000000 AS t
      FROM generate_series($2::int, $3::int) AS i
    ) random
  ) chosen`;

/** SQL that fills in a text of `model`. */
function filled(text: string): string {
  const instant = (shift: string) =>
    `to_char((r.start_time${shift}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
  const parts: readonly (readonly [string, string])[] = [
    ['%id%', 'r.id'],
    ['%status%', 'r.status'],
    ['%end_type%', "coalesce(r.end_type, '')"],
    ['%initiation_type%', 'r.initiation_type'],
    [iso(START), instant('')],
    [iso(END), instant(" + interval '3 minutes'")],
  ];
  return parts.reduce((sql, [from, to]) => `replace(${sql}, '${from}', ${to})`, text);
}

const finished = renderDocument(model(true));
const live = renderDocument(model(false));
const WRITTEN = JSON.stringify({
  eventId: '@written',
  at: START,
  type: 'written',
  conversation: model(false),
});

const LOAD = `WITH r AS MATERIALIZED (${ROWS}), c AS (
    INSERT INTO conversations
      (business_id, id, start_time, status, initiation_type, end_type, head, messages, logs,
        duration_class)
    SELECT $1, r.id, r.start_time, r.status, r.initiation_type, r.end_type,
      CASE WHEN r.end_type IS NULL THEN ${filled('$6::text')} ELSE ${filled('$4::text')} END,
      CASE WHEN r.end_type IS NOT NULL THEN ${filled('$7::text')} END,
      CASE WHEN r.end_type IS NOT NULL THEN ${filled('$8::text')} END,
      CASE WHEN r.end_type IS NOT NULL THEN ${DURATION_CLASS} END
    FROM r
  ), l AS (
    INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
      log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
    SELECT $1, r.id, r.i, 2, 2, 1, 1500, r.start_time, r.start_time, NULL, false, false
    FROM r WHERE r.end_type IS NULL
  )
  , s AS (
    INSERT INTO sealed_conversations (business_id, conversation_id, start_time, end_time, status,
      initiation_type, end_type, metadata, has_transcript, has_logs, recordings)
    SELECT $1, r.id, r.start_time, r.start_time + interval '3 minutes', r.status, r.initiation_type,
      r.end_type, jsonb_build_object('campaign', 'spring', 'number', r.id), true, true, 0
    FROM r WHERE r.end_type IS NOT NULL
  )
  INSERT INTO conversation_events (business_id, conversation_id, seq, event_ids, payloads)
  SELECT $1, r.id, 1, '@written',
    replace(${filled('$9::text')}, '${START}', (extract(epoch FROM r.start_time) * 1000)::bigint::text)
  FROM r WHERE r.end_type IS NULL`;

const COUNT = `INSERT INTO conversation_count_deltas (business_id, hour, quarter, status,
    initiation_type, end_type, n, milliseconds, duration_class)
  SELECT business_id, date_trunc('hour', start_time), extract(minute FROM start_time)::int / 15,
    status, initiation_type, coalesce(end_type, ''), count(*),
    sum(CASE WHEN end_type IS NOT NULL THEN ${MILLISECONDS} END), duration_class
  FROM conversations WHERE business_id = $1 GROUP BY 1, 2, 3, 4, 5, 6, 9`;

const BATCH = 50_000;

/**
 * Adds conversations with their counts to a new business: sealed ones, and one in a hundred live.
 */
export async function loadConversations(
  sql: pg.Pool,
  businessId: number,
  count: number,
): Promise<void> {
  const step = (LAST_START - FIRST_START) / count;
  const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) => batch * BATCH + 1);
  const load = async () => {
    for (let from = starts.shift(); from !== undefined; from = starts.shift()) {
      const to = Math.min(from + BATCH - 1, count);
      const texts = [live.head, finished.messages, finished.logs, WRITTEN];
      await sql.query(LOAD, [businessId, from, to, finished.head, step, ...texts]);
    }
  };
  await Promise.all([load(), load()]);
  await countLoaded(sql, businessId, COUNT, CONVERSATION_COUNTS);
}

/** Drops a table's secondary indexes for faster loading, and creates them again when disposed. */
export async function withoutIndexes(
  sql: pg.Pool,
  table: 'conversations' | 'outbound_calls',
): Promise<AsyncDisposable> {
  const { rows } = await sql.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
     FROM pg_index WHERE indrelid = $1::regclass AND NOT indisprimary`,
    [table],
  );
  for (const { name } of rows) await sql.query(`DROP INDEX ${name}`);
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(rows.map(({ definition }) => sql.query(definition)));
    },
  };
}
