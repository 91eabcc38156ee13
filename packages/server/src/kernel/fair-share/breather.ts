import { setImmediate } from 'node:timers/promises';

/**
 * For how long work may keep the event loop, in milliseconds. A small request waits for several turns of it:
 * until it is read, for each of its statements, and until it is answered.
 */
const MAX_MS = 3;

/**
 * For long work on this thread: `if (breather.isDue()) await breather.breathe();` between its steps lets
 * the event loop turn, and costs next to nothing while it is not due.
 */
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
