import { AUDIO_TYPES, type AudioType, UNSURE_AUDIO_TYPES } from '@colloquy/wire';
import { Fault } from '../kernel/fault.ts';
import type { Measured } from './audio/measure.ts';

const ALIASES = new Map<string, AudioType>([
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-pn-wav', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-mp3', 'audio/mpeg'],
  ['audio/x-mpeg', 'audio/mpeg'],
  ['audio/opus', 'audio/ogg'],
  ['application/ogg', 'audio/ogg'],
  ['audio/m4a', 'audio/mp4'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/x-flac', 'audio/flac'],
]);

export const EXTENSIONS: Readonly<Record<AudioType, string>> = {
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/webm': 'webm',
  'audio/mp4': 'm4a',
  'audio/flac': 'flac',
};

/** Also used for audio by libmagic, browsers and web servers; the bytes decide. */
const UNSURE: readonly string[] = [
  '',
  ...UNSURE_AUDIO_TYPES,
  'binary/octet-stream',
  'video/ogg',
  'video/quicktime',
  'video/x-m4v',
  'video/x-matroska',
  'audio/x-matroska',
  'application/mp4',
];

/** Of a Content-Type; null if the bytes decide. UNSUPPORTED_MEDIA_TYPE for others. */
export function acceptedAudioType(contentType: string): AudioType | null {
  const name = contentType.trim().toLowerCase();
  const type = AUDIO_TYPES.find((known) => known === name) ?? ALIASES.get(name);
  if (UNSURE.includes(name)) return null;
  if (type === undefined) {
    throw new Fault(
      'UNSUPPORTED_MEDIA_TYPE',
      `The Content-Type must be one of ${AUDIO_TYPES.join(', ')}.`,
    );
  }
  return type;
}

/** UNSUPPORTED_MEDIA_TYPE for a video or an unknown format. */
export function requireAudio({ contentType, hasVideo }: Measured): AudioType {
  if (hasVideo) {
    throw new Fault(
      'UNSUPPORTED_MEDIA_TYPE',
      'The file has a video track; send only its audio, for example from ffmpeg -i video.mp4 -vn -c:a copy audio.m4a.',
    );
  }
  if (contentType === null) {
    throw new Fault(
      'UNSUPPORTED_MEDIA_TYPE',
      `The format of the audio is unknown; send ${AUDIO_TYPES.join(', ')} with its Content-Type.`,
    );
  }
  return contentType;
}
