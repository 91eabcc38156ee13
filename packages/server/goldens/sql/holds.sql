-- holds.find
SELECT h.id, h.name, h.reason, h.has_filter, h.start_from, h.start_to, h.statuses,
  h.initiation_types, h.end_types, h.created_at, h.created_by, h.lifted_at, h.lifted_by,
  (SELECT count(*) FROM held_conversations e WHERE e.business_id = $1 AND e.hold_id = h.id) AS named,
  ARRAY(SELECT e.conversation_id FROM held_conversations e
    WHERE e.business_id = $1 AND e.hold_id = h.id
    ORDER BY e.conversation_id LIMIT 20) AS named_ids FROM holds h WHERE h.business_id = $1 AND h.id = $2;

-- holds.find-on
SELECT DISTINCT h.id, h.name FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[],
       $6::text[]) AS c(id, start_time, status, initiation_type, end_type)
     CROSS JOIN LATERAL (
       SELECT h.id, h.name FROM holds h WHERE h.business_id = $1 AND h.lifted_at IS NULL AND h.has_filter
  AND (h.start_from IS NULL OR c.start_time >= h.start_from)
  AND (h.start_to IS NULL OR c.start_time <= h.start_to)
  AND (h.statuses IS NULL OR c.status = ANY(h.statuses))
  AND (h.initiation_types IS NULL OR c.initiation_type = ANY(h.initiation_types))
  AND (h.end_types IS NULL OR c.end_type = ANY(h.end_types))
       UNION ALL
       SELECT h.id, h.name FROM held_conversations e
         JOIN holds h ON h.business_id = $1 AND h.id = e.hold_id
       WHERE e.business_id = $1 AND e.conversation_id = c.id
     ) h
   ORDER BY h.id LIMIT 100;

-- holds.lift
UPDATE holds h SET lifted_at = $3, lifted_by = $4
   WHERE business_id = $1 AND id = $2 AND lifted_at IS NULL RETURNING h.id, h.name, h.reason, h.has_filter, h.start_from, h.start_to, h.statuses,
  h.initiation_types, h.end_types, h.created_at, h.created_by, h.lifted_at, h.lifted_by,
  (SELECT count(*) FROM held_conversations e WHERE e.business_id = $1 AND e.hold_id = h.id) AS named,
  ARRAY(SELECT e.conversation_id FROM held_conversations e
    WHERE e.business_id = $1 AND e.hold_id = h.id
    ORDER BY e.conversation_id LIMIT 20) AS named_ids;

-- holds.list
SELECT h.id, h.name, h.reason, h.has_filter, h.start_from, h.start_to, h.statuses,
  h.initiation_types, h.end_types, h.created_at, h.created_by, h.lifted_at, h.lifted_by,
  (SELECT count(*) FROM held_conversations e WHERE e.business_id = $1 AND e.hold_id = h.id) AS named,
  ARRAY(SELECT e.conversation_id FROM held_conversations e
    WHERE e.business_id = $1 AND e.hold_id = h.id
    ORDER BY e.conversation_id LIMIT 20) AS named_ids FROM holds h WHERE h.business_id = $1 AND h.id > $2 ORDER BY h.id LIMIT $3;
