-- Of a delta without a quarter the figures take nothing: it is from before them, and among them already. A
-- server of that release which still runs would go on writing such, so it is refused.
ALTER TABLE conversation_count_deltas
  ADD CONSTRAINT conversation_count_deltas_quarter CHECK (quarter IS NOT NULL) NOT VALID;
ALTER TABLE outbound_count_deltas
  ADD CONSTRAINT outbound_count_deltas_quarter CHECK (quarter IS NOT NULL) NOT VALID;
ALTER TABLE inbound_count_deltas
  ADD CONSTRAINT inbound_count_deltas_quarter CHECK (quarter IS NOT NULL) NOT VALID;
