import { extname } from 'node:path';
import type { AudioType } from '@colloquy/wire';

const TYPES = new Map<string, AudioType>([
  ['.wav', 'audio/wav'],
  ['.mp3', 'audio/mpeg'],
  ['.ogg', 'audio/ogg'],
  ['.oga', 'audio/ogg'],
  ['.opus', 'audio/ogg'],
  ['.webm', 'audio/webm'],
  ['.m4a', 'audio/mp4'],
  ['.mp4', 'audio/mp4'],
  ['.flac', 'audio/flac'],
]);

export const AUDIO_EXTENSIONS = [...TYPES.keys()].map((name) => name.slice(1)).join(', ');

export function audioTypeOf(path: string): AudioType | null {
  return TYPES.get(extname(path).toLowerCase()) ?? null;
}
