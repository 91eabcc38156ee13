-- A row has the events of one append: `seq` is the number of the first, ids and payloads are joined by U+0001. A row of
-- an earlier release has one event. The version of the live row, not a key, keeps repeated events out.
ALTER TABLE conversation_events RENAME COLUMN event_id TO event_ids;
ALTER TABLE conversation_events RENAME COLUMN payload TO payloads;
ALTER TABLE conversation_events DROP CONSTRAINT conversation_events_pkey;
ALTER TABLE conversation_events
  ADD CONSTRAINT conversation_events_pkey PRIMARY KEY (business_id, conversation_id, seq);
-- Rows are read whole and soon deleted, so compressing those above 2 kB does not pay.
ALTER TABLE conversation_events SET (toast_tuple_target = 8160);

-- Unreleased builds made earlier ones in 0046 or 0048.
DROP FUNCTION IF EXISTS append_events;

-- Appends events to conversations of a business and returns the ids of the written conversations. An append is skipped
-- if its conversation has another version than the one that was decided on (NULL: the conversation is new). Rows are
-- inserted as VALUES, so a cluster needs no two-phase commit. The arrays up to `event_types` have an element for each
-- append; `…_of` are positions in them. Elements of arrays are escaped and unescaped, so long texts are joined instead:
-- U+0001 separates the ids and the payloads within an append, U+0002 separates appends, and U+0003 separates headers.
CREATE FUNCTION append_events(
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
LANGUAGE plpgsql AS $$
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
    INSERT INTO changes_pending (business_id, at, kind, subject_id, first_seq, event_ids, event_types)
    VALUES (business, given.received_at, given.kind, id, seq, given.event_ids,
      given.event_types);
    RETURN NEXT id;
  END LOOP;

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
