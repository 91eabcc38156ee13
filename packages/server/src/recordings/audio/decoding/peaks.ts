import type { Samples } from './samples.ts';

export interface Peaks {
  readonly durationSeconds: number;
  readonly peaksPerSecond: number;
  /** Of each channel, the sample farthest from zero per interval, from -1 to 1. */
  readonly channels: readonly (readonly number[])[];
}

const PER_SECOND = 50;
/** A hundred times the width of a screen; longer recordings use longer intervals. */
const MAX_PEAKS = 60_000;
/** More channels are studio material, not calls. */
const MAX_CHANNELS = 8;

export async function peaksOf({ sampleRate, channels, blocks }: Samples): Promise<Peaks> {
  const kept = Math.min(channels, MAX_CHANNELS);
  let perPeak = Math.max(1, Math.round(sampleRate / PER_SECOND));
  const found: number[][] = Array.from({ length: kept }, () => []);
  const farthest = new Float32Array(kept);
  let frames = 0;
  let inPeak = 0;
  const finishPeak = () => {
    for (const [at, peaks] of found.entries()) peaks.push(farthest[at] ?? 0);
    farthest.fill(0);
    inPeak = 0;
    if ((found[0]?.length ?? 0) < 2 * MAX_PEAKS) return;
    for (const [at, peaks] of found.entries()) found[at] = halved(peaks);
    perPeak *= 2;
  };
  for await (const block of blocks) {
    for (let at = 0; at + channels <= block.length; at += channels) {
      for (let channel = 0; channel < kept; channel += 1) {
        const sample = block[at + channel] ?? 0;
        if (Math.abs(sample) > Math.abs(farthest[channel] ?? 0)) farthest[channel] = sample;
      }
      frames += 1;
      inPeak += 1;
      if (inPeak === perPeak) finishPeak();
    }
  }
  if (inPeak > 0) finishPeak();
  while ((found[0]?.length ?? 0) > MAX_PEAKS) {
    for (const [at, peaks] of found.entries()) found[at] = halved(peaks);
    perPeak *= 2;
  }
  return {
    durationSeconds: Math.round((frames / sampleRate) * 1000) / 1000,
    peaksPerSecond: sampleRate / perPeak,
    channels: found.map((peaks) => peaks.map(rounded)),
  };
}

function halved(peaks: readonly number[]): number[] {
  const result: number[] = [];
  for (let at = 0; at < peaks.length; at += 2) {
    const [first = 0, second = 0] = [peaks[at], peaks[at + 1]];
    result.push(Math.abs(second) > Math.abs(first) ? second : first);
  }
  return result;
}

/** Three digits suffice for a screen; values beyond full scale are clipped. */
const rounded = (peak: number) =>
  Number.isFinite(peak) ? Math.round(Math.max(-1, Math.min(1, peak)) * 1000) / 1000 : 0;
