-- connectors.add-assembly
SELECT graphile_worker.add_job('assemble-conversations', payload => json_build_object('businessId', $1::bigint), queue_name => 'assemble-conversations:' || $1::text, job_key => 'assemble-conversations:' || $1::text);

-- connectors.businesses-with-due
(WITH RECURSIVE found AS (
     (SELECT t.business_id FROM connection_deliveries t WHERE due_at IS NOT NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM connection_deliveries t WHERE t.business_id > f.business_id AND due_at IS NOT NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM connection_deliveries t WHERE t.business_id = f.business_id AND due_at IS NOT NULL AND due_at <= $1
     ORDER BY due_at LIMIT 1
   )) UNION (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM connection_deliveries t WHERE status = 'Paused' ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM connection_deliveries t WHERE t.business_id > f.business_id AND status = 'Paused'
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f);

-- connectors.businesses-with-removable
(WITH RECURSIVE found AS (
     (SELECT t.business_id FROM connection_deliveries t WHERE status IN ('Ignored', 'Failed') ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM connection_deliveries t WHERE t.business_id > f.business_id AND status IN ('Ignored', 'Failed')
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM connection_deliveries t WHERE t.business_id = f.business_id AND status IN ('Ignored', 'Failed') AND received_at < $1
     ORDER BY received_at LIMIT 1
   )) UNION (WITH RECURSIVE found AS (
     (SELECT t.business_id FROM deleted_connections t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM deleted_connections t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f);

-- connectors.find
SELECT c.connection_id AS id, c.source, c.name, c.secrets, c.options,
  c.is_paused AS "isPaused", c.created_at AS "createdAt", c.created_by AS "createdBy" FROM connections c
   WHERE c.business_id = $1 AND c.connection_id = ANY($2::text[]);

-- connectors.find-delivery
SELECT d.delivery_id AS id, d.connection_id AS "connectionId", d.source,
  d.conversation_id AS "conversationId", d.call_id AS "callId", d.event_type AS "eventType",
  d.received_at AS "receivedAt", d.repeats, d.status, d.error, d.warnings, d.due_at AS "dueAt",
  d.bytes FROM connection_deliveries d
  WHERE d.business_id = $1 AND d.delivery_id = $2 AND d.connection_id = $3;

-- connectors.list
SELECT c.connection_id AS id, c.source, c.name, c.secrets, c.options,
  c.is_paused AS "isPaused", c.created_at AS "createdAt", c.created_by AS "createdBy", c.erased_deliveries AS "erasedDeliveries", (
    SELECT d.received_at FROM connection_deliveries d
    WHERE d.business_id = $1 AND d.connection_id = c.connection_id
    ORDER BY d.delivery_id DESC LIMIT 1
  ) AS "lastReceivedAt", (
    SELECT json_agg(r) FROM (
      SELECT e.end_reason AS "endReason", e.conversations FROM connection_end_reasons e
      WHERE e.business_id = $1 AND e.connection_id = c.connection_id
      ORDER BY e.conversations DESC, e.end_reason LIMIT 100
    ) r
  ) AS reasons
  FROM connections c WHERE c.business_id = $1 AND c.connection_id > $2 ORDER BY c.connection_id LIMIT $3;

-- connectors.list-deliveries
SELECT d.delivery_id AS id, d.connection_id AS "connectionId", d.source,
  d.conversation_id AS "conversationId", d.call_id AS "callId", d.event_type AS "eventType",
  d.received_at AS "receivedAt", d.repeats, d.status, d.error, d.warnings, d.due_at AS "dueAt",
  d.bytes FROM connection_deliveries d
   WHERE d.business_id = $1 AND d.connection_id = $2 AND d.delivery_id < $3
   ORDER BY d.delivery_id DESC LIMIT $4;

-- connectors.list-deliveries-of-status
SELECT d.delivery_id AS id, d.connection_id AS "connectionId", d.source,
  d.conversation_id AS "conversationId", d.call_id AS "callId", d.event_type AS "eventType",
  d.received_at AS "receivedAt", d.repeats, d.status, d.error, d.warnings, d.due_at AS "dueAt",
  d.bytes FROM connection_deliveries d
   WHERE d.business_id = $1 AND d.connection_id = $2 AND d.delivery_id < $3
     AND d.status = $5 AND d.status <> 'Assembled'
   ORDER BY d.delivery_id DESC LIMIT $4;

-- connectors.lock
SELECT c.connection_id AS id, c.source, c.name, c.secrets, c.options,
  c.is_paused AS "isPaused", c.created_at AS "createdAt", c.created_by AS "createdBy" FROM connections c WHERE c.business_id = $1 AND c.connection_id = $2
   FOR NO KEY UPDATE;

-- connectors.lock-delivery
SELECT d.delivery_id AS id, d.connection_id AS "connectionId", d.source,
  d.conversation_id AS "conversationId", d.call_id AS "callId", d.event_type AS "eventType",
  d.received_at AS "receivedAt", d.repeats, d.status, d.error, d.warnings, d.due_at AS "dueAt",
  d.bytes FROM connection_deliveries d
  WHERE d.business_id = $1 AND d.delivery_id = $2 AND d.connection_id = $3 FOR NO KEY UPDATE;

-- connectors.show
SELECT c.connection_id AS id, c.source, c.name, c.secrets, c.options,
  c.is_paused AS "isPaused", c.created_at AS "createdAt", c.created_by AS "createdBy", c.erased_deliveries AS "erasedDeliveries", (
    SELECT d.received_at FROM connection_deliveries d
    WHERE d.business_id = $1 AND d.connection_id = c.connection_id
    ORDER BY d.delivery_id DESC LIMIT 1
  ) AS "lastReceivedAt", (
    SELECT json_agg(r) FROM (
      SELECT e.end_reason AS "endReason", e.conversations FROM connection_end_reasons e
      WHERE e.business_id = $1 AND e.connection_id = c.connection_id
      ORDER BY e.conversations DESC, e.end_reason LIMIT 100
    ) r
  ) AS reasons
  FROM connections c WHERE c.business_id = $1 AND c.connection_id = $2;
