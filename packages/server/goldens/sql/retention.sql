-- retention.add-plan-held
SELECT graphile_worker.add_job('plan-held', payload => json_build_object('businessId', $1::bigint), queue_name => 'retention', job_key => 'plan-held:' || $1::text);

-- retention.add-purge-expired
SELECT graphile_worker.add_job('purge-expired', payload => json_build_object('businessId', $1::bigint), queue_name => 'retention', job_key => 'purge-expired:' || $1::text);

-- retention.add-running-erasures
SELECT graphile_worker.add_job('erase-person', payload => json_build_object('businessId', business_id, 'erasureId', id), queue_name => 'erasures', job_key => 'erase-person:' || id)
   FROM erasures WHERE business_id = $1 AND status = 'Running' AND requested_at < $2;

-- retention.add-running-previews
SELECT graphile_worker.add_job('preview-erasure', payload => json_build_object('businessId', business_id, 'previewId', id), queue_name => 'erasure-previews', job_key => 'preview-erasure:' || id) FROM erasure_previews WHERE business_id = $1 AND completed_at IS NULL;

-- retention.find-erasure
SELECT id, mode, reason, status, subject, subject_hash AS "subjectHash",
  requested_at AS "requestedAt", requested_by AS "requestedBy", erased_at AS "erasedAt",
  coalesce(blob_keys, '{}') AS "blobKeys", completed_at AS "completedAt",
  coalesce(counts, '{"conversations":0,"recordings":0,"calls":0}')::json AS counts, salt,
  coalesce(items, '[]')::json AS items, coalesce(holds, '[]')::json AS holds, certificate,
  searched::json AS searched, includes_mentions AS "includesMentions",
  mention_position AS "mentionPosition",
  json_build_object('changed', mentions_changed, 'held', mentions_held) AS mentions FROM erasures WHERE business_id = $1 AND id = $2;

-- retention.insert-erasure
WITH job AS (
     SELECT graphile_worker.add_job('erase-person', payload => json_build_object('businessId', $1::bigint, 'erasureId', $2::text))
   )
   INSERT INTO erasures (business_id, id, mode, reason, status, subject_hash, subject, requested_at,
     requested_by, includes_mentions)
   SELECT $1, $2, $3, $4, 'Running', $5, $6, $7, $8, $9 FROM job;

-- retention.insert-preview
WITH inserted AS (
     INSERT INTO erasure_previews (business_id, id, subject, requested_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (business_id) WHERE completed_at IS NULL DO NOTHING
     RETURNING business_id, id
   )
   SELECT graphile_worker.add_job('preview-erasure', payload => json_build_object('businessId', business_id, 'previewId', id), queue_name => 'erasure-previews', job_key => 'preview-erasure:' || id) FROM inserted;

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
