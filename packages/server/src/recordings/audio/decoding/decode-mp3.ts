import { MPEGDecoder } from 'mpg123-decoder';
import type { BlobWindow } from '../blob-window.ts';
import { findFirstFrame, framesOf } from '../containers/mp3.ts';
import { UndecodableError, UnknownFormatError } from '../undecodable.ts';
import { interleave, type Samples } from './samples.ts';

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
    for (const piece of piecesOf(blob, start, rate)) {
      const decoded = decoder.decode(piece);
      if (decoded.samplesDecoded === 0) continue;
      if (decoded.sampleRate !== rate) throw changingRates();
      yield interleave(decoded, order);
    }
  } finally {
    decoder.free();
  }
}

const changingRates = () => new UnknownFormatError('MPEG of several rates');

/** Data between the frames may look like frames. */
function* piecesOf(blob: BlobWindow, start: number, rate: number): Generator<Uint8Array> {
  let from = start;
  let end = start;
  for (const frame of framesOf(blob, start)) {
    if (frame.rate !== rate) throw changingRates();
    if (frame.position !== end || end - from >= PIECE_BYTES) {
      if (end > from) yield Uint8Array.from(blob.at(from, end - from));
      from = frame.position;
    }
    end = frame.position + frame.bytes;
  }
  if (end > from) yield Uint8Array.from(blob.at(from, end - from));
}
