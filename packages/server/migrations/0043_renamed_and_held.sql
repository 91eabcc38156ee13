-- A live conversation whose participant got another id by an erasure goes on under both: a keyed hash of the
-- earlier id, which is not kept, and the id that replaced it.
ALTER TABLE live_conversations ADD COLUMN renamed jsonb;

-- Calls that masked readers are shown as due, though they are held back for what is known of their number.
CREATE INDEX outbound_calls_number_holds ON outbound_calls (business_id, held_due_at)
  WHERE status = 'Queued' AND last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE');
