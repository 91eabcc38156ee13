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
SELECT coalesce((SELECT extract(epoch FROM now() - run_at) FROM graphile_worker.jobs
       WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now()
         AND queue_name IS DISTINCT FROM 'peaks' AND queue_name IS DISTINCT FROM 'silence'
       ORDER BY run_at LIMIT 1), 0)::float8 AS "lateSeconds",
     (SELECT count(*) FILTER (WHERE last_error IS NOT NULL)
       FROM (SELECT last_error FROM graphile_worker.jobs
         WHERE locked_at IS NULL LIMIT 10000) waiting) AS failing,
     greatest(extract(epoch FROM now() - coalesce(
       (SELECT max(coalesce(last_execution, known_since)) FROM graphile_worker._private_known_crontabs),
       (SELECT max(ts) FROM graphile_worker.migrations))), 0)::float8 AS "minuteAge";
