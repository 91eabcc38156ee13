-- Numbers and durations over time, by the quarter of an hour, which divides the UTC offset of every present
-- zone, and by the hour. Rolled up from the deltas of the counts.
CREATE TABLE figures (
  business_id bigint NOT NULL,
  -- A conversation, or a call of one of the queues.
  subject text COLLATE "C" NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamptz NOT NULL,
  -- For conversations a key or the duration class; for calls a clock.
  dimension text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  -- Sum of their durations; only for duration classes.
  milliseconds bigint NOT NULL,
  CONSTRAINT figures_subject CHECK (subject IN ('conversation', 'outbound', 'inbound')),
  CONSTRAINT figures_grain CHECK (grain IN ('quarter', 'hour')),
  CONSTRAINT figures_pkey PRIMARY KEY (business_id, subject, grain, bucket, dimension, value)
) WITH (fillfactor = 80);

-- The quarter of the hour, from 0; for conversations that have ended also the duration, with the sign of n,
-- and its class. NULL in deltas from before this migration, which already includes them.
ALTER TABLE conversation_count_deltas ADD COLUMN quarter smallint;
ALTER TABLE conversation_count_deltas ADD COLUMN milliseconds bigint;
ALTER TABLE conversation_count_deltas ADD COLUMN duration_class smallint;
ALTER TABLE outbound_count_deltas ADD COLUMN quarter smallint;
ALTER TABLE inbound_count_deltas ADD COLUMN quarter smallint;

-- Existing data. Only the head contains the end of a conversation.
INSERT INTO figures (business_id, subject, grain, bucket, dimension, value, n, milliseconds)
SELECT c.business_id, 'conversation', g.grain, g.bucket, d.dimension, d.value, count(*),
  sum(d.milliseconds)
FROM (
  SELECT business_id, start_time, status, initiation_type, end_type,
    -- For a live conversation this key is null, but its metadata may contain a key of that name.
    CASE WHEN end_type IS NOT NULL THEN round(1000 * extract(epoch FROM
      substring(head FROM '"EndTime":"([^"]+)"')::timestamptz - start_time))::bigint
    END AS duration
  FROM conversations WHERE erased_at IS NULL
) c
CROSS JOIN LATERAL (VALUES ('hour', date_trunc('hour', c.start_time, 'UTC')),
  ('quarter', date_bin('15 minutes', c.start_time, timestamptz '2000-01-01 00:00:00Z'))
) AS g(grain, bucket)
CROSS JOIN LATERAL (VALUES ('Status', c.status, 0), ('InitiationType', c.initiation_type, 0),
  ('EndType', nullif(c.end_type, ''), 0),
  ('Duration', width_bucket(c.duration,
    ARRAY[10000, 30000, 60000, 120000, 300000, 600000, 1800000]::bigint[])::text, c.duration)
) AS d(dimension, value, milliseconds)
WHERE d.value IS NOT NULL
GROUP BY 1, 3, 4, 5, 6;

INSERT INTO figures (business_id, subject, grain, bucket, dimension, value, n, milliseconds)
SELECT c.business_id, c.subject, g.grain, g.bucket, k.clock, c.status, count(*), 0
FROM (
  SELECT business_id, 'outbound' AS subject, status, enqueued_at, completed_at FROM outbound_calls
  UNION ALL SELECT business_id, 'inbound', status, enqueued_at, completed_at FROM inbound_calls
) c
CROSS JOIN LATERAL (VALUES ('enqueued', c.enqueued_at), ('completed', c.completed_at)) AS k(clock, at)
CROSS JOIN LATERAL (VALUES ('hour', date_trunc('hour', k.at, 'UTC')),
  ('quarter', date_bin('15 minutes', k.at, timestamptz '2000-01-01 00:00:00Z'))) AS g(grain, bucket)
WHERE k.at IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6;
