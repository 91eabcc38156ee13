import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loopTime } from '../fair-share/loop-time.ts';
import { unavailable } from '../fault.ts';

const PAUSE_MILLISECONDS = 250;

/**
 * Knows whether the database answers. Where packets vanish each statement would wait for its own
 * timeout, one after the other in a request that makes several; this lets the first one that waited
 * in vain speak for all.
 */
export interface CircuitBreaker {
  /** The sockets of the connections that end when the database has fallen silent. */
  openSocket(): Socket;
  /** Throws UNAVAILABLE, at once, while the database is known to be silent. */
  require(): void;
  answered(): void;
  /** Nothing came back for what was asked at that time (of `loopTime.now()`). */
  missed(askedAt: number): void;
  close(): void;
}

export interface CircuitBreakerOptions {
  readonly connection: pg.ClientConfig;
  /** How long a new connection may take to tell whether the database is there. */
  readonly timeoutMs: number;
  /** The database answers, though a connection did not: those that idle may be dead as well. */
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
  let isAway = false;
  let isLooking = false;
  let isClosed = false;

  /** Looks until there is an answer, on connections of its own. */
  async function look(askedAt: number): Promise<void> {
    while (!isClosed) {
      const probedAt = loopTime.now();
      const answer = await probe(connection, timeoutMs);
      // Our own event loop stood still: the answer may be there, unread.
      if (answer?.isLate && loopTime.now() - probedAt < timeoutMs / 2) continue;
      if (answer === null) {
        isAway = false;
        onDoubt();
        return;
      }
      // Others were answered meanwhile: then it was the connection.
      if (!isAway && lastAnswer > askedAt) return;
      if (!isAway && !isClosed) {
        isAway = true;
        onError(new Error('the database does not answer; its connections are given up', answer));
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
      if (isAway) throw unavailable('The database', new Error('it is known not to answer'));
    },
    answered() {
      lastAnswer = loopTime.now();
    },
    missed(askedAt) {
      if (isLooking || isClosed || lastAnswer > askedAt) return;
      isLooking = true;
      look(askedAt).finally(() => {
        isLooking = false;
      });
    },
    close() {
      isClosed = true;
      // A goodbye that is never answered must not keep the process.
      for (const socket of sockets) socket.unref();
    },
  };
}

/** null where the database answers, be it with a refusal; else why it is taken to be away. */
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
