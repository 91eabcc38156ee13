import type { Readable, Writable } from 'node:stream';
import type pg from 'pg';
import { readQuery, writeTable } from '../postgres/table-copy.ts';

// Private tables, because no public view has payloads (docs/adr/0015-job-payloads.md).
const JOBS = `SELECT t.identifier, j.payload::text, q.queue_name, j.run_at, j.max_attempts, j.key,
    j.priority
  FROM graphile_worker._private_jobs j
  JOIN graphile_worker._private_tasks t ON t.id = j.task_id
  LEFT JOIN graphile_worker._private_job_queues q ON q.id = j.job_queue_id
  WHERE j.attempts < j.max_attempts AND q.queue_name IS DISTINCT FROM 'every-minute'`;

export const readJobs = (client: pg.ClientBase): Readable => readQuery(client, JOBS);

const RESTORED = {
  name: 'restored_jobs',
  columns: ['identifier', 'payload', 'queue_name', 'run_at', 'max_attempts', 'key', 'priority'],
};

export async function prepareRestoredJobs(client: pg.ClientBase): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE restored_jobs (identifier text, payload text,
    queue_name text, run_at timestamptz, max_attempts integer, key text, priority integer)`);
}

export const writeJobs = (client: pg.ClientBase): Writable => writeTable(client, RESTORED);

export async function addJobs(client: pg.ClientBase): Promise<void> {
  await client.query(
    `SELECT graphile_worker.add_job(identifier, payload => payload::json, queue_name => queue_name,
       run_at => run_at, max_attempts => max_attempts, job_key => key, priority => priority)
     FROM restored_jobs`,
  );
}
