import type { BlobWindow } from './blob-window.ts';

const MOST_CHUNKS = 1_000;
/** Codecs of which a sample of all channels has a fixed number of bytes. */
const PCM_TAGS = [1, 3, 6, 7, 0xfffe];
/** Codecs that pack samples in blocks; `fmt ` says after byte 18 how many. */
const BLOCK_TAGS = [2, 0x11, 0x31];

export function isWav(head: Buffer): boolean {
  const riff = head.toString('latin1', 0, 4);
  return (riff === 'RIFF' || riff === 'RF64') && head.toString('latin1', 8, 12) === 'WAVE';
}

/** RIFF WAVE: the bytes of the `data` chunk by the rate in `fmt `. */
export function measureWav(blob: BlobWindow, start: number): number | null {
  if (!isWav(blob.at(start, 12))) return null;
  let format: Buffer | null = null;
  let position = start + 12;
  for (let count = 0; count < MOST_CHUNKS; count++) {
    const header = blob.at(position, 8);
    if (header.length < 8) return null;
    const id = header.toString('latin1', 0, 4);
    const size = header.readUInt32LE(4);
    position += 8;
    if (id === 'fmt ') format = Buffer.from(blob.at(position, Math.min(size, 40)));
    if (id === 'data') {
      return format && secondsOf(format, lengthOfData(blob, position, size));
    }
    position += size + (size % 2);
  }
  return null;
}

/**
 * The bytes of a `data` chunk. A header that was never completed (0, or all ones), that promises
 * more than there is, or after which no chunk follows, is wrong: then it is all that is there.
 */
function lengthOfData(blob: BlobWindow, position: number, size: number): number {
  const available = blob.size - position;
  if (size >= available) return available;
  const next = position + size + (size % 2);
  const rest = blob.size - next;
  if (rest < 8) return size;
  const header = blob.at(next, 8);
  const isChunk = /^[\x20-\x7e]{4}$/.test(header.toString('latin1', 0, 4));
  return isChunk && header.readUInt32LE(4) <= rest - 8 ? size : available;
}

function secondsOf(format: Buffer, length: number): number | null {
  const [tag, channels, rate] = [
    format.readUInt16LE(0),
    format.readUInt16LE(2),
    format.readUInt32LE(4),
  ];
  const [bytesPerSecond, blockBytes, bits] = [
    format.readUInt32LE(8),
    format.readUInt16LE(12),
    format.readUInt16LE(14),
  ];
  const frameBytes = channels * Math.ceil(bits / 8);
  if (PCM_TAGS.includes(tag) && frameBytes > 0 && rate > 0) {
    return Math.floor(length / frameBytes) / rate;
  }
  if (BLOCK_TAGS.includes(tag) && format.length >= 20 && blockBytes > 0 && rate > 0) {
    return (Math.floor(length / blockBytes) * format.readUInt16LE(18)) / rate;
  }
  return bytesPerSecond > 0 ? length / bytesPerSecond : null;
}
