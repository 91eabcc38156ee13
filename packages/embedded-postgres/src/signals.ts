import { setTimeout as sleep } from 'node:timers/promises';

const STEPS = [
  // Fast: ends its sessions, writes a checkpoint and goes.
  ['SIGINT', 10_000],
  // Immediate: goes at once and recovers at its next start.
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const;

/** Ends a PostgreSQL: as gently as it lets us. `whenGone` resolves when it is no more. */
export async function endGracefully(
  kill: (signal: NodeJS.Signals) => void,
  whenGone: () => Promise<unknown>,
): Promise<void> {
  const gone = whenGone().then(() => true);
  for (const [signal, milliseconds] of STEPS) {
    kill(signal);
    const timer = new AbortController();
    const late = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false);
    if (await Promise.race([gone, late])) {
      timer.abort();
      return;
    }
  }
}
