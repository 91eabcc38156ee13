-- changes.find-after
SELECT position, at, kind, subject_id AS "subjectId", first_seq AS "firstSeq",
  event_ids AS "eventIds", event_types AS "eventTypes", details FROM changes WHERE business_id = $1 AND position > $2
   ORDER BY position LIMIT $3;

-- changes.find-of-subject
SELECT position, at, kind, subject_id AS "subjectId", first_seq AS "firstSeq",
  event_ids AS "eventIds", event_types AS "eventTypes", details FROM changes WHERE business_id = $1 AND subject_id = $2 AND position > $3
   ORDER BY position LIMIT $4;
