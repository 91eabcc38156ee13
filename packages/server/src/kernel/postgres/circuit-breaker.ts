import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loopTime } from '../fair-share/loop-time.ts';
import { unavailable } from '../fault.ts';

const PAUSE_MILLISECONDS = 250;

/** The first timeout fails all statements fast, which would each wait for their own timeout. */
export interface CircuitBreaker {
  openSocket(): Socket;
  require(): void;
  answered(): void;
  /** The statement sent at that time (of `loopTime.now()`) had no answer. */
  missed(sentAt: number): void;
  close(): void;
}

export interface CircuitBreakerOptions {
  readonly connection: pg.ClientConfig;
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

/** null if the database answers, even with a refusal. */
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
