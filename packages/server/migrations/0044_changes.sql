-- The change log of each business, in an order that readers can rely on. A write inserts its changes into a small
-- table without a position, so it never waits. Soon after the commit, one process at a time gives positions and
-- moves the rows: a change that commits late gets a later position.
CREATE TABLE changes_pending (
  business_id bigint NOT NULL,
  change_id bigint GENERATED ALWAYS AS IDENTITY,
  -- When the server received it.
  at timestamptz NOT NULL,
  kind text COLLATE "C" NOT NULL,
  -- The id of a conversation or of a queue entry.
  subject_id text COLLATE "C" NOT NULL,
  -- Appended events of a conversation: the number of the first one, their ids, separated by U+0001, and a letter
  -- for each.
  first_seq integer,
  event_ids text COLLATE "C",
  event_types text COLLATE "C",
  -- JSON without content, numbers or names; NULL: none.
  details text,
  CONSTRAINT changes_pending_pkey PRIMARY KEY (business_id, change_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE changes (
  business_id bigint NOT NULL,
  position bigint NOT NULL,
  at timestamptz NOT NULL,
  kind text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C" NOT NULL,
  first_seq integer,
  event_ids text COLLATE "C",
  event_types text COLLATE "C",
  details text,
  CONSTRAINT changes_pkey PRIMARY KEY (business_id, position)
);
CREATE INDEX changes_by_subject ON changes (business_id, subject_id, position);
CREATE INDEX changes_by_time ON changes (business_id, at, position);

-- Positions continue although old changes are removed.
CREATE TABLE change_ends (
  business_id bigint NOT NULL,
  last_position bigint NOT NULL,
  -- Changes up to here were removed.
  removed_to bigint NOT NULL DEFAULT 0,
  CONSTRAINT change_ends_pkey PRIMARY KEY (business_id)
) WITH (fillfactor = 50);

-- Gives positions to pending changes, oldest first, and returns their number. The row lock is held until the
-- commit, so positions become visible in their order.
CREATE FUNCTION number_changes(business bigint, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
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
  pending := ARRAY(
    SELECT change_id FROM changes_pending WHERE business_id = business
    ORDER BY change_id LIMIT most FOR UPDATE SKIP LOCKED);
  IF cardinality(pending) = 0 THEN
    RETURN 0;
  END IF;
  INSERT INTO changes (business_id, position, at, kind, subject_id, first_seq, event_ids, event_types, details)
  SELECT p.business_id, reached + row_number() OVER (ORDER BY p.change_id), p.at, p.kind, p.subject_id,
    p.first_seq, p.event_ids, p.event_types, p.details
  FROM changes_pending p WHERE p.business_id = business AND p.change_id = ANY(pending);
  DELETE FROM changes_pending WHERE business_id = business AND change_id = ANY(pending);
  UPDATE change_ends SET last_position = reached + cardinality(pending) WHERE business_id = business;
  RETURN cardinality(pending);
END
$$;
