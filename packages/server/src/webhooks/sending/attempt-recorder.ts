import type { Settled } from '../delivery-store.ts';

const MAX_RECORDED = 200;

interface Recording {
  readonly settled: Settled;
  resolve(): void;
  reject(error: unknown): void;
}

/** Stores attempts. Those that end while a statement runs share the next. */
export class AttemptRecorder {
  readonly #store: (settled: readonly Settled[]) => Promise<void>;
  readonly #waiting: Recording[] = [];
  #running: Promise<void> | null = null;

  constructor(store: (settled: readonly Settled[]) => Promise<void>) {
    this.#store = store;
  }

  /** Resolves when the attempt is stored. */
  record(settled: Settled): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ settled, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is being stored. */
  async close(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Attempts of the same turn share the first statement.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_RECORDED);
      try {
        await this.#store(batch.map(({ settled }) => settled));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same turn as the check, so no attempt waits for a run that has ended.
    this.#running = null;
  }
}
