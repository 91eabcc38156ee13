-- conversations.add-ending
SELECT graphile_worker.add_job('end-conversation', payload => json_build_object('businessId', business_id, 'conversationId', $2::text))
   FROM (SELECT $1::bigint AS business_id) b;

-- conversations.append
SELECT id FROM append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43) AS id;

-- conversations.businesses-to-forget
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM conversations t WHERE erased_at IS NOT NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM conversations t WHERE t.business_id > f.business_id AND erased_at IS NOT NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f;

-- conversations.businesses-with-ended
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM live_conversations t WHERE ended_received_at IS NOT NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM live_conversations t WHERE t.business_id > f.business_id AND ended_received_at IS NOT NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM live_conversations t WHERE t.business_id = f.business_id AND ended_received_at IS NOT NULL AND ended_received_at <= $1
     ORDER BY ended_received_at LIMIT 1
   );

-- conversations.businesses-with-silent
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM live_conversations t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM live_conversations t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM live_conversations t WHERE t.business_id = f.business_id AND true AND ended_received_at IS NULL AND received_at <= $1 AND may_abandon
   );

-- conversations.erase-connection_deliveries
DELETE FROM connection_deliveries WHERE business_id = $1 AND conversation_id = ANY($2::text[]);

-- conversations.erase-conversation_events
DELETE FROM conversation_events WHERE business_id = $1 AND conversation_id = ANY($2::text[]);

-- conversations.erase-conversations
DELETE FROM conversations WHERE business_id = $1 AND id = ANY($2::text[]);

-- conversations.erase-earlier_event_ids
DELETE FROM earlier_event_ids WHERE business_id = $1 AND conversation_id = ANY($2::text[]);

-- conversations.erase-live_conversations
DELETE FROM live_conversations WHERE business_id = $1 AND conversation_id = ANY($2::text[]);

-- conversations.erase-sealed_conversations
DELETE FROM sealed_conversations WHERE business_id = $1 AND conversation_id = ANY($2::text[]);

-- conversations.fetch-long-conversation
FETCH 16 FROM long_conversation;

-- conversations.find
SELECT c.head, c.recordings, c.messages, c.logs,
    CASE WHEN c.messages IS NULL THEN (
      SELECT string_agg(e.payloads, E'\x01' ORDER BY e.seq) FROM conversation_events e
      WHERE e.business_id = $1 AND e.conversation_id = $2
    ) END AS events
  FROM conversations c
  WHERE c.business_id = $1 AND c.id = $2;

-- conversations.find-live
SELECT r.at, f.*
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS r(id, event_ids, at)
  CROSS JOIN LATERAL (
    SELECT c.head, c.erased_at IS NOT NULL AS erased, l.version, l.message_count AS "messageCount",
      l.log_count AS "logCount", l.bytes, l.last_event_at AS "lastEventAt",
      l.received_at AS "receivedAt", l.ended_received_at AS "endedReceivedAt",
      l.has_earlier_ids AS "hasEarlierIds", l.renamed, (
        SELECT string_agg(e.event_ids, E'\x01') FROM conversation_events e
        WHERE e.business_id = $1 AND e.conversation_id = r.id
      ) AS "liveIds", ARRAY(
        SELECT unnest(i.event_ids) FROM earlier_event_ids i
        WHERE i.business_id = $1 AND i.conversation_id = r.id
        INTERSECT SELECT unnest(string_to_array(r.event_ids, E'\x01'))
      ) AS known
    FROM conversations c
    LEFT JOIN live_conversations l ON l.business_id = $1 AND l.conversation_id = r.id
    WHERE c.business_id = $1 AND c.id = r.id
    LIMIT 1
  ) f;

