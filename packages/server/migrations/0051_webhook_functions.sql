-- As in 0045, without what Citus refuses or changes: a subquery in VALUES, and a CASE that compares a value.
CREATE OR REPLACE FUNCTION add_webhook_deliveries(
  business bigint, reached bigint, now timestamptz, delivery_ids text[], webhook_ids text[], message_ids text[],
  event_types text[], hashes text[], subject_ids text[], details text[], times timestamptz[], maskings text[],
  bodies text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
  is_first boolean;
BEGIN
  SELECT last_seq INTO last FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR i IN 1 .. cardinality(delivery_ids) LOOP
    PERFORM FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = hashes[i]
      AND d.webhook_id = webhook_ids[i] AND d.status = 'Pending' LIMIT 1;
    is_first := NOT FOUND;
    INSERT INTO webhook_deliveries (business_id, delivery_id, webhook_id, seq, message_id, event_type, subject_hash,
      subject_id, details, at, created_at, masking, body, status, next_attempt_at)
    VALUES (business, delivery_ids[i], webhook_ids[i], last + i, message_ids[i], event_types[i], hashes[i],
      subject_ids[i], details[i], times[i], now, maskings[i], bodies[i], 'Pending',
      CASE WHEN is_first THEN now END);
  END LOOP;
  UPDATE webhook_positions
  SET position = greatest(position, reached), last_seq = last + cardinality(delivery_ids)
  WHERE business_id = business;
END
$$;

CREATE OR REPLACE FUNCTION erase_webhook_deliveries(business bigint, hashes text[], ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM webhook_uploads WHERE business_id = business AND conversation_id = ANY (ids);
  UPDATE webhook_deliveries
  SET body = NULL, subject_id = NULL, details = NULL, next_attempt_at = NULL,
    status = CASE WHEN status = 'Pending' THEN 'Canceled' ELSE status END
  WHERE business_id = business AND subject_hash = ANY (hashes);
  -- After the deliveries, whose locks keep further attempts from being added.
  UPDATE webhook_attempts SET answer = NULL
  WHERE business_id = business AND delivery_id = ANY (ARRAY(
    SELECT d.delivery_id FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = ANY (hashes)
  ));
END
$$;
