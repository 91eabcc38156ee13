-- jobs.add-backfills
SELECT graphile_worker.add_job('run-backfills', payload => '{}'::json, queue_name => 'backfills', job_key => 'run-backfills');

-- jobs.find-next-backfill
SELECT business_id AS "businessId", name, position, rows_done AS "rowsDone",
  rows_estimated AS "rowsEstimated", started_at AS "startedAt", finished_at AS "finishedAt", failures,
  last_error AS "lastError", retry_at AS "retryAt" FROM backfills
   WHERE finished_at IS NULL AND (retry_at IS NULL OR retry_at <= $2) AND name = ANY($1::text[])
   ORDER BY batches, business_id, name LIMIT 1;

-- jobs.find-next-backfill-of-business
SELECT business_id AS "businessId", name, position, rows_done AS "rowsDone",
  rows_estimated AS "rowsEstimated", started_at AS "startedAt", finished_at AS "finishedAt", failures,
  last_error AS "lastError", retry_at AS "retryAt" FROM backfills
   WHERE business_id = $1 AND finished_at IS NULL AND (retry_at IS NULL OR retry_at <= $3) AND name = ANY($2::text[])
   ORDER BY batches, name LIMIT 1;

-- jobs.has-backfills
SELECT EXISTS (SELECT FROM backfills
       WHERE business_id = $1 AND finished_at IS NULL AND (retry_at IS NULL OR retry_at <= $3) AND name = ANY($2::text[])) AS has;

-- jobs.list-backfills-of-business
SELECT business_id AS "businessId", name, position, rows_done AS "rowsDone",
  rows_estimated AS "rowsEstimated", started_at AS "startedAt", finished_at AS "finishedAt", failures,
  last_error AS "lastError", retry_at AS "retryAt" FROM backfills WHERE business_id = $1 AND name = ANY($2::text[])
   ORDER BY name;

-- jobs.sum
SELECT coalesce(extract(epoch FROM now() - min(run_at)
         FILTER (WHERE run_at <= now() AND attempts < max_attempts)), 0)::float8 AS "lateSeconds",
     count(*) FILTER (WHERE last_error IS NOT NULL) AS failing
   FROM (SELECT run_at, attempts, max_attempts, last_error FROM graphile_worker.jobs
     WHERE locked_at IS NULL LIMIT 10000) waiting;
