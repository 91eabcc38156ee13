-- jobs.add-backfills
SELECT graphile_worker.add_job('run-backfills', payload => '{}'::json, queue_name => 'backfills', job_key => 'run-backfills');

-- jobs.find-next-backfill
SELECT business_id AS "businessId", name, position, rows_done AS "rowsDone",
  rows_estimated AS "rowsEstimated", started_at AS "startedAt", finished_at AS "finishedAt", failures,
  last_error AS "lastError", retry_at AS "retryAt" FROM backfills
   WHERE finished_at IS NULL AND name = ANY($1::text[]) AND (retry_at IS NULL OR retry_at <= $2)
   ORDER BY batches, business_id, name LIMIT 1;

-- jobs.list-backfills-of-business
SELECT business_id AS "businessId", name, position, rows_done AS "rowsDone",
  rows_estimated AS "rowsEstimated", started_at AS "startedAt", finished_at AS "finishedAt", failures,
  last_error AS "lastError", retry_at AS "retryAt" FROM backfills WHERE business_id = $1 AND name = ANY($2::text[])
   ORDER BY name;
