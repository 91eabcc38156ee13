import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { type Measured, summarize } from './measured.ts';
import { type ReportRequest, takenCall, textOfReport } from './taken-call.ts';

/**
 * What to send: requests over and over; whole calls, each step after the one before; or what workers
 * send that take calls out of a queue and report of them.
 */
export type Source =
  | {
      readonly kind: 'cycle';
      readonly requests: readonly string[];
      /** How often each connection sends; without it, as fast as it is answered. */
      readonly everyMilliseconds?: number;
    }
  | {
      readonly kind: 'calls';
      /** The requests of one call; `%call%` stands where its id goes. */
      readonly steps: readonly string[];
      readonly prefix: string;
    }
  | Work;

/** Each connection is a worker, which ends where a lease gives it no call. */
export interface Work {
  readonly kind: 'work';
  readonly lease: string;
  readonly report: ReportRequest;
  /** What a time is of: a lease, or a lease and its report. */
  readonly timed: 'lease' | 'call';
}

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly source: Source;
  /** It ends after this time or after so many requests, whichever comes first. */
  readonly until: { readonly milliseconds: number; readonly requests?: number };
}

async function run(load: Load): Promise<Measured> {
  const { port, source, until } = load;
  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => HttpConnection.open(port)),
  );
  const times: number[] = [];
  let started = 0;
  const begin = performance.now();
  const { milliseconds, requests = Number.POSITIVE_INFINITY } = until;
  const goesOn = () => started < requests && performance.now() - begin < milliseconds;

  async function send(connection: HttpConnection, request: string): Promise<void> {
    started += 1;
    const sent = performance.now();
    const status = await connection.send(request);
    times.push(performance.now() - sent);
    if (status !== 200) throw new Error(`status ${status} for ${request.slice(0, 300)}`);
  }

  async function cycle(
    connection: HttpConnection,
    index: number,
    { requests, everyMilliseconds = 0 }: Extract<Source, { kind: 'cycle' }>,
  ): Promise<void> {
    // Apart from each other, as requests of strangers are.
    let next = begin + (everyMilliseconds * index) / load.connections;
    while (goesOn()) {
      const wait = next - performance.now();
      if (everyMilliseconds > 0 && wait > 0) await sleep(wait);
      await send(connection, requests[started % requests.length] ?? '');
      next += everyMilliseconds;
    }
  }

  // A call that has begun is brought to its end, also where the time is over.
  async function calls(
    connection: HttpConnection,
    index: number,
    { steps, prefix }: Extract<Source, { kind: 'calls' }>,
  ): Promise<void> {
    for (let call = 0; goesOn(); call += 1) {
      for (const step of steps) {
        await send(connection, step.replace('%call%', `${prefix}-${index}-${call}`));
      }
    }
  }

  // What a worker has taken it reports of, also where the time is over.
  async function work(connection: HttpConnection, { lease, report, timed }: Work): Promise<void> {
    while (goesOn()) {
      started += 1;
      const sent = performance.now();
      const call = takenCall(await connection.read(lease));
      if (call === null) return;
      const taken = performance.now();
      await connection.read(textOfReport(report, call));
      times.push((timed === 'lease' ? taken : performance.now()) - sent);
    }
  }

  await Promise.all(
    connections.map((connection, index) => {
      if (source.kind === 'cycle') return cycle(connection, index, source);
      if (source.kind === 'work') return work(connection, source);
      return calls(connection, index, source);
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  for (const connection of connections) connection.close();
  return summarize(times, seconds);
}

answerParent(run);
