import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { answerParent } from './forked.ts';

export interface BareQueue {
  readonly connection: pg.ClientConfig;
  readonly connections: number;
}

const LEASE = {
  name: 'lease',
  text: `WITH oldest AS (
      SELECT id FROM bench_queue WHERE status = 'Queued' AND next_attempt_at <= now()
      ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE bench_queue q SET status = 'Processing', lease_token = $1,
      lease_expires_at = now() + interval '60 seconds'
    FROM oldest WHERE q.id = oldest.id
    RETURNING q.id AS "QueueId", q.lease_token AS "LeaseToken", q.status AS "Status",
      q.lease_expires_at AS "LeaseExpiresAt", q.recipient_number AS "RecipientNumber",
      q.dynamic_variables AS "DynamicVariables", q.metadata AS "Metadata"`,
};
const COMPLETE = {
  name: 'complete',
  text: `UPDATE bench_queue SET status = 'Completed', lease_token = NULL, lease_expires_at = NULL
    WHERE id = $1 AND lease_token = $2 RETURNING id AS "QueueId", status AS "Status"`,
};

/** A minimal queue with one statement per request: `/lease` and `/complete/<id>/<token>`. */
async function serve({ connection, connections }: BareQueue): Promise<{ port: number }> {
  const pool = new pg.Pool({ ...connection, max: connections });
  const server = createServer((request, response) => {
    const [, kind, id, token] = (request.url ?? '').split('/');
    const statement =
      kind === 'lease'
        ? { ...LEASE, values: [randomBytes(16).toString('base64url')] }
        : { ...COMPLETE, values: [id, token] };
    pool.query(statement).then(
      ({ rows }) => {
        const body = JSON.stringify(rows[0] ?? {});
        response.writeHead(kind === 'lease' || rows.length === 1 ? 200 : 409, {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': Buffer.byteLength(body),
        });
        response.end(body);
      },
      (error: unknown) => {
        const body = String(error);
        response.writeHead(500, { 'Content-Length': Buffer.byteLength(body) }).end(body);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
}

answerParent(serve);
