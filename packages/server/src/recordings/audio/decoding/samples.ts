/** Interleaved samples, from -1 to 1. */
export interface Samples {
  readonly sampleRate: number;
  readonly channels: number;
  readonly blocks: AsyncIterable<Float32Array>;
}

export interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
}

export function interleave(
  { channelData, samplesDecoded }: Decoded,
  order: readonly number[],
): Float32Array {
  const channels = order.length;
  const block = new Float32Array(samplesDecoded * channels);
  for (const [to, from] of order.entries()) {
    const samples = channelData[from];
    if (!samples) continue;
    for (let at = 0; at < samplesDecoded; at += 1) block[at * channels + to] = samples[at] ?? 0;
  }
  return block;
}

const SILENCE_BLOCK_FRAMES = 48_000;

export function* silence(samples: number, channels: number): Generator<Float32Array> {
  for (let left = samples; left > 0; left -= SILENCE_BLOCK_FRAMES) {
    yield new Float32Array(Math.min(left, SILENCE_BLOCK_FRAMES) * channels);
  }
}
