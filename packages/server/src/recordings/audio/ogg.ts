import type { BlobWindow } from './blob-window.ts';

const HEADER_BYTES = 27;
const LARGEST_HEADER_BYTES = HEADER_BYTES + 255;
const MOST_STREAMS = 64;
const NO_GRANULE = 0xffff_ffff_ffff_ffffn;

interface Stream {
  /** Granules a second. */
  readonly rate: number;
  /** Samples in front that a player leaves out. */
  readonly preSkip: number;
  samples: number;
}

export function isOgg(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'OggS';
}

/**
 * Walks the pages (RFC 3533). A stream is as long as its last whole page says; one that follows
 * after the end of another adds to it, those that run at once count as the longest of them.
 */
export function measureOgg(blob: BlobWindow, start: number): number | null {
  let streams = new Map<number, Stream>();
  let seconds = 0;
  let hasAudio = false;
  let isBeginning = true;
  let position = start;
  for (;;) {
    const page = readPage(blob, position);
    if (page === 'cut off') break;
    if (page === 'no page') {
      const next = findPage(blob, position + 1);
      if (next === null) break;
      position = next;
      continue;
    }
    if (page.isFirst && !isBeginning) {
      seconds += longest(streams);
      streams = new Map();
    }
    isBeginning = page.isFirst;
    if (page.isFirst) {
      const stream = parseCodec(blob.at(page.body, 64));
      if (stream && streams.size < MOST_STREAMS) streams.set(page.serial, stream);
      hasAudio ||= stream !== null;
    } else {
      const stream = streams.get(page.serial);
      if (stream && page.granule !== NO_GRANULE) stream.samples = Number(page.granule);
    }
    position = page.end;
  }
  return hasAudio ? seconds + longest(streams) : null;
}

function longest(streams: ReadonlyMap<number, Stream>): number {
  let seconds = 0;
  for (const { samples, preSkip, rate } of streams.values()) {
    seconds = Math.max(seconds, (samples - preSkip) / rate);
  }
  return seconds;
}

export interface Page {
  readonly start: number;
  readonly isFirst: boolean;
  readonly granule: bigint;
  readonly serial: number;
  readonly body: number;
  readonly end: number;
}

export function readPage(blob: BlobWindow, position: number): Page | 'cut off' | 'no page' {
  const header = blob.at(position, LARGEST_HEADER_BYTES);
  if (header.length < HEADER_BYTES) return 'cut off';
  if (!isOgg(header)) return 'no page';
  const body = position + HEADER_BYTES + header.readUInt8(26);
  let end = body;
  for (let segment = HEADER_BYTES; segment < body - position; segment++) {
    end += header[segment] ?? 0;
  }
  if (end > blob.size) return 'cut off';
  return {
    start: position,
    isFirst: (header.readUInt8(5) & 2) !== 0,
    granule: header.readBigUInt64LE(6),
    serial: header.readUInt32LE(14),
    body,
    end,
  };
}

export function findPage(blob: BlobWindow, start: number): number | null {
  const stretch = 65_536;
  for (let from = start; from < blob.size; from += stretch - 3) {
    const offset = blob.at(from, stretch).indexOf('OggS', 0, 'latin1');
    if (offset !== -1) return from + offset;
  }
  return null;
}

/** The audio codec of a stream's first packet; null for any other. */
function parseCodec(packet: Buffer): Stream | null {
  const text = packet.toString('latin1');
  const stream = (rate: number, preSkip = 0) =>
    rate > 0 ? { rate, preSkip, samples: preSkip } : null;
  if (text.startsWith('OpusHead')) return stream(48_000, packet.readUInt16LE(10)); // RFC 7845
  if (text.startsWith('\x01vorbis')) return stream(packet.readUInt32LE(12));
  if (text.startsWith('Speex   ')) return stream(packet.readUInt32LE(36));
  if (text.startsWith('\x7fFLAC')) return stream(packet.readUIntBE(27, 3) >>> 4);
  return null;
}
