/** Tasks that run side by side, bounded in their number and in the bytes that they hold. */
export class InFlight {
  readonly #most: number;
  readonly #mostBytes: number;
  #count = 0;
  #bytes = 0;
  #wake: (() => void) | null = null;

  constructor(most: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** Starts a task as soon as there is room; one that is too large for the bound runs alone. */
  async start(bytes: number, task: () => Promise<void>): Promise<void> {
    while (this.#count > 0 && (this.#count >= this.#most || this.#bytes + bytes > this.#mostBytes))
      await this.#oneEnds();
    this.#count += 1;
    this.#bytes += bytes;
    const end = () => {
      this.#count -= 1;
      this.#bytes -= bytes;
      this.#wake?.();
    };
    task().then(end, end);
  }

  /** Waits until nothing runs any more. */
  async settle(): Promise<void> {
    while (this.#count > 0) await this.#oneEnds();
  }

  #oneEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
