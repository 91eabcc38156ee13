import type { AudioType } from '@colloquy/wire';
import { UnansweredError } from '../../kernel/threads/questions.ts';
import type { BlobWindow } from './blob-window.ts';
import { isFlac, measureFlac } from './containers/flac.ts';
import { isMp3, measureMp3, skipId3 } from './containers/mp3.ts';
import { hasMp4Video, isMp4, measureMp4 } from './containers/mp4.ts';
import { hasOggVideo, measureOgg } from './containers/ogg.ts';
import { isOgg } from './containers/ogg-pages.ts';
import { isWav, measureWav } from './containers/wav.ts';
import { isWebm, measureWebm } from './containers/webm.ts';
import { hasWebmVideo } from './containers/webm-packets.ts';
import { saneSeconds } from './duration.ts';

interface Format {
  is(head: Buffer): boolean;
  measure(blob: BlobWindow, start: number): number | null;
  hasVideo?(blob: BlobWindow, start: number): boolean;
}

// MP3 is last: it has no signature, only consecutive frames.
const FORMATS: Readonly<Record<AudioType, Format>> = {
  'audio/wav': { is: isWav, measure: measureWav },
  'audio/ogg': { is: isOgg, measure: measureOgg, hasVideo: hasOggVideo },
  'audio/webm': { is: isWebm, measure: measureWebm, hasVideo: hasWebmVideo },
  'audio/mp4': { is: isMp4, measure: measureMp4, hasVideo: hasMp4Video },
  'audio/flac': { is: isFlac, measure: measureFlac },
  'audio/mpeg': { is: isMp3, measure: measureMp3 },
};
const HEAD_BYTES = 16_384;

export interface Measured {
  readonly contentType: AudioType | null;
  readonly durationSeconds: number | null;
  readonly hasVideo: boolean;
}

export function findFormat(blob: BlobWindow): { type: AudioType | null; start: number } {
  const start = skipId3(blob);
  const head = blob.at(start, HEAD_BYTES);
  const types = Object.keys(FORMATS) as AudioType[];
  return { type: types.find((type) => FORMATS[type].is(head)) ?? null, start };
}

export function measureAudio(blob: BlobWindow, declared: AudioType | null): Measured {
  let contentType = declared;
  let hasVideo = false;
  try {
    const { type, start } = findFormat(blob);
    contentType = type ?? declared;
    if (contentType === null) return { contentType, durationSeconds: null, hasVideo };
    const { hasVideo: looksForVideo, measure } = FORMATS[contentType];
    hasVideo = looksForVideo?.(blob, start) ?? false;
    return { contentType, durationSeconds: saneSeconds(measure(blob, start)), hasVideo };
  } catch (error) {
    if (error instanceof UnansweredError) throw error;
    // Budget exceeded, or a field is truncated.
    return { contentType, durationSeconds: null, hasVideo };
  }
}
