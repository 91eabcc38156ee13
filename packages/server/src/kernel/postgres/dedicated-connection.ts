import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const INITIAL_BACKOFF_MILLISECONDS = 50;
const MAX_BACKOFF_MILLISECONDS = 1_000;
const DEFAULT_TIMEOUT_MILLISECONDS = 3_000;

export interface DedicatedConnectionOptions {
  connect(): Promise<pg.Client>;
  /**
   * Uses a connection until `signal` aborts: it ended or is closed. `onReady`: it does its work.
   */
  hold(client: pg.Client, signal: AbortSignal, onReady: () => void): Promise<void>;
  onLost?(error: unknown): void;
  /** Bounds the time of a connection's start, and of its end if the network is gone. */
  readonly timeoutMs?: number;
}

export interface DedicatedConnection {
  /** Resolves when the first connection is ready or has failed. */
  readonly attempted: Promise<void>;
  close(): Promise<void>;
}

/** Keeps a connection outside of the pool open, for LISTEN or advisory locks, until `close`. */
export function keepConnection(options: DedicatedConnectionOptions): DedicatedConnection {
  const { hold, onLost, timeoutMs = DEFAULT_TIMEOUT_MILLISECONDS } = options;
  const closing = new AbortController();
  const attempted = Promise.withResolvers<void>();
  let backoff = INITIAL_BACKOFF_MILLISECONDS;
  const onReady = () => {
    backoff = INITIAL_BACKOFF_MILLISECONDS;
    attempted.resolve();
  };

  async function attempt(): Promise<void> {
    const client = await connectInTime(options.connect(), timeoutMs);
    const ended = new AbortController();
    client.once('end', () => ended.abort());
    try {
      await hold(client, AbortSignal.any([closing.signal, ended.signal]), onReady);
      if (!closing.signal.aborted) throw new Error('the connection to the database was closed');
    } finally {
      // If packets vanish, `end` is never answered.
      const gone = client.end().catch(() => undefined);
      if (closing.signal.aborted)
        await Promise.race([gone, sleep(timeoutMs, null, { ref: false })]);
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        if (!closing.signal.aborted) onLost?.(error);
      }
      attempted.resolve();
      await sleep(backoff, undefined, { signal: closing.signal }).catch(() => undefined);
      backoff = Math.min(backoff * 2, MAX_BACKOFF_MILLISECONDS);
    }
  }
  const finished = run();

  return {
    attempted: attempted.promise,
    async close() {
      closing.abort();
      await finished;
    },
  };
}

export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The driver bounds the time to connect, but not the statements that prepare the session. */
async function connectInTime(connecting: Promise<pg.Client>, milliseconds: number) {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal, ref: false });
  const client = await Promise.race([connecting, late.catch(() => undefined)]);
  timer.abort();
  if (client) return client;
  connecting.then(
    (late) => late.end(),
    () => undefined,
  );
  throw new Error('the database did not answer in time');
}
