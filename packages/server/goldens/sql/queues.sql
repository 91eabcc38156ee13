-- queues.businesses-to-replan
SELECT w."businessId" FROM (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM outbound_calls t WHERE status = 'Queued' ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM outbound_calls t WHERE t.business_id > f.business_id AND status = 'Queued'
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f) w
   WHERE EXISTS (
     SELECT FROM call_queues q JOIN businesses b ON b.business_id = q.business_id
     WHERE q.business_id = w."businessId" AND q.direction = 'outbound'
       AND (q.planned_to IS NOT NULL OR q.time_zone IS DISTINCT FROM b.time_zone)
   ) OR EXISTS (
     SELECT FROM outbound_calls c
     WHERE c.business_id = w."businessId" AND c.status = 'Queued' AND c.window_closes_at <= $1
   );

-- queues.businesses-with-concealed
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM outbound_calls t WHERE status = 'Queued' AND by_masked_key AND expires_at IS NULL
       AND last_reason IN ('DO_NOT_CALL', 'DUPLICATE') ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM outbound_calls t WHERE t.business_id > f.business_id AND status = 'Queued' AND by_masked_key AND expires_at IS NULL
       AND last_reason IN ('DO_NOT_CALL', 'DUPLICATE')
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM outbound_calls t WHERE t.business_id = f.business_id AND status = 'Queued' AND by_masked_key AND expires_at IS NULL
       AND last_reason IN ('DO_NOT_CALL', 'DUPLICATE') AND held_due_at <= $1
     ORDER BY held_due_at LIMIT 1
   );

-- queues.businesses-with-days-or-answers
(WITH RECURSIVE found AS (
     (SELECT t.business_id FROM number_days t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM number_days t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f) UNION (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM idempotent_answers t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM idempotent_answers t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f);

-- queues.businesses-with-expired
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM outbound_calls t WHERE status = 'Queued' AND expires_at IS NOT NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM outbound_calls t WHERE t.business_id > f.business_id AND status = 'Queued' AND expires_at IS NOT NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM outbound_calls t WHERE t.business_id = f.business_id AND status = 'Queued' AND expires_at IS NOT NULL AND expires_at <= $1
     ORDER BY expires_at LIMIT 1
   );

-- queues.businesses-with-lapsed
(WITH RECURSIVE found AS (
     (SELECT t.business_id FROM outbound_calls t WHERE status = 'Processing' AND lease_expires_at IS NOT NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM outbound_calls t WHERE t.business_id > f.business_id AND status = 'Processing' AND lease_expires_at IS NOT NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM outbound_calls t WHERE t.business_id = f.business_id AND status = 'Processing' AND lease_expires_at IS NOT NULL AND lease_expires_at <= $1
     ORDER BY lease_expires_at LIMIT 1
   )) UNION (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM inbound_calls t WHERE status = 'Processing' AND lease_expires_at IS NOT NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM inbound_calls t WHERE t.business_id > f.business_id AND status = 'Processing' AND lease_expires_at IS NOT NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM inbound_calls t WHERE t.business_id = f.business_id AND status = 'Processing' AND lease_expires_at IS NOT NULL AND lease_expires_at <= $1
     ORDER BY lease_expires_at LIMIT 1
   ));

-- queues.count-inbound-completed
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.completed_at >= e.lo AND c.completed_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-inbound-completed-looked-up
SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-inbound-due-looked-up
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority) LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) > (p.part0) ORDER BY (-q.priority) LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM inbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) = (p.part0)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE true
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR left(coalesce(c.caller_e164, c.caller_number), 256) = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
      SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-inbound-keys
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-inbound-number-looked-up
WITH matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND left(coalesce(c.caller_e164, c.caller_number), 256) = ANY($21::text[]) AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
      SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-inbound-time
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-completed
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.completed_at >= e.lo AND c.completed_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-completed-looked-up
SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-due-as-masked-looked-up
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     (SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)) UNION ALL (SELECT q.* FROM outbound_calls q
   WHERE q.business_id = $1 AND q.status = 'Queued' AND q.held_due_at <= $22::timestamptz
     AND q.last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE')
     AND (q.next_attempt_at IS NULL OR q.next_attempt_at > $22::timestamptz)
     AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz) AND NOT EXISTS (
       SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = q.campaign_id AND g.is_paused)
   ORDER BY q.held_due_at LIMIT 10000)
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR c.recipient_number = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
      SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-due-looked-up
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR c.recipient_number = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
      SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-keys
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-number-looked-up
WITH matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND c.recipient_number = ANY($21::text[]) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
      SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-scheduled
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.scheduled_for >= e.lo AND c.scheduled_for < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-scheduled-looked-up
SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $20::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $20::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.scheduled_for AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.count-outbound-time
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given;

