import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { type Database, statement } from './database.ts';

const CHANNEL = 'colloquy_wake';
const LISTEN = statement('wake.listen', `LISTEN ${CHANNEL}`);
const NOTIFY = statement(
  'wake.notify',
  `SELECT pg_notify('${CHANNEL}', payload) FROM unnest($1::text[]) AS g(payload)`,
);
/** In which what is told shares a notification. */
const GATHER_MILLISECONDS = 5;
const RECONNECT_MILLISECONDS = 500;

/**
 * Tells all nodes that something has changed which somebody may be waiting for. It is a hint: a
 * notification is sent outside of the transaction that it tells of, and may be lost with a connection.
 */
export interface Notifier {
  /** Wakes who waits for a topic, here at once and elsewhere within milliseconds. */
  publish(topic: string): void;
  /** Ends when the topic is told of, after a time, or when the signal or this is closed. */
  wait(topic: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** How many wait now, on this node. */
  readonly waiting: number;
  /** Milliseconds after which a waiter looks by itself, in case a notification was lost. */
  readonly lookAgainMs: number;
  readonly isClosed: boolean;
  close(): Promise<void>;
}

const LOOK_AGAIN_MS = 5_000;

export function openNotifier(db: Database, log: Logger, lookAgainMs = LOOK_AGAIN_MS): Notifier {
  const nodeId = randomUUID();
  const waiting = new Map<string, Set<() => void>>();
  const told = new Set<string>();
  const closing = new AbortController();
  let client: pg.Client | null = null;
  let gathering: NodeJS.Timeout | null = null;

  const wakeTopic = (topic: string) => {
    for (const wake of waiting.get(topic) ?? []) wake();
  };
  const wakeAll = () => {
    for (const topic of waiting.keys()) wakeTopic(topic);
  };

  async function send(): Promise<void> {
    gathering = null;
    const payloads = [...told].map((topic) => `${nodeId} ${topic}`);
    told.clear();
    await db.rows(NOTIFY, [payloads]).catch((error: unknown) => {
      log.debug({ err: error }, 'other nodes were not told of a change');
    });
  }

  /** Listens until the connection is lost. */
  async function listen(): Promise<void> {
    const connection = await db.connect('colloquy-wake');
    const ended = new Promise((resolve) => connection.once('end', resolve));
    client = connection;
    connection.on('notification', ({ payload = '' }) => {
      const space = payload.indexOf(' ');
      if (payload.slice(0, space) !== nodeId) wakeTopic(payload.slice(space + 1));
    });
    await connection.query(LISTEN);
    // What was told of while nobody listened here.
    wakeAll();
    if (closing.signal.aborted) connection.end().catch(() => undefined);
    await ended;
  }

  async function keep(): Promise<void> {
    while (!closing.signal.aborted) {
      await listen().catch(() => undefined);
      client = null;
      const { signal } = closing;
      await sleep(RECONNECT_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }
  const kept = keep();

  return {
    get waiting() {
      return [...waiting.values()].reduce((sum, { size }) => sum + size, 0);
    },
    lookAgainMs,
    get isClosed() {
      return closing.signal.aborted;
    },
    publish(topic) {
      wakeTopic(topic);
      told.add(topic);
      gathering ??= setTimeout(() => void send(), GATHER_MILLISECONDS);
    },
    wait(topic, milliseconds, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const ofTopic = waiting.get(topic) ?? new Set();
      waiting.set(topic, ofTopic);
      const timer = setTimeout(resolve, milliseconds);
      ofTopic.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted || closing.signal.aborted) resolve();
      return promise.finally(() => {
        clearTimeout(timer);
        ofTopic.delete(resolve);
        if (ofTopic.size === 0 && waiting.get(topic) === ofTopic) waiting.delete(topic);
      });
    },
    async close() {
      closing.abort();
      wakeAll();
      if (gathering) clearTimeout(gathering);
      client?.end().catch(() => undefined);
      // A goodbye that is never answered must not keep the process.
      await Promise.race([kept, sleep(1_000, undefined, { ref: false })]);
    },
  };
}
