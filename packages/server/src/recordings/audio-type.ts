import { AUDIO_TYPES, type AudioType } from '@colloquy/wire';
import { Fault } from '../base/fault.ts';

/** Other names of the types, as recorders, browsers and tables of file endings spell them. */
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

/** The endings of the names under which recordings are served. */
export const EXTENSIONS: Readonly<Record<AudioType, string>> = {
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/webm': 'webm',
  'audio/mp4': 'm4a',
  'audio/flac': 'flac',
};

/** What a Content-Type (without parameters) stands for; UNSUPPORTED_MEDIA_TYPE for others. */
export function acceptedAudioType(contentType: string): AudioType {
  const name = contentType.trim().toLowerCase();
  const type = AUDIO_TYPES.find((known) => known === name) ?? ALIASES.get(name);
  if (type === undefined) {
    throw new Fault(
      'UNSUPPORTED_MEDIA_TYPE',
      `The Content-Type must be one of ${AUDIO_TYPES.join(', ')}.`,
    );
  }
  return type;
}
