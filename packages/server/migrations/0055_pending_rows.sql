-- A row has the changes of one statement, and each array an element for each of them. As rows of their own, they were a
-- third of the statements of an append.
ALTER TABLE changes_pending RENAME COLUMN at TO times;
ALTER TABLE changes_pending RENAME COLUMN kind TO kinds;
ALTER TABLE changes_pending RENAME COLUMN subject_id TO subject_ids;
ALTER TABLE changes_pending RENAME COLUMN first_seq TO first_seqs;
ALTER TABLE changes_pending ALTER COLUMN times TYPE timestamptz[] USING ARRAY[times];
ALTER TABLE changes_pending ALTER COLUMN kinds TYPE text[] COLLATE "C" USING ARRAY[kinds];
ALTER TABLE changes_pending ALTER COLUMN subject_ids TYPE text[] COLLATE "C" USING ARRAY[subject_ids];
ALTER TABLE changes_pending ALTER COLUMN first_seqs TYPE integer[] USING ARRAY[first_seqs];
ALTER TABLE changes_pending ALTER COLUMN event_ids TYPE text[] COLLATE "C" USING ARRAY[event_ids];
ALTER TABLE changes_pending ALTER COLUMN event_types TYPE text[] COLLATE "C" USING ARRAY[event_types];
ALTER TABLE changes_pending ALTER COLUMN details TYPE text[] USING ARRAY[details];
ALTER TABLE changes_pending ALTER COLUMN first_seqs SET NOT NULL;
ALTER TABLE changes_pending ALTER COLUMN event_ids SET NOT NULL;
ALTER TABLE changes_pending ALTER COLUMN event_types SET NOT NULL;
ALTER TABLE changes_pending ALTER COLUMN details SET NOT NULL;
-- As those of events: rows are read whole and soon deleted, so compressing those above 2 kB does not pay.
ALTER TABLE changes_pending SET (toast_tuple_target = 8160);

