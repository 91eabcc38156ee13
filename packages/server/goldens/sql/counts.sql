-- counts.businesses-with-deltas
(WITH RECURSIVE found AS (
     (SELECT t.business_id FROM conversation_count_deltas t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM conversation_count_deltas t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f) UNION (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM outbound_count_deltas t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM outbound_count_deltas t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f) UNION (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM inbound_count_deltas t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM inbound_count_deltas t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f) UNION (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM usage_deltas t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM usage_deltas t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f);

-- counts.choose-conversation
SELECT array_agg(delta_id)::text AS ids, count(*)::integer AS n FROM (
     SELECT delta_id FROM conversation_count_deltas WHERE business_id = $1
     ORDER BY delta_id LIMIT 10000) chosen;

-- counts.choose-inbound
SELECT array_agg(delta_id)::text AS ids, count(*)::integer AS n FROM (
     SELECT delta_id FROM inbound_count_deltas WHERE business_id = $1
     ORDER BY delta_id LIMIT 10000) chosen;

-- counts.choose-outbound
SELECT array_agg(delta_id)::text AS ids, count(*)::integer AS n FROM (
     SELECT delta_id FROM outbound_count_deltas WHERE business_id = $1
     ORDER BY delta_id LIMIT 10000) chosen;

-- counts.choose-usage
SELECT array_agg(delta_id)::text AS ids, count(*)::integer AS n FROM (
     SELECT delta_id FROM usage_deltas WHERE business_id = $1
     ORDER BY delta_id LIMIT 10000) chosen;

-- counts.drop-conversation
DELETE FROM conversation_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[]);

-- counts.drop-inbound
DELETE FROM inbound_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[]);

-- counts.drop-outbound
DELETE FROM outbound_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[]);

-- counts.drop-usage
DELETE FROM usage_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[]);

