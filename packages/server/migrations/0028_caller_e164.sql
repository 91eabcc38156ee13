-- The normal form of a caller's number; null if the caller id is not a number or has not been parsed yet.
-- caller_number is stored as received and may exceed an index entry.
ALTER TABLE inbound_calls ADD COLUMN caller_e164 text COLLATE "C";
DROP INDEX inbound_calls_by_number;
CREATE INDEX inbound_calls_by_number ON inbound_calls
  (business_id, left(coalesce(caller_e164, caller_number), 256), enqueued_at DESC, id DESC);
