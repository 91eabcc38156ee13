import type pg from 'pg';
import { loopTime } from '../fair-share/loop-time.ts';

const CHECK_MILLISECONDS = 100;

export interface StatementWatch {
  /** `patience`: milliseconds that the statement may take in addition to the timeout. */
  start(client: pg.ClientBase, patience?: number): void;
  end(client: pg.ClientBase): void;
  close(): void;
}

/**
 * Closes connections whose statement has no answer in time. One timer for all: with the driver's
 * timer per statement, V8 kept rows until a full collection, a tenth of the time of a read.
 */
export function watchStatements(
  pool: pg.Pool,
  timeoutMs: number,
  onTimeout: (startedAt: number) => void,
): StatementWatch {
  const started = new Map<pg.ClientBase, number>();
  const start = (client: pg.ClientBase, patience = 0) =>
    void started.set(client, loopTime.now() + patience);
  const end = (client: pg.ClientBase) => void started.set(client, Number.POSITIVE_INFINITY);
  pool.on('acquire', (client) => start(client));
  pool.on('release', (_error, client) => end(client));
  pool.on('remove', (client) => started.delete(client));
  const timer = setInterval(() => {
    const latest = loopTime.now() - timeoutMs;
    for (const [client, startedAt] of started) {
      if (startedAt > latest) continue;
      started.delete(client);
      onTimeout(startedAt);
      // During a statement this closes the socket without waiting, which rejects the statement.
      (client as pg.Client).end().catch(() => undefined);
    }
  }, CHECK_MILLISECONDS);
  timer.unref();
  return { start, end, close: () => clearInterval(timer) };
}
