import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { type Database, statement } from './database.ts';
import { type DedicatedConnection, keepConnection, untilAborted } from './dedicated-connection.ts';

const CHANNEL = 'colloquy_wake';
const LISTEN = statement('wake.listen', `LISTEN ${CHANNEL}`);
const NOTIFY = statement(
  'wake.notify',
  `SELECT pg_notify('${CHANNEL}', payload) FROM unnest($1::text[]) AS g(payload)`,
);
/** Topics that are published within this time share a statement. */
const GATHER_MILLISECONDS = 5;
/** Between statements: under load, one for each commit would take a tenth of the time. */
const PACE_MILLISECONDS = 25;
const DEFAULT_LOOK_AGAIN_MS = 5_000;
const CLOSE_MILLISECONDS = 1_000;

/**
 * Only a hint to waiting requests of all nodes: sent after the commit, and lost if a connection is.
 */
export interface Notifier {
  /** Ends the waits for a topic, on this node immediately and on others within milliseconds. */
  publish(topic: string): void;
  wait(topic: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** The number of waits for a topic on this node. */
  waitingFor(topic: string): number;
  /** After this time a waiting request looks again, in case a notification was lost. */
  readonly lookAgainMs: number;
  readonly isClosed: boolean;
  close(): Promise<void>;
}

export function openNotifier(
  db: Database,
  log: Logger,
  lookAgainMs = DEFAULT_LOOK_AGAIN_MS,
): Notifier {
  return new PostgresNotifier(db, log, lookAgainMs);
}

class PostgresNotifier implements Notifier {
  readonly lookAgainMs: number;
  readonly #db: Database;
  readonly #log: Logger;
  readonly #nodeId = randomUUID();
  readonly #waits = new Map<string, Set<() => void>>();
  readonly #published = new Set<string>();
  readonly #closing = new AbortController();
  readonly #connection: DedicatedConnection;
  #sending: NodeJS.Timeout | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(db: Database, log: Logger, lookAgainMs: number) {
    this.#db = db;
    this.#log = log;
    this.lookAgainMs = lookAgainMs;
    this.#connection = keepConnection({
      connect: () => db.connect('colloquy-wake'),
      hold: (client, signal, onReady) => this.#listen(client, signal, onReady),
      timeoutMs: CLOSE_MILLISECONDS,
    });
  }

  waitingFor(topic: string): number {
    return this.#waits.get(topic)?.size ?? 0;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  publish(topic: string): void {
    this.#endWaits(topic);
    this.#published.add(topic);
    if (this.#sending) return;
    const pause = this.#sentAt + PACE_MILLISECONDS - performance.now();
    const delay = Math.max(GATHER_MILLISECONDS, pause);
    this.#sending = setTimeout(() => void this.#send(), delay);
  }

  wait(topic: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ofTopic = this.#waits.get(topic) ?? new Set();
    this.#waits.set(topic, ofTopic);
    const timer = setTimeout(resolve, milliseconds);
    ofTopic.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted || this.isClosed) resolve();
    return promise.finally(() => {
      clearTimeout(timer);
      ofTopic.delete(resolve);
      if (ofTopic.size === 0 && this.#waits.get(topic) === ofTopic) this.#waits.delete(topic);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#endAllWaits();
    if (this.#sending) clearTimeout(this.#sending);
    await this.#connection.close();
  }

  async #listen(client: pg.Client, signal: AbortSignal, onReady: () => void): Promise<void> {
    client.on('notification', ({ payload = '' }) => {
      const space = payload.indexOf(' ');
      if (payload.slice(0, space) !== this.#nodeId) this.#endWaits(payload.slice(space + 1));
    });
    await client.query(LISTEN);
    // For what was published while there was no connection.
    this.#endAllWaits();
    onReady();
    await untilAborted(signal);
  }

  async #send(): Promise<void> {
    this.#sending = null;
    this.#sentAt = performance.now();
    const payloads = [...this.#published].map((topic) => `${this.#nodeId} ${topic}`);
    this.#published.clear();
    await this.#db.rows(NOTIFY, [payloads]).catch((error: unknown) => {
      this.#log.debug({ err: error }, 'could not notify other nodes of a change');
    });
  }

  #endWaits(topic: string): void {
    for (const end of this.#waits.get(topic) ?? []) end();
  }

  #endAllWaits(): void {
    for (const topic of this.#waits.keys()) this.#endWaits(topic);
  }
}
