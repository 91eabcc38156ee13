import type { BareQueue } from './bare-queue.ts';
import { startForked } from './forked.ts';
import { requestText } from './http-connection.ts';
import type { Work } from './load-generator.ts';
import { compareInRounds, type Measured, medianOf, ratioOf } from './measured.ts';
import {
  checkCalls,
  initiateBody,
  leaseCall,
  MAX_RECIPIENTS,
  newBusiness,
  reportOf,
} from './queued-calls.ts';
import type { BenchSetup, Business } from './setup.ts';
import type { Result } from './table.ts';

const WORKERS = 50;
const CONNECTIONS = 16;
const MAX_MILLISECONDS = 120_000;

/** The columns that a worker gets, and one index for the next call. */
const BARE_QUEUE = `
  CREATE TABLE bench_queue (
    id text COLLATE "C" PRIMARY KEY,
    status text COLLATE "C" NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    lease_token text COLLATE "C",
    lease_expires_at timestamptz,
    recipient_number text NOT NULL,
    dynamic_variables text NOT NULL,
    metadata text NOT NULL
  ) WITH (fillfactor = 80);
  CREATE INDEX ON bench_queue (next_attempt_at, id) WHERE status = 'Queued'`;

const FILL_BARE = `INSERT INTO bench_queue
    (id, status, next_attempt_at, recipient_number, dynamic_variables, metadata)
  SELECT 'queue_' || lpad(($2::int * $1::int + i)::text, 26, '0'), 'Queued', now(),
    '+1202' || 2000000 + i,
    '{"name":"Ada Lovelace ' || i || '","appointment":"2026-03-02 at 10:30"}',
    '{"customer":"customer_' || i || '"}'
  FROM generate_series(0, $1::int - 1) AS i`;

/** Workers that lease and complete calls, compared with a minimal queue. */
export async function measureLease(setup: BenchSetup): Promise<Result[]> {
  const { database, generator, options, server } = setup;
  const calls = options.quick ? 4_000 : 20_000;
  const business = await newBusiness(setup, 'Workers');
  await database.sql.query(BARE_QUEUE);
  await using bare = startForked<BareQueue, { port: number }>('./bare-queue.ts');
  const { connection } = database;
  const { port } = await bare.ask({ connection, connections: CONNECTIONS });
  let done = 0;
  const work = async (to: number, source: Pick<Work, 'lease' | 'report'>) => {
    await database.sql.query('VACUUM (ANALYZE) outbound_calls, outbound_decisions, bench_queue');
    await database.sql.query('CHECKPOINT');
    const measured = await generator.ask({
      port: to,
      connections: WORKERS,
      source: { kind: 'work', timed: 'call', ...source },
      until: { milliseconds: MAX_MILLISECONDS },
    });
    if (measured.requests !== calls) throw new Error(`${measured.requests} calls were handed out`);
    return measured;
  };
  const ours = async () => {
    await fill(setup, business, calls);
    const report = reportOf(business, 'complete');
    const measured = await work(server.port, { lease: leaseCall(business), report });
    done += calls;
    await checkCalls(setup, business, 'Completed', done);
    return measured;
  };
  let round = 0;
  const theirs = async () => {
    await fillBare(setup, calls, round++);
    const lease = requestText('POST', '/lease');
    const report = { path: '/complete/%id%/%token%' };
    return work(port, { lease, report });
  };
  setup.say(`lease: ${WORKERS} workers, ${calls} calls`);
  const compared = await compareInRounds(options.quick ? 3 : 5, ours, theirs);
  const perSecond = (side: readonly Measured[]) => medianOf(side, 'perSecond').toFixed(0);
  return [
    {
      work: `LeaseOutboundCalls of one call and CompleteOutboundCall, ${WORKERS} workers`,
      comparedWith: 'bare node:http, a statement each: FOR UPDATE SKIP LOCKED, UPDATE',
      measured: `${perSecond(compared.ours)} : ${perSecond(compared.theirs)} calls/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: 0.5 },
    },
  ];
}

async function fill({ api }: BenchSetup, { businessId }: Business, calls: number): Promise<void> {
  for (let from = 0; from < calls; from += MAX_RECIPIENTS) {
    const body = initiateBody('spring', from, Math.min(MAX_RECIPIENTS, calls - from));
    await api.initiateCall({ businessId, ...body });
  }
}

/** Calls of the same size, with ids after those of the previous rounds. */
async function fillBare({ database }: BenchSetup, calls: number, round: number): Promise<void> {
  await database.sql.query(FILL_BARE, [calls, round]);
}
