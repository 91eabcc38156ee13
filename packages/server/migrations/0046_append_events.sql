-- Appends events to conversations of a business; returns the ids of those that were written. An append is skipped if
-- its conversation has another version than the one that was decided on (NULL: the conversation is new). Each
-- statement writes rows of one conversation, so a cluster needs no two-phase commit, and there is one round trip.
-- The arrays `ids` to `event_types` have an element for each append; `event_ids` and `payloads` are joined by U+0001.
-- `delta_…` and `audit_…` belong to the append of the same id and are in the order of `ids`.
CREATE FUNCTION append_events(
  business bigint, ids text[], decided_on bigint[], versions bigint[], message_counts integer[],
  log_counts integer[], sizes bigint[], last_events_at timestamptz[], receipts timestamptz[],
  ended_receipts timestamptz[], heads text[], start_times timestamptz[], statuses text[],
  initiation_types text[], end_types text[], may_abandons boolean[], event_ids text[], payloads text[],
  id_hashes text[], duration_classes smallint[], queue_ids text[], kinds text[], event_types text[],
  delta_ids text[], delta_times timestamptz[], delta_statuses text[], delta_initiation_types text[],
  delta_end_types text[], deltas integer[], delta_milliseconds bigint[], delta_classes smallint[],
  audit_ids text[], audit_hiddens boolean[], audit_times timestamptz[], audit_users text[],
  audit_keys text[], audit_actions text[], audit_kinds text[], audit_hashes text[], audit_details text[]
) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  first integer;
  names text[];
  texts text[];
  n integer;
  d integer := 1;
  a integer := 1;
BEGIN
  FOR i IN 1 .. cardinality(ids) LOOP
    names := string_to_array(event_ids[i], E'\x01');
    texts := string_to_array(payloads[i], E'\x01');
    first := NULL;
    IF decided_on[i] IS NOT NULL THEN
      UPDATE live_conversations AS l
      SET version = versions[i], next_seq = l.next_seq + cardinality(names),
        message_count = message_counts[i], log_count = log_counts[i], bytes = sizes[i],
        last_event_at = last_events_at[i], received_at = receipts[i],
        ended_received_at = ended_receipts[i]
      WHERE l.business_id = business AND l.conversation_id = ids[i] AND l.version = decided_on[i]
      RETURNING l.next_seq - cardinality(names) INTO first;
      IF first IS NOT NULL AND heads[i] IS NOT NULL THEN
        UPDATE conversations SET head = heads[i], status = statuses[i], end_type = end_types[i],
          duration_class = duration_classes[i]
        WHERE business_id = business AND id = ids[i];
      END IF;
    ELSIF NOT EXISTS (
      SELECT FROM erased_ids e WHERE e.business_id = business AND e.id_hash = id_hashes[i]
    ) THEN
      INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head,
        duration_class, queue_id)
      VALUES (business, ids[i], start_times[i], statuses[i], initiation_types[i], end_types[i], heads[i],
        duration_classes[i], queue_ids[i])
      ON CONFLICT DO NOTHING
      RETURNING 1 INTO first;
      IF first IS NOT NULL THEN
        INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
          log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
        VALUES (business, ids[i], versions[i], cardinality(names) + 1, message_counts[i], log_counts[i],
          sizes[i], last_events_at[i], receipts[i], ended_receipts[i], false, may_abandons[i]);
      END IF;
    END IF;
    IF first IS NOT NULL THEN
      n := 1;
      -- Rows of one statement cost a third of rows of their own.
      WHILE n + 4 <= cardinality(names) LOOP
        INSERT INTO conversation_events (business_id, conversation_id, event_id, seq, payload)
        VALUES (business, ids[i], names[n], first + n - 1, texts[n]),
          (business, ids[i], names[n + 1], first + n, texts[n + 1]),
          (business, ids[i], names[n + 2], first + n + 1, texts[n + 2]),
          (business, ids[i], names[n + 3], first + n + 2, texts[n + 3]),
          (business, ids[i], names[n + 4], first + n + 3, texts[n + 4]);
        n := n + 5;
      END LOOP;
      WHILE n <= cardinality(names) LOOP
        INSERT INTO conversation_events (business_id, conversation_id, event_id, seq, payload)
        VALUES (business, ids[i], names[n], first + n - 1, texts[n]);
        n := n + 1;
      END LOOP;
      INSERT INTO changes_pending (business_id, at, kind, subject_id, first_seq, event_ids, event_types)
      VALUES (business, receipts[i], kinds[i], ids[i], first, event_ids[i], event_types[i]);
      RETURN NEXT ids[i];
    END IF;
    WHILE delta_ids[d] = ids[i] LOOP
      IF first IS NOT NULL THEN
        INSERT INTO conversation_count_deltas (business_id, hour, quarter, status, initiation_type,
          end_type, n, milliseconds, duration_class)
        VALUES (business, date_trunc('hour', delta_times[d] AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
          extract(minute FROM delta_times[d] AT TIME ZONE 'UTC')::integer / 15, delta_statuses[d],
          delta_initiation_types[d], coalesce(delta_end_types[d], ''), deltas[d], delta_milliseconds[d],
          delta_classes[d]);
      END IF;
      d := d + 1;
    END LOOP;
    WHILE audit_ids[a] = ids[i] LOOP
      IF first IS NOT NULL THEN
        INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action, subject_kind,
          subject_hash, subject_id, details)
        VALUES (business, audit_times[a], audit_users[a], audit_keys[a], audit_actions[a],
          audit_kinds[a], audit_hashes[a], CASE WHEN NOT audit_hiddens[a] THEN audit_ids[a] END,
          audit_details[a]);
      END IF;
      a := a + 1;
    END LOOP;
  END LOOP;
END
$$;
