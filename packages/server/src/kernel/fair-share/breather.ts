import { setImmediate } from 'node:timers/promises';

/** Milliseconds that work may block the event loop. A small request waits for several turns of the loop. */
const MAX_MS = 3;

/** Yields in long work: `if (breather.isDue()) await breather.breathe();` between its steps. */
export class Breather {
  #since = performance.now();

  isDue(): boolean {
    return performance.now() - this.#since > MAX_MS;
  }

  async breathe(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
