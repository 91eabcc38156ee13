import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';

/** What can move to another thread without a copy. */
export type Transferable = ArrayBuffer | MessagePort;

/**
 * A module whose default export does work in a thread. Only its file crosses to the thread, so it may
 * import what it needs, but holds no database, no secrets and no state of the server.
 */
export interface ThreadTask<Input, Output> {
  readonly file: string;
  /** Never set; carries the types of the work. */
  readonly types?: (input: Input) => Output;
}

/** `threadTask<typeof import('./x.thread.ts').default>(new URL('./x.thread.ts', import.meta.url))` */
export function threadTask<Work extends (input: never) => unknown>(
  url: URL,
): ThreadTask<Parameters<Work>[0], Awaited<ReturnType<Work>>> {
  return { file: fileURLToPath(url) };
}

export interface RunOptions {
  /** Parts of the input that are moved instead of copied; the sender cannot use them afterwards. */
  readonly transfer?: readonly Transferable[];
  /** Aborting rejects the work and ends its thread, even while it computes. */
  readonly signal?: AbortSignal;
  /** Milliseconds from the start of the call after which the work is ended like an aborted one. */
  readonly timeoutMs?: number;
}

/**
 * Threads for work that would block the event loop. Inputs and outputs are copied by structured clone,
 * which blocks both sides: pass texts as transferred bytes, never a large parsed value.
 */
export interface Threads {
  /** Rejects with what the work threw, or with an AbortError. */
  run<Input, Output>(
    task: ThreadTask<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<Output>;
  close(): Promise<void>;
}

/** An idle thread costs some 10 MB; one that is started takes some 50 ms. */
const IDLE_MS = 30_000;
/** A work that needs more memory fails alone; without a limit it could end the whole process. */
const MAX_HEAP_MB = 1024;
/** The event loop goes first: it answers small requests, and hands work to these threads. */
const REQUEST_NICE = 5;
/** Background threads use the time that requests leave. */
export const BACKGROUND_NICE = 15;

export interface ThreadsOptions {
  readonly maxThreads?: number;
  readonly maxHeapMb?: number;
  /** Added to the nice value of the process. */
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
    // What is queued here was admitted before; who may wait is decided where it is admitted.
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
    // `close` would wait for work that runs.
    close: () => pool.destroy(),
  };
}

/** Whether work failed because it needed more memory or time than it may. */
export function isThreadLimit(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') || error.name === 'AbortError'
  );
}
