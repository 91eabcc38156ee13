export class InFlight {
  readonly #maxTasks: number;
  readonly #maxBytes: number;
  #count = 0;
  #bytes = 0;
  #wake: (() => void) | null = null;

  constructor(maxTasks: number, maxBytes: number) {
    this.#maxTasks = maxTasks;
    this.#maxBytes = maxBytes;
  }

  /** A task above the limit of bytes runs alone. */
  async start(bytes: number, task: () => Promise<void>): Promise<void> {
    const isFull = () => this.#count >= this.#maxTasks || this.#bytes + bytes > this.#maxBytes;
    while (this.#count > 0 && isFull()) await this.#taskEnds();
    this.#count += 1;
    this.#bytes += bytes;
    const end = () => {
      this.#count -= 1;
      this.#bytes -= bytes;
      this.#wake?.();
    };
    task().then(end, end);
  }

  async settle(): Promise<void> {
    while (this.#count > 0) await this.#taskEnds();
  }

  #taskEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
