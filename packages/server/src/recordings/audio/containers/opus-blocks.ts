import { OpusDecoder } from 'opus-decoder';
import { interleave, silence } from '../decoding/samples.ts';
import { waveOrder } from './channel-order.ts';
import type { OpusHead } from './opus-head.ts';

export interface OpusPiece {
  readonly packets: readonly Uint8Array[];
  readonly gap: number;
  readonly surplus: number;
}

export interface OpusBlocks extends Disposable {
  decode(piece: OpusPiece): Generator<Float32Array>;
}

export async function openOpus(head: OpusHead): Promise<OpusBlocks> {
  const { channels } = head;
  const order = head.family === 0 ? [0, 1].slice(0, channels) : waveOrder(channels);
  const decoder = new OpusDecoder(head);
  await decoder.ready;
  return {
    *decode({ packets, gap, surplus }) {
      yield* silence(gap, channels);
      if (packets.length === 0) return;
      const block = interleave(decoder.decodeFrames([...packets]), order);
      yield block.subarray(0, Math.max(0, block.length - surplus * channels));
    },
    [Symbol.dispose]: () => decoder.free(),
  };
}