CREATE OR REPLACE FUNCTION add_changes(
  business bigint, times timestamptz[], kinds text[], subject_ids text[], all_details text[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO changes_pending (business_id, times, kinds, subject_ids, first_seqs, event_ids, event_types, details)
  VALUES (business, times, kinds, subject_ids, array_fill(NULL::integer, ARRAY[cardinality(times)]),
    array_fill(NULL::text, ARRAY[cardinality(times)]), array_fill(NULL::text, ARRAY[cardinality(times)]), all_details);
END
$$;

-- Gives positions to the changes of at most `most` rows; returns how many rows it found.
CREATE OR REPLACE FUNCTION number_changes(business bigint, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  is_of_one_node boolean;
  pending bigint[];
  reached bigint;
  numbered bigint;
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
    -- Everything that a server received before a statement was sent is older than the newest of the next statement.
    pending := ARRAY(
      SELECT change_id FROM changes_pending WHERE business_id = business
      ORDER BY (SELECT max(t) FROM unnest(times) AS t), (SELECT max(s) FROM unnest(first_seqs) AS s), change_id
      LIMIT most FOR UPDATE SKIP LOCKED);
  END IF;
  IF cardinality(pending) = 0 THEN
    RETURN 0;
  END IF;
  INSERT INTO changes (business_id, position, at, kind, subject_id, first_seq, event_ids, event_types, details)
  SELECT p.business_id, reached + CASE WHEN is_of_one_node THEN row_number() OVER (ORDER BY p.change_id, c.n)
      ELSE row_number() OVER (ORDER BY array_position(pending, p.change_id), c.n) END,
    c.at, c.kind, c.subject_id, c.first_seq, c.event_ids, c.event_types, c.details
  FROM changes_pending p,
    unnest(p.times, p.kinds, p.subject_ids, p.first_seqs, p.event_ids, p.event_types, p.details) WITH ORDINALITY
      AS c(at, kind, subject_id, first_seq, event_ids, event_types, details, n)
  WHERE p.business_id = business AND p.change_id = ANY(pending);
  GET DIAGNOSTICS numbered = ROW_COUNT;
  DELETE FROM changes_pending WHERE business_id = business AND change_id = ANY(pending);
  UPDATE change_ends SET last_position = reached + numbered WHERE business_id = business;
  RETURN cardinality(pending);
END
$$;

-- Removes the changes of some subjects. Rows are locked in the order of their key, because two erasures may share rows.
CREATE FUNCTION forget_pending_changes(business bigint, ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  shared record;
  kept record;
BEGIN
  FOR shared IN
    SELECT * FROM changes_pending WHERE business_id = business AND subject_ids && ids ORDER BY change_id FOR UPDATE
  LOOP
    SELECT array_agg(c.at) AS times, array_agg(c.kind) AS kinds, array_agg(c.subject_id) AS subject_ids,
      array_agg(c.first_seq) AS first_seqs, array_agg(c.event_ids) AS event_ids,
      array_agg(c.event_types) AS event_types, array_agg(c.details) AS details
    INTO kept
    FROM unnest(shared.times, shared.kinds, shared.subject_ids, shared.first_seqs, shared.event_ids,
        shared.event_types, shared.details)
      AS c(at, kind, subject_id, first_seq, event_ids, event_types, details)
    WHERE c.subject_id <> ALL (ids);
    IF kept.times IS NULL THEN
      DELETE FROM changes_pending WHERE business_id = business AND change_id = shared.change_id;
    ELSE
      UPDATE changes_pending SET times = kept.times, kinds = kept.kinds, subject_ids = kept.subject_ids,
        first_seqs = kept.first_seqs, event_ids = kept.event_ids, event_types = kept.event_types,
        details = kept.details
      WHERE business_id = business AND change_id = shared.change_id;
    END IF;
  END LOOP;
END
$$;

-- As in 0050, but with one row of pending changes, and never with sequential scans: its plans are made when few
-- conversations are live, as at night, and kept while thousands are. Until the next ANALYZE, each append then read all live
-- conversations of all businesses.
CREATE OR REPLACE FUNCTION append_events(
  business bigint, ids text[], decided_on bigint[], versions bigint[], event_counts integer[],
  message_counts integer[], log_counts integer[], sizes bigint[], last_event_ats timestamptz[],
  received_ats timestamptz[], ended_received_ats timestamptz[], kinds text[], event_types text[],
  all_event_ids text, all_payloads text, all_heads text,
  head_of integer[], start_times timestamptz[], statuses text[], initiation_types text[],
  end_types text[], duration_classes smallint[], id_hashes text[], queue_ids text[], may_abandons boolean[],
  delta_of integer[], delta_hours timestamptz[], delta_quarters smallint[], delta_statuses text[],
  delta_initiation_types text[], delta_end_types text[], delta_counts integer[], delta_milliseconds bigint[],
  delta_classes smallint[],
  audit_of integer[], audit_times timestamptz[], audit_users text[], audit_keys text[], audit_actions text[],
  audit_kinds text[], audit_hashes text[], audit_subject_ids text[], audit_details text[]
) RETURNS SETOF text
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  -- The number of the first event of each append; NULL: skipped.
  firsts integer[] := array_fill(NULL::integer, ARRAY[cardinality(ids)]);
  given record;
  id text;
  n integer;
  seq integer;
BEGIN
  IF cardinality(string_to_array(all_event_ids, E'\x02')) <> cardinality(ids)
    OR cardinality(string_to_array(all_payloads, E'\x02')) <> cardinality(ids)
    OR cardinality(string_to_array(all_heads, E'\x03')) <> cardinality(head_of) THEN
    RAISE EXCEPTION 'the texts are not those of % appends with % headers', cardinality(ids), cardinality(head_of);
  END IF;
  -- Locks are taken in a fixed order, which prevents deadlocks between processes: new conversations, then live
  -- rows, then headers, each by id.
  FOR given IN
    SELECT * FROM unnest(head_of, string_to_array(all_heads, E'\x03'), start_times, statuses, initiation_types,
        end_types, duration_classes, id_hashes, queue_ids, may_abandons)
      AS g(n, head, start_time, status, initiation_type, end_type, duration_class, id_hash, queue_id,
        may_abandon)
    WHERE decided_on[g.n] IS NULL
  LOOP
    n := given.n;
    id := ids[n];
    INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head,
      duration_class, queue_id)
    VALUES (business, id, given.start_time, given.status, given.initiation_type, given.end_type,
      given.head, given.duration_class, given.queue_id)
    ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    -- Now, because the insert may have waited for a deletion.
    IF EXISTS (
      SELECT FROM erased_ids e WHERE e.business_id = business AND e.id_hash = given.id_hash
    ) THEN
      DELETE FROM conversations c WHERE c.business_id = business AND c.id = ids[n];
      CONTINUE;
    END IF;
    -- Elements of arrays, because new conversations are few.
    INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
      log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
    VALUES (business, id, versions[n], event_counts[n] + 1, message_counts[n], log_counts[n], sizes[n],
      last_event_ats[n], received_ats[n], ended_received_ats[n], false, given.may_abandon);
    firsts[n] := 1;
  END LOOP;

  FOR given IN
    SELECT * FROM unnest(ids, decided_on, versions, event_counts, message_counts, log_counts, sizes,
        last_event_ats, received_ats, ended_received_ats, kinds, event_types,
        string_to_array(all_event_ids, E'\x02'), string_to_array(all_payloads, E'\x02')) WITH ORDINALITY
      AS g(id, decided_on, version, event_count, message_count, log_count, bytes, last_event_at,
        received_at, ended_received_at, kind, event_types, event_ids, payloads, n)
  LOOP
    id := given.id;
    IF given.decided_on IS NULL THEN
      seq := firsts[given.n];
    ELSE
      -- One conversation per statement: a join with an array could read all conversations, if it was planned
      -- while there were few.
      UPDATE live_conversations AS l
      SET version = given.version, next_seq = l.next_seq + given.event_count,
        message_count = given.message_count, log_count = given.log_count, bytes = given.bytes,
        last_event_at = given.last_event_at, received_at = given.received_at,
        ended_received_at = given.ended_received_at
      WHERE l.business_id = business AND l.conversation_id = given.id AND l.version = given.decided_on
      RETURNING l.next_seq - given.event_count INTO seq;
      firsts[given.n] := seq;
    END IF;
    CONTINUE WHEN seq IS NULL;
    -- A row for each append: rows and their keys were a third of the work of an append.
    INSERT INTO conversation_events (business_id, conversation_id, seq, event_ids, payloads)
    VALUES (business, id, seq, given.event_ids, given.payloads);
    RETURN NEXT id;
  END LOOP;

  SELECT array_agg(g.at) AS times, array_agg(g.kind) AS kinds, array_agg(g.id) AS subject_ids,
    array_agg(g.seq) AS first_seqs, array_agg(g.event_ids) AS event_ids, array_agg(g.event_types) AS event_types,
    array_agg(NULL::text) AS details
  INTO given
  FROM unnest(received_ats, kinds, ids, firsts, string_to_array(all_event_ids, E'\x02'), event_types)
    AS g(at, kind, id, seq, event_ids, event_types)
  WHERE g.seq IS NOT NULL;
  IF given.times IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO changes_pending (business_id, times, kinds, subject_ids, first_seqs, event_ids, event_types, details)
  VALUES (business, given.times, given.kinds, given.subject_ids, given.first_seqs, given.event_ids, given.event_types,
    given.details);

  FOR given IN
    SELECT * FROM unnest(head_of, string_to_array(all_heads, E'\x03'), statuses, end_types, duration_classes)
      AS g(n, head, status, end_type, duration_class)
    WHERE decided_on[g.n] IS NOT NULL AND firsts[g.n] IS NOT NULL
  LOOP
    UPDATE conversations AS c SET head = given.head, status = given.status, end_type = given.end_type,
      duration_class = given.duration_class
    WHERE c.business_id = business AND c.id = ids[given.n];
  END LOOP;

  FOR given IN
    SELECT d.hour, d.quarter, d.status, d.initiation_type, d.end_type, d.duration_class,
      sum(d.n)::integer AS n, sum(d.milliseconds)::bigint AS milliseconds
    FROM unnest(delta_of, delta_hours, delta_quarters, delta_statuses, delta_initiation_types,
        delta_end_types, delta_counts, delta_milliseconds, delta_classes)
      AS d(append, hour, quarter, status, initiation_type, end_type, n, milliseconds, duration_class)
    WHERE firsts[d.append] IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(d.n) <> 0 OR sum(d.milliseconds) <> 0
  LOOP
    INSERT INTO conversation_count_deltas (business_id, hour, quarter, status, initiation_type, end_type,
      n, milliseconds, duration_class)
    VALUES (business, given.hour, given.quarter, given.status, given.initiation_type, given.end_type,
      given.n, given.milliseconds, given.duration_class);
  END LOOP;

  FOR given IN
    SELECT * FROM unnest(audit_of, audit_times, audit_users, audit_keys, audit_actions, audit_kinds,
        audit_hashes, audit_subject_ids, audit_details)
      AS a(append, at, user_id, api_key_id, action, kind, hash, subject_id, details)
    WHERE firsts[a.append] IS NOT NULL
  LOOP
    INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action, subject_kind, subject_hash,
      subject_id, details)
    VALUES (business, given.at, given.user_id, given.api_key_id, given.action, given.kind, given.hash,
      given.subject_id, given.details);
  END LOOP;
END
$$;
