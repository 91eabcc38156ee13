import type { AudioType } from '@colloquy/wire';

export const SIGNATURE_BYTES = 12;

/** The type that the first bytes of a file name; null where they name none, as those of MP3. */
export function typeBySignature(head: Buffer): AudioType | null {
  const text = head.toString('latin1', 0, SIGNATURE_BYTES);
  if (/^(RIFF|RF64)....WAVE/s.test(text)) return 'audio/wav';
  if (/^....(ftyp|moov|moof|styp)/s.test(text)) return 'audio/mp4';
  if (text.startsWith('OggS')) return 'audio/ogg';
  if (text.startsWith('fLaC')) return 'audio/flac';
  if (text.startsWith('\x1aE\xdf\xa3')) return 'audio/webm';
  return text.startsWith('ID3') ? 'audio/mpeg' : null;
}
