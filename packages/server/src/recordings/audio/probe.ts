import type { AudioType } from '@colloquy/wire';
import type { BlobStore } from '../../base/blobs.ts';
import { Fault } from '../../base/fault.ts';
import { BlobWindow } from './blob-window.ts';
import { saneSeconds } from './duration.ts';
import { isFlac, measureFlac } from './flac.ts';
import { isMp3, measureMp3, skipId3 } from './mp3.ts';
import { isMp4, measureMp4 } from './mp4.ts';
import { isOgg, measureOgg } from './ogg.ts';
import { isWav, measureWav } from './wav.ts';
import { isWebm, measureWebm } from './webm.ts';

interface Format {
  /** Whether a blob that begins like this is of the format. */
  is(head: Buffer): boolean;
  /** Seconds of the audio that is there; null where it can't be told. */
  measure(blob: BlobWindow, start: number): Promise<number | null>;
}

// MP3 is last: it has no signature, only frames that follow each other.
const FORMATS: Readonly<Record<AudioType, Format>> = {
  'audio/wav': { is: isWav, measure: measureWav },
  'audio/ogg': { is: isOgg, measure: measureOgg },
  'audio/webm': { is: isWebm, measure: measureWebm },
  'audio/mp4': { is: isMp4, measure: measureMp4 },
  'audio/flac': { is: isFlac, measure: measureFlac },
  'audio/mpeg': { is: isMp3, measure: measureMp3 },
};
const HEAD_BYTES = 16_384;

/**
 * What a stored blob is and how many seconds of audio it holds, to the millisecond. The bytes
 * decide over `declared` and over what a header says; bytes that say nothing keep the declared
 * type and have no duration. Throws only where the store does not answer.
 */
export async function probeAudio(
  blobs: BlobStore,
  blob: { key: string; bytes: number; declared: AudioType },
): Promise<{ contentType: AudioType; durationSeconds: number | null }> {
  const window = new BlobWindow(blobs, blob.key, blob.bytes);
  let contentType = blob.declared;
  try {
    const start = await skipId3(window);
    const head = await window.at(start, HEAD_BYTES);
    const types = Object.keys(FORMATS) as AudioType[];
    contentType = types.find((type) => FORMATS[type].is(head)) ?? blob.declared;
    const seconds = await FORMATS[contentType].measure(window, start);
    return { contentType, durationSeconds: saneSeconds(seconds) };
  } catch (error) {
    if (error instanceof Fault) throw error;
    return { contentType, durationSeconds: null }; // ProbeLimit, or a field cut off at the end
  }
}
