import type { BlobWindow } from '../blob-window.ts';
import { Gaps } from '../gaps.ts';
import { OggLength, type StreamKind } from './ogg-length.ts';
import { pagesOf } from './ogg-pages.ts';

const MAX_STREAMS = 64;

/** RFC 3533. Consecutive streams add up; the longest of parallel streams counts. */
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
      if (kind && streams.size < MAX_STREAMS) streams.set(page.serial, new OggLength(kind, gaps));
      hasAudio ||= kind !== null;
    } else {
      streams.get(page.serial)?.addPage(blob, page);
    }
  }
  return hasAudio ? seconds + longest(streams) : null;
}

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
