-- changes.businesses-with-old
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM changes t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM changes t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM changes t WHERE t.business_id = f.business_id AND true AND at < $1
     ORDER BY at LIMIT 1
   );

-- changes.businesses-with-pending
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM changes_pending t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM changes_pending t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f;

-- changes.find-after
SELECT position, at, kind, subject_id AS "subjectId", first_seq AS "firstSeq",
  event_ids AS "eventIds", event_types AS "eventTypes", details FROM changes WHERE business_id = $1 AND position > $2
   ORDER BY position LIMIT $3;

-- changes.find-of-subject
SELECT position, at, kind, subject_id AS "subjectId", first_seq AS "firstSeq",
  event_ids AS "eventIds", event_types AS "eventTypes", details FROM changes WHERE business_id = $1 AND subject_id = $2 AND position > $3
   ORDER BY position LIMIT $4;
