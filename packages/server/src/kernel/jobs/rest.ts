import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '../metrics.ts';

const REST_TIMES = { beside: 8, alone: 1 };
const BESIDE_MILLISECONDS = 1_000;

/** Pauses in proportion to a step's `milliseconds`, so requests get most of the time. */
export async function restAfter(
  metrics: Pick<Metrics, 'servedAt'>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const isBeside = performance.now() - metrics.servedAt() < BESIDE_MILLISECONDS;
  const rest = milliseconds * (isBeside ? REST_TIMES.beside : REST_TIMES.alone);
  await sleep(rest, undefined, signal && { signal }).catch(() => undefined);
}
