-- Duration class of a conversation that has ended, for list filters.
ALTER TABLE conversations ADD COLUMN duration_class smallint;
UPDATE conversations
SET duration_class = width_bucket(
  round(1000 * extract(epoch FROM
    substring(head FROM '"EndTime":"([^"]+)"')::timestamptz - start_time))::bigint,
  ARRAY[10000, 30000, 60000, 120000, 300000, 600000, 1800000]::bigint[])
WHERE erased_at IS NULL AND end_type IS NOT NULL;

CREATE INDEX conversations_by_duration ON conversations
  (business_id, duration_class, end_type, initiation_type, status, start_time DESC, id DESC)
  WHERE erased_at IS NULL AND duration_class IS NOT NULL;

-- Counts of a class are in rows next to the others: 'hour of 3' has the part of 'hour' with class 3.
ALTER TABLE conversation_counts DROP CONSTRAINT conversation_counts_grain;
ALTER TABLE conversation_counts ADD CONSTRAINT conversation_counts_grain CHECK (
  grain IN ('hour', 'day', 'month', 'all', 'hour total', 'day total', 'month total')
  OR grain ~ '^(hour|day|month|all) of [0-7]$');

-- Deltas that are not rolled up yet follow with their roll-up.
INSERT INTO conversation_counts (business_id, grain, bucket, status, initiation_type, end_type, n)
SELECT c.business_id, g.grain || ' of ' || c.duration_class, g.bucket,
  c.status, c.initiation_type, c.end_type, sum(c.n)
FROM (
  SELECT business_id, start_time, status, initiation_type, end_type, duration_class, 1 AS n
  FROM conversations WHERE erased_at IS NULL AND duration_class IS NOT NULL
  UNION ALL
  SELECT business_id, hour, status, initiation_type, end_type, duration_class, -n
  FROM conversation_count_deltas WHERE duration_class IS NOT NULL
) c
CROSS JOIN LATERAL (VALUES ('hour', date_trunc('hour', c.start_time)),
  ('day', date_trunc('day', c.start_time, 'UTC')),
  ('month', date_trunc('month', c.start_time, 'UTC')),
  ('all', timestamptz '-infinity')
) AS g(grain, bucket)
GROUP BY 1, 2, 3, 4, 5, 6
HAVING sum(c.n) <> 0;

-- A row changes when its call ends. With free space the new version stays in the page, which saves a full-
-- page write after a checkpoint.
ALTER TABLE conversations SET (fillfactor = 85);
