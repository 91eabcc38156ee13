-- A call that a masked reader enqueued although its number already waits in the campaign. A rejection would
-- reveal the number, so it waits too, and is not leased while the other one is there.
ALTER TABLE outbound_calls ADD COLUMN is_repeat boolean NOT NULL DEFAULT false;
DROP INDEX outbound_calls_number_once;
CREATE UNIQUE INDEX outbound_calls_number_once ON outbound_calls
  (business_id, campaign_id, recipient_number)
  WHERE campaign_id IS NOT NULL AND status IN ('Queued', 'Processing') AND NOT is_repeat;
CREATE INDEX outbound_calls_repeats ON outbound_calls (business_id, campaign_id, recipient_number, id)
  WHERE status IN ('Queued', 'Processing') AND is_repeat;
