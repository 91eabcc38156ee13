import type { AudioType } from '@colloquy/wire';
import type { BlobWindow } from '../blob-window.ts';
import { storedWavSamples } from '../containers/wav-samples.ts';
import { findFormat } from '../measure.ts';
import { UnknownFormatError } from '../undecodable.ts';
import { flacBlocks } from './decode-flac.ts';
import { mp3Blocks } from './decode-mp3.ts';
import { oggBlocks } from './decode-ogg.ts';
import { webmBlocks } from './decode-webm.ts';
import type { Samples } from './samples.ts';

type Decoder = (blob: BlobWindow, start: number) => Samples | Promise<Samples>;
/** MP4 has none. */
const DECODERS: Partial<Record<AudioType, Decoder>> = {
  'audio/wav': storedWavSamples,
  'audio/ogg': oggBlocks,
  'audio/webm': webmBlocks,
  'audio/flac': flacBlocks,
  'audio/mpeg': mp3Blocks,
};

/** The samples of a piece fit into memory. UndecodableError, UnknownFormatError. */
export async function decodedSamples(blob: BlobWindow, declared: AudioType): Promise<Samples> {
  const { type, start } = findFormat(blob);
  const decoder = DECODERS[type ?? declared];
  if (!decoder) throw new UnknownFormatError('MP4');
  return decoder(blob, start);
}
