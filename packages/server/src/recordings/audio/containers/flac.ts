import type { BlobWindow } from '../blob-window.ts';
import { saneSeconds } from '../duration.ts';

const MARK = Buffer.from('fLaC');
const INFO_BYTES = 34;
const SCAN_BYTES = 65_536;
const MAX_BLOCKS = 1_000;
const MAX_STREAMS = 1_000;
/** Contains the last frames: a frame of 65,535 stereo samples of 32 bits is half of it. */
const TAIL_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 17;
const MIN_FRAME_BYTES = 8;
const BLOCK_SIZES = [0, 192, 576, 1152, 2304, 4608, -1, -2];

interface StreamInfo {
  readonly rate: number;
  readonly channels: number;
  readonly frames: number;
  readonly samples: number;
  /** Of every frame but the last, if frame numbers count frames. */
  readonly blockSize: number;
}

interface Frame {
  readonly offset: number;
  readonly first: number;
  readonly end: number;
}

export interface FlacStream {
  readonly info: StreamInfo;
  readonly start: number;
  readonly end: number;
}

export function isFlac(head: Buffer): boolean {
  return head.subarray(0, MARK.length).equals(MARK);
}

/** FLAC (RFC 9639): sums up to the last whole frame of each stream. */
export function measureFlac(blob: BlobWindow, start: number): number | null {
  const streams = flacStreams(blob, start);
  if (streams.length === 0) return null;
  let seconds = 0;
  for (const stream of streams) seconds += secondsOf(blob, stream);
  return saneSeconds(seconds);
}

function secondsOf(blob: BlobWindow, { info, end }: FlacStream): number {
  const first = firstSample(blob, info);
  const from = Math.max(info.frames, end - TAIL_BYTES);
  const last = samplesUntilEnd(blob.at(from, end - from), info, from === info.frames);
  if (saneSeconds(last / info.rate) === null) return Number.POSITIVE_INFINITY;
  return Math.max(0, last - first) / info.rate;
}

/** A stream that was joined late does not start with frame 0. */
function firstSample(blob: BlobWindow, info: StreamInfo): number {
  return parseFrame(blob.at(info.frames, MAX_HEADER_BYTES), 0, info)?.first ?? 0;
}

/** Recorders concatenate files with their headers. Empty if the first stream is not valid. */
export function flacStreams(blob: BlobWindow, start: number): FlacStream[] {
  const starts = [start, ...laterStarts(blob, start)];
  const streams: FlacStream[] = [];
  for (const [at, from] of starts.entries()) {
    const info = isFlac(blob.at(from, 4)) ? readStreamInfo(blob, from) : null;
    if (info && info.rate > 0) {
      streams.push({ info, start: from, end: starts[at + 1] ?? blob.size });
    } else if (at === 0) return [];
  }
  return streams;
}

function laterStarts(blob: BlobWindow, start: number): number[] {
  const starts: number[] = [];
  for (let from = start + MARK.length; from < blob.size && starts.length < MAX_STREAMS; ) {
    const offset = blob.at(from, SCAN_BYTES).indexOf(MARK);
    if (offset === -1) from += SCAN_BYTES - MARK.length + 1;
    else {
      const header = blob.at(from + offset + MARK.length, 4);
      const isStart = header.length === 4 && (header.readUInt32BE(0) & 0x7fff_ffff) === INFO_BYTES;
      if (isStart) starts.push(from + offset);
      from += offset + MARK.length;
    }
  }
  return starts;
}

function readStreamInfo(blob: BlobWindow, start: number): StreamInfo | null {
  let block: Buffer | null = null;
  let position = start + 4;
  let isLast = false;
  for (let count = 0; !isLast && count < MAX_BLOCKS; count++) {
    const header = blob.at(position, 4);
    if (header.length < 4) return null;
    isLast = (header.readUInt8(0) & 0x80) !== 0;
    const size = header.readUIntBE(1, 3);
    if ((header.readUInt8(0) & 0x7f) === 0) block = Buffer.from(blob.at(position + 4, INFO_BYTES));
    position += 4 + size;
  }
  return block && block.length === INFO_BYTES ? parseInfo(block, position) : null;
}

