import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import { type Database, statement } from '../postgres/database.ts';

/** Of at most so many jobs, because a scrape must stay cheap if they pile up. */
const MAX_EXAMINED = 10_000;

const SUM_JOBS = statement(
  'jobs.sum',
  `SELECT coalesce(extract(epoch FROM now() - min(run_at)
         FILTER (WHERE run_at <= now() AND attempts < max_attempts)), 0)::float8 AS "lateSeconds",
     count(*) FILTER (WHERE last_error IS NOT NULL) AS failing
   FROM (SELECT run_at, attempts, max_attempts, last_error FROM graphile_worker.jobs
     WHERE locked_at IS NULL LIMIT ${MAX_EXAMINED}) waiting`,
);

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
  // A scrape collects both gauges concurrently; they share one statement.
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

  async function read(): Promise<void> {
    try {
      const sum = await db.row<{ lateSeconds: number; failing: number }>(SUM_JOBS, []);
      late.set(sum?.lateSeconds ?? 0);
      failing.set(sum?.failing ?? 0);
    } catch (error) {
      // Other metrics stay readable without the database.
      log.debug({ err: error }, 'the state of the jobs could not be read');
    }
  }
}
