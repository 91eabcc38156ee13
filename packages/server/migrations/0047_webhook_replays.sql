-- A request that began before a delivery was replayed does not settle it.
ALTER TABLE webhook_deliveries ADD COLUMN replays integer NOT NULL DEFAULT 0;

DROP FUNCTION settle_webhook_deliveries(bigint, timestamptz, text[], timestamptz[], integer[], text[], integer[],
  text[], text[], timestamptz[]);

-- Notes attempts with their outcomes; those of deliveries that are not pending any more are ignored. `replays`: of
-- each delivery when the attempt began; a delivery that was replayed since stays due. No answer is stored if an
-- erasure has removed the body meanwhile, which the answer may repeat.
CREATE FUNCTION settle_webhook_deliveries(
  business bigint, now timestamptz, delivery_ids text[], replays integer[], times timestamptz[],
  http_statuses integer[], errors text[], durations integer[], answers text[], outcomes text[], nexts timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  settled webhook_deliveries;
  is_stale boolean;
BEGIN
  PERFORM FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR i IN 1 .. cardinality(delivery_ids) LOOP
    SELECT * INTO settled FROM webhook_deliveries d
    WHERE d.business_id = business AND d.delivery_id = delivery_ids[i] FOR UPDATE;
    CONTINUE WHEN NOT FOUND OR settled.status <> 'Pending';
    is_stale := settled.replays <> replays[i];
    UPDATE webhook_deliveries d
    SET attempts = d.attempts + 1,
      status = CASE WHEN is_stale THEN d.status ELSE outcomes[i] END,
      next_attempt_at = CASE WHEN is_stale THEN d.next_attempt_at ELSE nexts[i] END,
      failures = d.failures + CASE WHEN is_stale OR outcomes[i] = 'Delivered' THEN 0 ELSE 1 END
    WHERE d.business_id = business AND d.delivery_id = delivery_ids[i];
    INSERT INTO webhook_attempts (business_id, delivery_id, attempt, at, http_status, error, duration_ms, answer)
    VALUES (business, delivery_ids[i], settled.attempts + 1, times[i], http_statuses[i], errors[i], durations[i],
      CASE WHEN settled.body IS NOT NULL THEN answers[i] END);
    IF NOT is_stale AND outcomes[i] <> 'Pending' THEN
      PERFORM release_webhook_delivery(business, settled.webhook_id, settled.subject_hash, now);
    END IF;
  END LOOP;
END
$$;

-- Sends deliveries again, in their order, with all retries. Returns their number.
CREATE OR REPLACE FUNCTION replay_webhook_deliveries(business bigint, now timestamptz, delivery_ids text[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  found_one webhook_deliveries;
  replayed integer := 0;
  is_due boolean;
BEGIN
  PERFORM FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR found_one IN
    SELECT * FROM webhook_deliveries d WHERE d.business_id = business AND d.delivery_id = ANY (delivery_ids)
      AND d.status <> 'Canceled'
    ORDER BY d.seq FOR UPDATE
  LOOP
    replayed := replayed + 1;
    UPDATE webhook_deliveries
    SET status = 'Pending', failures = 0, replays = found_one.replays + 1,
      next_attempt_at = CASE WHEN found_one.status = 'Pending' AND found_one.next_attempt_at IS NOT NULL THEN now END
    WHERE business_id = business AND delivery_id = found_one.delivery_id;
    SELECT bool_or(d.next_attempt_at IS NOT NULL) INTO is_due FROM webhook_deliveries d
    WHERE d.business_id = business AND d.subject_hash = found_one.subject_hash
      AND d.webhook_id = found_one.webhook_id AND d.status = 'Pending';
    IF NOT is_due THEN
      PERFORM release_webhook_delivery(business, found_one.webhook_id, found_one.subject_hash, now);
    END IF;
  END LOOP;
  RETURN replayed;
END
$$;
