import { answerParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { type Measured, summarize } from './measured.ts';

/** What to send: requests over and over, or whole calls, each step after the one before. */
export type Source =
  | { readonly kind: 'cycle'; readonly requests: readonly string[] }
  | {
      readonly kind: 'calls';
      /** The requests of one call; `%call%` stands where its id goes. */
      readonly steps: readonly string[];
      readonly prefix: string;
    };

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

  async function cycle(connection: HttpConnection, requests: readonly string[]): Promise<void> {
    while (goesOn()) await send(connection, requests[started % requests.length] ?? '');
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

  await Promise.all(
    connections.map((connection, index) =>
      source.kind === 'cycle'
        ? cycle(connection, source.requests)
        : calls(connection, index, source),
    ),
  );
  const seconds = (performance.now() - begin) / 1000;
  for (const connection of connections) connection.close();
  return summarize(times, seconds);
}

answerParent(run);
