-- On a cluster, a shard that moves brings rows with numbers of its former node. Those above the numbers of the new node
-- are older than all that it gives, so they come first. Elsewhere no number is above those of the sequence.
CREATE OR REPLACE FUNCTION number_changes(business bigint, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  highest bigint := (SELECT seqmax FROM pg_sequence WHERE seqrelid = 'changes_pending_change_id_seq'::regclass);
  pending bigint[];
  reached bigint;
BEGIN
  -- Rows that another process is numbering still count, so a reader waits for their commit.
  IF NOT EXISTS (SELECT FROM changes_pending WHERE business_id = business) THEN
    RETURN 0;
  END IF;
  INSERT INTO change_ends (business_id, last_position) VALUES (business, 0) ON CONFLICT DO NOTHING;
  SELECT last_position INTO reached FROM change_ends WHERE business_id = business FOR UPDATE;
  -- Skips what an erasure is removing.
  IF EXISTS (SELECT FROM changes_pending WHERE business_id = business AND change_id > highest) THEN
    pending := ARRAY(
      SELECT change_id FROM changes_pending WHERE business_id = business
      ORDER BY change_id <= highest, change_id LIMIT most FOR UPDATE SKIP LOCKED);
  ELSE
    -- In the order of the key, so the number of rows does not matter.
    pending := ARRAY(
      SELECT change_id FROM changes_pending WHERE business_id = business
      ORDER BY change_id LIMIT most FOR UPDATE SKIP LOCKED);
  END IF;
  IF cardinality(pending) = 0 THEN
    RETURN 0;
  END IF;
  INSERT INTO changes (business_id, position, at, kind, subject_id, first_seq, event_ids, event_types, details)
  SELECT p.business_id, reached + row_number() OVER (ORDER BY p.change_id <= highest, p.change_id), p.at, p.kind, p.subject_id,
    p.first_seq, p.event_ids, p.event_types, p.details
  FROM changes_pending p WHERE p.business_id = business AND p.change_id = ANY(pending);
  DELETE FROM changes_pending WHERE business_id = business AND change_id = ANY(pending);
  UPDATE change_ends SET last_position = reached + cardinality(pending) WHERE business_id = business;
  RETURN cardinality(pending);
END
$$;
