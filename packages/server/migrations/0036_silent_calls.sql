-- Ends attempts whose worker and conversation are both silent.
ALTER TABLE campaigns ADD COLUMN abandon_after_seconds integer NOT NULL DEFAULT 900;

-- lease_until is the end of the lease of a call with a conversation. watch_at is when the conversation is
-- next checked for activity; NULL: immediately. abandoned_at: the attempt ended because of silence, and the
-- outcome of its conversation is still expected.
ALTER TABLE outbound_calls ADD COLUMN lease_until timestamptz, ADD COLUMN watch_at timestamptz,
  ADD COLUMN abandoned_at timestamptz;
CREATE INDEX outbound_calls_watched ON outbound_calls
  (business_id, coalesce(watch_at, timestamptz '-infinity'))
  WHERE status = 'Processing' AND session_id IS NOT NULL AND lease_expires_at IS NULL;
