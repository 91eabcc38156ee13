-- Calls are also counted by completion time and by scheduled time. Lists by those dates read each existing
-- combination of keys and day as an index range. Partial hours are counted by single-date indexes.
ALTER TABLE outbound_count_deltas ADD COLUMN clock text COLLATE "C" NOT NULL DEFAULT 'enqueued';
ALTER TABLE outbound_count_deltas ALTER COLUMN clock DROP DEFAULT;
ALTER TABLE outbound_counts ADD COLUMN clock text COLLATE "C" NOT NULL DEFAULT 'enqueued';
ALTER TABLE outbound_counts ALTER COLUMN clock DROP DEFAULT;
ALTER TABLE outbound_counts DROP CONSTRAINT outbound_counts_pkey;
ALTER TABLE outbound_counts ADD CONSTRAINT outbound_counts_pkey
  PRIMARY KEY (business_id, grain, clock, bucket, campaign_id, status, number_id, number_provider);
ALTER TABLE inbound_count_deltas ADD COLUMN clock text COLLATE "C" NOT NULL DEFAULT 'enqueued';
ALTER TABLE inbound_count_deltas ALTER COLUMN clock DROP DEFAULT;
ALTER TABLE inbound_counts ADD COLUMN clock text COLLATE "C" NOT NULL DEFAULT 'enqueued';
ALTER TABLE inbound_counts ALTER COLUMN clock DROP DEFAULT;
ALTER TABLE inbound_counts DROP CONSTRAINT inbound_counts_pkey;
ALTER TABLE inbound_counts ADD CONSTRAINT inbound_counts_pkey
  PRIMARY KEY (business_id, grain, clock, bucket, route_id, status, number_id, provider);

-- Existing calls become deltas, which are rolled up like others.
INSERT INTO outbound_count_deltas
  (business_id, hour, clock, campaign_id, status, number_id, number_provider, n)
SELECT c.business_id, date_trunc('hour', k.at), k.clock, coalesce(c.campaign_id, ''), c.status,
  coalesce(c.number_id, ''), coalesce(c.number_provider, ''), count(*)
FROM outbound_calls c CROSS JOIN LATERAL
  (VALUES ('completed', c.completed_at), ('scheduled', c.scheduled_for)) AS k(clock, at)
WHERE k.at IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7;
INSERT INTO inbound_count_deltas
  (business_id, hour, clock, route_id, status, number_id, provider, n)
SELECT c.business_id, date_trunc('hour', k.at), k.clock, coalesce(c.route_id, ''), c.status,
  coalesce(c.number_id, ''), c.provider, count(*)
FROM inbound_calls c CROSS JOIN LATERAL
  (VALUES ('completed', c.completed_at), ('scheduled', c.scheduled_for)) AS k(clock, at)
WHERE k.at IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7;

CREATE INDEX outbound_calls_by_completion_day ON outbound_calls
  (business_id, date_trunc('day', completed_at AT TIME ZONE 'UTC'), coalesce(campaign_id, ''), status,
   coalesce(number_id, ''), coalesce(number_provider, ''), enqueued_at DESC, id DESC)
  WHERE completed_at IS NOT NULL;
CREATE INDEX outbound_calls_by_schedule_day ON outbound_calls
  (business_id, date_trunc('day', scheduled_for AT TIME ZONE 'UTC'), coalesce(campaign_id, ''), status,
   coalesce(number_id, ''), coalesce(number_provider, ''), enqueued_at DESC, id DESC)
  WHERE scheduled_for IS NOT NULL;
CREATE INDEX inbound_calls_by_completion_day ON inbound_calls
  (business_id, date_trunc('day', completed_at AT TIME ZONE 'UTC'), coalesce(route_id, ''), status,
   coalesce(number_id, ''), provider, enqueued_at DESC, id DESC)
  WHERE completed_at IS NOT NULL;

-- Vacuumed often, because a lease scans dead entries at the head of the index.
ALTER TABLE outbound_calls
  SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000);
ALTER TABLE inbound_calls
  SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000);
