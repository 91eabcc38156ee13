import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '../metrics.ts';

/** The rest after a step, as a multiple of its duration: beside requests, and on an idle server. */
const REST_TIMES = { beside: 8, alone: 1 };
/** A request within this time means that more may follow. */
const BESIDE_MILLISECONDS = 1_000;

/**
 * Rests after a step of background work that took `milliseconds`, so that requests get most of the time.
 * The signal ends the rest early.
 */
export async function restAfter(
  metrics: Pick<Metrics, 'servedAt'>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const isBeside = performance.now() - metrics.servedAt() < BESIDE_MILLISECONDS;
  const rest = milliseconds * (isBeside ? REST_TIMES.beside : REST_TIMES.alone);
  await sleep(rest, undefined, signal && { signal }).catch(() => undefined);
}
