-- On a cluster, a change has a number of the node that ran its statement. While a shard moves, two nodes number changes
-- of a business, so their numbers say nothing about the order; then the time at which a server received them does.
CREATE OR REPLACE FUNCTION number_changes(business bigint, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  is_of_one_node boolean;
  pending bigint[];
  reached bigint;
BEGIN
  -- Rows that another process is numbering still count, so a reader waits for their commit.
  IF NOT EXISTS (SELECT FROM changes_pending WHERE business_id = business) THEN
    RETURN 0;
  END IF;
  INSERT INTO change_ends (business_id, last_position) VALUES (business, 0) ON CONFLICT DO NOTHING;
  SELECT last_position INTO reached FROM change_ends WHERE business_id = business FOR UPDATE;
  -- The highest 16 bits of a number are those of the node; on one PostgreSQL they are 0.
  SELECT min(change_id) >> 48 = max(change_id) >> 48 INTO is_of_one_node
  FROM changes_pending WHERE business_id = business;
  -- Skips what an erasure is removing.
  IF is_of_one_node THEN
    -- In the order of the key, so the number of rows does not matter.
    pending := ARRAY(
      SELECT change_id FROM changes_pending WHERE business_id = business
      ORDER BY change_id LIMIT most FOR UPDATE SKIP LOCKED);
  ELSE
    pending := ARRAY(
      SELECT change_id FROM changes_pending WHERE business_id = business
      ORDER BY at, first_seq, change_id LIMIT most FOR UPDATE SKIP LOCKED);
  END IF;
  IF cardinality(pending) = 0 THEN
    RETURN 0;
  END IF;
  INSERT INTO changes (business_id, position, at, kind, subject_id, first_seq, event_ids, event_types, details)
  SELECT p.business_id, reached + CASE WHEN is_of_one_node THEN row_number() OVER (ORDER BY p.change_id)
      ELSE array_position(pending, p.change_id) END,
    p.at, p.kind, p.subject_id, p.first_seq, p.event_ids, p.event_types, p.details
  FROM changes_pending p WHERE p.business_id = business AND p.change_id = ANY(pending);
  DELETE FROM changes_pending WHERE business_id = business AND change_id = ANY(pending);
  UPDATE change_ends SET last_position = reached + cardinality(pending) WHERE business_id = business;
  RETURN cardinality(pending);
END
$$;
