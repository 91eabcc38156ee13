import { availableParallelism } from 'node:os';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { FairQueue } from './fair-queue.ts';

const MIB = 1024 * 1024;
/** Larger bodies and documents need a share. */
export const LARGE_BYTES = 256 * 1024;
const MAX_BYTES = 192 * MIB;
const MAX_BYTES_PER_BUSINESS = MAX_BYTES / 2;
const MAX_WAITING = 2_048;
const MAX_WAITING_PER_BUSINESS = 512;
const MAX_WAIT_MS = 5 * 60_000;

export interface FairShareOptions {
  readonly slots?: number;
  readonly maxBytes?: number;
  readonly maxBytesPerBusiness?: number;
  readonly maxWaitingPerBusiness?: number;
  readonly maxWaitMs?: number;
}

/** The resources of one request. Releasing twice is harmless. */
export interface Share {
  reserve(bytes: number): Promise<void>;
  takeSlot(): Promise<void>;
  /** Call when the work is done, even if its result is still being sent. */
  freeSlot(): void;
  release(): void;
}

/**
 * Divides work that needs much memory, CPU or database connections fairly between businesses. Bytes
 * are reserved before a body arrives, a slot is taken after it: this order prevents deadlocks.
 */
export interface FairShare {
  /** `kind` labels the metrics; `signal` ends the waiting. */
  open(businessId: number, kind: string, signal?: AbortSignal): Share;
  run<T>(
    order: { readonly businessId: number; readonly kind: string; readonly signal?: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T>;
}

export function openFairShare(registry: Registry, options: FairShareOptions = {}): FairShare {
  const { maxBytes = MAX_BYTES, maxBytesPerBusiness = MAX_BYTES_PER_BUSINESS } = options;
  const slots = options.slots ?? Math.min(Math.max(availableParallelism(), 2), 4);
  const bounds = {
    maxWaiting: MAX_WAITING,
    maxWaitingPerBusiness: options.maxWaitingPerBusiness ?? MAX_WAITING_PER_BUSINESS,
    maxWaitMs: options.maxWaitMs ?? MAX_WAIT_MS,
  };
  const memory = new FairQueue({
    capacity: maxBytes,
    maxPerBusiness: maxBytesPerBusiness,
    ...bounds,
  });
  // One slot stays free for another business.
  const maxPerBusiness = Math.max(1, slots - 1);
  const work = new FairQueue({ capacity: slots, maxPerBusiness, ...bounds });
  const observeWait = addMetrics(registry, memory, work);

  function open(businessId: number, kind: string, signal?: AbortSignal): Share {
    const bytesTaken: (() => void)[] = [];
    let slot: (() => void) | null = null;
    const freeSlot = () => {
      slot?.();
      slot = null;
    };
    const timed = async (taking: Promise<() => void>) => {
      const begin = performance.now();
      const giveBack = await taking;
      observeWait(kind, (performance.now() - begin) / 1000);
      return giveBack;
    };
    return {
      async reserve(bytes) {
        bytesTaken.push(await timed(memory.take(businessId, bytes, signal)));
      },
      async takeSlot() {
        slot ??= await timed(work.take(businessId, 1, signal));
      },
      freeSlot,
      release() {
        freeSlot();
        for (const giveBack of bytesTaken.splice(0)) giveBack();
      },
    };
  }

  return {
    open,
    async run({ businessId, kind, signal }, job) {
      const share = open(businessId, kind, signal);
      await share.takeSlot();
      try {
        return await job();
      } finally {
        share.release();
      }
    },
  };
}

function addMetrics(
  registry: Registry,
  memory: FairQueue,
  work: FairQueue,
): (kind: string, seconds: number) => void {
  const registers = [registry];
  const addTaken = (name: string, help: string, queue: FairQueue) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(queue.taken);
      },
    });
  addTaken('colloquy_large_work_running', 'Large requests that have a slot', work);
  addTaken('colloquy_large_work_bytes', 'Bytes reserved for large bodies and answers', memory);
  new Gauge({
    name: 'colloquy_large_work_waiting',
    help: 'Large requests that wait, for memory or for a slot',
    labelNames: ['for'],
    registers,
    collect() {
      this.set({ for: 'memory' }, memory.waiting);
      this.set({ for: 'slot' }, work.waiting);
    },
  });
  const waited = new Histogram({
    name: 'colloquy_large_work_wait_seconds',
    help: 'How long large requests waited, by operation',
    labelNames: ['op'],
    buckets: [0.01, 0.1, 1, 5, 30, 120],
    registers,
  });
  return (op, seconds) => waited.observe({ op }, seconds);
}
