import { BudgetError } from '../blob-window.ts';
import { MAX_DURATION_SECONDS } from '../duration.ts';
import { UndecodableError } from '../undecodable.ts';
import type { Samples } from './samples.ts';

const MAX_CPU_MS = 15 * 60_000;
const MAX_CPU_WITHOUT_SAMPLES_MS = 5_000;
/** Work, then rest: requests on the same machine take precedence. */
const WORK_MS = 50;
const REST_MS = 15;

export function withinLimits(samples: Samples): Samples {
  return { ...samples, blocks: limited(samples) };
}

async function* limited({ blocks, channels, sampleRate }: Samples) {
  const maxSamples = MAX_DURATION_SECONDS * sampleRate * channels;
  const startedAt = cpuMs();
  let lastSamplesAt = startedAt;
  let samples = 0;
  let workingSince = performance.now();
  for await (const block of blocks) {
    const now = cpuMs();
    if (block.length > 0) lastSamplesAt = now;
    if (now - startedAt > MAX_CPU_MS || now - lastSamplesAt > MAX_CPU_WITHOUT_SAMPLES_MS) {
      throw new BudgetError('decoding takes too long');
    }
    samples += block.length;
    if (samples > maxSamples) throw new BudgetError('too many samples');
    if (block.length > 0) yield block;
    if (performance.now() - workingSince < WORK_MS) continue;
    sleep(REST_MS);
    workingSince = performance.now();
  }
  if (samples === 0) throw new UndecodableError('no samples');
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));

function sleep(ms: number): void {
  Atomics.wait(NEVER, 0, 0, ms);
}
