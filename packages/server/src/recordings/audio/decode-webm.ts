import { OpusDecoder } from 'opus-decoder';
import type { BlobWindow } from './blob-window.ts';
import { waveOrder } from './channel-order.ts';
import { parseOpusHead } from './opus-head.ts';
import { interleave, type Samples } from './samples.ts';
import { type OpusTrack, readOpusTrack, readPackets } from './webm-packets.ts';

/** Each packet is at most 120 ms. */
const PACKETS_AT_ONCE = 50;

export function webmBlocks(blob: BlobWindow, start: number): Samples {
  const track = readOpusTrack(blob, start);
  const { channels } = parseOpusHead(track.head);
  return { sampleRate: 48_000, channels, blocks: decode(blob, start, track) };
}

async function* decode(blob: BlobWindow, start: number, track: OpusTrack) {
  const head = parseOpusHead(track.head);
  const order = head.family === 0 ? [0, 1].slice(0, head.channels) : waveOrder(head.channels);
  const decoder = new OpusDecoder(head);
  await decoder.ready;
  try {
    let batch: Uint8Array[] = [];
    for (const packet of readPackets(blob, start, track.number)) {
      batch.push(packet);
      if (batch.length < PACKETS_AT_ONCE) continue;
      yield interleave(decoder.decodeFrames(batch), order);
      batch = [];
    }
    yield interleave(decoder.decodeFrames(batch), order);
  } finally {
    decoder.free();
  }
}
