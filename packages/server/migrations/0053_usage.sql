-- Quotas that an admin sets, as JSON; NULL: none.
ALTER TABLE businesses ADD COLUMN quotas text;

-- Bytes of the transcript or recording that `usage_months` includes; NULL: not counted yet. Rows of earlier releases are
-- counted in the background.
ALTER TABLE sealed_conversations ADD COLUMN counted_bytes bigint;
ALTER TABLE recordings ADD COLUMN counted_bytes bigint;

-- What a business used in a month (UTC), apart from conversations that still exist: `conversation_figures` has those.
-- Conversations and milliseconds are those of deleted conversations, in the month in which they began; bytes are in the
-- month in which they were stored or deleted. The month '-infinity' is the sum of all months.
CREATE TABLE usage_months (
  business_id bigint NOT NULL,
  month timestamptz NOT NULL,
  conversations bigint NOT NULL,
  milliseconds bigint NOT NULL,
  transcript_bytes_added bigint NOT NULL,
  transcript_bytes_removed bigint NOT NULL,
  recording_bytes_added bigint NOT NULL,
  recording_bytes_removed bigint NOT NULL,
  CONSTRAINT usage_months_pkey PRIMARY KEY (business_id, month)
) WITH (fillfactor = 80);

-- Not rolled up yet: concurrent writers of a month would wait for its row.
CREATE TABLE usage_deltas (
  business_id bigint NOT NULL,
  delta_id bigint GENERATED ALWAYS AS IDENTITY,
  month timestamptz NOT NULL,
  conversations bigint NOT NULL,
  milliseconds bigint NOT NULL,
  transcript_bytes_added bigint NOT NULL,
  transcript_bytes_removed bigint NOT NULL,
  recording_bytes_added bigint NOT NULL,
  recording_bytes_removed bigint NOT NULL,
  CONSTRAINT usage_deltas_pkey PRIMARY KEY (business_id, delta_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