-- counts.fold-conversation
INSERT INTO conversation_counts AS c (business_id, grain, bucket, status, initiation_type, end_type, n)
     SELECT t.business_id, g.grain, g.bucket, g.status, g.initiation_type, g.end_type, sum(t.n)
     FROM (SELECT business_id, hour, quarter, status, initiation_type, end_type, duration_class, sum(n) AS n
       , sum(milliseconds) AS milliseconds
     FROM conversation_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[])
     GROUP BY 1, 2, 3, 4, 5, 6, 7) t CROSS JOIN LATERAL (
  SELECT grain, bucket, t.status, t.initiation_type, t.end_type FROM (VALUES
    ('hour', t.hour), ('day', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), ('month', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'),
    ('all', timestamptz '-infinity')) AS by_keys(grain, bucket)
  UNION ALL SELECT grain, bucket, '', '', '' FROM (VALUES
    ('hour total', t.hour), ('day total', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'),
    ('month total', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) AS totals(grain, bucket)
  UNION ALL SELECT grain || ' of ' || t.duration_class, bucket, t.status, t.initiation_type, t.end_type FROM (VALUES
    ('hour', t.hour), ('day', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), ('month', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'),
    ('all', timestamptz '-infinity')) AS by_keys(grain, bucket)
    WHERE t.duration_class IS NOT NULL) AS g
     GROUP BY 1, 2, 3, 4, 5, 6
     HAVING sum(t.n) <> 0
     ON CONFLICT (business_id, grain, bucket, status, initiation_type, end_type) DO UPDATE SET n = c.n + excluded.n;

-- counts.fold-figures-conversation
INSERT INTO conversation_figures AS f (business_id, grain, bucket, status_created, status_waiting_for_primary_client, status_starting, status_active, status_paused, status_ending, status_completed, status_failed, initiation_type_inbound, initiation_type_outbound, initiation_type_web, end_type_normal, end_type_user_ended_call, end_type_agent_ended_call, end_type_user_declined_or_busy, end_type_user_no_answer, end_type_voicemail_detected, end_type_user_silence_timeout_reached, end_type_max_conversation_duration_reached, end_type_mid_session_failure, end_type_initialize_error, end_type_expired_waiting_for_initialize, end_type_transferred, end_type_canceled, duration_from_0, duration_from_10, duration_from_30, duration_from_60, duration_from_120, duration_from_300, duration_from_600, duration_from_1800, milliseconds)
     SELECT t.business_id, g.grain, g.bucket, coalesce(sum(t.n) FILTER (WHERE t.status = 'Created'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'WaitingForPrimaryClient'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Starting'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Active'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Paused'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Ending'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Completed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Failed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.initiation_type = 'Inbound'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.initiation_type = 'Outbound'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.initiation_type = 'Web'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'Normal'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserEndedCall'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'AgentEndedCall'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserDeclinedOrBusy'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserNoAnswer'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'VoicemailDetected'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserSilenceTimeoutReached'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'MaxConversationDurationReached'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'MidSessionFailure'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'InitializeError'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'ExpiredWaitingForInitialize'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'Transferred'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'Canceled'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 0), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 1), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 2), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 3), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 4), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 5), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 6), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 7), 0)::bigint, coalesce(sum(t.milliseconds) FILTER (WHERE t.milliseconds IS NOT NULL), 0)::bigint
     FROM (SELECT business_id, hour, quarter, status, initiation_type, end_type, duration_class, sum(n) AS n
       , sum(milliseconds) AS milliseconds
     FROM conversation_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[])
     GROUP BY 1, 2, 3, 4, 5, 6, 7) t CROSS JOIN LATERAL (VALUES ('quarter', t.hour + t.quarter * interval '15 minutes'), ('hour', t.hour),
    ('day', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), ('month', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) AS g(grain, bucket)
     WHERE t.quarter IS NOT NULL AND (t.status = 'Created' OR t.status = 'WaitingForPrimaryClient' OR t.status = 'Starting' OR t.status = 'Active' OR t.status = 'Paused' OR t.status = 'Ending' OR t.status = 'Completed' OR t.status = 'Failed' OR t.initiation_type = 'Inbound' OR t.initiation_type = 'Outbound' OR t.initiation_type = 'Web' OR t.end_type = 'Normal' OR t.end_type = 'UserEndedCall' OR t.end_type = 'AgentEndedCall' OR t.end_type = 'UserDeclinedOrBusy' OR t.end_type = 'UserNoAnswer' OR t.end_type = 'VoicemailDetected' OR t.end_type = 'UserSilenceTimeoutReached' OR t.end_type = 'MaxConversationDurationReached' OR t.end_type = 'MidSessionFailure' OR t.end_type = 'InitializeError' OR t.end_type = 'ExpiredWaitingForInitialize' OR t.end_type = 'Transferred' OR t.end_type = 'Canceled' OR t.duration_class = 0 OR t.duration_class = 1 OR t.duration_class = 2 OR t.duration_class = 3 OR t.duration_class = 4 OR t.duration_class = 5 OR t.duration_class = 6 OR t.duration_class = 7 OR t.milliseconds IS NOT NULL)
     GROUP BY 1, 2, 3
     ON CONFLICT (business_id, grain, bucket) DO UPDATE
     SET status_created = f.status_created + excluded.status_created, status_waiting_for_primary_client = f.status_waiting_for_primary_client + excluded.status_waiting_for_primary_client, status_starting = f.status_starting + excluded.status_starting, status_active = f.status_active + excluded.status_active, status_paused = f.status_paused + excluded.status_paused, status_ending = f.status_ending + excluded.status_ending, status_completed = f.status_completed + excluded.status_completed, status_failed = f.status_failed + excluded.status_failed, initiation_type_inbound = f.initiation_type_inbound + excluded.initiation_type_inbound, initiation_type_outbound = f.initiation_type_outbound + excluded.initiation_type_outbound, initiation_type_web = f.initiation_type_web + excluded.initiation_type_web, end_type_normal = f.end_type_normal + excluded.end_type_normal, end_type_user_ended_call = f.end_type_user_ended_call + excluded.end_type_user_ended_call, end_type_agent_ended_call = f.end_type_agent_ended_call + excluded.end_type_agent_ended_call, end_type_user_declined_or_busy = f.end_type_user_declined_or_busy + excluded.end_type_user_declined_or_busy, end_type_user_no_answer = f.end_type_user_no_answer + excluded.end_type_user_no_answer, end_type_voicemail_detected = f.end_type_voicemail_detected + excluded.end_type_voicemail_detected, end_type_user_silence_timeout_reached = f.end_type_user_silence_timeout_reached + excluded.end_type_user_silence_timeout_reached, end_type_max_conversation_duration_reached = f.end_type_max_conversation_duration_reached + excluded.end_type_max_conversation_duration_reached, end_type_mid_session_failure = f.end_type_mid_session_failure + excluded.end_type_mid_session_failure, end_type_initialize_error = f.end_type_initialize_error + excluded.end_type_initialize_error, end_type_expired_waiting_for_initialize = f.end_type_expired_waiting_for_initialize + excluded.end_type_expired_waiting_for_initialize, end_type_transferred = f.end_type_transferred + excluded.end_type_transferred, end_type_canceled = f.end_type_canceled + excluded.end_type_canceled, duration_from_0 = f.duration_from_0 + excluded.duration_from_0, duration_from_10 = f.duration_from_10 + excluded.duration_from_10, duration_from_30 = f.duration_from_30 + excluded.duration_from_30, duration_from_60 = f.duration_from_60 + excluded.duration_from_60, duration_from_120 = f.duration_from_120 + excluded.duration_from_120, duration_from_300 = f.duration_from_300 + excluded.duration_from_300, duration_from_600 = f.duration_from_600 + excluded.duration_from_600, duration_from_1800 = f.duration_from_1800 + excluded.duration_from_1800, milliseconds = f.milliseconds + excluded.milliseconds;

-- counts.fold-figures-inbound
INSERT INTO inbound_figures AS f (business_id, grain, bucket, enqueued, completed, failed, canceled, expired)
     SELECT t.business_id, g.grain, g.bucket, coalesce(sum(t.n) FILTER (WHERE t.clock = 'enqueued'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Completed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Failed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Canceled'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Expired'), 0)::bigint
     FROM (SELECT business_id, hour, quarter, clock, route_id, status, number_id, provider, sum(n) AS n
     FROM inbound_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[])
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) t CROSS JOIN LATERAL (VALUES ('quarter', t.hour + t.quarter * interval '15 minutes'), ('hour', t.hour),
    ('day', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), ('month', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) AS g(grain, bucket)
     WHERE t.quarter IS NOT NULL AND (t.clock = 'enqueued' OR t.clock = 'completed' AND t.status = 'Completed' OR t.clock = 'completed' AND t.status = 'Failed' OR t.clock = 'completed' AND t.status = 'Canceled' OR t.clock = 'completed' AND t.status = 'Expired')
     GROUP BY 1, 2, 3
     ON CONFLICT (business_id, grain, bucket) DO UPDATE
     SET enqueued = f.enqueued + excluded.enqueued, completed = f.completed + excluded.completed, failed = f.failed + excluded.failed, canceled = f.canceled + excluded.canceled, expired = f.expired + excluded.expired;

-- counts.fold-figures-outbound
INSERT INTO outbound_figures AS f (business_id, grain, bucket, enqueued, completed, failed, canceled, expired)
     SELECT t.business_id, g.grain, g.bucket, coalesce(sum(t.n) FILTER (WHERE t.clock = 'enqueued'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Completed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Failed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Canceled'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Expired'), 0)::bigint
     FROM (SELECT business_id, hour, quarter, clock, campaign_id, status, number_id, number_provider, sum(n) AS n
     FROM outbound_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[])
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) t CROSS JOIN LATERAL (VALUES ('quarter', t.hour + t.quarter * interval '15 minutes'), ('hour', t.hour),
    ('day', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), ('month', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) AS g(grain, bucket)
     WHERE t.quarter IS NOT NULL AND (t.clock = 'enqueued' OR t.clock = 'completed' AND t.status = 'Completed' OR t.clock = 'completed' AND t.status = 'Failed' OR t.clock = 'completed' AND t.status = 'Canceled' OR t.clock = 'completed' AND t.status = 'Expired')
     GROUP BY 1, 2, 3
     ON CONFLICT (business_id, grain, bucket) DO UPDATE
     SET enqueued = f.enqueued + excluded.enqueued, completed = f.completed + excluded.completed, failed = f.failed + excluded.failed, canceled = f.canceled + excluded.canceled, expired = f.expired + excluded.expired;

-- counts.fold-inbound
INSERT INTO inbound_counts AS c (business_id, grain, bucket, clock, route_id, status, number_id, provider, n)
     SELECT t.business_id, g.grain, g.bucket, g.clock, g.route_id, g.status, g.number_id, g.provider, sum(t.n)
     FROM (SELECT business_id, hour, quarter, clock, route_id, status, number_id, provider, sum(n) AS n
     FROM inbound_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[])
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) t CROSS JOIN LATERAL (
  SELECT grain, bucket, t.clock, t.route_id, t.status, t.number_id, t.provider FROM (VALUES
    ('hour', t.hour), ('day', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), ('month', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'),
    ('all', timestamptz '-infinity')) AS by_keys(grain, bucket)) AS g
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
     HAVING sum(t.n) <> 0
     ON CONFLICT (business_id, grain, bucket, clock, route_id, status, number_id, provider) DO UPDATE SET n = c.n + excluded.n;

-- counts.fold-outbound
INSERT INTO outbound_counts AS c (business_id, grain, bucket, clock, campaign_id, status, number_id, number_provider, n)
     SELECT t.business_id, g.grain, g.bucket, g.clock, g.campaign_id, g.status, g.number_id, g.number_provider, sum(t.n)
     FROM (SELECT business_id, hour, quarter, clock, campaign_id, status, number_id, number_provider, sum(n) AS n
     FROM outbound_count_deltas WHERE business_id = $1 AND delta_id = ANY($2::bigint[])
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) t CROSS JOIN LATERAL (
  SELECT grain, bucket, t.clock, t.campaign_id, t.status, t.number_id, t.number_provider FROM (VALUES
    ('hour', t.hour), ('day', date_trunc('day', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), ('month', date_trunc('month', t.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'),
    ('all', timestamptz '-infinity')) AS by_keys(grain, bucket)) AS g
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
     HAVING sum(t.n) <> 0
     ON CONFLICT (business_id, grain, bucket, clock, campaign_id, status, number_id, number_provider) DO UPDATE SET n = c.n + excluded.n;

-- counts.fold-usage
INSERT INTO usage_months AS u (business_id, month, conversations, milliseconds, transcript_bytes_added, transcript_bytes_removed, recording_bytes_added, recording_bytes_removed)
     SELECT t.business_id, g.month, sum(t.conversations)::bigint, sum(t.milliseconds)::bigint, sum(t.transcript_bytes_added)::bigint, sum(t.transcript_bytes_removed)::bigint, sum(t.recording_bytes_added)::bigint, sum(t.recording_bytes_removed)::bigint
     FROM usage_deltas t CROSS JOIN LATERAL (VALUES (t.month), ('-infinity')) AS g(month)
     WHERE business_id = $1 AND delta_id = ANY($2::bigint[])
     GROUP BY 1, 2
     ON CONFLICT (business_id, month) DO UPDATE
     SET conversations = u.conversations + excluded.conversations, milliseconds = u.milliseconds + excluded.milliseconds, transcript_bytes_added = u.transcript_bytes_added + excluded.transcript_bytes_added, transcript_bytes_removed = u.transcript_bytes_removed + excluded.transcript_bytes_removed, recording_bytes_added = u.recording_bytes_added + excluded.recording_bytes_added, recording_bytes_removed = u.recording_bytes_removed + excluded.recording_bytes_removed;

-- counts.lock-conversation
SELECT pg_try_advisory_xact_lock(hashtextextended('conversation_counts', $1)) AS mine;

-- counts.lock-inbound
SELECT pg_try_advisory_xact_lock(hashtextextended('inbound_counts', $1)) AS mine;

-- counts.lock-outbound
SELECT pg_try_advisory_xact_lock(hashtextextended('outbound_counts', $1)) AS mine;

-- counts.lock-usage
SELECT pg_try_advisory_xact_lock(hashtextextended('usage_months', $1)) AS mine;