-- queues.erase-history-inbound
DELETE FROM inbound_decisions
     WHERE business_id = $1 AND call_id = ANY($2::text[]);

-- queues.erase-history-outbound
DELETE FROM outbound_decisions
     WHERE business_id = $1 AND call_id = ANY($2::text[]);

-- queues.erase-inbound
DELETE FROM inbound_calls WHERE business_id = $1 AND id = ANY($2::text[]);

-- queues.erase-outbound
DELETE FROM outbound_calls WHERE business_id = $1 AND id = ANY($2::text[]);

-- queues.fetch-waiting-calls
FETCH 500 FROM waiting_calls;

-- queues.find-callers-with-digits
WITH batch AS MATERIALIZED (
     SELECT id, caller_number AS number FROM inbound_calls
     WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT 2000
   )
   SELECT (SELECT max(id) FROM batch) AS last, (
     SELECT coalesce(json_agg(json_build_object('id', id, 'number', number)), '[]')::json FROM batch
     WHERE number !~ '^[+][1-9][0-9]{1,14}$'
       AND (strpos(regexp_replace(number, '[^0-9]', '', 'g'), $3) > 0 OR number ~ '[^ -~]|[\\%]' OR number ~ '[A-Za-z]{3}')
   ) AS callers;

-- queues.find-campaigns
SELECT g.id, g.name, g.is_paused, g.max_concurrent, g.windows, g.retry,
  g.max_attempts_per_number_per_day, g.abandon_after_seconds, g.created_at FROM campaigns g WHERE g.business_id = $1 AND g.id = ANY($2::text[]);

-- queues.find-former-occupants
SELECT w.n::integer - 1 AS n, o.call_id AS id
   FROM unnest($4::timestamptz[], $5::timestamptz[]) WITH ORDINALITY AS w(from_at, until_at, n)
   CROSS JOIN LATERAL (
     SELECT r.call_id, r.from_at FROM (
       SELECT o.call_id, o.from_at, o.until_at FROM slot_occupants o
       WHERE o.business_id = $1 AND o.campaign_id = $2 AND o.from_at < w.until_at
       ORDER BY o.from_at DESC, o.call_id DESC LIMIT 1000
     ) r JOIN outbound_calls c ON c.business_id = $1 AND c.id = r.call_id
     WHERE r.call_id <> $3 AND (r.until_at IS NULL OR r.until_at > w.from_at)
       AND (c.completed_at IS NULL OR c.completed_at > w.from_at)
     ORDER BY r.from_at DESC, r.call_id DESC LIMIT $6
   ) o ORDER BY w.n, o.from_at, o.call_id;

-- queues.find-inbound
SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
     WHERE c.business_id = $1 AND c.id = $2;

-- queues.find-lanes-inbound
WITH RECURSIVE partitions AS (
     (SELECT -priority AS urgency, ''::text AS campaign, next_attempt_at
    FROM inbound_calls WHERE business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL
    ORDER BY (-priority), next_attempt_at, id LIMIT 1)
     UNION ALL
     SELECT n.* FROM partitions p CROSS JOIN LATERAL (SELECT -priority AS urgency, ''::text AS campaign, next_attempt_at
    FROM inbound_calls WHERE business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL AND (-priority) > p.urgency
    ORDER BY (-priority), next_attempt_at, id LIMIT 1) n
   )
   SELECT -p.urgency AS priority, p.campaign, p.next_attempt_at, coalesce(g.is_paused, false) AS is_paused,
     g.max_concurrent,
     CASE WHEN g.max_concurrent IS NULL THEN 0 ELSE (
       SELECT count(*) FROM (
         SELECT FROM inbound_calls c WHERE c.business_id = $1 AND '' = p.campaign
           AND c.status = 'Processing' LIMIT g.max_concurrent
       ) busy
     ) END AS under_way
   FROM (SELECT * FROM partitions LIMIT 5000) p
   LEFT JOIN campaigns g ON g.business_id = $1 AND g.id = p.campaign AND p.campaign <> '';

