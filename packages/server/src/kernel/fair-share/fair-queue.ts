import { Fault } from '../fault.ts';

export interface FairQueueOptions {
  readonly capacity: number;
  /** The maximum of one business; the rest stays free for others. */
  readonly maxPerBusiness: number;
  readonly maxWaiting: number;
  readonly maxWaitingPerBusiness: number;
  readonly maxWaitMs: number;
}

interface Waiter {
  readonly amount: number;
  grant(): void;
}

interface BusinessQueue {
  taken: number;
  readonly waiting: Waiter[];
}

const RETRY_AFTER_SECONDS = 10;

/** Shares an amount: in order of arrival within a business, round-robin between businesses. */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** In the order of service. */
  readonly #queues = new Map<number, BusinessQueue>();
  #taken = 0;
  #waiting = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Returns how to give the amount back. Fault: RATE_LIMITED if too many wait, or for too long. */
  async take(businessId: number, amount: number, signal?: AbortSignal): Promise<() => void> {
    const { maxPerBusiness, maxWaiting, maxWaitingPerBusiness } = this.#options;
    signal?.throwIfAborted();
    // Larger amounts could never be granted.
    const granted = Math.min(amount, maxPerBusiness);
    const queue = this.#queueOf(businessId);
    if (queue.waiting.length === 0 && this.#fits(queue, granted)) this.#grant(queue, granted);
    else {
      const isFull = this.#waiting >= maxWaiting || queue.waiting.length >= maxWaitingPerBusiness;
      if (isFull) throw overloaded();
      await this.#wait(queue, granted, signal);
    }
    let isReturned = false;
    return () => {
      if (isReturned) return;
      isReturned = true;
      queue.taken -= granted;
      this.#taken -= granted;
      this.#serve();
      this.#dropIdle(businessId, queue);
    };
  }

  #queueOf(businessId: number): BusinessQueue {
    const queue = this.#queues.get(businessId) ?? { taken: 0, waiting: [] };
    this.#queues.set(businessId, queue);
    return queue;
  }

  #dropIdle(businessId: number, queue: BusinessQueue): void {
    const isIdle = queue.taken === 0 && queue.waiting.length === 0;
    if (isIdle && this.#queues.get(businessId) === queue) this.#queues.delete(businessId);
  }

  #fits(queue: BusinessQueue, amount: number): boolean {
    const { capacity, maxPerBusiness } = this.#options;
    return this.#taken + amount <= capacity && queue.taken + amount <= maxPerBusiness;
  }

  #grant(queue: BusinessQueue, amount: number): void {
    queue.taken += amount;
    this.#taken += amount;
  }

  async #wait(queue: BusinessQueue, amount: number, signal: AbortSignal | undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { amount, grant: resolve };
    const leave = (reason: unknown) => {
      const at = queue.waiting.indexOf(waiter);
      if (at < 0) return;
      queue.waiting.splice(at, 1);
      this.#waiting -= 1;
      reject(reason);
      this.#serve();
    };
    const onAbort = () => leave(signal?.reason);
    const timer = setTimeout(() => leave(overloaded()), this.#options.maxWaitMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    queue.waiting.push(waiter);
    this.#waiting += 1;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #serve(): void {
    for (let isServed = true; isServed; ) {
      isServed = false;
      for (const [businessId, queue] of this.#queues) {
        const [next] = queue.waiting;
        if (!next || queue.taken + next.amount > this.#options.maxPerBusiness) continue;
        // Strict order, so small amounts cannot starve a large one.
        if (!this.#fits(queue, next.amount)) return;
        queue.waiting.shift();
        this.#waiting -= 1;
        this.#grant(queue, next.amount);
        this.#queues.delete(businessId);
        this.#queues.set(businessId, queue);
        next.grant();
        isServed = true;
        break;
      }
    }
  }
}

function overloaded(): Fault {
  return new Fault(
    'RATE_LIMITED',
    `Too many large requests wait for this server; try again in ${RETRY_AFTER_SECONDS} s.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}
