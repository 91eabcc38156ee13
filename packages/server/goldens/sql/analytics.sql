-- analytics.conversations
SELECT p.at, to_json(ARRAY[sum(p.sign * f.status_created)::bigint, sum(p.sign * f.status_waiting_for_primary_client)::bigint, sum(p.sign * f.status_starting)::bigint, sum(p.sign * f.status_active)::bigint, sum(p.sign * f.status_paused)::bigint, sum(p.sign * f.status_ending)::bigint, sum(p.sign * f.status_completed)::bigint, sum(p.sign * f.status_failed)::bigint, sum(p.sign * f.initiation_type_inbound)::bigint, sum(p.sign * f.initiation_type_outbound)::bigint, sum(p.sign * f.initiation_type_web)::bigint, sum(p.sign * f.end_type_normal)::bigint, sum(p.sign * f.end_type_user_ended_call)::bigint, sum(p.sign * f.end_type_agent_ended_call)::bigint, sum(p.sign * f.end_type_user_declined_or_busy)::bigint, sum(p.sign * f.end_type_user_no_answer)::bigint, sum(p.sign * f.end_type_voicemail_detected)::bigint, sum(p.sign * f.end_type_user_silence_timeout_reached)::bigint, sum(p.sign * f.end_type_max_conversation_duration_reached)::bigint, sum(p.sign * f.end_type_mid_session_failure)::bigint, sum(p.sign * f.end_type_initialize_error)::bigint, sum(p.sign * f.end_type_expired_waiting_for_initialize)::bigint, sum(p.sign * f.end_type_transferred)::bigint, sum(p.sign * f.end_type_canceled)::bigint, sum(p.sign * f.duration_from_0)::bigint, sum(p.sign * f.duration_from_10)::bigint, sum(p.sign * f.duration_from_30)::bigint, sum(p.sign * f.duration_from_60)::bigint, sum(p.sign * f.duration_from_120)::bigint, sum(p.sign * f.duration_from_300)::bigint, sum(p.sign * f.duration_from_600)::bigint, sum(p.sign * f.duration_from_1800)::bigint, sum(p.sign * f.milliseconds)::bigint]) AS sums
    FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
      AS p(at, grain, lo, hi, sign)
    CROSS JOIN LATERAL (
      SELECT f.* FROM conversation_figures f
      WHERE f.business_id = $1 AND f.grain = p.grain AND f.bucket >= p.lo AND f.bucket < p.hi
      OFFSET 0
    ) f
    GROUP BY p.at
    UNION ALL
    SELECT q.at, to_json(ARRAY[coalesce(sum(t.n) FILTER (WHERE t.status = 'Created'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'WaitingForPrimaryClient'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Starting'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Active'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Paused'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Ending'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Completed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.status = 'Failed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.initiation_type = 'Inbound'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.initiation_type = 'Outbound'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.initiation_type = 'Web'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'Normal'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserEndedCall'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'AgentEndedCall'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserDeclinedOrBusy'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserNoAnswer'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'VoicemailDetected'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'UserSilenceTimeoutReached'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'MaxConversationDurationReached'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'MidSessionFailure'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'InitializeError'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'ExpiredWaitingForInitialize'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'Transferred'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.end_type = 'Canceled'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 0), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 1), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 2), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 3), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 4), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 5), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 6), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.duration_class = 7), 0)::bigint, coalesce(sum(t.milliseconds) FILTER (WHERE t.milliseconds IS NOT NULL), 0)::bigint])
    FROM conversation_count_deltas t
    CROSS JOIN LATERAL (SELECT width_bucket(t.hour + t.quarter * interval '15 minutes', $7::timestamptz[]) - 1 AS at) q
    WHERE t.business_id = $1 AND t.quarter IS NOT NULL AND (t.status = 'Created' OR t.status = 'WaitingForPrimaryClient' OR t.status = 'Starting' OR t.status = 'Active' OR t.status = 'Paused' OR t.status = 'Ending' OR t.status = 'Completed' OR t.status = 'Failed' OR t.initiation_type = 'Inbound' OR t.initiation_type = 'Outbound' OR t.initiation_type = 'Web' OR t.end_type = 'Normal' OR t.end_type = 'UserEndedCall' OR t.end_type = 'AgentEndedCall' OR t.end_type = 'UserDeclinedOrBusy' OR t.end_type = 'UserNoAnswer' OR t.end_type = 'VoicemailDetected' OR t.end_type = 'UserSilenceTimeoutReached' OR t.end_type = 'MaxConversationDurationReached' OR t.end_type = 'MidSessionFailure' OR t.end_type = 'InitializeError' OR t.end_type = 'ExpiredWaitingForInitialize' OR t.end_type = 'Transferred' OR t.end_type = 'Canceled' OR t.duration_class = 0 OR t.duration_class = 1 OR t.duration_class = 2 OR t.duration_class = 3 OR t.duration_class = 4 OR t.duration_class = 5 OR t.duration_class = 6 OR t.duration_class = 7 OR t.milliseconds IS NOT NULL)
      AND q.at >= 0 AND q.at < cardinality($7::timestamptz[]) - 1
    GROUP BY q.at;