-- queues.find-lanes-outbound
WITH RECURSIVE partitions AS (
     (SELECT -priority AS urgency, coalesce(campaign_id, '') AS campaign, next_attempt_at
    FROM outbound_calls WHERE business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL
    ORDER BY (-priority), coalesce(campaign_id, ''), next_attempt_at, id LIMIT 1)
     UNION ALL
     SELECT n.* FROM partitions p CROSS JOIN LATERAL (SELECT -priority AS urgency, coalesce(campaign_id, '') AS campaign, next_attempt_at
    FROM outbound_calls WHERE business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL AND ((-priority), coalesce(campaign_id, '')) > (p.urgency, p.campaign)
    ORDER BY (-priority), coalesce(campaign_id, ''), next_attempt_at, id LIMIT 1) n
   )
   SELECT -p.urgency AS priority, p.campaign, p.next_attempt_at, coalesce(g.is_paused, false) AS is_paused,
     g.max_concurrent,
     CASE WHEN g.max_concurrent IS NULL THEN 0 ELSE (
       SELECT count(*) FROM (
         SELECT FROM outbound_calls c WHERE c.business_id = $1 AND coalesce(c.campaign_id, '') = p.campaign
           AND c.status = 'Processing' LIMIT g.max_concurrent
       ) busy
     ) END AS under_way
   FROM (SELECT * FROM partitions LIMIT 5000) p
   LEFT JOIN campaigns g ON g.business_id = $1 AND g.id = p.campaign AND p.campaign <> '';

-- queues.find-lapsed-inbound
SELECT c.id FROM inbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at <= $2
     ORDER BY c.lease_expires_at LIMIT $3;

-- queues.find-lapsed-outbound
SELECT c.id FROM outbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at <= $2
     ORDER BY c.lease_expires_at LIMIT $3;

-- queues.find-new-occupants
SELECT campaign_id, id FROM (SELECT g.id AS campaign_id, c.id, c.processing_started_at
   FROM unnest($2::text[]) AS g(id) CROSS JOIN LATERAL (
     SELECT c.id, c.processing_started_at FROM outbound_calls c
     WHERE c.business_id = $1 AND coalesce(c.campaign_id, '') = g.id AND c.status = 'Processing'
     ORDER BY c.processing_started_at, c.id LIMIT $3
   ) c) c WHERE NOT EXISTS (
     SELECT FROM slot_occupants o WHERE o.business_id = $1 AND o.campaign_id = c.campaign_id
       AND o.call_id = c.id AND o.until_at IS NULL
   );

-- queues.find-next-lapse-inbound
SELECT min(c.lease_expires_at) AS at FROM inbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at IS NOT NULL;

-- queues.find-next-lapse-outbound
SELECT min(c.lease_expires_at) AS at FROM outbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at IS NOT NULL;

-- queues.find-occupants
SELECT campaign_id, id FROM (SELECT g.id AS campaign_id, c.id, c.processing_started_at
   FROM unnest($2::text[]) AS g(id) CROSS JOIN LATERAL (
     SELECT c.id, c.processing_started_at FROM outbound_calls c
     WHERE c.business_id = $1 AND coalesce(c.campaign_id, '') = g.id AND c.status = 'Processing'
     ORDER BY c.processing_started_at, c.id LIMIT $3
   ) c) c ORDER BY processing_started_at, id;

-- queues.find-of-numbers-inbound
SELECT c.id, c.session_id AS "sessionId" FROM inbound_calls c
     WHERE c.business_id = $1 AND left(coalesce(c.caller_e164, c.caller_number), 256) = ANY($2::text[]);

-- queues.find-of-numbers-outbound
SELECT c.id, c.session_id AS "sessionId" FROM outbound_calls c
     WHERE c.business_id = $1 AND c.recipient_number = ANY($2::text[]);

-- queues.find-outbound
SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
     WHERE c.business_id = $1 AND c.id = $2;

-- queues.find-silent
SELECT c.id FROM outbound_calls c
   WHERE c.business_id = $1 AND status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL AND coalesce(c.watch_at, timestamptz '-infinity') <= $2
   ORDER BY coalesce(c.watch_at, timestamptz '-infinity') LIMIT $3;

-- queues.find-spellings-inbound
WITH batch AS MATERIALIZED (
       SELECT DISTINCT left(coalesce(c.caller_e164, c.caller_number), 256) AS number FROM inbound_calls c
       WHERE c.business_id = $1 AND left(coalesce(c.caller_e164, c.caller_number), 256) > $2 ORDER BY 1 LIMIT 5000
     )
     SELECT (SELECT max(number) FROM batch) AS last, ARRAY(
       SELECT number FROM batch WHERE number = $3 OR number !~ '^[+][1-9][0-9]{1,14}$'
     ) AS numbers;

