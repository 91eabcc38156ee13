import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { parseLeasedCall, type ReportRequest, renderReport } from './leased-call.ts';
import { type Measured, summarize } from './measured.ts';

/**
 * A load: repeated requests; whole calls, step by step; or the requests of workers that lease calls and
 * report them.
 */
export type Source =
  | {
      readonly kind: 'cycle';
      readonly requests: readonly string[];
      /** Of each answer; 200 by default. */
      readonly status?: number;
    }
  | {
      readonly kind: 'calls';
      /** The requests of one call; `%call%` is replaced by its id. */
      readonly steps: readonly string[];
      readonly prefix: string;
    }
  | Work;

/** Each connection is a worker that ends if a lease returns no call. */
export interface Work {
  readonly kind: 'work';
  readonly lease: string;
  readonly report: ReportRequest;
  /** What is timed: a lease, or a lease with its report. */
  readonly timed: 'lease' | 'call';
}

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly source: Source;
  /** The rate of each connection; without it, requests follow each answer. */
  readonly everyMilliseconds?: number;
  /** Ends after this time or this number of requests, whichever comes first. */
  readonly until: { readonly milliseconds: number; readonly requests?: number };
}

/** Returns what resolves when the next request of a connection is due. */
function pace({ everyMilliseconds = 0, connections }: Load, begin: number, index: number) {
  // Spreads the connections, like requests of independent clients.
  let next = begin + (everyMilliseconds * index) / connections;
  return async () => {
    const wait = next - performance.now();
    next += everyMilliseconds;
    if (everyMilliseconds > 0 && wait > 0) await sleep(wait);
  };
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

  async function send(connection: HttpConnection, request: string, expected = 200): Promise<void> {
    started += 1;
    const sent = performance.now();
    const status = await connection.send(request);
    times.push(performance.now() - sent);
    if (status !== expected) throw new Error(`status ${status} for ${request.slice(0, 300)}`);
  }

  async function cycle(
    connection: HttpConnection,
    index: number,
    { requests, status }: Extract<Source, { kind: 'cycle' }>,
  ): Promise<void> {
    const isDue = pace(load, begin, index);
    while (goesOn()) {
      await isDue();
      await send(connection, requests[started % requests.length] ?? '', status);
    }
  }

  // Finishes a call that has begun, even after the time.
  async function calls(
    connection: HttpConnection,
    index: number,
    { steps, prefix }: Extract<Source, { kind: 'calls' }>,
  ): Promise<void> {
    const isDue = pace(load, begin, index);
    for (let call = 0; goesOn(); call += 1) {
      for (const step of steps) {
        await isDue();
        await send(connection, step.replace('%call%', `${prefix}-${index}-${call}`));
      }
    }
  }

  // Reports a leased call, even after the time.
  async function work(connection: HttpConnection, { lease, report, timed }: Work): Promise<void> {
    while (goesOn()) {
      started += 1;
      const sent = performance.now();
      const call = parseLeasedCall(await connection.read(lease));
      if (call === null) return;
      const taken = performance.now();
      await connection.read(renderReport(report, call));
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