-- conversations.find-live-document
SELECT c.head, c.recordings, c.messages, c.logs, l.bytes,
    CASE WHEN l.bytes <= 262144 THEN (
      SELECT string_agg(e.payloads, E'\x01' ORDER BY e.seq) FROM conversation_events e
      WHERE e.business_id = $1 AND e.conversation_id = $2
    ) END AS events
  FROM conversations c
  LEFT JOIN live_conversations l ON l.business_id = $1 AND l.conversation_id = $2
  WHERE c.business_id = $1 AND c.id = $2;

-- conversations.find-mentions
WITH batch AS MATERIALIZED (
     SELECT id, head, queue_id FROM conversations
     WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT 2000
   )
   SELECT (SELECT max(id) FROM batch) AS last, ARRAY(
     SELECT id FROM batch b WHERE b.queue_id = ANY($4::text[])
       OR EXISTS (SELECT FROM unnest($3::text[]) AS n(needle) WHERE strpos(b.head, n.needle) > 0)
   ) AS ids, (
     SELECT coalesce(json_agg(json_build_array(b.id, m[1])), '[]')::json FROM batch b
       CROSS JOIN LATERAL regexp_matches(b.head, '"(?:ClientId|PhoneNumber)":("(?:[^"\\]|\\.)*")', 'g') m
     WHERE $5::text IS NOT NULL
       AND (strpos(regexp_replace(m[1], '[^0-9]', '', 'g'), $5) > 0 OR m[1] ~ '[^ -~]|[\\%]')
   ) AS spelled;

-- conversations.find-sealed
SELECT c.id, c.head, c.recordings, encode(c.transcript_hash, 'hex') AS "transcriptHash", octet_length(c.messages) + octet_length(c.logs) AS bytes,
     CASE WHEN octet_length(c.messages) + octet_length(c.logs) <= 262144 THEN c.messages END AS messages,
     CASE WHEN octet_length(c.messages) + octet_length(c.logs) <= 262144 THEN c.logs END AS logs
   FROM conversations c WHERE c.business_id = $1 AND c.id = ANY($2::text[]);

-- conversations.find-to-change
SELECT c.head, c.recordings, c.messages, c.logs,
    CASE WHEN c.messages IS NULL THEN (
      SELECT string_agg(e.payloads, E'\x01' ORDER BY e.seq) FROM conversation_events e
      WHERE e.business_id = $1 AND e.conversation_id = $2
    ) END AS events
  FROM conversations c
  WHERE c.business_id = $1 AND c.id = $2 FOR NO KEY UPDATE OF c;

-- conversations.find-versions
SELECT c.id, c.head, c.recordings, encode(c.transcript_hash, 'hex') AS "transcriptHash" FROM conversations c
   WHERE c.business_id = $1 AND c.id = ANY($2::text[]) AND c.transcript_hash IS NOT NULL;

-- conversations.insert
INSERT INTO conversations
     (business_id, id, start_time, status, initiation_type, end_type, head, messages, logs, queue_id,
      duration_class, transcript_hash)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, sha256(sha256(convert_to($8::text, 'UTF8')) || sha256(convert_to($9::text, 'UTF8'))))
   ON CONFLICT DO NOTHING
   RETURNING id;

-- conversations.keep-event-ids
INSERT INTO earlier_event_ids AS i (business_id, conversation_id, event_ids)
   SELECT e.business_id, e.conversation_id,
     string_to_array(string_agg(e.event_ids, E'\x01'), E'\x01')
   FROM conversation_events e
   WHERE e.business_id = $1 AND e.conversation_id = $2 AND e.event_ids NOT LIKE '@%'
   GROUP BY e.business_id, e.conversation_id
   ON CONFLICT (business_id, conversation_id)
     DO UPDATE SET event_ids = i.event_ids || excluded.event_ids;