-- queues.find-spellings-outbound
WITH batch AS MATERIALIZED (
       SELECT DISTINCT c.recipient_number AS number FROM outbound_calls c
       WHERE c.business_id = $1 AND c.recipient_number > $2 ORDER BY 1 LIMIT 5000
     )
     SELECT (SELECT max(number) FROM batch) AS last, ARRAY(
       SELECT number FROM batch WHERE number = $3 OR number !~ '^[+][1-9][0-9]{1,14}$'
     ) AS numbers;

-- queues.find-texts-inbound
WITH batch AS MATERIALIZED (
       SELECT id, last_reason AS "lastReason", '{}' AS variables, '{}' AS metadata FROM inbound_calls
       WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT 100
     )
     SELECT (SELECT max(id) FROM batch) AS last,
       (SELECT coalesce(json_agg(b), '[]')::json FROM batch b) AS calls,
       (SELECT coalesce(json_agg(json_build_object(
          'id', d.call_id, 'seq', d.seq, 'reason', d.reason, 'details', d.details)), '[]')::json
        FROM inbound_decisions d WHERE d.business_id = $1 AND d.call_id IN (SELECT id FROM batch)
       ) AS decisions;

-- queues.find-texts-outbound
WITH batch AS MATERIALIZED (
       SELECT id, last_reason AS "lastReason", dynamic_variables AS variables, metadata FROM outbound_calls
       WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT 100
     )
     SELECT (SELECT max(id) FROM batch) AS last,
       (SELECT coalesce(json_agg(b), '[]')::json FROM batch b) AS calls,
       (SELECT coalesce(json_agg(json_build_object(
          'id', d.call_id, 'seq', d.seq, 'reason', d.reason, 'details', d.details)), '[]')::json
        FROM outbound_decisions d WHERE d.business_id = $1 AND d.call_id IN (SELECT id FROM batch)
       ) AS decisions;

-- queues.find-watched-businesses
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM outbound_calls t WHERE status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM outbound_calls t WHERE t.business_id > f.business_id AND status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM outbound_calls t WHERE t.business_id = f.business_id AND status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL AND coalesce(watch_at, timestamptz '-infinity') <= $1
   );

-- queues.forget-sessions-in-history-inbound
UPDATE inbound_decisions d
     SET session_id = NULL, details = replace(d.details, d.session_id, 'erased')
     WHERE d.business_id = $1 AND d.call_id = $2 AND d.session_id = ANY($3::text[]);

-- queues.forget-sessions-in-history-outbound
UPDATE outbound_decisions d
     SET session_id = NULL, details = replace(d.details, d.session_id, 'erased')
     WHERE d.business_id = $1 AND d.call_id = $2 AND d.session_id = ANY($3::text[]);

-- queues.forget-sessions-inbound
UPDATE inbound_calls SET session_id = NULL
     WHERE business_id = $1 AND id = $2 AND session_id = ANY($3::text[]);

-- queues.forget-sessions-outbound
UPDATE outbound_calls SET session_id = NULL
     WHERE business_id = $1 AND id = $2 AND session_id = ANY($3::text[]);

-- queues.has-overdue
SELECT EXISTS (
     SELECT FROM outbound_calls c
     WHERE c.business_id = $1 AND c.status = 'Processing' AND c.lease_expires_at <= $2
   ) OR EXISTS (
     SELECT FROM outbound_calls c
     WHERE c.business_id = $1 AND status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL AND coalesce(c.watch_at, timestamptz '-infinity') <= $2
   ) AS "hasOverdue";

-- queues.has-watched
SELECT EXISTS (SELECT FROM outbound_calls c WHERE c.business_id = $1 AND status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL
       AND coalesce(c.watch_at, timestamptz '-infinity') <= $2) AS has;

-- queues.history-inbound
SELECT decided_at, decision, reason, details, lease_token, session_id, next_attempt_at
     FROM inbound_decisions WHERE business_id = $1 AND call_id = $2 ORDER BY seq;

-- queues.history-outbound
SELECT decided_at, decision, reason, details, lease_token, session_id, next_attempt_at
     FROM outbound_decisions WHERE business_id = $1 AND call_id = $2 ORDER BY seq;

-- queues.is-under-way
SELECT EXISTS (
     SELECT FROM outbound_calls c
     WHERE c.business_id = $1 AND c.id = $2 AND c.status = 'Processing' AND NOT EXISTS (
       SELECT FROM conversations v
       WHERE v.business_id = $1 AND v.queue_id = $2 AND v.erased_at IS NULL
       OFFSET greatest(c.attempts, 1) - 1)
   ) OR EXISTS (
     SELECT FROM inbound_calls c
     WHERE c.business_id = $1 AND c.id = $2 AND c.status IN ('Queued', 'Processing')
       AND NOT EXISTS (
       SELECT FROM conversations v
       WHERE v.business_id = $1 AND v.queue_id = $2 AND v.erased_at IS NULL
       OFFSET greatest(c.attempts, 1) - 1)
   ) AS "isUnderWay";

