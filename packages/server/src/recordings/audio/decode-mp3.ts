import { MPEGDecoder } from 'mpg123-decoder';
import type { BlobWindow } from './blob-window.ts';
import { findFirstFrame } from './mp3.ts';
import { interleave, type Samples } from './samples.ts';
import { UndecodableError, UnknownFormatError } from './undecodable.ts';

const PIECE_BYTES = 4_096;

export function mp3Blocks(blob: BlobWindow, start: number): Samples {
  const first = findFirstFrame(blob, start);
  if (!first) throw new UndecodableError('no MPEG frames');
  const { position, frame } = first;
  const order = frame.isMono ? [0] : [0, 1];
  const blocks = decode(blob, position, frame.rate, order);
  return { sampleRate: frame.rate, channels: order.length, blocks };
}

async function* decode(blob: BlobWindow, start: number, rate: number, order: readonly number[]) {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    for (let position = start; position < blob.size; position += PIECE_BYTES) {
      const decoded = decoder.decode(Uint8Array.from(blob.at(position, PIECE_BYTES)));
      if (decoded.samplesDecoded === 0) continue;
      if (decoded.sampleRate !== rate) throw new UnknownFormatError('MPEG of several rates');
      yield interleave(decoded, order);
    }
  } finally {
    decoder.free();
  }
}