-- conversations.list-duration-one-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-one-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($12::integer[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-one-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($12::integer[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($17::integer[], $18::timestamptz[], $19::timestamptz[], $20::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-one-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-one-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($12::integer[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-one-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($12::integer[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($17::integer[], $18::timestamptz[], $19::timestamptz[], $20::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-several-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types,
        string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($10::integer[], $11::text[], $12::text[], $13::text[], $14::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-several-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($17::integer[], $18::text[], $19::timestamptz[], $20::timestamptz[], $21::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types,
        string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($12::integer[], $13::text[], $14::text[], $15::text[], $16::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-several-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($17::integer[], $18::text[], $19::timestamptz[], $20::timestamptz[], $21::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($22::integer[], $23::timestamptz[], $24::timestamptz[], $25::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($12::integer[], $13::text[], $14::text[], $15::text[], $16::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types,
        string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($12::integer[], $13::text[], $14::text[], $15::text[], $16::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-several-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types,
        string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($10::integer[], $11::text[], $12::text[], $13::text[], $14::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-several-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($17::integer[], $18::text[], $19::timestamptz[], $20::timestamptz[], $21::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types,
        string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($12::integer[], $13::text[], $14::text[], $15::text[], $16::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-duration-several-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($17::integer[], $18::text[], $19::timestamptz[], $20::timestamptz[], $21::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($22::integer[], $23::timestamptz[], $24::timestamptz[], $25::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($12::integer[], $13::text[], $14::text[], $15::text[], $16::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types,
        string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($12::integer[], $13::text[], $14::text[], $15::text[], $16::smallint[]) AS b(at, status, initiation_type, end_type, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-one-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-one-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-one-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($16::integer[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-one-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-one-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-one-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.end_type = r.end_type AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($16::integer[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status AND c.end_type = r.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-several-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($9::integer[], $10::text[], $11::text[], $12::text[]) AS b(at, status, initiation_type, end_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-several-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($15::integer[], $16::text[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($11::integer[], $12::text[], $13::text[], $14::text[]) AS b(at, status, initiation_type, end_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-several-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($15::integer[], $16::text[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($20::integer[], $21::timestamptz[], $22::timestamptz[], $23::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($11::integer[], $12::text[], $13::text[], $14::text[]) AS b(at, status, initiation_type, end_type) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($11::integer[], $12::text[], $13::text[], $14::text[]) AS b(at, status, initiation_type, end_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-several-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($9::integer[], $10::text[], $11::text[], $12::text[]) AS b(at, status, initiation_type, end_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-several-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($15::integer[], $16::text[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($11::integer[], $12::text[], $13::text[], $14::text[]) AS b(at, status, initiation_type, end_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-end-several-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($15::integer[], $16::text[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND (r.end_type IS NULL OR n.end_type = ANY(r.end_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($20::integer[], $21::timestamptz[], $22::timestamptz[], $23::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($11::integer[], $12::text[], $13::text[], $14::text[]) AS b(at, status, initiation_type, end_type) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types,
        string_to_array(r.end_type, ',') AS end_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, end_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($11::integer[], $12::text[], $13::text[], $14::text[]) AS b(at, status, initiation_type, end_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status AND c.end_type = b.end_type
     AND c.end_type IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-one-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-one-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($9::integer[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-one-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($9::integer[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($14::integer[], $15::timestamptz[], $16::timestamptz[], $17::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-one-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-one-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($9::integer[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-one-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($9::integer[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($14::integer[], $15::timestamptz[], $16::timestamptz[], $17::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = r.duration_class::smallint AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-several-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($7::integer[], $8::smallint[]) AS b(at, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-several-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($9::integer[], $10::smallint[]) AS b(at, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-several-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($16::integer[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($9::integer[], $10::smallint[]) AS b(at, duration_class) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($9::integer[], $10::smallint[]) AS b(at, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-several-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($7::integer[], $8::smallint[]) AS b(at, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-several-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($9::integer[], $10::smallint[]) AS b(at, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-only duration-several-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      AND n.duration_class = ANY(r.duration_classes)) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($16::integer[], $17::timestamptz[], $18::timestamptz[], $19::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($9::integer[], $10::smallint[]) AS b(at, duration_class) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.duration_class, ',')::smallint[] AS duration_classes
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, duration_class, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($9::integer[], $10::smallint[]) AS b(at, duration_class) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
    AND c.duration_class = b.duration_class AND c.duration_class IS NOT NULL AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-one-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-one-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($10::integer[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-one-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($10::integer[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($15::integer[], $16::timestamptz[], $17::timestamptz[], $18::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-one-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-one-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($10::integer[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-one-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($10::integer[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND n.initiation_type = r.initiation_type AND n.status = r.status AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($15::integer[], $16::timestamptz[], $17::timestamptz[], $18::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = r.initiation_type AND c.status = r.status
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-several-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($8::integer[], $9::text[], $10::text[]) AS b(at, status, initiation_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-several-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($13::integer[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($10::integer[], $11::text[], $12::text[]) AS b(at, status, initiation_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-several-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($13::integer[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($18::integer[], $19::timestamptz[], $20::timestamptz[], $21::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($10::integer[], $11::text[], $12::text[]) AS b(at, status, initiation_type) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($10::integer[], $11::text[], $12::text[]) AS b(at, status, initiation_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time, k.id LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-several-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND true))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($8::integer[], $9::text[], $10::text[]) AS b(at, status, initiation_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-several-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($13::integer[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($10::integer[], $11::text[], $12::text[]) AS b(at, status, initiation_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-status-several-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($13::integer[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1 AND (r.status IS NULL OR n.status = ANY(r.statuses)) AND (r.initiation_type IS NULL OR n.initiation_type = ANY(r.initiation_types)) AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($18::integer[], $19::timestamptz[], $20::timestamptz[], $21::integer[]) AS e(at, lo, hi, sign)
      JOIN unnest($10::integer[], $11::text[], $12::text[]) AS b(at, status, initiation_type) USING (at) WHERE e.at = r.at))::bigint AS total, p.*
    FROM (
      SELECT r.*, string_to_array(r.status, ',') AS statuses,
        string_to_array(r.initiation_type, ',') AS initiation_types
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, status, initiation_type, hour_lo, hour_hi, at) OFFSET 0
    ) r CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings
    FROM (
      SELECT k.id FROM unnest($10::integer[], $11::text[], $12::text[]) AS b(at, status, initiation_type) CROSS JOIN LATERAL (SELECT c.id, c.start_time FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL AND c.initiation_type = b.initiation_type AND c.status = b.status
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) k
      WHERE b.at = r.at ORDER BY k.start_time DESC, k.id DESC LIMIT r.row_limit
    ) k CROSS JOIN LATERAL (
      SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.id = k.id LIMIT 1
    ) c) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-one-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-one-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-one-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($13::integer[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-one-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-one-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-one-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($13::integer[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-several-backward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-several-backward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-several-backward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($13::integer[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND (c.start_time, c.id) > (r.lo, r.beside) AND c.start_time < r.hi
    ORDER BY c.start_time, c.id LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-several-forward-all
SELECT ((SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = 'all')
      + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND true))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-several-forward-buckets
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.list-time-several-forward-edges
SELECT ((SELECT coalesce(sum(g.sign * (SELECT coalesce(sum(n.n), 0) FROM conversation_counts n WHERE n.business_id = $1  AND n.grain = g.grain AND n.bucket >= g.lo AND n.bucket < g.hi)), 0)
      FROM unnest($8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::integer[]) AS g(at, grain, lo, hi, sign) WHERE g.at = r.at)
    + (SELECT coalesce(sum(n.n), 0) FROM conversation_count_deltas n WHERE n.business_id = $1  AND n.hour >= r.hour_lo AND n.hour < r.hour_hi
      ) + (SELECT coalesce(sum(e.sign * (
        SELECT count(*) FROM conversations c
        WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= e.lo AND c.start_time < e.hi
      )), 0) FROM unnest($13::integer[], $14::timestamptz[], $15::timestamptz[], $16::integer[]) AS e(at, lo, hi, sign)
       WHERE e.at = r.at))::bigint AS total, p.*
    FROM unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[]) WITH ORDINALITY AS r(lo, hi, beside, row_limit, hour_lo, hour_hi, at) CROSS JOIN LATERAL (
      SELECT string_agg(c.id, E'\x03') AS ids, string_agg(c.head, E'\x03') AS heads, string_agg(coalesce(c.recordings, ''), E'\x03') AS recordings
      FROM (SELECT c.id, c.head, c.recordings FROM conversations c WHERE c.business_id = $1 AND c.erased_at IS NULL
      AND c.start_time >= r.lo AND (c.start_time, c.id) < (r.hi, r.beside)
    ORDER BY c.start_time DESC, c.id DESC LIMIT r.row_limit) c
    ) p
    ORDER BY r.at;

-- conversations.lock-head
SELECT head, recordings FROM conversations
  WHERE business_id = $1 AND id = $2 FOR NO KEY UPDATE;

-- conversations.note-purged
UPDATE sealed_conversations s SET purge_plan = 0,
     has_transcript = s.has_transcript AND NOT t.transcript,
     has_logs = s.has_logs AND NOT t.logs,
     recordings = CASE WHEN t.recordings THEN 0 ELSE s.recordings END,
     counted_bytes = octet_length(c.messages) + octet_length(c.logs)
   FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[])
     AS t(id, transcript, logs, recordings), conversations c, sealed_conversations earlier
   WHERE s.business_id = $1 AND s.conversation_id = ANY($2::text[]) AND s.conversation_id = t.id
     AND c.business_id = $1 AND c.id = ANY($2::text[]) AND c.id = t.id
     AND earlier.business_id = $1 AND earlier.conversation_id = ANY($2::text[])
     AND earlier.conversation_id = t.id
   RETURNING s.conversation_id AS id, earlier.counted_bytes AS before, s.counted_bytes AS after;

-- conversations.note-sealed
INSERT INTO sealed_conversations (business_id, conversation_id, start_time, end_time, status, initiation_type, end_type, queue_id, metadata,
  has_transcript, has_logs, recordings, counted_bytes)
   SELECT c.business_id, c.id, $3, $4, $5, $6, $7, $8, $9, $10, $11,
     coalesce(json_array_length(c.recordings::json), 0), octet_length(c.messages) + octet_length(c.logs)
   FROM conversations c WHERE c.business_id = $1 AND c.id = $2
   ON CONFLICT (business_id, conversation_id) DO UPDATE
     SET (start_time, end_time, status, initiation_type, end_type, queue_id, metadata,
  has_transcript, has_logs, recordings, counted_bytes, purge_at, purge_plan, is_held, detector)
       = ROW(excluded.start_time, excluded.end_time, excluded.status, excluded.initiation_type, excluded.end_type, excluded.queue_id, excluded.metadata,
  excluded.has_transcript, excluded.has_logs, excluded.recordings, excluded.counted_bytes, NULL, 0, false, 0)
   RETURNING counted_bytes AS bytes;

-- conversations.open-long-conversation
DECLARE long_conversation NO SCROLL CURSOR FOR SELECT p.part, convert_from(substr(p.bytes, 1 + n * 65536, 65536), 'LATIN1') AS piece
   FROM (
     SELECT convert_to(head, 'UTF8') AS head, convert_to(recordings, 'UTF8') AS recordings, convert_to(messages, 'UTF8') AS messages, convert_to(logs, 'UTF8') AS logs, convert_to(hash, 'UTF8') AS hash, convert_to(events, 'UTF8') AS events
     FROM (
       SELECT c.head, c.recordings, c.messages, c.logs, encode(c.transcript_hash, 'hex') AS hash,
         CASE WHEN c.messages IS NULL THEN (
           SELECT string_agg(e.payloads, E'\x01' ORDER BY e.seq) FROM conversation_events e
           WHERE e.business_id = $1 AND e.conversation_id = $2
         ) END AS events
       FROM conversations c
       WHERE c.business_id = $1 AND c.id = $2
     ) texts
     OFFSET 0
   ) c
   CROSS JOIN LATERAL (VALUES ('head', c.head), ('recordings', c.recordings), ('messages', c.messages), ('logs', c.logs), ('hash', c.hash), ('events', c.events)) p(part, bytes)
   CROSS JOIN LATERAL generate_series(0, (octet_length(p.bytes) - 1) / 65536) n;

-- conversations.page-sizes
SELECT c.id, coalesce(octet_length(c.messages) + octet_length(c.logs), (
     SELECT l.bytes FROM live_conversations l WHERE l.business_id = $1 AND l.conversation_id = c.id
   ), 0) AS bytes
   FROM conversations c
   WHERE c.business_id = $1 AND c.id > $2 AND c.erased_at IS NULL ORDER BY c.id LIMIT 50;

-- conversations.replace
UPDATE conversations SET start_time = $3, status = $4, initiation_type = $5, end_type = $6,
     head = $7, messages = $8, logs = $9, queue_id = $10, duration_class = $11,
     recordings = $12, transcript_hash = sha256(sha256(convert_to($8::text, 'UTF8')) || sha256(convert_to($9::text, 'UTF8')))
   WHERE business_id = $1 AND id = $2;

-- conversations.rewrite-events
UPDATE conversation_events e SET payloads = n.payloads
   FROM (
     SELECT r.seq, string_agg(coalesce(c.payload, p.payload), E'\x01' ORDER BY p.n) AS payloads
     FROM conversation_events r
     CROSS JOIN LATERAL unnest(string_to_array(r.payloads, E'\x01')) WITH ORDINALITY p(payload, n)
     LEFT JOIN unnest($3::integer[], $4::text[]) c(seq, payload) ON c.seq = r.seq + p.n - 1
     WHERE r.business_id = $1 AND r.conversation_id = $2
     GROUP BY r.seq
     HAVING count(c.seq) > 0
   ) n
   WHERE e.business_id = $1 AND e.conversation_id = $2 AND e.seq = n.seq;

-- conversations.rewrite-sealed
UPDATE conversations SET head = $3, messages = $4, logs = $5,
     transcript_hash = sha256(sha256(convert_to($4::text, 'UTF8')) || sha256(convert_to($5::text, 'UTF8')))
   WHERE business_id = $1 AND id = $2;

-- conversations.seal
UPDATE conversations SET head = $3, messages = $4, logs = $5,
     transcript_hash = sha256(sha256(convert_to($4::text, 'UTF8')) || sha256(convert_to($5::text, 'UTF8')))
   WHERE business_id = $1 AND id = $2;

-- conversations.tell-queue
SELECT graphile_worker.add_job('follow-conversation', payload => json_build_object('businessId', business_id, 'queueId', queue_id))
   FROM unnest($2::text[]) AS n(queue_id), (SELECT $1::bigint AS business_id) b;

-- conversations.thin
UPDATE conversations c SET head = t.head,
     messages = CASE WHEN t.transcript THEN '[]' ELSE c.messages END, logs = CASE WHEN t.logs THEN '[]' ELSE c.logs END,
     recordings = CASE WHEN t.recordings THEN NULL ELSE c.recordings END,
     transcript_hash = sha256(sha256(convert_to(CASE WHEN t.transcript THEN '[]' ELSE c.messages END, 'UTF8')) || sha256(convert_to(CASE WHEN t.logs THEN '[]' ELSE c.logs END, 'UTF8')))
   FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::text[])
     AS t(id, transcript, logs, recordings, head)
   WHERE c.business_id = $1 AND c.id = ANY($2::text[]) AND c.id = t.id;
