import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { parseLeasedCall, type ReportRequest, renderReport } from './leased-call.ts';
import { type Measured, summarize } from './measured.ts';

export interface Waiting {
  readonly port: number;
  readonly lease: string;
  readonly initiate: string;
  readonly report: ReportRequest;
  readonly times: number;
}

export interface Waited {
  readonly sinceSent: Measured;
  /** Negative if the worker has the call before the enqueueing request is answered. */
  readonly sinceAnswered: Measured;
}

/** Long enough for the worker to begin to wait. */
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
    // Varies the pause, because a fixed one could match a timer of the server.
    await sleep(PAUSE.least + Math.random() * PAUSE.spread);
    const sentAt = performance.now();
    await caller.read(initiate);
    const answeredAt = performance.now();
    const { body, at } = await leased;
    const call = parseLeasedCall(body);
    if (!call) throw new Error('the worker that waited was not given the call');
    sinceSent.push(at - sentAt);
    sinceAnswered.push(at - answeredAt);
    await worker.read(renderReport(report, call));
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