function parseInfo(block: Buffer, frames: number): StreamInfo {
  const high = block.readUInt8(13) & 15;
  return {
    blockSize: block.readUInt16BE(0),
    rate: block.readUIntBE(10, 3) >>> 4,
    channels: ((block.readUInt8(12) >> 1) & 7) + 1,
    frames,
    samples: high * 2 ** 32 + block.readUInt32BE(14),
  };
}

/**
 * Searches backwards for a frame that another follows exactly, which does not happen by chance. The
 * last frame counts if its checksum is valid.
 */
function samplesUntilEnd(tail: Buffer, info: StreamInfo, isAll: boolean): number {
  const later: Frame[] = [];
  for (let offset = tail.lastIndexOf(0xff); offset >= 0; ) {
    const frame = parseFrame(tail, offset, info);
    if (frame) {
      const isFirst = isAll && offset === 0 && frame.first === 0;
      const last = isFirst ? frame : later.find((candidate) => candidate.first === frame.end);
      if (last) {
        const rest = tail.subarray(last.offset);
        // Other data may follow the last promised frame.
        const isWhole = last.end === info.samples ? beginsWhole(rest) : crc16(rest) === 0;
        return isWhole ? last.end : last.first;
      }
      if (later.length < 64) later.push(frame);
    }
    offset = offset === 0 ? -1 : tail.lastIndexOf(0xff, offset - 1);
  }
  return 0;
}

function parseFrame(tail: Buffer, offset: number, info: StreamInfo): Frame | null {
  const sync = tail[offset + 1];
  if (sync !== 0xf8 && sync !== 0xf9) return null;
  const header = Buffer.alloc(MAX_HEADER_BYTES);
  tail.copy(header, 0, offset);
  const sizeCode = header.readUInt8(2) >> 4;
  const rateCode = header.readUInt8(2) & 15;
  if (sizeCode === 0 || rateCode === 15) return null;
  let position = 4;
  const lead = header.readUInt8(position);
  const length = lead < 0x80 ? 1 : Math.clz32(~(lead << 24));
  if (lead === 0xff || (lead >= 0x80 && length < 2)) return null;
  let number = length === 1 ? lead : lead & (0xff >> (length + 1));
  for (position++; position < 4 + length; position++) {
    number = number * 64 + (header.readUInt8(position) & 0x3f);
  }
  let samples = sizeCode < 8 ? (BLOCK_SIZES[sizeCode] ?? 0) : 2 ** sizeCode;
  if (sizeCode === 6) samples = header.readUInt8(position) + 1;
  if (sizeCode === 7) samples = header.readUInt16BE(position) + 1;
  position += sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  position += rateCode === 12 ? 1 : rateCode > 12 ? 2 : 0;
  if (crc8(header.subarray(0, position)) !== header[position]) return null;
  const first = sync === 0xf9 ? number : number * info.blockSize;
  return { offset, first, end: first + samples };
}

function crc8(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1) & 0xff;
  }
  return crc;
}

/** 0 over a whole frame, which ends with its checksum. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = nextCrc16(crc, byte);
  return crc;
}

function beginsWhole(bytes: Buffer): boolean {
  let crc = 0;
  for (const [at, byte] of bytes.entries()) {
    crc = nextCrc16(crc, byte);
    if (crc === 0 && at >= MIN_FRAME_BYTES) return true;
  }
  return false;
}

function nextCrc16(before: number, byte: number): number {
  let crc = before ^ (byte << 8);
  for (let bit = 0; bit < 8; bit++) {
    crc = (crc & 0x8000 ? (crc << 1) ^ 0x8005 : crc << 1) & 0xffff;
  }
  return crc;
}
