import { setTimeout as sleep } from 'node:timers/promises';

const STEPS = [
  // Ends sessions and writes a checkpoint.
  ['SIGINT', 10_000],
  // Recovers at the next start.
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const;

/** From a fast shutdown to SIGKILL. `waitForExit` resolves when it has ended. */
export async function endGracefully(
  kill: (signal: NodeJS.Signals) => void,
  waitForExit: () => Promise<unknown>,
): Promise<void> {
  const exited = waitForExit().then(() => true);
  for (const [signal, milliseconds] of STEPS) {
    kill(signal);
    const timer = new AbortController();
    const timeout = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false);
    if (await Promise.race([exited, timeout])) {
      timer.abort();
      return;
    }
  }
}
