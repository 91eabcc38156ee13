-- As in 0045, without a CASE that compares a value: Citus sends it to a shard as another expression.
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
