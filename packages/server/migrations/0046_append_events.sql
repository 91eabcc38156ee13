-- Appends events to conversations of a business; returns the ids of those that were written. An append is skipped if
-- its conversation has another version than the one that was decided on (NULL: the conversation is new). Each
-- statement writes rows of one conversation as VALUES, so a cluster needs no two-phase commit. The arrays up to
-- `event_types` have an element for each append. Events are joined by U+0001 in each append and by U+0002 between
-- appends, because arrays are escaped and unescaped. `delta_…` and `audit_…` belong to the append of their id.
CREATE FUNCTION append_events(
  business bigint, ids text[], decided_on bigint[], versions bigint[], message_counts integer[],
  log_counts integer[], sizes bigint[], last_event_ats timestamptz[], received_ats timestamptz[],
  ended_received_ats timestamptz[], heads text[], start_times timestamptz[], statuses text[],
  initiation_types text[], end_types text[], may_abandons boolean[], all_event_ids text, all_payloads text,
  id_hashes text[], duration_classes smallint[], queue_ids text[], kinds text[], event_types text[],
  delta_ids text[], delta_hours timestamptz[], delta_quarters smallint[], delta_statuses text[],
  delta_initiation_types text[], delta_end_types text[], delta_counts integer[],
  delta_milliseconds bigint[], delta_classes smallint[],
  audit_ids text[], audit_times timestamptz[], audit_users text[], audit_keys text[],
  audit_actions text[], audit_kinds text[], audit_hashes text[], audit_subject_ids text[],
  audit_details text[]
) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  given record;
  delta record;
  entry record;
  written text[] := '{}';
  id text;
  names text[];
  texts text[];
  event_count integer;
  first integer;
  n integer;
  seq integer;
  -- In a statement, variables are cheaper than elements of arrays.
  name_1 text; name_2 text; name_3 text; name_4 text; name_5 text;
  text_1 text; text_2 text; text_3 text; text_4 text; text_5 text;
BEGIN
  FOR given IN
    SELECT * FROM unnest(ids, decided_on, versions, message_counts, log_counts, sizes, last_event_ats,
        received_ats, ended_received_ats, heads, start_times, statuses, initiation_types, end_types,
        may_abandons, string_to_array(all_event_ids, E'\x02'), string_to_array(all_payloads, E'\x02'),
        id_hashes, duration_classes, queue_ids, kinds, event_types)
      AS g(id, decided_on, version, message_count, log_count, bytes, last_event_at, received_at,
        ended_received_at, head, start_time, status, initiation_type, end_type, may_abandon, event_ids,
        payloads, id_hash, duration_class, queue_id, kind, event_types)
  LOOP
    id := given.id;
    names := string_to_array(given.event_ids, E'\x01');
    texts := string_to_array(given.payloads, E'\x01');
    event_count := cardinality(names);
    first := NULL;
    IF given.decided_on IS NOT NULL THEN
      UPDATE live_conversations AS l
      SET version = given.version, next_seq = l.next_seq + event_count,
        message_count = given.message_count, log_count = given.log_count, bytes = given.bytes,
        last_event_at = given.last_event_at, received_at = given.received_at,
        ended_received_at = given.ended_received_at
      WHERE l.business_id = business AND l.conversation_id = given.id AND l.version = given.decided_on
      RETURNING l.next_seq - event_count INTO first;
      IF first IS NOT NULL AND given.head IS NOT NULL THEN
        UPDATE conversations AS c SET head = given.head, status = given.status,
          end_type = given.end_type, duration_class = given.duration_class
        WHERE c.business_id = business AND c.id = given.id;
      END IF;
    ELSE
      INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head,
        duration_class, queue_id)
      VALUES (business, given.id, given.start_time, given.status, given.initiation_type, given.end_type,
        given.head, given.duration_class, given.queue_id)
      ON CONFLICT DO NOTHING
      RETURNING 1 INTO first;
      -- Now, because the insert may have waited for a deletion.
      IF first IS NOT NULL AND EXISTS (
        SELECT FROM erased_ids e WHERE e.business_id = business AND e.id_hash = given.id_hash
      ) THEN
        DELETE FROM conversations c WHERE c.business_id = business AND c.id = given.id;
        first := NULL;
      END IF;
      IF first IS NOT NULL THEN
        INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
          log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
        VALUES (business, given.id, given.version, event_count + 1, given.message_count,
          given.log_count, given.bytes, given.last_event_at, given.received_at,
          given.ended_received_at, false, given.may_abandon);
      END IF;
    END IF;
    CONTINUE WHEN first IS NULL;
    written := written || id;
    n := 1;
    seq := first;
    WHILE n + 4 <= event_count LOOP
      name_1 := names[n]; name_2 := names[n + 1]; name_3 := names[n + 2]; name_4 := names[n + 3];
      name_5 := names[n + 4];
      text_1 := texts[n]; text_2 := texts[n + 1]; text_3 := texts[n + 2]; text_4 := texts[n + 3];
      text_5 := texts[n + 4];
      INSERT INTO conversation_events (business_id, conversation_id, event_id, seq, payload)
      VALUES (business, id, name_1, seq, text_1), (business, id, name_2, seq + 1, text_2),
        (business, id, name_3, seq + 2, text_3), (business, id, name_4, seq + 3, text_4),
        (business, id, name_5, seq + 4, text_5);
      n := n + 5;
      seq := seq + 5;
    END LOOP;
    WHILE n <= event_count LOOP
      name_1 := names[n];
      text_1 := texts[n];
      INSERT INTO conversation_events (business_id, conversation_id, event_id, seq, payload)
      VALUES (business, id, name_1, seq, text_1);
      n := n + 1;
      seq := seq + 1;
    END LOOP;
    INSERT INTO changes_pending (business_id, at, kind, subject_id, first_seq, event_ids, event_types)
    VALUES (business, given.received_at, given.kind, given.id, first, given.event_ids,
      given.event_types);
    RETURN NEXT id;
  END LOOP;

  FOR delta IN
    SELECT * FROM unnest(delta_ids, delta_hours, delta_quarters, delta_statuses, delta_initiation_types,
        delta_end_types, delta_counts, delta_milliseconds, delta_classes)
      AS d(id, hour, quarter, status, initiation_type, end_type, n, milliseconds, duration_class)
    WHERE d.id = ANY(written)
  LOOP
    INSERT INTO conversation_count_deltas (business_id, hour, quarter, status, initiation_type, end_type,
      n, milliseconds, duration_class)
    VALUES (business, delta.hour, delta.quarter, delta.status, delta.initiation_type, delta.end_type,
      delta.n, delta.milliseconds, delta.duration_class);
  END LOOP;

  FOR entry IN
    SELECT * FROM unnest(audit_ids, audit_times, audit_users, audit_keys, audit_actions, audit_kinds,
        audit_hashes, audit_subject_ids, audit_details)
      AS a(id, at, user_id, api_key_id, action, kind, hash, subject_id, details)
    WHERE a.id = ANY(written)
  LOOP
    INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action, subject_kind, subject_hash,
      subject_id, details)
    VALUES (business, entry.at, entry.user_id, entry.api_key_id, entry.action, entry.kind, entry.hash,
      entry.subject_id, entry.details);
  END LOOP;
END
$$;
