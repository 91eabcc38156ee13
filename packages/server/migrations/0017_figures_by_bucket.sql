-- Rollups in one row per quarter of an hour, hour, day and month (UTC), so a bucket of any length and zone
-- takes a few rows. Rolled up from the deltas of the counts.
CREATE TABLE conversation_figures (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamptz NOT NULL,
  status_created bigint NOT NULL,
  status_waiting_for_primary_client bigint NOT NULL,
  status_starting bigint NOT NULL,
  status_active bigint NOT NULL,
  status_paused bigint NOT NULL,
  status_ending bigint NOT NULL,
  status_completed bigint NOT NULL,
  status_failed bigint NOT NULL,
  initiation_type_inbound bigint NOT NULL,
  initiation_type_outbound bigint NOT NULL,
  initiation_type_web bigint NOT NULL,
  end_type_normal bigint NOT NULL,
  end_type_user_ended_call bigint NOT NULL,
  end_type_agent_ended_call bigint NOT NULL,
  end_type_user_declined_or_busy bigint NOT NULL,
  end_type_user_no_answer bigint NOT NULL,
  end_type_voicemail_detected bigint NOT NULL,
  end_type_user_silence_timeout_reached bigint NOT NULL,
  end_type_max_conversation_duration_reached bigint NOT NULL,
  end_type_mid_session_failure bigint NOT NULL,
  end_type_initialize_error bigint NOT NULL,
  end_type_expired_waiting_for_initialize bigint NOT NULL,
  end_type_transferred bigint NOT NULL,
  end_type_canceled bigint NOT NULL,
  duration_from_0 bigint NOT NULL,
  duration_from_10 bigint NOT NULL,
  duration_from_30 bigint NOT NULL,
  duration_from_60 bigint NOT NULL,
  duration_from_120 bigint NOT NULL,
  duration_from_300 bigint NOT NULL,
  duration_from_600 bigint NOT NULL,
  duration_from_1800 bigint NOT NULL,
  milliseconds bigint NOT NULL,
  CONSTRAINT conversation_figures_grain CHECK (grain IN ('quarter', 'hour', 'day', 'month')),
  CONSTRAINT conversation_figures_pkey PRIMARY KEY (business_id, grain, bucket)
) WITH (fillfactor = 80);

-- Calls by enqueue time, and by outcome when they ended.
CREATE TABLE outbound_figures (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamptz NOT NULL,
  enqueued bigint NOT NULL,
  completed bigint NOT NULL,
  failed bigint NOT NULL,
  canceled bigint NOT NULL,
  expired bigint NOT NULL,
  CONSTRAINT outbound_figures_grain CHECK (grain IN ('quarter', 'hour', 'day', 'month')),
  CONSTRAINT outbound_figures_pkey PRIMARY KEY (business_id, grain, bucket)
) WITH (fillfactor = 80);

CREATE TABLE inbound_figures (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamptz NOT NULL,
  enqueued bigint NOT NULL,
  completed bigint NOT NULL,
  failed bigint NOT NULL,
  canceled bigint NOT NULL,
  expired bigint NOT NULL,
  CONSTRAINT inbound_figures_grain CHECK (grain IN ('quarter', 'hour', 'day', 'month')),
  CONSTRAINT inbound_figures_pkey PRIMARY KEY (business_id, grain, bucket)
) WITH (fillfactor = 80);

INSERT INTO conversation_figures
SELECT f.business_id, g.grain, g.bucket,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'Created'), 0) AS status_created,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'WaitingForPrimaryClient'), 0) AS status_waiting_for_primary_client,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'Starting'), 0) AS status_starting,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'Active'), 0) AS status_active,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'Paused'), 0) AS status_paused,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'Ending'), 0) AS status_ending,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'Completed'), 0) AS status_completed,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Status' AND f.value = 'Failed'), 0) AS status_failed,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'InitiationType' AND f.value = 'Inbound'), 0) AS initiation_type_inbound,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'InitiationType' AND f.value = 'Outbound'), 0) AS initiation_type_outbound,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'InitiationType' AND f.value = 'Web'), 0) AS initiation_type_web,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'Normal'), 0) AS end_type_normal,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'UserEndedCall'), 0) AS end_type_user_ended_call,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'AgentEndedCall'), 0) AS end_type_agent_ended_call,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'UserDeclinedOrBusy'), 0) AS end_type_user_declined_or_busy,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'UserNoAnswer'), 0) AS end_type_user_no_answer,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'VoicemailDetected'), 0) AS end_type_voicemail_detected,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'UserSilenceTimeoutReached'), 0) AS end_type_user_silence_timeout_reached,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'MaxConversationDurationReached'), 0) AS end_type_max_conversation_duration_reached,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'MidSessionFailure'), 0) AS end_type_mid_session_failure,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'InitializeError'), 0) AS end_type_initialize_error,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'ExpiredWaitingForInitialize'), 0) AS end_type_expired_waiting_for_initialize,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'Transferred'), 0) AS end_type_transferred,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'EndType' AND f.value = 'Canceled'), 0) AS end_type_canceled,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '0'), 0) AS duration_from_0,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '1'), 0) AS duration_from_10,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '2'), 0) AS duration_from_30,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '3'), 0) AS duration_from_60,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '4'), 0) AS duration_from_120,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '5'), 0) AS duration_from_300,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '6'), 0) AS duration_from_600,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'Duration' AND f.value = '7'), 0) AS duration_from_1800,
  coalesce(sum(f.milliseconds), 0) AS milliseconds
FROM figures f CROSS JOIN LATERAL (VALUES (f.grain, f.bucket),
  ('day', CASE WHEN f.grain = 'hour' THEN date_trunc('day', f.bucket, 'UTC') END),
  ('month', CASE WHEN f.grain = 'hour' THEN date_trunc('month', f.bucket, 'UTC') END)
) AS g(grain, bucket)
WHERE f.subject = 'conversation' AND g.bucket IS NOT NULL
GROUP BY 1, 2, 3;

INSERT INTO outbound_figures
SELECT f.business_id, g.grain, g.bucket,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'enqueued'), 0) AS enqueued,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Completed'), 0) AS completed,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Failed'), 0) AS failed,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Canceled'), 0) AS canceled,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Expired'), 0) AS expired
FROM figures f CROSS JOIN LATERAL (VALUES (f.grain, f.bucket),
  ('day', CASE WHEN f.grain = 'hour' THEN date_trunc('day', f.bucket, 'UTC') END),
  ('month', CASE WHEN f.grain = 'hour' THEN date_trunc('month', f.bucket, 'UTC') END)
) AS g(grain, bucket)
WHERE f.subject = 'outbound' AND g.bucket IS NOT NULL
GROUP BY 1, 2, 3;

INSERT INTO inbound_figures
SELECT f.business_id, g.grain, g.bucket,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'enqueued'), 0) AS enqueued,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Completed'), 0) AS completed,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Failed'), 0) AS failed,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Canceled'), 0) AS canceled,
  coalesce(sum(f.n) FILTER (WHERE f.dimension = 'completed' AND f.value = 'Expired'), 0) AS expired
FROM figures f CROSS JOIN LATERAL (VALUES (f.grain, f.bucket),
  ('day', CASE WHEN f.grain = 'hour' THEN date_trunc('day', f.bucket, 'UTC') END),
  ('month', CASE WHEN f.grain = 'hour' THEN date_trunc('month', f.bucket, 'UTC') END)
) AS g(grain, bucket)
WHERE f.subject = 'inbound' AND g.bucket IS NOT NULL
GROUP BY 1, 2, 3;

DROP TABLE figures;
