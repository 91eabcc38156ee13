-- A call that a masked reader enqueued though its number waits in the campaign already. To reject it would
-- tell that reader of the number, so it waits beside the other, and is not handed out while that is there.
ALTER TABLE outbound_calls ADD COLUMN is_repeat boolean NOT NULL DEFAULT false;
DROP INDEX outbound_calls_number_once;
CREATE UNIQUE INDEX outbound_calls_number_once ON outbound_calls
  (business_id, campaign_id, recipient_number)
  WHERE campaign_id IS NOT NULL AND status IN ('Queued', 'Processing') AND NOT is_repeat;
CREATE INDEX outbound_calls_repeats ON outbound_calls (business_id, campaign_id, recipient_number, id)
  WHERE status IN ('Queued', 'Processing') AND is_repeat;
