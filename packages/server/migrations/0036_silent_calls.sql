-- Ends attempts whose worker and conversation have both fallen silent.
ALTER TABLE campaigns ADD COLUMN abandon_after_seconds integer NOT NULL DEFAULT 900;

-- lease_until is the end of the lease of a call that has a conversation, and watch_at the time at which
-- the conversation is next asked for a sign of life; NULL means at once. abandoned_at says that the attempt
-- ended for silence, so that the outcome of its conversation is still awaited.
ALTER TABLE outbound_calls ADD COLUMN lease_until timestamptz, ADD COLUMN watch_at timestamptz,
  ADD COLUMN abandoned_at timestamptz;
CREATE INDEX outbound_calls_watched ON outbound_calls
  (business_id, coalesce(watch_at, timestamptz '-infinity'))
  WHERE status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL;
