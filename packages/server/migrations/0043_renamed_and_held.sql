-- After an erasure replaced a participant id of a live conversation, events may use both: a keyed hash of
-- the earlier id, which is not stored, and the new id.
ALTER TABLE live_conversations ADD COLUMN renamed jsonb;

-- Calls that are shown to masked readers as due although they are deferred because of known data about
-- their number.
CREATE INDEX outbound_calls_number_holds ON outbound_calls (business_id, held_due_at)
  WHERE status = 'Queued' AND last_reason IN ('DO_NOT_CALL', 'NUMBER_CAPPED', 'DUPLICATE');
