import { answerParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { type Measured, summarize } from './measured.ts';

/** `start` sends at a steady rate until `stop`, independent of the answers. */
export type ProbeOrder =
  | { readonly kind: 'start'; readonly port: number; readonly request: string }
  | { readonly kind: 'stop' };

export interface Probed extends Measured {
  readonly max: number;
  /** Answers with another status than 200, and missing answers. */
  readonly failures: number;
}

const EVERY_MILLISECONDS = 10;

class Probe {
  readonly #port: number;
  readonly #request: string;
  readonly #idle: HttpConnection[] = [];
  readonly #times: number[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #failures = 0;

  constructor(port: number, request: string) {
    this.#port = port;
    this.#request = request;
    this.#timer = setInterval(() => this.#catchUp(), EVERY_MILLISECONDS);
  }

  /** A delayed request counts from the time at which it was due. */
  #catchUp(): void {
    const due = Math.floor((performance.now() - this.#began) / EVERY_MILLISECONDS);
    for (; this.#sent < due; this.#sent += 1) {
      const one = this.#send(this.#began + (this.#sent + 1) * EVERY_MILLISECONDS);
      this.#underWay.add(one);
      one.finally(() => this.#underWay.delete(one));
    }
  }

  async #send(dueAt: number): Promise<void> {
    try {
      const connection = this.#takeIdle() ?? (await HttpConnection.open(this.#port));
      const status = await connection.send(this.#request);
      if (status !== 200) this.#failures += 1;
      this.#idle.push(connection);
    } catch {
      this.#failures += 1;
    }
    this.#times.push(performance.now() - dueAt);
  }

  #takeIdle(): HttpConnection | undefined {
    let connection = this.#idle.pop();
    while (connection && !connection.isOpen) connection = this.#idle.pop();
    return connection;
  }

  async stop(): Promise<Probed> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    const seconds = (performance.now() - this.#began) / 1000;
    for (const connection of this.#idle) connection.close();
    const max = Math.max(0, ...this.#times);
    return { ...summarize(this.#times, seconds), max, failures: this.#failures };
  }
}

let probe: Probe | null = null;

answerParent(async (order: ProbeOrder): Promise<Probed | null> => {
  if (order.kind === 'start') {
    probe = new Probe(order.port, order.request);
    return null;
  }
  const stopped = await probe?.stop();
  probe = null;
  return stopped ?? null;
});
