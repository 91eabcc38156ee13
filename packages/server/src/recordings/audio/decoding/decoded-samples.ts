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

/**
 * Decodes a stored file piece by piece; the samples of a piece fit into memory. UndecodableError,
 * UnknownFormatError.
 */
export async function decodedSamples(blob: BlobWindow, declared: AudioType): Promise<Samples> {
  const { type, start } = findFormat(blob);
  switch (type ?? declared) {
    case 'audio/wav':
      return storedWavSamples(blob, start);
    case 'audio/ogg':
      return oggBlocks(blob, start);
    case 'audio/webm':
      return webmBlocks(blob, start);
    case 'audio/flac':
      return flacBlocks(blob, start);
    case 'audio/mpeg':
      return mp3Blocks(blob, start);
    case 'audio/mp4':
      throw new UnknownFormatError('MP4');
  }
}
