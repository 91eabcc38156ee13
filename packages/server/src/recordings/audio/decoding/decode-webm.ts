import type { BlobWindow } from '../blob-window.ts';
import { type OpusPiece, openOpus } from '../containers/opus-blocks.ts';
import { parseOpusHead } from '../containers/opus-head.ts';
import { opusSamples } from '../containers/opus-packet.ts';
import { readOpusTrack, readPackets, type TimedPacket } from '../containers/webm-packets.ts';
import { Gaps } from '../gaps.ts';
import type { Samples } from './samples.ts';

/** A packet is at most 120 ms. */
const MAX_GROUP_PACKETS = 50;

export function webmBlocks(blob: BlobWindow, start: number): Samples {
  const track = readOpusTrack(blob, start);
  const head = parseOpusHead(track.head);
  async function* decode() {
    using opus = await openOpus(head);
    for (const piece of piecesOf(readPackets(blob, start))) yield* opus.decode(piece);
  }
  return { sampleRate: 48_000, channels: head.channels, blocks: decode() };
}

/** Each segment has its own time origin. */
function* piecesOf(packets: Iterable<TimedPacket>): Generator<OpusPiece> {
  const gaps = new Gaps();
  let batch: Uint8Array[] = [];
  let gap = 0;
  let end: number | null = null;
  let segment = 0;
  for (const packet of packets) {
    if (packet.segment !== segment) end = null;
    segment = packet.segment;
    const silence: number = end === null ? 0 : gaps.take(packet.at - end);
    if (silence > 0 || batch.length === MAX_GROUP_PACKETS) {
      yield { packets: batch, gap, surplus: 0 };
      batch = [];
      gap = silence;
    }
    batch.push(packet.bytes);
    end = (end ?? packet.at) + silence + opusSamples(packet.bytes);
  }
  yield { packets: batch, gap, surplus: 0 };
}
