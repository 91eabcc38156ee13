import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { type Measured, summarize } from './measured.ts';
import { type ReportRequest, takenCall, textOfReport } from './taken-call.ts';

/** A worker waits, and a call is put into the queue. */
export interface Waiting {
  readonly port: number;
  readonly lease: string;
  readonly initiate: string;
  readonly report: ReportRequest;
  readonly times: number;
}

/** How long it took until the worker had the call. */
export interface Waited {
  readonly sinceSent: Measured;
  /** Below zero where it had the call before whoever enqueued it had the answer. */
  readonly sinceAnswered: Measured;
}

/** By then the worker waits for sure. */
const PAUSE = { least: 50, spread: 100 };

async function run({ port, lease, initiate, report, times }: Waiting): Promise<Waited> {
  const [worker, caller] = await Promise.all([
    HttpConnection.open(port),
    HttpConnection.open(port),
  ]);
  const sinceSent: number[] = [];
  const sinceAnswered: number[] = [];
  const begin = performance.now();
  for (let time = 0; time < times; time += 1) {
    const leased = worker.read(lease).then((body) => ({ body, at: performance.now() }));
    // Of different lengths, so that no clock of the server is met at the same point each time.
    await sleep(PAUSE.least + Math.random() * PAUSE.spread);
    const sentAt = performance.now();
    await caller.read(initiate);
    const answeredAt = performance.now();
    const { body, at } = await leased;
    const call = takenCall(body);
    if (!call) throw new Error('the worker that waited was not given the call');
    sinceSent.push(at - sentAt);
    sinceAnswered.push(at - answeredAt);
    await worker.read(textOfReport(report, call));
  }
  const seconds = (performance.now() - begin) / 1000;
  worker.close();
  caller.close();
  return {
    sinceSent: summarize(sinceSent, seconds),
    sinceAnswered: summarize(sinceAnswered, seconds),
  };
}

answerParent(run);
