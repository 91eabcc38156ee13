import type { BlobWindow } from './blob-window.ts';
import { MAX_OPUS_PACKET_BYTES } from './opus-packet.ts';
import { UndecodableError, UnknownFormatError } from './undecodable.ts';
import { ID, isWebm, parseElement, unsigned } from './webm.ts';

/** The first audio track of a WebM file, in Opus. */
export interface OpusTrack {
  readonly number: number;
  /** The codec's private data: the same header that begins an Ogg stream. */
  readonly head: Buffer;
}

const CONTAINERS = [ID.segment, ID.tracks, ID.trackEntry, ID.cluster, ID.blockGroup];
const [VIDEO, AUDIO] = [1, 2];

interface Element {
  readonly id: number;
  readonly position: number;
  readonly size: number;
}

/** The elements that are no containers, up to the first one that is cut off. */
function* elementsOf(blob: BlobWindow, start: number): Generator<Element> {
  for (let position = start; position < blob.size; ) {
    const element = parseElement(blob.at(position, 12));
    if (!element) return;
    position += element.headerBytes;
    if (CONTAINERS.includes(element.id)) {
      if (element.id === ID.trackEntry) yield { id: element.id, position, size: 0 };
      continue;
    }
    if (element.size === null || position + element.size > blob.size) return;
    yield { id: element.id, position, size: element.size };
    position += element.size;
  }
}

/** Whether one of the tracks in front of the first block is video. */
export function hasWebmVideo(blob: BlobWindow, start: number): boolean {
  for (const { id, position, size } of elementsOf(blob, start)) {
    if (id === ID.timestamp) return false;
    if (id === ID.trackType && unsigned(blob.at(position, Math.min(size, 8))) === VIDEO)
      return true;
  }
  return false;
}

export function readOpusTrack(blob: BlobWindow, start: number): OpusTrack {
  if (!isWebm(blob.at(start, 4))) throw new UndecodableError('not a WebM file');
  let track = { number: 0, type: 0, codec: '', head: Buffer.alloc(0) };
  const isWanted = () => track.type === AUDIO && track.codec !== '';
  for (const { id, position, size } of elementsOf(blob, start)) {
    if (id === ID.trackEntry || id === ID.timestamp) {
      if (isWanted() || id === ID.timestamp) break;
      track = { number: 0, type: 0, codec: '', head: Buffer.alloc(0) };
    }
    if (id === ID.trackNumber) track.number = unsigned(blob.at(position, Math.min(size, 8)));
    if (id === ID.trackType) track.type = unsigned(blob.at(position, Math.min(size, 8)));
    if (id === ID.codecId) track.codec = blob.at(position, Math.min(size, 32)).toString('latin1');
    if (id === ID.codecPrivate) track.head = Buffer.from(blob.at(position, Math.min(size, 300)));
  }
  if (!isWanted()) throw new UndecodableError('no audio in WebM');
  if (track.codec.replace(/\0+$/, '') !== 'A_OPUS') throw new UnknownFormatError('WebM');
  return track;
}

/** A packet of Opus and when it plays. */
export interface TimedPacket {
  readonly bytes: Uint8Array;
  /** In samples at 48 kHz, as the segment counts time. */
  readonly at: number;
  /** The number of its segment in the file. */
  readonly segment: number;
}

const SAMPLES_PER_NANOSECOND = 48_000 / 1e9;

/** The packets of a track; each is a copy. */
export function* readPackets(
  blob: BlobWindow,
  start: number,
  trackNumber: number,
): Generator<TimedPacket> {
  let segment = 0;
  let scale = 1_000_000;
  let clusterTime = 0;
  for (const { id, position, size } of elementsOf(blob, start)) {
    if (id === ID.ebml) {
      segment += 1;
      scale = 1_000_000;
    }
    if (id === ID.timestampScale) scale = unsigned(blob.at(position, Math.min(size, 8)));
    if (id === ID.timestamp) clusterTime = unsigned(blob.at(position, Math.min(size, 8)));
    if (id !== ID.simpleBlock && id !== ID.block) continue;
    const head = blob.at(position, Math.min(size, 12));
    const numberBytes = Math.clz32(head[0] ?? 0) - 23;
    if (head.length < numberBytes + 3 || numberBytes > 4) continue;
    const number = head.readUIntBE(0, numberBytes) - 2 ** (7 * numberBytes);
    if (number !== trackNumber) continue;
    // No recorder of speech laces packets together.
    if ((head.readUInt8(numberBytes + 2) & 0x06) !== 0) throw new UnknownFormatError('WebM laces');
    const ticks = clusterTime + head.readInt16BE(numberBytes);
    const from = numberBytes + 3;
    if (size - from > MAX_OPUS_PACKET_BYTES)
      throw new UndecodableError('a packet that is too long');
    const bytes = Uint8Array.from(blob.at(position + from, size - from));
    yield { bytes, at: Math.round(ticks * scale * SAMPLES_PER_NANOSECOND), segment };
  }
}
