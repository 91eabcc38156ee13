import type { BareEnqueue } from './bare-enqueue.ts';
import { startForked } from './forked.ts';
import { compareInRounds, type Measured, medianOf, ratioOf } from './measured.ts';
import {
  checkCalls,
  initiateBody,
  initiateCall,
  MAX_RECIPIENTS,
  newBusiness,
} from './queued-calls.ts';
import type { BenchSetup } from './setup.ts';
import type { Result } from './table.ts';

/** Rows per bare statement; twice or half as many are not faster. */
const PER_STATEMENT = 5_000;
const MAX_MILLISECONDS = 120_000;

/** Enqueueing a campaign compared with bare INSERTs of the same rows. */
export async function measureEnqueue(setup: BenchSetup): Promise<Result[]> {
  const { database, generator, options, server } = setup;
  const { sql } = database;
  const requests = options.quick ? 2 : 10;
  const count = requests * MAX_RECIPIENTS;
  const business = await newBusiness(setup, 'Campaign', count);
  const texts = Array.from({ length: requests }, (_, index) =>
    initiateCall(business, initiateBody('spring', index * MAX_RECIPIENTS, MAX_RECIPIENTS)),
  );
  await sql.query('CREATE TABLE bench_calls (LIKE outbound_calls INCLUDING ALL)');
  await using bare = startForked<BareEnqueue, Measured>('./bare-enqueue.ts');
  const ask = (kind: BareEnqueue['kind']) =>
    bare.ask({
      kind,
      connection: database.connection,
      businessId: business.businessId,
      perStatement: PER_STATEMENT,
      perCommit: MAX_RECIPIENTS,
    });
  const enqueue = async () => {
    await empty(setup);
    return generator.ask({
      port: server.port,
      connections: 1,
      source: { kind: 'cycle', requests: texts },
      until: { requests, milliseconds: MAX_MILLISECONDS },
    });
  };
  const insert = async () => {
    await empty(setup);
    return ask('insert');
  };
  setup.say(`enqueue: ${count} recipients`);
  await enqueue();
  await checkCalls(setup, business, 'Queued', count);
  await ask('read');
  const compared = await compareInRounds(options.quick ? 3 : 5, enqueue, insert);
  await empty(setup);
  await sql.query('DROP TABLE bench_calls');
  const rows = (side: readonly Measured[]) =>
    (medianOf(side, 'perSecond') * MAX_RECIPIENTS).toFixed(0);
  return [
    {
      work: `InitiateCall, ${count} recipients of a campaign, ${MAX_RECIPIENTS} a request`,
      comparedWith: 'bare multi-row INSERT of the same rows, as many a commit, one connection',
      measured: `${rows(compared.ours)} : ${rows(compared.theirs)} rows/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: 0.4 },
    },
  ];
}

/** Both sides begin with empty tables just after a checkpoint. */
async function empty({ database }: BenchSetup): Promise<void> {
  await database.sql.query(`TRUNCATE outbound_calls, outbound_decisions, outbound_count_deltas,
    outbound_counts, bench_calls`);
  await database.sql.query('CHECKPOINT');
}
