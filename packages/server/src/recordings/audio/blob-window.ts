const WINDOW_BYTES = 1024 * 1024;
/** Enough for the tables of an MP4 file of two days. */
const MAX_READ_BYTES = 32 * WINDOW_BYTES;
const EXTRA_BYTES = 2 * MAX_READ_BYTES;
const READS_BETWEEN_CHECKS = 65_536;

export interface Budget {
  /** Reads of frames, pages and boxes; each is read once or twice. */
  readonly reads: number;
  readonly cpuMs: number;
}

/** The file needs more time or memory than real recordings do. */
export class BudgetError extends Error {}

/** A crafted file causes no endless loop or large allocation; both throw BudgetError. */
export class BlobWindow {
  readonly size: number;
  readonly #load: (start: number, length: number) => Uint8Array;
  readonly #budget: Budget;
  readonly #cpuBefore = process.threadCpuUsage();
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #reads = 0;
  #loaded = 0;

  constructor(
    size: number,
    load: (start: number, length: number) => Uint8Array,
    budget: Budget = { reads: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY },
  ) {
    this.size = size;
    this.#load = load;
    this.#budget = budget;
  }

  /** Valid until the next call; fewer bytes only at the end. */
  at(position: number, length: number): Buffer {
    this.#count();
    const end = Math.min(position + length, this.size);
    if (!(position < end)) return Buffer.alloc(0);
    if (position < this.#start || end > this.#start + this.#bytes.length) {
      this.#move(position, end);
    }
    return this.#bytes.subarray(position - this.#start, end - this.#start);
  }

  #count(): void {
    if (++this.#reads > this.#budget.reads) throw new BudgetError('too many elements');
    if (this.#reads % READS_BETWEEN_CHECKS === 0) this.#checkTime();
  }

  #checkTime(): void {
    const { user, system } = process.threadCpuUsage(this.#cpuBefore);
    if ((user + system) / 1000 > this.#budget.cpuMs) throw new BudgetError('too much time');
  }

  #move(position: number, end: number): void {
    const length = Math.min(Math.max(end, position + WINDOW_BYTES), this.size) - position;
    this.#loaded += length;
    if (length > MAX_READ_BYTES || this.#loaded > 2 * this.size + EXTRA_BYTES) {
      throw new BudgetError('too many bytes');
    }
    this.#checkTime();
    const bytes = Buffer.alloc(length);
    // Small pieces, because the loader may run on the event loop.
    for (let done = 0; done < length; ) {
      const piece = this.#load(position + done, Math.min(WINDOW_BYTES, length - done));
      if (piece.length === 0) throw new Error('the blob became shorter while it was read');
      bytes.set(piece, done);
      done += piece.length;
    }
    this.#bytes = bytes;
    this.#start = position;
  }
}
