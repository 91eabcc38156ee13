import { availableParallelism } from 'node:os';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { FairQueue } from './fair-queue.ts';

const MIB = 1024 * 1024;
/** A request whose body, or a document whose text, has more bytes is large. */
export const LARGE_BYTES = 256 * 1024;
/** What large bodies and answers may hold of memory, in bytes as they go over the wire. */
const MAX_BYTES = 192 * MIB;
const MAX_BYTES_PER_BUSINESS = MAX_BYTES / 2;
const MAX_WAITING = 2_048;
const MAX_WAITING_PER_BUSINESS = 512;
const MAX_WAIT_MS = 5 * 60_000;

export interface FairShareOptions {
  /** How much large work runs at once. */
  readonly slots?: number;
  readonly maxBytes?: number;
  readonly maxBytesPerBusiness?: number;
  readonly maxWaitingPerBusiness?: number;
  readonly maxWaitMs?: number;
}

/** What large work of one request has taken. Everything may be given back more than once. */
export interface Share {
  /** Waits until there is room for so many bytes. */
  reserve(bytes: number): Promise<void>;
  /** Waits for a slot, without which no large work begins; at once where it has one. */
  takeSlot(): Promise<void>;
  /** The work is done; what it made is still being sent. */
  freeSlot(): void;
  /** Nothing of it is held any more. */
  release(): void;
}

/**
 * Bounds the work that costs memory, CPU and connections of the database out of proportion, and gives
 * each business a fair share of it. Small work does not come here.
 *
 * Bytes are reserved before a large body is read or a large document fetched, and are held until the
 * answer has left. A slot is taken only once the body is there, so that a slow upload holds none. Both
 * are always taken in this order, so that no two requests wait for each other.
 */
export interface FairShare {
  /** `kind` is for the metrics, and `signal` ends the waiting. */
  open(businessId: number, kind: string, signal?: AbortSignal): Share;
  /** Does work with a slot. */
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
    ...{ capacity: maxBytes, maxPerBusiness: maxBytesPerBusiness },
    ...bounds,
  });
  // One slot is always left for another business, which then does not wait for a long queue.
  const work = new FairQueue({
    ...{ capacity: slots, maxPerBusiness: Math.max(1, slots - 1) },
    ...bounds,
  });
  const observeWait = watch(registry, memory, work);

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

/** What operators see of the share; gives what notes how long something waited, in seconds. */
function watch(
  registry: Registry,
  memory: FairQueue,
  work: FairQueue,
): (kind: string, seconds: number) => void {
  const registers = [registry];
  new Gauge({
    name: 'colloquy_large_work_running',
    help: 'Large requests that have a slot',
    registers,
    collect() {
      this.set(work.taken);
    },
  });
  new Gauge({
    name: 'colloquy_large_work_bytes',
    help: 'Bytes reserved for large bodies and answers',
    registers,
    collect() {
      this.set(memory.taken);
    },
  });
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
