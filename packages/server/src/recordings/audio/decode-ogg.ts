import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import type { BlobWindow } from './blob-window.ts';
import { waveOrder } from './channel-order.ts';
import { type Page, pagesOf } from './ogg.ts';
import { parseOpusHead } from './opus-head.ts';
import { type Decoded, interleave, type Samples } from './samples.ts';
import { UndecodableError, UnknownFormatError } from './undecodable.ts';

type OggCodec = 'opus' | 'vorbis';

interface Stream {
  readonly codec: OggCodec;
  readonly serial: number;
  readonly sampleRate: number;
  readonly channels: number;
}

/** What both decoders of Ogg have. */
interface PageDecoder {
  readonly ready: Promise<void>;
  decode(pages: Uint8Array): Promise<Decoded> | Decoded;
  flush(): Promise<Decoded> | Decoded;
  free(): void;
}

/** Decodes page by page: a page holds at most 255 packets, which is half a minute of Opus. */
export function oggBlocks(blob: BlobWindow, start: number): Samples {
  for (const page of pagesOf(blob, start)) {
    const stream = page.isFirst ? streamOf(blob, page) : null;
    if (stream) return { ...stream, blocks: decode(blob, page.start, stream) };
    if (!page.isFirst) break;
  }
  throw new UnknownFormatError('no audio in Ogg that is known');
}

function streamOf(blob: BlobWindow, { body, end, serial }: Page): Stream | null {
  const packet = blob.at(body, Math.min(end - body, 300));
  if (packet.toString('latin1', 0, 8) === 'OpusHead') {
    const { channels } = parseOpusHead(packet);
    return { codec: 'opus', serial, sampleRate: 48_000, channels };
  }
  if (packet.toString('latin1', 0, 7) === '\x01vorbis' && packet.length >= 16) {
    const [channels, sampleRate] = [packet.readUInt8(11), packet.readUInt32LE(12)];
    if (channels === 0 || sampleRate === 0) throw new UndecodableError('Vorbis without a rate');
    return { codec: 'vorbis', serial, sampleRate, channels };
  }
  return null;
}

interface Current {
  readonly serial: number;
  readonly decoder: PageDecoder;
}

/** A stream that begins after another has ended continues it, if it has the same properties. */
async function* decode(blob: BlobWindow, start: number, first: Stream) {
  const order = waveOrder(first.channels);
  const open: Current[] = [];
  let isBeginning = true;
  try {
    for (const page of pagesOf(blob, start)) {
      if (page.isFirst && !isBeginning) yield* finish(open, order);
      isBeginning = page.isFirst;
      const stream = page.isFirst && open.length === 0 ? streamOf(blob, page) : null;
      if (stream) {
        requireSame(first, stream);
        open.push({ serial: page.serial, decoder: await openDecoder(stream.codec) });
      }
      const [current] = open;
      if (current?.serial !== page.serial) continue;
      const bytes = Uint8Array.from(blob.at(page.start, page.end - page.start));
      yield interleave(await current.decoder.decode(bytes), order);
    }
    yield* finish(open, order);
  } finally {
    for (const { decoder } of open) decoder.free();
  }
}

async function* finish(open: Current[], order: readonly number[]) {
  const current = open[0];
  if (!current) return;
  yield interleave(await current.decoder.flush(), order);
  open.pop();
  current.decoder.free();
}

function requireSame(first: Stream, next: Stream): void {
  const keys = ['codec', 'sampleRate', 'channels'] as const;
  if (keys.some((key) => first[key] !== next[key])) {
    throw new UnknownFormatError('Ogg whose properties change');
  }
}

async function openDecoder(codec: OggCodec): Promise<PageDecoder> {
  const decoder: PageDecoder = codec === 'opus' ? new OggOpusDecoder() : new OggVorbisDecoder();
  await decoder.ready;
  return decoder;
}