-- analytics.inbound
SELECT (
     SELECT coalesce(json_agg(s), '[]') FROM (SELECT p.at, to_json(ARRAY[sum(p.sign * f.enqueued)::bigint, sum(p.sign * f.completed)::bigint, sum(p.sign * f.failed)::bigint, sum(p.sign * f.canceled)::bigint, sum(p.sign * f.expired)::bigint]) AS sums
    FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
      AS p(at, grain, lo, hi, sign)
    CROSS JOIN LATERAL (
      SELECT f.* FROM inbound_figures f
      WHERE f.business_id = $1 AND f.grain = p.grain AND f.bucket >= p.lo AND f.bucket < p.hi
      OFFSET 0
    ) f
    GROUP BY p.at
    UNION ALL
    SELECT q.at, to_json(ARRAY[coalesce(sum(t.n) FILTER (WHERE t.clock = 'enqueued'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Completed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Failed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Canceled'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Expired'), 0)::bigint])
    FROM inbound_count_deltas t
    CROSS JOIN LATERAL (SELECT width_bucket(t.hour + t.quarter * interval '15 minutes', $7::timestamptz[]) - 1 AS at) q
    WHERE t.business_id = $1 AND t.quarter IS NOT NULL AND (t.clock = 'enqueued' OR t.clock = 'completed' AND t.status = 'Completed' OR t.clock = 'completed' AND t.status = 'Failed' OR t.clock = 'completed' AND t.status = 'Canceled' OR t.clock = 'completed' AND t.status = 'Expired')
      AND q.at >= 0 AND q.at < cardinality($7::timestamptz[]) - 1
    GROUP BY q.at) s
   ) AS rows, now.* FROM (WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority) LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) > (p.part0) ORDER BY (-q.priority) LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT count(*) AS n FROM (
       SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT 1 FROM inbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) = (p.part0)
       AND q.next_attempt_at <= $8::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10001
   ) of_partition WHERE true LIMIT 10001
     ) of_all
   ), counted AS (
     SELECT status, n FROM inbound_counts
     WHERE business_id = $1 AND grain = 'all' AND clock = 'enqueued'
     UNION ALL
     SELECT status, n FROM inbound_count_deltas WHERE business_id = $1 AND clock = 'enqueued'
   )
   SELECT
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Queued'), 0)::bigint AS queued,
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Processing'), 0)::bigint AS processing,
     (SELECT least(n, 10000) FROM due) AS due,
     (SELECT n <= 10000 FROM due) AS "isDueExact",
     (SELECT min(oldest.next_attempt_at)
      FROM (SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.next_attempt_at FROM inbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) = (p.part0)
       AND q.next_attempt_at <= $8::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 1
   ) of_partition WHERE true) oldest) AS "oldestDueAt") now;

-- analytics.outbound
SELECT (
     SELECT coalesce(json_agg(s), '[]') FROM (SELECT p.at, to_json(ARRAY[sum(p.sign * f.enqueued)::bigint, sum(p.sign * f.completed)::bigint, sum(p.sign * f.failed)::bigint, sum(p.sign * f.canceled)::bigint, sum(p.sign * f.expired)::bigint]) AS sums
    FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
      AS p(at, grain, lo, hi, sign)
    CROSS JOIN LATERAL (
      SELECT f.* FROM outbound_figures f
      WHERE f.business_id = $1 AND f.grain = p.grain AND f.bucket >= p.lo AND f.bucket < p.hi
      OFFSET 0
    ) f
    GROUP BY p.at
    UNION ALL
    SELECT q.at, to_json(ARRAY[coalesce(sum(t.n) FILTER (WHERE t.clock = 'enqueued'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Completed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Failed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Canceled'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Expired'), 0)::bigint])
    FROM outbound_count_deltas t
    CROSS JOIN LATERAL (SELECT width_bucket(t.hour + t.quarter * interval '15 minutes', $7::timestamptz[]) - 1 AS at) q
    WHERE t.business_id = $1 AND t.quarter IS NOT NULL AND (t.clock = 'enqueued' OR t.clock = 'completed' AND t.status = 'Completed' OR t.clock = 'completed' AND t.status = 'Failed' OR t.clock = 'completed' AND t.status = 'Canceled' OR t.clock = 'completed' AND t.status = 'Expired')
      AND q.at >= 0 AND q.at < cardinality($7::timestamptz[]) - 1
    GROUP BY q.at) s
   ) AS rows, now.* FROM (WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT count(*) AS n FROM (
       SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT 1 FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $8::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $8::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10001
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused) LIMIT 10001
     ) of_all
   ), counted AS (
     SELECT status, n FROM outbound_counts
     WHERE business_id = $1 AND grain = 'all' AND clock = 'enqueued'
     UNION ALL
     SELECT status, n FROM outbound_count_deltas WHERE business_id = $1 AND clock = 'enqueued'
   )
   SELECT
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Queued'), 0)::bigint AS queued,
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Processing'), 0)::bigint AS processing,
     (SELECT least(n, 10000) FROM due) AS due,
     (SELECT n <= 10000 FROM due) AS "isDueExact",
     (SELECT min(oldest.next_attempt_at)
      FROM (SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.next_attempt_at FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $8::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $8::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 1
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)) oldest) AS "oldestDueAt") now;

