import type { BlobWindow } from '../blob-window.ts';

/** kbit/s by bitrate index. Free format (0) cannot be distinguished from noise. */
const BITRATES = {
  mpeg1: {
    1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  },
  mpeg2: {
    1: [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    3: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  },
} as const;
const RATES = [44_100, 48_000, 32_000];
/** Consecutive frames required to accept a stream; noise matches at three of 10^11 positions. */
const FRAMES_TO_LOCK = 3;
const LOCK_BYTES = 8192;
const RANGE_BYTES = 65_536;
const MAX_SKIPPED_BYTES = 4 * 1024 * 1024;

interface Frame {
  readonly bytes: number;
  readonly samples: number;
  readonly rate: number;
  /** Version, layer and rate, constant in a stream. */
  readonly kind: number;
  readonly isMono: boolean;
}

/** MPEG audio frame header (ISO/IEC 11172-3, 13818-3 and "MPEG 2.5"). */
function parseFrame(buffer: Buffer, offset: number): Frame | null {
  if (offset + 4 > buffer.length || buffer[offset] !== 0xff) return null;
  const header = buffer.readUInt32BE(offset);
  const version = (header >>> 19) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layer = 4 - ((header >>> 17) & 3);
  if (header >>> 21 !== 0x7ff || version === 1) return null;
  if (layer !== 1 && layer !== 2 && layer !== 3) return null;
  const bitrate = BITRATES[version === 3 ? 'mpeg1' : 'mpeg2'][layer][(header >>> 12) & 15] ?? 0;
  const rateOfMpeg1 = RATES[(header >>> 10) & 3];
  if (bitrate === 0 || rateOfMpeg1 === undefined) return null;
  const rate = rateOfMpeg1 / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const slot = layer === 1 ? 4 : 1;
  const slots = Math.floor((samples / 8 / slot) * ((bitrate * 1000) / rate));
  const bytes = (slots + ((header >>> 9) & 1)) * slot;
  return { bytes, samples, rate, kind: header & 0xfffe0c00, isMono: (header & 0xc0) === 0xc0 };
}

export function isMp3(head: Buffer): boolean {
  return beginsStream(head, 0);
}

function beginsStream(buffer: Buffer, offset: number): boolean {
  const first = parseFrame(buffer, offset);
  if (!first || offset + first.bytes > buffer.length) return false;
  let position = offset + first.bytes;
  for (let count = 1; count < FRAMES_TO_LOCK && position + 4 <= buffer.length; count++) {
    const frame = parseFrame(buffer, position);
    if (frame?.kind !== first.kind) return false;
    position += frame.bytes;
  }
  return true;
}

export function skipId3(blob: BlobWindow): number {
  let position = 0;
  for (let count = 0; count < 8; count++) {
    const tag = blob.at(position, 10);
    if (tag.length < 10 || tag.toString('latin1', 0, 3) !== 'ID3') break;
    const size = tag.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    position += 10 + size + ((tag.readUInt8(5) & 0x10) === 0 ? 0 : 10);
  }
  return position;
}

export function findFirstFrame(
  blob: BlobWindow,
  start: number,
): { position: number; frame: Frame } | null {
  const position = findStream(blob, start);
  const frame = position === null ? null : parseFrame(blob.at(position, 4), 0);
  return position === null || !frame ? null : { position, frame };
}

export interface PlacedFrame extends Frame {
  readonly position: number;
}

/** Also of later streams of another rate; skips tags and junk. */
export function* framesOf(blob: BlobWindow, start: number): Generator<PlacedFrame> {
  let position: number | null = start;
  let kind = parseFrame(blob.at(start, 4), 0)?.kind;
  let skipped = 0;
  while (position !== null && skipped < MAX_SKIPPED_BYTES) {
    const frame = parseFrame(blob.at(position, 4), 0);
    if (frame && frame.kind === kind) {
      if (position + frame.bytes > blob.size) return;
      yield { ...frame, position };
      position += frame.bytes;
      continue;
    }
    const next = findStream(blob, position);
    if (next === null) return;
    skipped += next - position;
    kind = parseFrame(blob.at(next, 4), 0)?.kind;
    position = next;
  }
}

/** Players skip the encoder's delay and padding. */
export function measureMp3(blob: BlobWindow, start: number): number | null {
  const found = findFirstFrame(blob, start);
  if (!found) return null;
  const { position, frame: first } = found;
  const info = readInfo(blob.at(position, first.bytes));
  let frames = 0;
  let seconds = 0;
  for (const { samples, rate } of framesOf(blob, info ? position + first.bytes : position)) {
    frames += 1;
    seconds += samples / rate;
  }
  const isWhole = info !== null && frames >= info.frames;
  const added = info === null ? 0 : info.delay + (isWhole ? info.padding : 0);
  return Math.max(0, seconds - added / first.rate);
}

function findStream(blob: BlobWindow, start: number): number | null {
  const end = start + MAX_SKIPPED_BYTES;
  for (let from = start; from < end; from += RANGE_BYTES) {
    const range = blob.at(from, RANGE_BYTES + LOCK_BYTES);
    if (range.length === 0) return null;
    for (let offset = 0; offset < RANGE_BYTES; offset++) {
      offset = range.indexOf(0xff, offset);
      if (offset === -1) break;
      if (beginsStream(range, offset)) return from + offset;
    }
  }
  return null;
}

interface Info {
  readonly frames: number;
  readonly delay: number;
  readonly padding: number;
}

/** Size of frames, bytes, table of contents and quality in a Xing header. */
const LAME_OFFSET = 120;

/** null if the first frame is no Xing, Info or VBRI header of an encoder. */
function readInfo(frame: Buffer): Info | null {
  const head = frame.toString('latin1', 4, 48);
  const none = { frames: Number.POSITIVE_INFINITY, delay: 0, padding: 0 };
  if (head.includes('VBRI')) return none;
  const at = head.search(/Xing|Info/);
  if (at < 0) return null;
  const tag = frame.subarray(4 + at);
  const isFull = tag.length >= LAME_OFFSET + 24 && (tag.readUInt32BE(4) & 15) === 15;
  if (
    !isFull ||
    !/^(LAME|Lavc|Lavf|GOGO)/.test(tag.toString('latin1', LAME_OFFSET, LAME_OFFSET + 4))
  ) {
    return none;
  }
  const both = tag.readUIntBE(LAME_OFFSET + 21, 3);
  return { frames: tag.readUInt32BE(8), delay: both >>> 12, padding: both & 0xfff };
}
