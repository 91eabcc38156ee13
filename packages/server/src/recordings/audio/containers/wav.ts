import type { BlobWindow } from '../blob-window.ts';
import { measureMp3 } from './mp3.ts';

const MAX_CHUNKS = 1_000;
const PCM_TAGS = [1, 3, 6, 7, 0xfffe];
/** Block codecs; `fmt ` has the samples per block after byte 18. */
const [MS_ADPCM, IMA_ADPCM, GSM] = [2, 0x11, 0x31];
const BLOCK_TAGS = [MS_ADPCM, IMA_ADPCM, GSM];
const MP3 = 0x55;

export function isWav(head: Buffer): boolean {
  const riff = head.toString('latin1', 0, 4);
  return ['RIFF', 'RF64', 'BW64'].includes(riff) && head.toString('latin1', 8, 12) === 'WAVE';
}

export interface WavData {
  readonly format: Buffer;
  readonly position: number;
  readonly length: number;
  /** From the `fact` chunk; null if the data is not complete. */
  readonly samples: number | null;
}

export function measureWav(blob: BlobWindow, start: number): number | null {
  const data = findWavData(blob, start);
  if (!data || data.format.length < 16) return null;
  return data.format.readUInt16LE(0) === MP3 ? measureMp3(blob, data.position) : secondsOf(data);
}

/** RIFF WAVE or RF64 (EBU Tech 3306); null if chunks are missing. */
export function findWavData(blob: BlobWindow, start: number): WavData | null {
  if (!isWav(blob.at(start, 12))) return null;
  let format: Buffer | null = null;
  let longSize: number | null = null;
  let samples: number | null = null;
  let position = start + 12;
  for (let count = 0; count < MAX_CHUNKS; count++) {
    const header = blob.at(position, 8);
    if (header.length < 8) return null;
    const id = header.toString('latin1', 0, 4);
    let size = header.readUInt32LE(4);
    position += 8;
    if (id === 'ds64') longSize = readLongSize(blob.at(position, 16));
    if (id === 'data' && size === 0xffff_ffff && longSize !== null) size = longSize;
    if (id === 'fact' && size >= 4) samples = readSamples(blob.at(position, 4));
    if (id === 'fmt ') format = Buffer.from(blob.at(position, Math.min(size, 40)));
    if (id === 'data') {
      const length = lengthOfData(blob, position, size);
      return format && { format, position, length, samples: length === size ? samples : null };
    }
    position += paddedSize(blob, position, size);
  }
  return null;
}

/** Some writers omit the padding byte after a chunk of odd length. */
function paddedSize(blob: BlobWindow, position: number, size: number): number {
  const isOdd = size % 2 === 1;
  const next = blob.at(position + size, 4).toString('latin1');
  return isOdd && !['data', 'fmt ', 'fact'].includes(next) ? size + 1 : size;
}

const readSamples = (payload: Buffer) => (payload.length < 4 ? null : payload.readUInt32LE(0));
const readLongSize = (payload: Buffer) =>
  payload.length < 16 ? null : Number(payload.readBigUInt64LE(8));

/**
 * A size is wrong if it was never completed (0 or all ones), exceeds the file, or is not followed
 * by a chunk; then all remaining bytes count.
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

/** Bytes per sample of one channel; some writers store 24 bits in four bytes. */
export function sampleBytesOf(format: Buffer): number {
  const bytes = Math.ceil(format.readUInt16LE(14) / 8);
  const isPadded = bytes === 3 && format.readUInt16LE(12) === 4 * format.readUInt16LE(2);
  return isPadded ? 4 : bytes;
}

function secondsOf({ format, length, samples }: WavData): number | null {
  const [tag, channels] = [format.readUInt16LE(0), format.readUInt16LE(2)];
  const [rate, bytesPerSecond] = [format.readUInt32LE(4), format.readUInt32LE(8)];
  const blockBytes = format.readUInt16LE(12);
  const frameBytes = channels * sampleBytesOf(format);
  if (PCM_TAGS.includes(tag) && frameBytes > 0 && rate > 0) {
    return Math.floor(length / frameBytes) / rate;
  }
  if (BLOCK_TAGS.includes(tag) && format.length >= 20 && blockBytes > 0 && rate > 0) {
    const whole = Math.floor(length / blockBytes) * format.readUInt16LE(18);
    return (whole + samplesOfPart(tag, channels, length % blockBytes)) / rate;
  }
  if (samples !== null && samples > 0 && rate > 0) return samples / rate;
  return bytesPerSecond > 0 ? length / bytesPerSecond : null;
}

/** Samples of a truncated ADPCM block: four bits each, after one header per channel. */
function samplesOfPart(tag: number, channels: number, bytes: number): number {
  const perChannel = bytes / Math.max(channels, 1);
  if (tag === IMA_ADPCM && perChannel > 4) return 1 + Math.floor((perChannel - 4) * 2);
  if (tag === MS_ADPCM && perChannel > 7) return 2 + Math.floor((perChannel - 7) * 2);
  return 0;
}
