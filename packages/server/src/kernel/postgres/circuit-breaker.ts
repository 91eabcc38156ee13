import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loopTime } from '../fair-share/loop-time.ts';
import { unavailable } from '../fault.ts';

const PAUSE_MILLISECONDS = 250;

/**
 * Fails fast while the database does not answer. If packets vanish, each statement would wait for its own
 * timeout, and a request with several statements would wait several times; instead, the first timeout
 * opens the breaker for all.
 */
export interface CircuitBreaker {
  /** A socket for the pool, which is destroyed when the breaker opens. */
  openSocket(): Socket;
  /** Throws UNAVAILABLE while the breaker is open. */
  require(): void;
  answered(): void;
  /** A statement that was sent at that time (of `loopTime.now()`) had no answer. */
  missed(sentAt: number): void;
  close(): void;
}

export interface CircuitBreakerOptions {
  readonly connection: pg.ClientConfig;
  /** How long a probe of the database may take. */
  readonly timeoutMs: number;
  /** The database answers, but a connection did not: idle connections may be dead too. */
  onDoubt(): void;
  onError(error: Error): void;
}

export function openCircuitBreaker({
  connection,
  timeoutMs,
  onDoubt,
  onError,
}: CircuitBreakerOptions): CircuitBreaker {
  const sockets = new Set<Socket>();
  let lastAnswer = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  let isProbing = false;
  let isClosed = false;

  /** Probes on new connections until there is an answer. */
  async function probeUntilAnswer(sentAt: number): Promise<void> {
    while (!isClosed) {
      const probedAt = loopTime.now();
      const answer = await probe(connection, timeoutMs);
      // The event loop was blocked, and the answer may be unread.
      if (answer?.isLate && loopTime.now() - probedAt < timeoutMs / 2) continue;
      if (answer === null) {
        isOpen = false;
        onDoubt();
        return;
      }
      // Other statements had answers since, so only the connection was broken.
      if (!isOpen && lastAnswer > sentAt) return;
      if (!isOpen && !isClosed) {
        isOpen = true;
        onError(new Error('the database does not answer; its connections are closed', answer));
        for (const socket of sockets) socket.destroy();
      }
      await sleep(PAUSE_MILLISECONDS, undefined, { ref: false });
    }
  }

  return {
    openSocket() {
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    require() {
      if (isOpen) throw unavailable('The database', new Error('the circuit breaker is open'));
    },
    answered() {
      lastAnswer = loopTime.now();
    },
    missed(sentAt) {
      if (isProbing || isClosed || lastAnswer > sentAt) return;
      isProbing = true;
      probeUntilAnswer(sentAt).finally(() => {
        isProbing = false;
      });
    },
    close() {
      isClosed = true;
      // Closing sockets that are never answered must not keep the process alive.
      for (const socket of sockets) socket.unref();
    },
  };
}

/** null if the database answers, even with a refusal; otherwise why it counts as away. */
async function probe(
  connection: pg.ClientConfig,
  timeoutMs: number,
): Promise<{ cause: unknown; isLate: boolean } | null> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: timeoutMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    client.end().catch(() => undefined);
    return null;
  } catch (cause) {
    const isLate = cause instanceof Error && /timeout/i.test(cause.message);
    return cause instanceof pg.DatabaseError ? null : { cause, isLate };
  }
}