-- queues.keep-campaign
SELECT g.id, g.name, g.is_paused, g.max_concurrent, g.windows, g.retry,
  g.max_attempts_per_number_per_day, g.abandon_after_seconds, g.created_at FROM campaigns g WHERE g.business_id = $1 AND g.id = $2 FOR KEY SHARE;

-- queues.list-campaigns
SELECT g.id, g.name, g.is_paused, g.max_concurrent, g.windows, g.retry,
  g.max_attempts_per_number_per_day, g.abandon_after_seconds, g.created_at FROM campaigns g WHERE g.business_id = $1 AND g.id > $2
   ORDER BY g.id LIMIT $3;

-- queues.list-inbound-completed-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.completed_at >= e.lo AND c.completed_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-inbound-completed-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.completed_at >= e.lo AND c.completed_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-inbound-completed-looked-up-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-inbound-completed-looked-up-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-inbound-due-looked-up-backward
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority) LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) > (p.part0) ORDER BY (-q.priority) LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM inbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) = (p.part0)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE true
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR left(coalesce(c.caller_e164, c.caller_number), 256) = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-inbound-due-looked-up-forward
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority) LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0 FROM inbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) > (p.part0) ORDER BY (-q.priority) LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM inbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority)) = (p.part0)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE true
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR left(coalesce(c.caller_e164, c.caller_number), 256) = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-inbound-keys-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'all'
      UNION ALL SELECT timestamptz '-infinity', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7))
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider  AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-inbound-keys-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.route_id, n.status, n.number_id, n.provider FROM (
      SELECT n.bucket AS day, n.route_id, n.status, n.number_id, n.provider, n.n FROM inbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = 'all'
      UNION ALL SELECT timestamptz '-infinity', n.route_id, n.status, n.number_id, n.provider, n.n
        FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7))
    ) n GROUP BY n.day, n.route_id, n.status, n.number_id, n.provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1
    AND coalesce(c.route_id, '') = b.route_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND c.provider = b.provider  AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-inbound-number-looked-up-backward
