import { Fault } from '../fault.ts';

export interface FairQueueOptions {
  /** What may be taken at once, in units of the caller. */
  readonly capacity: number;
  /** What one business may take of it; the rest is free for the next that comes. */
  readonly maxPerBusiness: number;
  readonly maxWaiting: number;
  readonly maxWaitingPerBusiness: number;
  /** Milliseconds after which a request that waits is refused. */
  readonly maxWaitMs: number;
}

interface Waiter {
  readonly amount: number;
  grant(): void;
}

interface Line {
  taken: number;
  readonly waiting: Waiter[];
}

const RETRY_AFTER_SECONDS = 10;

/**
 * Hands out a limited amount of something to businesses in turns: within a business first come, first
 * served, and between businesses one each. A business that asks for much waits for itself.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** In the order in which they are served next. */
  readonly #lines = new Map<number, Line>();
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

  /**
   * Waits for an amount and gives what returns it. RATE_LIMITED where too much waits already, or after
   * `maxWaitMs`; rejects with the reason of `signal` when that is aborted.
   */
  async take(businessId: number, amount: number, signal?: AbortSignal): Promise<() => void> {
    const { maxPerBusiness, maxWaiting, maxWaitingPerBusiness } = this.#options;
    signal?.throwIfAborted();
    // More than all there is can only ever be all there is.
    const granted = Math.min(amount, maxPerBusiness);
    const line = this.#lineOf(businessId);
    if (line.waiting.length === 0 && this.#fits(line, granted)) this.#grant(line, granted);
    else {
      const isFull = this.#waiting >= maxWaiting || line.waiting.length >= maxWaitingPerBusiness;
      if (isFull) throw overloaded();
      await this.#wait(line, granted, signal);
    }
    let isReturned = false;
    return () => {
      if (isReturned) return;
      isReturned = true;
      line.taken -= granted;
      this.#taken -= granted;
      this.#serve();
      this.#dropIdle(businessId, line);
    };
  }

  #lineOf(businessId: number): Line {
    const line = this.#lines.get(businessId) ?? { taken: 0, waiting: [] };
    this.#lines.set(businessId, line);
    return line;
  }

  #dropIdle(businessId: number, line: Line): void {
    const isIdle = line.taken === 0 && line.waiting.length === 0;
    if (isIdle && this.#lines.get(businessId) === line) this.#lines.delete(businessId);
  }

  #fits(line: Line, amount: number): boolean {
    const { capacity, maxPerBusiness } = this.#options;
    return this.#taken + amount <= capacity && line.taken + amount <= maxPerBusiness;
  }

  #grant(line: Line, amount: number): void {
    line.taken += amount;
    this.#taken += amount;
  }

  async #wait(line: Line, amount: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { amount, grant: resolve };
    const leave = (reason: unknown) => {
      const at = line.waiting.indexOf(waiter);
      if (at < 0) return;
      line.waiting.splice(at, 1);
      this.#waiting -= 1;
      reject(reason);
      // Whoever waited behind it may fit.
      this.#serve();
    };
    const onAbort = () => leave(signal?.reason);
    const timer = setTimeout(() => leave(overloaded()), this.#options.maxWaitMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    line.waiting.push(waiter);
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
      for (const [businessId, line] of this.#lines) {
        const [next] = line.waiting;
        if (!next || line.taken + next.amount > this.#options.maxPerBusiness) continue;
        // In turn, so that much is not kept waiting for ever by little.
        if (!this.#fits(line, next.amount)) return;
        line.waiting.shift();
        this.#waiting -= 1;
        this.#grant(line, next.amount);
        // The last that was served is the last to be served next.
        this.#lines.delete(businessId);
        this.#lines.set(businessId, line);
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
