import type { BlobWindow } from '../blob-window.ts';
import { Gaps } from '../gaps.ts';
import { OggLength, type StreamKind } from './ogg-length.ts';

const HEADER_BYTES = 27;
const LARGEST_HEADER_BYTES = HEADER_BYTES + 255;
const MOST_STREAMS = 64;

export function isOgg(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'OggS';
}

/**
 * Walks the pages (RFC 3533). A stream that follows after the end of another adds to it, those that run
 * at once count as the longest of them.
 */
export function measureOgg(blob: BlobWindow, start: number): number | null {
  const gaps = new Gaps();
  let streams = new Map<number, OggLength>();
  let seconds = 0;
  let hasAudio = false;
  let isBeginning = true;
  for (const page of pagesOf(blob, start)) {
    if (page.isFirst && !isBeginning) {
      seconds += longest(streams);
      streams = new Map();
    }
    isBeginning = page.isFirst;
    if (page.isFirst) {
      const kind = parseCodec(blob.at(page.body, 64));
      if (kind && streams.size < MOST_STREAMS) streams.set(page.serial, new OggLength(kind, gaps));
      hasAudio ||= kind !== null;
    } else {
      streams.get(page.serial)?.addPage(blob, page);
    }
  }
  return hasAudio ? seconds + longest(streams) : null;
}

/** Whether the file begins with a stream of Theora or another known codec of pictures. */
export function hasOggVideo(blob: BlobWindow, start: number): boolean {
  for (const page of pagesOf(blob, start)) {
    if (!page.isFirst) return false;
    const packet = blob.at(page.body, 8).toString('latin1');
    if (/^(\x80theora|BBCD|OVP80|KW-DIRAC)/.test(packet)) return true;
  }
  return false;
}

const longest = (streams: ReadonlyMap<number, OggLength>): number =>
  Math.max(0, ...[...streams.values()].map((stream) => stream.seconds));

export interface Page {
  readonly start: number;
  /** Whether its first packet began on a page before. */
  readonly isContinued: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly granule: bigint;
  readonly serial: number;
  /** The lengths of the segments; one of 255 bytes continues in the next. */
  readonly lacing: Buffer;
  readonly body: number;
  readonly end: number;
}

/** The whole pages; what lies between them is skipped. */
export function* pagesOf(blob: BlobWindow, start: number): Generator<Page> {
  let position: number | null = start;
  while (position !== null) {
    const page = readPage(blob, position);
    if (page === 'cut off') return;
    if (page !== 'no page') yield page;
    position = page === 'no page' ? findPage(blob, position + 1) : page.end;
  }
}

function readPage(blob: BlobWindow, position: number): Page | 'cut off' | 'no page' {
  const header = blob.at(position, LARGEST_HEADER_BYTES);
  if (header.length < HEADER_BYTES) return 'cut off';
  if (!isOgg(header)) return 'no page';
  const lacing = Buffer.from(header.subarray(HEADER_BYTES, HEADER_BYTES + header.readUInt8(26)));
  const body = position + HEADER_BYTES + header.readUInt8(26);
  let end = body;
  for (const length of lacing) end += length;
  if (end > blob.size) return 'cut off';
  return {
    start: position,
    isContinued: (header.readUInt8(5) & 1) !== 0,
    isFirst: (header.readUInt8(5) & 2) !== 0,
    isLast: (header.readUInt8(5) & 4) !== 0,
    granule: header.readBigUInt64LE(6),
    serial: header.readUInt32LE(14),
    lacing,
    body,
    end,
  };
}

function findPage(blob: BlobWindow, start: number): number | null {
  const stretch = 65_536;
  for (let from = start; from < blob.size; from += stretch - 3) {
    const offset = blob.at(from, stretch).indexOf('OggS', 0, 'latin1');
    if (offset !== -1) return from + offset;
  }
  return null;
}

/** The audio codec of a stream's first packet; null for any other. */
function parseCodec(packet: Buffer): StreamKind | null {
  const text = packet.toString('latin1');
  const kind = (rate: number) => (rate > 0 ? { rate, preSkip: 0, isOpus: false } : null);
  if (text.startsWith('OpusHead')) {
    return { rate: 48_000, preSkip: packet.readUInt16LE(10), isOpus: true };
  }
  if (text.startsWith('\x01vorbis')) return kind(packet.readUInt32LE(12));
  if (text.startsWith('Speex   ')) return kind(packet.readUInt32LE(36));
  if (text.startsWith('\x7fFLAC')) return kind(packet.readUIntBE(27, 3) >>> 4);
  return null;
}