WITH matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND left(coalesce(c.caller_e164, c.caller_number), 256) = ANY($21::text[]) AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-inbound-number-looked-up-forward
WITH matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND left(coalesce(c.caller_e164, c.caller_number), 256) = ANY($21::text[]) AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-inbound-time-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1 AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-inbound-time-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM inbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM inbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.route_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM inbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.route_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR c.provider = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM inbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164, NULL::text AS suspension FROM inbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-completed-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.completed_at >= e.lo AND c.completed_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-completed-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.completed_at >= e.lo AND c.completed_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-completed-looked-up-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-completed-looked-up-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $18::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'completed' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $17::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $18::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.completed_at AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-due-as-masked-looked-up-backward
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     (SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)) UNION ALL (SELECT q.* FROM outbound_calls q
   WHERE q.business_id = $1 AND q.status = 'Queued' AND q.held_due_at <= $22::timestamptz
     AND q.last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE')
     AND (q.next_attempt_at IS NULL OR q.next_attempt_at > $22::timestamptz)
     AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz) AND NOT EXISTS (
       SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = q.campaign_id AND g.is_paused)
   ORDER BY q.held_due_at LIMIT 10000)
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR c.recipient_number = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-due-as-masked-looked-up-forward
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     (SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)) UNION ALL (SELECT q.* FROM outbound_calls q
   WHERE q.business_id = $1 AND q.status = 'Queued' AND q.held_due_at <= $22::timestamptz
     AND q.last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE')
     AND (q.next_attempt_at IS NULL OR q.next_attempt_at > $22::timestamptz)
     AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz) AND NOT EXISTS (
       SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = q.campaign_id AND g.is_paused)
   ORDER BY q.held_due_at LIMIT 10000)
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR c.recipient_number = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-due-looked-up-backward
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR c.recipient_number = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-due-looked-up-forward
WITH RECURSIVE all_partitions AS (
     (SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1)
     UNION ALL
     SELECT n.* FROM all_partitions p CROSS JOIN LATERAL (
       SELECT (-q.priority) AS part0, coalesce(q.campaign_id, '') AS part1 FROM outbound_calls q WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) > (p.part0, p.part1) ORDER BY (-q.priority), coalesce(q.campaign_id, '') LIMIT 1
     ) n
   ), partitions AS MATERIALIZED (SELECT * FROM all_partitions LIMIT 5000), due AS (
     SELECT of_partition.* FROM partitions p CROSS JOIN LATERAL (
     SELECT q.* FROM outbound_calls q
     WHERE q.business_id = $1 AND q.status = 'Queued' AND q.next_attempt_at IS NOT NULL AND ((-q.priority), coalesce(q.campaign_id, '')) = (p.part0, p.part1)
       AND q.next_attempt_at <= $22::timestamptz AND (q.expires_at IS NULL OR q.expires_at > $22::timestamptz) AND (q.window_closes_at IS NULL OR q.window_closes_at > $22::timestamptz)
     ORDER BY q.next_attempt_at, q.id LIMIT 10000
   ) of_partition WHERE NOT EXISTS (
         SELECT FROM campaigns g WHERE g.business_id = $1 AND g.id = p.part1 AND g.is_paused)
     LIMIT 10000
   ), matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM due c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND ($21::text[] IS NULL OR c.recipient_number = ANY($21::text[])) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-keys-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'all'
      UNION ALL SELECT timestamptz '-infinity', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7))
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider  AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-keys-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'all'
      UNION ALL SELECT timestamptz '-infinity', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7))
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider  AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-number-looked-up-backward
WITH matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND c.recipient_number = ANY($21::text[]) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-number-looked-up-forward
WITH matches AS MATERIALIZED (
       SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz
         AND c.recipient_number = ANY($21::text[]) AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7)) AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz))
     )
    SELECT t.total, p.*
    FROM (SELECT ((SELECT count(*) FROM matches))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM matches c WHERE c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-scheduled-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.scheduled_for >= e.lo AND c.scheduled_for < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $20::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $20::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.scheduled_for AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-scheduled-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.scheduled_for >= e.lo AND c.scheduled_for < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $20::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $20::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.scheduled_for AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-scheduled-looked-up-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $20::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $20::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.scheduled_for AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $20::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $20::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.scheduled_for AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) c ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-scheduled-looked-up-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(c.n), 0) FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $20::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $20::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT count(*) AS n FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.scheduled_for AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND c.enqueued_at < $3::timestamptz) c))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM (SELECT n.day, n.campaign_id, n.status, n.number_id, n.number_provider FROM (
      SELECT n.bucket AS day, n.campaign_id, n.status, n.number_id, n.number_provider, n.n FROM outbound_counts n
        WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = 'day' AND n.bucket >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.bucket < $20::timestamptz
      UNION ALL SELECT date_trunc('day', n.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', n.campaign_id, n.status, n.number_id, n.number_provider, n.n
        FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'scheduled' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= date_trunc('day', $19::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND n.hour < $20::timestamptz
    ) n GROUP BY n.day, n.campaign_id, n.status, n.number_id, n.number_provider HAVING sum(n.n) > 0) b CROSS JOIN LATERAL (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1
    AND coalesce(c.campaign_id, '') = b.campaign_id AND c.status = b.status AND coalesce(c.number_id, '') = b.number_id AND coalesce(c.number_provider, '') = b.number_provider AND date_trunc('day', c.scheduled_for AT TIME ZONE 'UTC') = b.day AT TIME ZONE 'UTC' AND ($17::timestamptz IS NULL OR (c.completed_at >= $17::timestamptz AND c.completed_at < $18::timestamptz)) AND ($19::timestamptz IS NULL OR (c.scheduled_for >= $19::timestamptz AND c.scheduled_for < $20::timestamptz)) AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) c ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.list-outbound-time-backward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1 AND (c.enqueued_at, c.id) > ($23::timestamptz, $24::text) AND c.enqueued_at < $3::timestamptz ORDER BY c.enqueued_at, c.id LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at, p.id;

-- queues.list-outbound-time-forward
SELECT t.total, p.*
    FROM (SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM outbound_counts n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[]) AS g(grain, lo, hi, sign))
    + (SELECT coalesce(sum(n.n), 0) FROM outbound_count_deltas n WHERE n.business_id = $1 AND n.clock = 'enqueued' AND ($4::text[] IS NULL OR n.campaign_id = ANY($4)) AND ($5::text[] IS NULL OR n.status = ANY($5)) AND ($6::text[] IS NULL OR n.number_id = ANY($6)) AND ($7::text[] IS NULL OR n.number_provider = ANY($7)) AND n.hour >= $12::timestamptz AND n.hour < $13::timestamptz)
    + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM outbound_calls c WHERE c.business_id = $1
          AND c.enqueued_at >= e.lo AND c.enqueued_at < e.hi AND ($4::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($4)) AND ($5::text[] IS NULL OR c.status = ANY($5)) AND ($6::text[] IS NULL OR coalesce(c.number_id, '') = ANY($6)) AND ($7::text[] IS NULL OR coalesce(c.number_provider, '') = ANY($7))
      )), 0) FROM unnest($14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(lo, hi, sign)))::bigint AS total, num_nulls($2::timestamptz, $3::timestamptz, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::timestamptz, $13::timestamptz, $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz, $21::text[], $22::timestamptz) AS given) t
    LEFT JOIN (
      SELECT c.* FROM (SELECT c.id, c.enqueued_at FROM outbound_calls c WHERE c.business_id = $1 AND c.enqueued_at >= $2::timestamptz AND (c.enqueued_at, c.id) < ($23::timestamptz, $24::text) ORDER BY c.enqueued_at DESC, c.id DESC LIMIT $25::integer) k CROSS JOIN LATERAL (
        SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key, (SELECT min(h.reason) FROM campaign_holds h
    WHERE h.business_id = $1 AND h.campaign_id = c.campaign_id AND h.ended_at IS NULL) AS suspension FROM outbound_calls c
        WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
      ) c
    ) p ON true
    ORDER BY p.enqueued_at DESC, p.id DESC;

