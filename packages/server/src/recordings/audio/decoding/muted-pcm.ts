import type { MutedRange } from '../../derived/muted-store.ts';
import { UndecodableError } from '../undecodable.ts';
import type { Samples } from './samples.ts';

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
const MAX_BYTES = 0xffff_ffff - HEADER_BYTES;

/** UndecodableError beyond the maximum of a WAVE, so crafted files fill no disk. */
export async function* mutedPcm(
  { sampleRate, channels, blocks }: Samples,
  ranges: readonly MutedRange[],
): AsyncGenerator<Uint8Array> {
  const frames = ranges.map(
    ([from, to]) => [Math.floor(from * sampleRate), Math.ceil(to * sampleRate)] as const,
  );
  let done = 0;
  for await (const block of blocks) {
    const pcm = Buffer.alloc(block.length * SAMPLE_BYTES);
    if ((done * channels + block.length) * SAMPLE_BYTES > MAX_BYTES) {
      throw new UndecodableError('too many samples for a WAVE file');
    }
    for (let at = 0; at < block.length; at += 1) {
      const sample = Math.round((block[at] ?? 0) * 0x8000);
      pcm.writeInt16LE(Math.max(-0x8000, Math.min(0x7fff, sample || 0)), at * SAMPLE_BYTES);
    }
    const here = block.length / channels;
    const frameBytes = channels * SAMPLE_BYTES;
    for (const [from, to] of frames) {
      if (to <= done || from >= done + here) continue;
      pcm.fill(0, Math.max(0, from - done) * frameBytes, Math.min(here, to - done) * frameBytes);
    }
    done += here;
    yield pcm;
  }
}

/** WAVE header (RIFF, Microsoft and IBM 1991). */
export function wavHeader(
  { sampleRate, channels }: Pick<Samples, 'sampleRate' | 'channels'>,
  bytes: number,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const frameBytes = channels * SAMPLE_BYTES;
  header.write('RIFF', 0);
  header.writeUInt32LE(HEADER_BYTES - 8 + bytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * frameBytes, 28);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE(8 * SAMPLE_BYTES, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes, 40);
  return header;
}