-- analytics.outbound-as-masked
SELECT (
     SELECT coalesce(json_agg(s), '[]') FROM (SELECT p.at, to_json(ARRAY[sum(p.sign * f.enqueued)::bigint, sum(p.sign * f.completed)::bigint, sum(p.sign * f.failed)::bigint, sum(p.sign * f.canceled)::bigint, sum(p.sign * f.expired)::bigint]) AS sums
    FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
      AS p(at, grain, lo, hi, sign)
    CROSS JOIN LATERAL (
      SELECT f.* FROM outbound_figures f
      WHERE f.business_id = $1 AND f.grain = p.grain AND f.bucket >= p.lo AND f.bucket < p.hi
      OFFSET 0
    ) f
    GROUP BY p.at
    UNION ALL
    SELECT q.at, to_json(ARRAY[coalesce(sum(t.n) FILTER (WHERE t.clock = 'enqueued'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Completed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Failed'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Canceled'), 0)::bigint, coalesce(sum(t.n) FILTER (WHERE t.clock = 'completed' AND t.status = 'Expired'), 0)::bigint])
    FROM outbound_count_deltas t
    CROSS JOIN LATERAL (SELECT width_bucket(t.hour + t.quarter * interval '15 minutes', $7::timestamptz[]) - 1 AS at) q
    WHERE t.business_id = $1 AND t.quarter IS NOT NULL AND (t.clock = 'enqueued' OR t.clock = 'completed' AND t.status = 'Completed' OR t.clock = 'completed' AND t.status = 'Failed' OR t.clock = 'completed' AND t.status = 'Canceled' OR t.clock = 'completed' AND t.status = 'Expired')
      AND q.at >= 0 AND q.at < cardinality($7::timestamptz[]) - 1
    GROUP BY q.at) s
   ) AS rows, now.* FROM (WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT count(*) AS n FROM (
       (SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT 1 FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $8::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $8::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10001
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)) UNION ALL (SELECT 1 FROM outbound_calls q
   WHERE q.business_id = $1 AND q.status = 'Queued' AND q.held_due_at <= $8::timestamptz
     AND q.last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE')
     AND (q.next_attempt_at IS NULL OR q.next_attempt_at > $8::timestamptz)
     AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $8::timestamptz) AND NOT EXISTS (
       SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = q.campaign_id AND g.is_paused)
   ORDER BY q.held_due_at LIMIT 10001) LIMIT 10001
     ) of_all
   ), counted AS (
     SELECT status, n FROM outbound_counts
     WHERE business_id = $1 AND grain = 'all' AND clock = 'enqueued'
     UNION ALL
     SELECT status, n FROM outbound_count_deltas WHERE business_id = $1 AND clock = 'enqueued'
   )
   SELECT
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Queued'), 0)::bigint AS queued,
     coalesce((SELECT sum(n) FROM counted WHERE status = 'Processing'), 0)::bigint AS processing,
     (SELECT least(n, 10000) FROM due) AS due,
     (SELECT n <= 10000 FROM due) AS "isDueExact",
     (SELECT min(oldest.next_attempt_at)
      FROM ((SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.next_attempt_at FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $8::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $8::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 1
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)) UNION ALL (SELECT q.held_due_at FROM outbound_calls q
   WHERE q.business_id = $1 AND q.status = 'Queued' AND q.held_due_at <= $8::timestamptz
     AND q.last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE')
     AND (q.next_attempt_at IS NULL OR q.next_attempt_at > $8::timestamptz)
     AND (q.expires_at IS NULL OR q.expires_at > $8::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $8::timestamptz) AND NOT EXISTS (
       SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = q.campaign_id AND g.is_paused)
   ORDER BY q.held_due_at LIMIT 1)) oldest) AS "oldestDueAt") now;