-- queues.lock-campaign
SELECT g.id, g.name, g.is_paused, g.max_concurrent, g.windows, g.retry,
  g.max_attempts_per_number_per_day, g.abandon_after_seconds, g.created_at FROM campaigns g WHERE g.business_id = $1 AND g.id = $2 FOR UPDATE;

-- queues.lock-campaign-settings
SELECT g.id, g.name, g.is_paused, g.max_concurrent, g.windows, g.retry,
  g.max_attempts_per_number_per_day, g.abandon_after_seconds, g.created_at FROM campaigns g WHERE g.business_id = $1 AND g.id = $2 FOR NO KEY UPDATE;

-- queues.lock-inbound
SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164 FROM inbound_calls c
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) ORDER BY c.id FOR NO KEY UPDATE;

-- queues.lock-outbound
SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key FROM outbound_calls c
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) ORDER BY c.id FOR NO KEY UPDATE;

-- queues.open-waiting-calls
DECLARE waiting_calls NO SCROLL CURSOR FOR SELECT * FROM (
     SELECT c.* FROM unnest($2::integer[], $3::text[]) AS t(urgency, campaign)
     CROSS JOIN LATERAL (
       SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, '{}' AS dynamic_variables, '{}' AS metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key FROM outbound_calls c
       WHERE c.business_id = $1 AND c.status = 'Queued' AND c.next_attempt_at IS NOT NULL
         AND (-c.priority) = t.urgency AND coalesce(c.campaign_id, '') = t.campaign
       ORDER BY c.next_attempt_at, c.id LIMIT $4
     ) c
     UNION ALL
     (SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, '{}' AS dynamic_variables, '{}' AS metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key FROM outbound_calls c
      WHERE c.business_id = $1 AND c.status = 'Queued' AND c.next_attempt_at IS NULL
        AND ($6::text[] IS NULL OR coalesce(c.campaign_id, '') = ANY($6))
      ORDER BY c.id LIMIT $4)
   ) c ORDER BY c.next_attempt_at NULLS LAST, c.id LIMIT $5;

-- queues.read-rules
SELECT q.plan, q.turns, q.planned_to, q.time_zone, g.id, g.name, g.is_paused, g.max_concurrent, g.windows, g.retry,
  g.max_attempts_per_number_per_day, g.abandon_after_seconds, g.created_at
   FROM call_queues q
   LEFT JOIN campaigns g ON g.business_id = q.business_id AND g.id = ANY($2::text[])
   WHERE q.business_id = $1 AND q.direction = 'outbound';

-- queues.replace-decision-texts-inbound
UPDATE inbound_decisions SET reason = $4, details = $5
     WHERE business_id = $1 AND call_id = $2 AND seq = $3;

-- queues.replace-decision-texts-outbound
UPDATE outbound_decisions SET reason = $4, details = $5
     WHERE business_id = $1 AND call_id = $2 AND seq = $3;

