import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '../metrics.ts';

/** The pause after a step, as a multiple of its duration. */
const REST_TIMES = { beside: 8, alone: 1 };
/** Requests are considered ongoing for this time after the last one. */
const BESIDE_MILLISECONDS = 1_000;

/**
 * Pauses background work after a step of `milliseconds`, so requests get most of the time. The signal ends
 * the pause early.
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
