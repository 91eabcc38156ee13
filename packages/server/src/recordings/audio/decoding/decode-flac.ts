import { FLACDecoder } from '@wasm-audio-decoders/flac';
import type { BlobWindow } from '../blob-window.ts';
import { type FlacStream, flacStreams } from '../containers/flac.ts';
import { UndecodableError, UnknownFormatError } from '../undecodable.ts';
import { interleave, type Samples } from './samples.ts';

/** Some hundred frames, each with up to 65,535 samples of eight channels. */
const PIECE_BYTES = 2_048;

export function flacBlocks(blob: BlobWindow, start: number): Samples {
  const streams = flacStreams(blob, start);
  const [first] = streams;
  if (!first) throw new UndecodableError('not a FLAC file, or its stream info is missing');
  const { rate, channels } = first.info;
  if (streams.some(({ info }) => info.rate !== rate || info.channels !== channels)) {
    throw new UnknownFormatError('FLAC whose properties change');
  }
  const order = [...Array(channels).keys()];
  return { sampleRate: rate, channels, blocks: decode(blob, streams, order) };
}

async function* decode(blob: BlobWindow, streams: readonly FlacStream[], order: readonly number[]) {
  for (const { start, end } of streams) {
    const decoder = new FLACDecoder();
    await decoder.ready;
    try {
      for (let position = start; position < end; position += PIECE_BYTES) {
        const piece = Uint8Array.from(blob.at(position, Math.min(PIECE_BYTES, end - position)));
        yield interleave(await decoder.decode(piece), order);
      }
      // libFLAC detects the end of the last frame only if more data follows.
      yield interleave(await decoder.decode(new Uint8Array(64)), order);
      yield interleave(await decoder.flush(), order);
    } finally {
      decoder.free();
    }
  }
}
