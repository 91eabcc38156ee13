import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import { type Database, statement } from '../postgres/database.ts';

/** Failing jobs of at most so many, because a scrape must stay cheap if they pile up. */
const MAX_EXAMINED = 10_000;

// Waveforms and silence of recordings are ordinary waiting work. A running worker notes each minute in the table of
// known crontabs, also if none of its jobs ends; before the first minute, the tables of jobs have an age.
const SUM_JOBS = statement(
  'jobs.sum',
  `SELECT coalesce((SELECT extract(epoch FROM now() - run_at) FROM graphile_worker.jobs
       WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now()
         AND queue_name IS DISTINCT FROM 'peaks' AND queue_name IS DISTINCT FROM 'silence'
       ORDER BY run_at LIMIT 1), 0)::float8 AS "lateSeconds",
     (SELECT count(*) FILTER (WHERE last_error IS NOT NULL)
       FROM (SELECT last_error FROM graphile_worker.jobs
         WHERE locked_at IS NULL LIMIT ${MAX_EXAMINED}) waiting) AS failing,
     greatest(extract(epoch FROM now() - coalesce(
       (SELECT max(coalesce(last_execution, known_since)) FROM graphile_worker._private_known_crontabs),
       (SELECT max(ts) FROM graphile_worker.migrations))), 0)::float8 AS "minuteAge"`,
);

interface Sum {
  readonly lateSeconds: number;
  readonly failing: number;
  readonly minuteAge: number;
}

/** The state of the jobs of all nodes; each node shows it. */
export function addJobGauges({
  db,
  log,
  metrics,
}: {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
}): void {
  const registers = [metrics.registry];
  let reading: Promise<void> | null = null;
  // A scrape collects all gauges concurrently; they share one statement.
  const collect = () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
  const late = new Gauge({
    name: 'colloquy_jobs_late_seconds',
    help: 'For how long the job that waits longest could have run',
    registers,
    collect,
  });
  const failing = new Gauge({
    name: 'colloquy_jobs_failing',
    help: 'Jobs whose last attempt failed',
    registers,
    collect,
  });

  const minuteAge = new Gauge({
    name: 'colloquy_minute_jobs_age_seconds',
    help: 'For how long no worker has started the jobs of a minute',
    registers,
    collect,
  });

  async function read(): Promise<void> {
    try {
      const sum = await db.row<Sum>(SUM_JOBS, []);
      late.set(sum?.lateSeconds ?? 0);
      failing.set(sum?.failing ?? 0);
      minuteAge.set(sum?.minuteAge ?? 0);
    } catch (error) {
      // Other metrics stay readable without the database.
      log.debug({ err: error }, 'the state of the jobs could not be read');
    }
  }
}
