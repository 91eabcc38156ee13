-- webhooks.businesses-with-work
SELECT p.business_id AS "businessId" FROM webhook_positions p
     WHERE (
    EXISTS (SELECT FROM webhooks w WHERE w.business_id = p.business_id AND w.is_enabled
      AND (EXISTS (SELECT FROM changes_pending c WHERE c.business_id = p.business_id)
        OR EXISTS (SELECT FROM change_ends e WHERE e.business_id = p.business_id
          AND e.last_position > p.position)
        OR EXISTS (SELECT FROM webhook_uploads u WHERE u.business_id = p.business_id)))
    OR EXISTS (SELECT FROM webhooks w WHERE w.business_id = p.business_id
      AND EXISTS (SELECT FROM webhook_deliveries d WHERE d.business_id = p.business_id
        AND d.webhook_id = w.webhook_id AND d.next_attempt_at <= $1)));

-- webhooks.find
SELECT webhook_id AS id, url, event_types AS events, description, headers, secrets,
  is_enabled AS "isEnabled", disabled_reason AS "disabledReason", unredacted_by AS "unredactedBy",
  starts_after AS "startsAfter", failing_since AS "failingSince", created_at AS "createdAt",
  created_by AS "createdBy" FROM webhooks WHERE business_id = $1 AND webhook_id = $2;

-- webhooks.find-attempts
SELECT a.delivery_id AS "deliveryId", a.at, a.http_status AS "httpStatus", a.error,
     a.duration_ms AS "durationMs", a.answer
   FROM webhook_attempts a
   JOIN webhook_deliveries d ON d.business_id = $1 AND d.delivery_id = a.delivery_id
   WHERE a.business_id = $1 AND a.delivery_id = ANY($2::text[])
     AND a.attempt > d.attempts - 20
   ORDER BY a.delivery_id, a.attempt;

-- webhooks.find-calls-inbound
SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.route_id, c.provider, c.provider_call_id, c.caller_number,
    c.caller_e164 FROM inbound_calls c
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) ORDER BY c.id FOR KEY SHARE;

-- webhooks.find-calls-outbound
SELECT c.id, c.status, c.enqueued_at, c.processing_started_at, c.completed_at, c.session_id,
  c.session_status, c.session_end_type, c.attempts, c.lost_leases, c.next_attempt_at, c.scheduled_for,
  c.expires_at, c.priority, c.last_reason, c.lease_token, c.lease_expires_at, c.decisions, c.number_id, c.dynamic_variables, c.metadata, c.campaign_id, c.number_provider,
    c.recipient_number, c.time_zone, c.windows, c.retry, c.due_from, c.window_closes_at, c.plan, c.lease_until, c.watch_at,
    c.abandoned_at, c.is_repeat, c.held_due_at, c.by_masked_key FROM outbound_calls c
     WHERE c.business_id = $1 AND c.id = ANY($2::text[]) ORDER BY c.id FOR KEY SHARE;

-- webhooks.find-delivery
SELECT d.delivery_id AS id, d.webhook_id AS "webhookId", d.seq, d.message_id AS "messageId",
  d.event_type AS type, d.subject_hash AS "subjectHash", d.subject_id AS "subjectId", d.details, d.at,
  d.created_at AS "createdAt", d.masking, d.body, d.status, d.next_attempt_at AS "nextAttemptAt",
  d.failures, d.replays FROM webhook_deliveries d
   WHERE d.business_id = $1 AND d.webhook_id = $2 AND d.delivery_id = $3;

-- webhooks.find-next
SELECT d.delivery_id AS id, d.webhook_id AS "webhookId", d.seq, d.message_id AS "messageId",
  d.event_type AS type, d.subject_hash AS "subjectHash", d.subject_id AS "subjectId", d.details, d.at,
  d.created_at AS "createdAt", d.masking, d.body, d.status, d.next_attempt_at AS "nextAttemptAt",
  d.failures, d.replays FROM webhook_deliveries d
   WHERE d.business_id = $1 AND d.webhook_id = $2 AND d.next_attempt_at IS NOT NULL
     AND d.delivery_id <> ALL ($3::text[])
   ORDER BY d.next_attempt_at, d.seq LIMIT $4;

-- webhooks.has-work
SELECT true AS has FROM webhook_positions p
     WHERE p.business_id = $1 AND (
    EXISTS (SELECT FROM webhooks w WHERE w.business_id = $1 AND w.is_enabled
      AND (EXISTS (SELECT FROM changes_pending c WHERE c.business_id = $1)
        OR EXISTS (SELECT FROM change_ends e WHERE e.business_id = $1
          AND e.last_position > p.position)
        OR EXISTS (SELECT FROM webhook_uploads u WHERE u.business_id = $1)))
    OR EXISTS (SELECT FROM webhooks w WHERE w.business_id = $1
      AND EXISTS (SELECT FROM webhook_deliveries d WHERE d.business_id = $1
        AND d.webhook_id = w.webhook_id AND d.next_attempt_at <= $2)));

-- webhooks.list
SELECT webhook_id AS id, url, event_types AS events, description, headers, secrets,
  is_enabled AS "isEnabled", disabled_reason AS "disabledReason", unredacted_by AS "unredactedBy",
  starts_after AS "startsAfter", failing_since AS "failingSince", created_at AS "createdAt",
  created_by AS "createdBy" FROM webhooks WHERE business_id = $1 AND webhook_id > $2
   ORDER BY webhook_id LIMIT $3;

-- webhooks.list-deliveries
SELECT d.delivery_id AS id, d.webhook_id AS "webhookId", d.seq, d.message_id AS "messageId",
  d.event_type AS type, d.subject_hash AS "subjectHash", d.subject_id AS "subjectId", d.details, d.at,
  d.created_at AS "createdAt", d.masking, d.body, d.status, d.next_attempt_at AS "nextAttemptAt",
  d.failures, d.replays FROM webhook_deliveries d WHERE d.business_id = $1 AND d.webhook_id = $2
  AND ($3::text IS NULL OR d.status = $3) AND ($4::text IS NULL OR d.event_type = $4)
  AND ($5::text IS NULL OR d.subject_hash = $5)
  AND ($6::timestamptz IS NULL OR d.created_at >= $6)
  AND ($7::timestamptz IS NULL OR d.created_at <= $7) AND d.seq < $8
   ORDER BY d.seq DESC LIMIT $9;

-- webhooks.list-delivery-ids
SELECT d.delivery_id AS id, d.seq FROM webhook_deliveries d
   WHERE d.business_id = $1 AND d.webhook_id = $2
  AND ($3::text IS NULL OR d.status = $3) AND ($4::text IS NULL OR d.event_type = $4)
  AND ($5::text IS NULL OR d.subject_hash = $5)
  AND ($6::timestamptz IS NULL OR d.created_at >= $6)
  AND ($7::timestamptz IS NULL OR d.created_at <= $7) AND d.seq > $8 AND (d.subject_id IS NOT NULL OR d.event_type LIKE 'webhook.%')
   ORDER BY d.seq LIMIT $9;

-- webhooks.lock
SELECT webhook_id AS id, url, event_types AS events, description, headers, secrets,
  is_enabled AS "isEnabled", disabled_reason AS "disabledReason", unredacted_by AS "unredactedBy",
  starts_after AS "startsAfter", failing_since AS "failingSince", created_at AS "createdAt",
  created_by AS "createdBy" FROM webhooks WHERE business_id = $1 AND webhook_id = $2 FOR NO KEY UPDATE;
