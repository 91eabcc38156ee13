import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';

type Transferable = ArrayBuffer | MessagePort;

/** A module whose default export runs in a thread, without database, secrets or server state. */
export interface ThreadTask<Input, Output> {
  readonly file: string;
  /** Never set; carries the types. */
  readonly types?: (input: Input) => Output;
}

/** `threadTask<typeof import('./x.thread.ts').default>(new URL('./x.thread.ts', import.meta.url))` */
export function threadTask<Work extends (input: never) => unknown>(
  url: URL,
): ThreadTask<Parameters<Work>[0], Awaited<ReturnType<Work>>> {
  return { file: fileURLToPath(url) };
}

export interface RunOptions {
  /** Transferred instead of copied; the sender cannot use them afterwards. */
  readonly transfer?: readonly Transferable[];
  /** Aborting rejects the call and ends its thread, even during computation. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** For work that would block. Cloning blocks too: pass transferred bytes, no large values. */
export interface Threads {
  run<Input, Output>(
    task: ThreadTask<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<Output>;
  close(): Promise<void>;
}

/** An idle thread costs about 10 MB, starting one takes about 50 ms. */
const IDLE_MS = 30_000;
/** Work that needs more memory fails alone; without a limit it could end the process. */
const MAX_HEAP_MB = 1024;
/** Lower priority than the event loop, which answers small requests and feeds these threads. */
const REQUEST_NICE = 5;
export const BACKGROUND_NICE = 15;

export interface ThreadsOptions {
  readonly maxThreads?: number;
  readonly maxHeapMb?: number;
  readonly nice?: number;
}

export function openThreads({
  maxThreads = Math.max(2, availableParallelism()),
  maxHeapMb = MAX_HEAP_MB,
  nice = REQUEST_NICE,
}: ThreadsOptions = {}): Threads {
  const pool = new Piscina({
    minThreads: 0,
    maxThreads,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    niceIncrement: nice,
    // Work was admitted before it gets here.
    maxQueue: Number.POSITIVE_INFINITY,
  });
  return {
    run(task, input, { transfer = [], signal, timeoutMs } = {}) {
      const signals = [
        ...(signal ? [signal] : []),
        ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)]),
      ];
      return pool.run(input, {
        filename: task.file,
        transferList: [...transfer],
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      });
    },
    // `close` would wait for running work.
    close: () => pool.destroy(),
  };
}

export function isThreadLimit(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') || error.name === 'AbortError'
  );
}
