-- retention.add-erasure-job
SELECT graphile_worker.add_job('erase-person', payload => json_build_object('businessId', $1::bigint, 'erasureId', $2::text));

-- retention.add-erasures-again
SELECT graphile_worker.add_job('erase-person', payload => json_build_object('businessId', $1::bigint, 'erasureId', id), queue_name => 'erasures', job_key => 'erase-person:' || id)
   FROM unnest($2::text[]) AS id;

-- retention.add-plan-held
SELECT graphile_worker.add_job('plan-held', payload => json_build_object('businessId', $1::bigint), queue_name => 'retention', job_key => 'plan-held:' || $1::text);

-- retention.add-preview-jobs
SELECT graphile_worker.add_job('preview-erasure', payload => json_build_object('businessId', $1::bigint, 'previewId', id), queue_name => 'erasure-previews', job_key => 'preview-erasure:' || id) FROM unnest($2::text[]) AS id;

-- retention.add-purge-expired
SELECT graphile_worker.add_job('purge-expired', payload => json_build_object('businessId', $1::bigint), queue_name => 'retention', job_key => 'purge-expired:' || $1::text);

-- retention.businesses-with-old-previews
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM erasure_previews t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM erasure_previews t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM erasure_previews t WHERE t.business_id = f.business_id AND true AND requested_at <= $1
   );

-- retention.businesses-with-running
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM erasures t WHERE status = 'Running' ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM erasures t WHERE t.business_id > f.business_id AND status = 'Running'
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM erasures t WHERE t.business_id = f.business_id AND status = 'Running' AND requested_at < $1
   );

-- retention.businesses-with-running-previews
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM erasure_previews t WHERE completed_at IS NULL ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM erasure_previews t WHERE t.business_id > f.business_id AND completed_at IS NULL
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f;

-- retention.find-erasure
SELECT id, mode, reason, status, subject, subject_hash AS "subjectHash",
  requested_at AS "requestedAt", requested_by AS "requestedBy", erased_at AS "erasedAt",
  coalesce(blob_keys, '{}') AS "blobKeys", completed_at AS "completedAt",
  coalesce(counts, '{"conversations":0,"recordings":0,"calls":0}')::json AS counts, salt,
  coalesce(items, '[]')::json AS items, coalesce(holds, '[]')::json AS holds, certificate,
  searched::json AS searched, includes_mentions AS "includesMentions",
  mention_position AS "mentionPosition",
  json_build_object('changed', mentions_changed, 'held', mentions_held) AS mentions FROM erasures WHERE business_id = $1 AND id = $2;

-- retention.list-erasures
SELECT id, mode, reason, status, subject, subject_hash AS "subjectHash",
  requested_at AS "requestedAt", requested_by AS "requestedBy", erased_at AS "erasedAt",
  coalesce(blob_keys, '{}') AS "blobKeys", completed_at AS "completedAt",
  coalesce(counts, '{"conversations":0,"recordings":0,"calls":0}')::json AS counts, salt,
  coalesce(items, '[]')::json AS items, coalesce(holds, '[]')::json AS holds, certificate,
  searched::json AS searched, includes_mentions AS "includesMentions",
  mention_position AS "mentionPosition",
  json_build_object('changed', mentions_changed, 'held', mentions_held) AS mentions FROM erasures WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- retention.lock-erasure
SELECT id, mode, reason, status, subject, subject_hash AS "subjectHash",
  requested_at AS "requestedAt", requested_by AS "requestedBy", erased_at AS "erasedAt",
  coalesce(blob_keys, '{}') AS "blobKeys", completed_at AS "completedAt",
  coalesce(counts, '{"conversations":0,"recordings":0,"calls":0}')::json AS counts, salt,
  coalesce(items, '[]')::json AS items, coalesce(holds, '[]')::json AS holds, certificate,
  searched::json AS searched, includes_mentions AS "includesMentions",
  mention_position AS "mentionPosition",
  json_build_object('changed', mentions_changed, 'held', mentions_held) AS mentions FROM erasures WHERE business_id = $1 AND id = $2 FOR UPDATE;
