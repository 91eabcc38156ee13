import { startForked } from './forked.ts';
import { initiateCall, leaseCall, NUMBER_ID, newBusiness, reportOf } from './queued-calls.ts';
import type { BenchSetup } from './setup.ts';
import type { Result } from './table.ts';
import type { Waited, Waiting } from './waiting-worker.ts';

const WAIT_SECONDS = 30;

/** The time from enqueueing a call until a waiting worker has it. */
export async function measureWaiting(setup: BenchSetup): Promise<Result[]> {
  const { options, server } = setup;
  const business = await newBusiness(setup, 'Waiting');
  const call = { NumberId: NUMBER_ID, RecipientNumber: '+12022000000' };
  await using worker = startForked<Waiting, Waited>('./waiting-worker.ts');
  const wait = (times: number) =>
    worker.ask({
      port: server.port,
      lease: leaseCall(business, WAIT_SECONDS),
      initiate: initiateCall(business, call),
      report: reportOf(business, 'complete'),
      times,
    });
  const times = options.quick ? 20 : 100;
  setup.say(`waiting: ${times} calls`);
  await wait(times / 2);
  const { sinceSent, sinceAnswered } = await wait(times);
  const [sent, answered] = [sinceSent, sinceAnswered].map(
    ({ p50, p99 }) => `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms`,
  );
  return [
    {
      work: `A worker waits (WaitSeconds ${WAIT_SECONDS}): from sending InitiateCall until it has the call`,
      comparedWith: '',
      measured: `${sent}; from its answer ${answered}`,
      ratio: sinceSent.p50,
      limit: { atMost: 50 },
      unit: 'ms',
    },
  ];
}
