-- A filter by length alone reads one range per class instead of one for each state, type and end.
CREATE INDEX conversations_by_length ON conversations (business_id, duration_class, start_time DESC, id DESC)
  WHERE erased_at IS NULL AND duration_class IS NOT NULL;
