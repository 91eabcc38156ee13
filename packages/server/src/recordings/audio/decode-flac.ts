import { FLACDecoder } from '@wasm-audio-decoders/flac';
import type { BlobWindow } from './blob-window.ts';
import { isFlac, readStreamInfo } from './flac.ts';
import { interleave, type Samples } from './samples.ts';
import { UndecodableError } from './undecodable.ts';

/** At most some hundred frames, each of which may stand for 65,535 samples of eight channels. */
const PIECE_BYTES = 2_048;

export function flacBlocks(blob: BlobWindow, start: number): Samples {
  if (!isFlac(blob.at(start, 4))) throw new UndecodableError('not a FLAC file');
  const info = readStreamInfo(blob, start);
  if (!info || info.rate === 0) throw new UndecodableError('a FLAC file without its properties');
  const order = Array.from({ length: info.channels }, (_, channel) => channel);
  return { sampleRate: info.rate, channels: info.channels, blocks: decode(blob, start, order) };
}

async function* decode(blob: BlobWindow, start: number, order: readonly number[]) {
  const decoder = new FLACDecoder();
  await decoder.ready;
  try {
    for (let position = start; position < blob.size; position += PIECE_BYTES) {
      const piece = Uint8Array.from(blob.at(position, PIECE_BYTES));
      yield interleave(await decoder.decode(piece), order);
    }
    // The library finds the end of the last frame only if something follows it.
    yield interleave(await decoder.decode(new Uint8Array(64)), order);
    yield interleave(await decoder.flush(), order);
  } finally {
    decoder.free();
  }
}
