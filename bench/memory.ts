import { readFile } from 'node:fs/promises';

/** The largest resident memory of a process, read ten times per second. */
export class MemoryWatch implements Disposable {
  #largest = 0;
  #largestOfRow = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
      this.#largest = Math.max(this.#largest, kilobytes / 1024);
      this.#largestOfRow = Math.max(this.#largestOfRow, kilobytes / 1024);
    }, 100);
  }

  /** In MiB; 0 on systems without /proc. */
  get largest(): number {
    return this.#largest;
  }

  /** The largest since the previous call, in MiB. */
  takeLargest(): number {
    const largest = this.#largestOfRow;
    this.#largestOfRow = 0;
    return largest;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