-- queues.replace-texts-inbound
UPDATE inbound_calls SET
       last_reason = CASE WHEN last_reason IS NOT DISTINCT FROM $3 THEN $4 ELSE last_reason END
     WHERE business_id = $1 AND id = $2;

-- queues.replace-texts-outbound
UPDATE outbound_calls SET dynamic_variables = $5, metadata = $6,
       last_reason = CASE WHEN last_reason IS NOT DISTINCT FROM $3 THEN $4 ELSE last_reason END
     WHERE business_id = $1 AND id = $2;

-- queues.save-inbound
UPDATE inbound_calls AS c SET status = g.status, processing_started_at = g.processing_started_at, completed_at = g.completed_at, session_id = g.session_id, session_status = g.session_status, session_end_type = g.session_end_type, attempts = g.attempts, lost_leases = g.lost_leases, next_attempt_at = g.next_attempt_at, scheduled_for = g.scheduled_for, expires_at = g.expires_at, last_reason = g.last_reason, lease_token = g.lease_token, lease_expires_at = g.lease_expires_at, decisions = g.decisions
     FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::integer[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[], $15::text[], $16::timestamptz[], $17::integer[]) AS g(id, status, processing_started_at, completed_at, session_id, session_status, session_end_type, attempts, lost_leases, next_attempt_at, scheduled_for, expires_at, last_reason, lease_token, lease_expires_at, decisions)
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) AND c.id = g.id;

-- queues.save-outbound
UPDATE outbound_calls AS c SET status = g.status, processing_started_at = g.processing_started_at, completed_at = g.completed_at, session_id = g.session_id, session_status = g.session_status, session_end_type = g.session_end_type, attempts = g.attempts, lost_leases = g.lost_leases, next_attempt_at = g.next_attempt_at, scheduled_for = g.scheduled_for, expires_at = g.expires_at, last_reason = g.last_reason, lease_token = g.lease_token, lease_expires_at = g.lease_expires_at, decisions = g.decisions, due_from = g.due_from, window_closes_at = g.window_closes_at, plan = g.plan, lease_until = g.lease_until, watch_at = g.watch_at, abandoned_at = g.abandoned_at, is_repeat = g.is_repeat, held_due_at = g.held_due_at
     FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::integer[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[], $15::text[], $16::timestamptz[], $17::integer[], $18::timestamptz[], $19::timestamptz[], $20::integer[], $21::timestamptz[], $22::timestamptz[], $23::timestamptz[], $24::boolean[], $25::timestamptz[]) AS g(id, status, processing_started_at, completed_at, session_id, session_status, session_end_type, attempts, lost_leases, next_attempt_at, scheduled_for, expires_at, last_reason, lease_token, lease_expires_at, decisions, due_from, window_closes_at, plan, lease_until, watch_at, abandoned_at, is_repeat, held_due_at)
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) AND c.id = g.id;

-- queues.take-inbound
SELECT c.* FROM unnest($2::integer[], $3::text[], $4::integer[]) WITH ORDINALITY
      AS t(urgency, campaign, n, at)
    CROSS JOIN LATERAL (
      SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164 FROM inbound_calls c
      WHERE c.business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL AND (-c.priority) = t.urgency
        AND t.campaign IS NOT NULL
        AND c.next_attempt_at <= $5
      ORDER BY c.next_attempt_at, c.id LIMIT t.n
      FOR NO KEY UPDATE SKIP LOCKED
    ) c
    ORDER BY t.at, c.next_attempt_at, c.id;

-- queues.take-outbound
SELECT c.* FROM unnest($2::integer[], $3::text[], $4::integer[]) WITH ORDINALITY
      AS t(urgency, campaign, n, at)
    CROSS JOIN LATERAL (
      SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key FROM outbound_calls c
      WHERE c.business_id = $1 AND status = 'Queued' AND next_attempt_at IS NOT NULL AND (-c.priority) = t.urgency
        AND coalesce(c.campaign_id, '') = t.campaign
        AND c.next_attempt_at <= $5
      ORDER BY c.next_attempt_at, c.id LIMIT t.n
      FOR NO KEY UPDATE SKIP LOCKED
    ) c
    ORDER BY t.at, c.next_attempt_at, c.id;

-- queues.watch-again
WITH under_way AS (
     SELECT c.id FROM outbound_calls c WHERE c.business_id = $1 AND coalesce(c.campaign_id, '') = $2
       AND status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL ORDER BY c.id FOR NO KEY UPDATE
   )
   UPDATE outbound_calls c SET watch_at = greatest(c.lease_until, $3)
   FROM under_way u WHERE c.business_id = $1 AND c.id = u.id;
