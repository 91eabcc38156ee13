import type { AudioType } from '@colloquy/wire';
import {
  type EncodedPacket,
  EncodedPacketSink,
  FLAC,
  Input,
  type InputAudioTrack,
  MATROSKA,
  MP3,
  MP4,
  OGG,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny';
import { type Fetch, BlobSource } from './blob-source.ts';
import { SIGNATURE_BYTES, typeBySignature } from './signature.ts';
import { correctWavSizes } from './wav-sizes.ts';

// Not all that the library reads: a playlist, for one, would have it fetch what it names.
const FORMATS = [WAVE, OGG, WEBM, MATROSKA, MP4, QTFF, FLAC, MP3];
const TYPES: readonly (readonly [AudioType, readonly unknown[]])[] = [
  ['audio/wav', [WAVE]],
  ['audio/ogg', [OGG]],
  ['audio/webm', [WEBM, MATROSKA]],
  ['audio/mp4', [MP4, QTFF]],
  ['audio/flac', [FLAC]],
  ['audio/mpeg', [MP3]],
];
/**
 * Zeros after the end. The library drops a WebM cluster that is cut off, which may be the only
 * one; with more zeros than a cluster of audio is long it reads the blocks that are there. And it
 * drops a last FLAC frame of fewer than 16 bytes, as silence has.
 */
const PADDING: Partial<Record<AudioType, number>> = {
  'audio/webm': 4 * 1024 * 1024,
  'audio/flac': 64,
};
/** A WebM header's duration that is this near to the last block's end is the more exact one. */
const TOLERANCE_SECONDS = 0.25;

export interface Measured {
  /** null where no format is recognized. */
  readonly contentType: AudioType | null;
  readonly seconds: number | null;
}

/** The type of the blob that `fetch` reads, and the seconds of audio that is there. */
export async function measure(fetch: Fetch, size: number): Promise<Measured> {
  const blob = new BlobSource(fetch, size);
  const signature = typeBySignature(await blob.read(0, SIGNATURE_BYTES));
  let contentType = signature;
  try {
    const patches =
      signature === 'audio/wav' ? await correctWavSizes((...at) => blob.read(...at), size) : [];
    const source = blob.toSource(patches, signature ? (PADDING[signature] ?? 0) : 0);
    using input = new Input({ formats: FORMATS, source });
    const format = await input.getFormat();
    contentType = TYPES.find(([, formats]) => formats.includes(format))?.[0] ?? signature;
    const track = await input.getPrimaryAudioTrack();
    return { contentType, seconds: track && (await secondsOf(track, contentType)) };
  } catch {
    return { contentType, seconds: null }; // the library gave up: no such format, or a broken one
  }
}

async function secondsOf(track: InputAudioTrack, type: AudioType | null): Promise<number | null> {
  const sink = new EncodedPacketSink(track);
  const first = Math.max(0, await track.getFirstTimestamp());
  const last = await lastPacket(sink);
  if (!last) return null;
  const end = last.timestamp + last.duration;
  if (type === 'audio/webm') {
    const promised = await track.getDurationFromMetadata();
    if (promised !== null && Math.abs(promised - end) <= TOLERANCE_SECONDS) return promised;
    if (last.duration > 0) return end - first;
    // A block that does not say how long it is lasts as long as the one before it did.
    const before = await sink.getPacket(last.timestamp - 1e-6, { metadataOnly: true });
    return end + (before?.duration ?? 0) - first;
  }
  // The library takes what is left of a FLAC frame for a whole one.
  if (type === 'audio/flac' && crc16(last.data) !== 0) return last.timestamp;
  return end - first;
}

/**
 * The last packet whose bytes are there. Of an MP4 file the tables may promise more; then it is
 * looked for by halves, since packets lie in the order of their times.
 */
async function lastPacket(sink: EncodedPacketSink): Promise<EncodedPacket | null> {
  const promised = await sink.getPacket(Number.POSITIVE_INFINITY, { metadataOnly: true });
  if (!promised) return null;
  let found = await sink.getPacket(promised.timestamp);
  if (found) return found;
  found = await sink.getFirstPacket();
  let until = promised.timestamp;
  while (found && until - (found.timestamp + found.duration) > 1e-4) {
    const middle = (found.timestamp + found.duration + until) / 2;
    const packet = await sink.getPacket(middle);
    if (packet && packet.timestamp > found.timestamp) found = packet;
    else until = middle;
  }
  return found;
}

/** 0 over a whole FLAC frame, whose last two bytes are its checksum, and over zeros after it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x8005 : crc << 1) & 0xffff;
    }
  }
  return crc;
}
