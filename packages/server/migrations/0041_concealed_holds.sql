-- A call of a masked reader that is deferred because of known data about its number ends a day after it was
-- due (held_due_at): it neither waits forever nor ends together with the call that it repeats.
ALTER TABLE outbound_calls ADD COLUMN by_masked_key boolean NOT NULL DEFAULT false,
  ADD COLUMN held_due_at timestamptz;
-- For calls that are deferred already, the time of the deferral is known; the index of repeats finds them.
UPDATE outbound_calls SET by_masked_key = true,
  held_due_at = CASE WHEN last_reason = 'DUPLICATE' THEN due_from END
WHERE status IN ('Queued', 'Processing') AND is_repeat;
CREATE INDEX outbound_calls_concealed_holds ON outbound_calls (business_id, held_due_at)
  WHERE status = 'Queued' AND by_masked_key AND expires_at IS NULL
    AND last_reason IN ('DO_NOT_CALL', 'DUPLICATE');
