-- recordings.add-silence-jobs
SELECT graphile_worker.add_job('silence-recording', payload => json_build_object('businessId', $1::bigint, 'blobKey', blob_key), queue_name => 'silence', job_key => 'silence-recording:' || blob_key) FROM unnest($2::text[]) AS blob_key;

-- recordings.addPeaksJobs
SELECT graphile_worker.add_job('make-peaks', payload => json_build_object('businessId', $1::bigint, 'blobKey', blob_key), queue_name => 'peaks', job_key => 'make-peaks:' || blob_key) FROM unnest($2::text[]) AS blob_key;

-- recordings.businessesWithoutPeaks
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM recordings t WHERE (peaks_state IS NULL OR peaks_state = 'NoDecoder') ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM recordings t WHERE t.business_id > f.business_id AND (peaks_state IS NULL OR peaks_state = 'NoDecoder')
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f WHERE EXISTS (
     SELECT FROM recordings t WHERE t.business_id = f.business_id AND (peaks_state IS NULL OR peaks_state = 'NoDecoder') AND uploaded_at < $1
     ORDER BY uploaded_at LIMIT 1
   );

-- recordings.drop-silenced
WITH old AS (
     SELECT blob_key, silenced_key FROM recordings
     WHERE business_id = $1 AND conversation_id = $2 AND silenced_for <> '' FOR UPDATE
   )
   UPDATE recordings r SET silenced_for = '', silenced_state = NULL, silenced_key = NULL,
  silenced_bytes = NULL, silenced_stretches = NULL FROM old
   WHERE r.business_id = $1 AND r.conversation_id = $2 AND r.blob_key = old.blob_key
   RETURNING old.silenced_key AS key;

-- recordings.find-missing-silence
SELECT r.blob_key AS "blobKey" FROM (
     (SELECT r.business_id, r.blob_key FROM recordings r
    WHERE r.business_id = $1 AND r.silenced_for < $2 AND EXISTS (
      SELECT FROM sealed_conversations s
      WHERE s.business_id = $1 AND s.conversation_id = r.conversation_id)
    LIMIT $4) UNION ALL (SELECT r.business_id, r.blob_key FROM recordings r
    WHERE r.business_id = $1 AND r.silenced_for > $2 AND EXISTS (
      SELECT FROM sealed_conversations s
      WHERE s.business_id = $1 AND s.conversation_id = r.conversation_id)
    LIMIT $4)
     UNION ALL (SELECT r.business_id, r.blob_key FROM recordings r
    WHERE r.business_id = $1 AND $3 AND r.silenced_state = 'NoDecoder' AND EXISTS (
      SELECT FROM sealed_conversations s
      WHERE s.business_id = $1 AND s.conversation_id = r.conversation_id)
    LIMIT $4)
     LIMIT $4
   ) AS r;

-- recordings.update
UPDATE recordings
      SET blob_key = $4, content_type = $5, bytes = $6, sha256 = $7, duration_ms = $8,
          start_time = $9, uploaded_at = $10, counted_bytes = $6, peaks_key = NULL, peaks_state = NULL, silenced_for = '', silenced_state = NULL, silenced_key = NULL,
  silenced_bytes = NULL, silenced_stretches = NULL
    WHERE business_id = $1 AND conversation_id = $2 AND participant_id = $3;
