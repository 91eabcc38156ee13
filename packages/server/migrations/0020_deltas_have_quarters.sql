-- Deltas without a quarter precede the rollups, which already include them. Refuses such deltas from
-- servers of the earlier release that are still running.
ALTER TABLE conversation_count_deltas
  ADD CONSTRAINT conversation_count_deltas_quarter CHECK (quarter IS NOT NULL) NOT VALID;
ALTER TABLE outbound_count_deltas
  ADD CONSTRAINT outbound_count_deltas_quarter CHECK (quarter IS NOT NULL) NOT VALID;
ALTER TABLE inbound_count_deltas
  ADD CONSTRAINT inbound_count_deltas_quarter CHECK (quarter IS NOT NULL) NOT VALID;
