/** Work that a committed transaction left in a table, and that this process does soon after. */
export interface Outbox {
  /** Resolves when a drain has ended that began after this call, and rejects if it failed. */
  drain(): Promise<void>;
  touch(): void;
  close(): Promise<void>;
}

interface OutboxOptions {
  readonly work: () => Promise<unknown>;
  /** Milliseconds between drains; null: only `drain` and `touch` start one. */
  readonly everyMs: number | null;
  readonly soonMs?: number;
  onError(error: unknown): void;
}

export function openOutbox({ work, everyMs, soonMs = 0, onError }: OutboxOptions): Outbox {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let soon: NodeJS.Timeout | null = null;

  const start = (): Promise<void> => {
    running = Promise.resolve(work())
      .then(() => undefined)
      .finally(() => {
        running = null;
      });
    return running;
  };
  // The running drain may have looked before the caller's commit, so the next one counts.
  const drain = (): Promise<void> => {
    next ??= (running ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        next = null;
        return start();
      });
    return next;
  };
  const timer =
    everyMs === null
      ? undefined
      : setInterval(() => {
          if (running === null && next === null) start().catch(onError);
        }, everyMs).unref();
  return {
    drain,
    touch() {
      soon ??= setTimeout(() => {
        soon = null;
        drain().catch(onError);
      }, soonMs).unref();
    },
    async close() {
      clearInterval(timer);
      if (soon) clearTimeout(soon);
      await (next ?? running)?.catch(() => undefined);
    },
  };
}
