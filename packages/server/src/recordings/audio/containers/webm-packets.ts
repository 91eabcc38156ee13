import type { BlobWindow } from '../blob-window.ts';
import { MixedCodecsError, UndecodableError, UnknownFormatError } from '../undecodable.ts';
import { MAX_OPUS_PACKET_BYTES } from './opus-packet.ts';
import { type Element, elementsOf, ID, isWebm, unsigned } from './webm.ts';

export interface OpusTrack {
  readonly number: number;
  readonly head: Buffer;
}

const [VIDEO, AUDIO] = [1, 2];

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
  const tracks = new SegmentTracks();
  for (const element of elementsOf(blob, start)) {
    if (tracks.audio || element.id === ID.timestamp) break;
    tracks.see(blob, element);
  }
  const track = tracks.audio ?? tracks.end();
  if (!track) throw new UndecodableError('no audio in WebM');
  if (!isOpus(track)) throw new UnknownFormatError('WebM');
  return track;
}

interface Track extends OpusTrack {
  readonly type: number;
  readonly codec: string;
}

const NO_TRACK: Track = { number: 0, type: 0, codec: '', head: Buffer.alloc(0) };
const isOpus = ({ codec }: Track) => codec.replace(/\0+$/, '') === 'A_OPUS';

class SegmentTracks {
  #track = NO_TRACK;
  audio: Track | null = null;

  see(blob: BlobWindow, { id, position, size }: Element): void {
    const bytes = (limit: number) => blob.at(position, Math.min(size, limit));
    if (id === ID.trackEntry) {
      this.end();
      this.#track = NO_TRACK;
    }
    if (id === ID.trackNumber) this.#track = { ...this.#track, number: unsigned(bytes(8)) };
    if (id === ID.trackType) this.#track = { ...this.#track, type: unsigned(bytes(8)) };
    if (id === ID.codecId) this.#track = { ...this.#track, codec: bytes(32).toString('latin1') };
    if (id === ID.codecPrivate) this.#track = { ...this.#track, head: Buffer.from(bytes(300)) };
  }

  end(): Track | null {
    const { type, codec } = this.#track;
    if (type === AUDIO && codec !== '') this.audio ??= this.#track;
    return this.audio;
  }
}

export interface TimedPacket {
  readonly bytes: Uint8Array;
  /** At 48 kHz, on the segment's timeline. */
  readonly at: number;
  readonly segment: number;
}

const SAMPLES_PER_NANOSECOND = 48_000 / 1e9;

/** Of the first audio track of each segment. MixedCodecsError unless all are Opus. */
export function* readPackets(blob: BlobWindow, start: number): Generator<TimedPacket> {
  let segment = 0;
  let scale = 1_000_000;
  let clusterTime = 0;
  let tracks = new SegmentTracks();
  for (const element of elementsOf(blob, start)) {
    const { id, position, size } = element;
    if (id === ID.segment) {
      segment += 1;
      scale = 1_000_000;
      tracks = new SegmentTracks();
    }
    if (id === ID.timestampScale) scale = unsigned(blob.at(position, Math.min(size, 8)));
    if (id === ID.timestamp) {
      clusterTime = unsigned(blob.at(position, Math.min(size, 8)));
      const track = tracks.end();
      if (track && !isOpus(track))
        throw new MixedCodecsError('the codec changes within the WebM file');
    }
    if (id !== ID.simpleBlock && id !== ID.block) tracks.see(blob, element);
    else {
      const packet = readBlock(blob, element, tracks.audio?.number ?? null);
      if (!packet) continue;
      const at = Math.round((clusterTime + packet.ticks) * scale * SAMPLES_PER_NANOSECOND);
      yield { bytes: packet.bytes, at, segment };
    }
  }
}

function readBlock(blob: BlobWindow, { position, size }: Element, trackNumber: number | null) {
  const head = blob.at(position, Math.min(size, 12));
  const numberBytes = Math.clz32(head[0] ?? 0) - 23;
  if (head.length < numberBytes + 3 || numberBytes > 4) return null;
  const number = head.readUIntBE(0, numberBytes) - 2 ** (7 * numberBytes);
  if (number !== trackNumber) return null;
  // Recorders of speech do not use lacing.
  if ((head.readUInt8(numberBytes + 2) & 0x06) !== 0) throw new UnknownFormatError('WebM laces');
  const ticks = head.readInt16BE(numberBytes);
  const from = numberBytes + 3;
  if (size - from > MAX_OPUS_PACKET_BYTES) throw new UndecodableError('a packet is too long');
  return { bytes: Uint8Array.from(blob.at(position + from, size - from)), ticks };
}
