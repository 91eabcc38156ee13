-- Retention rules as JSON (access/businesses/retention-rules.ts); NULL: everything is kept. The plan counts
-- rule changes: data planned by earlier rules is planned again.
ALTER TABLE businesses ADD COLUMN retention_rules text;
ALTER TABLE businesses ADD COLUMN retention_plan integer NOT NULL DEFAULT 0;
ALTER TABLE businesses ADD COLUMN is_retention_paused boolean NOT NULL DEFAULT false;
UPDATE businesses SET retention_plan = 1, retention_rules = json_build_array(json_build_object(
    'name', 'Business', 'match', json_build_object(), 'recordingDays', recording_days,
    'transcriptDays', transcript_days, 'logDays', NULL, 'recordDays', NULL))::text
  WHERE transcript_days IS NOT NULL OR recording_days IS NOT NULL;
ALTER TABLE businesses DROP COLUMN transcript_days;
ALTER TABLE businesses DROP COLUMN recording_days;

-- Properties of a sealed conversation that rules and holds use. The row is narrow because they may scan all
-- of them.
CREATE TABLE sealed_conversations (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  end_type text COLLATE "C" NOT NULL,
  queue_id text COLLATE "C",
  metadata jsonb NOT NULL,
  -- Parts that can be purged.
  has_transcript boolean NOT NULL,
  has_logs boolean NOT NULL,
  recordings integer NOT NULL,
  -- When the next part expires by the rules of that plan; NULL: never.
  purge_at timestamptz,
  purge_plan integer NOT NULL DEFAULT 0,
  -- Expired but held; planned again when a hold is lifted.
  is_held boolean NOT NULL DEFAULT false,
  CONSTRAINT sealed_conversations_pkey PRIMARY KEY (business_id, conversation_id)
) WITH (fillfactor = 90);
CREATE INDEX sealed_conversations_to_purge ON sealed_conversations (business_id, purge_at)
  WHERE purge_at IS NOT NULL;
CREATE INDEX sealed_conversations_to_plan ON sealed_conversations (business_id, purge_plan);
CREATE INDEX sealed_conversations_held ON sealed_conversations (business_id) WHERE is_held;

-- The marks of a head surround the id of a participant; without them it is JSON.
INSERT INTO sealed_conversations (business_id, conversation_id, start_time, end_time, status,
  initiation_type, end_type, queue_id, metadata, has_transcript, has_logs, recordings)
SELECT business_id, id, start_time, (head ->> 'EndTime')::timestamptz, status, initiation_type,
  end_type, queue_id, head -> 'Metadata', messages <> '[]', logs <> '[]', recordings
FROM (
  SELECT business_id, id, start_time, status, initiation_type, end_type, queue_id, messages, logs,
    replace(regexp_replace(head, E'\x01[^\x01]*\x01', 'null', 'g'), E'\x02', '')::jsonb AS head,
    coalesce(json_array_length(recordings::json), 0) AS recordings
  FROM conversations WHERE erased_at IS NULL AND messages IS NOT NULL
) AS sealed;

-- Legal holds: on conversation ids, or on all present and future matches of a filter.
CREATE TABLE holds (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  reason text NOT NULL,
  has_filter boolean NOT NULL,
  start_from timestamptz,
  start_to timestamptz,
  statuses text[],
  initiation_types text[],
  end_types text[],
  created_at timestamptz NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  lifted_at timestamptz,
  lifted_by text COLLATE "C",
  CONSTRAINT holds_pkey PRIMARY KEY (business_id, id)
);
CREATE INDEX holds_with_filter ON holds (business_id) WHERE lifted_at IS NULL AND has_filter;
CREATE TABLE held_conversations (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  hold_id text COLLATE "C" NOT NULL,
  CONSTRAINT held_conversations_pkey PRIMARY KEY (business_id, conversation_id, hold_id)
);
CREATE INDEX held_conversations_by_hold ON held_conversations (business_id, hold_id);
