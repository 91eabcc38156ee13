import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import type { BlobWindow } from '../blob-window.ts';
import { waveOrder } from '../containers/channel-order.ts';
import { OggOpusPages } from '../containers/ogg-opus.ts';
import { type Page, pagesOf } from '../containers/ogg-pages.ts';
import { VorbisTimeline } from '../containers/ogg-timelines.ts';
import { openOpus } from '../containers/opus-blocks.ts';
import { type OpusHead, parseOpusHead } from '../containers/opus-head.ts';
import { Gaps } from '../gaps.ts';
import { UndecodableError, UnknownFormatError } from '../undecodable.ts';
import { type Decoded, interleave, type Samples, silence } from './samples.ts';

interface Stream {
  readonly serial: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly opus: OpusHead | null;
}

interface PageDecoder extends Disposable {
  decode(page: Page): AsyncIterable<Float32Array> | Iterable<Float32Array>;
  flush(): AsyncIterable<Float32Array> | Iterable<Float32Array>;
}

/** A page has at most 255 packets: half a minute of Opus. */
export function oggBlocks(blob: BlobWindow, start: number): Samples {
  for (const page of pagesOf(blob, start)) {
    const stream = page.isFirst ? streamOf(blob, page) : null;
    if (stream) {
      const { sampleRate, channels } = stream;
      return { sampleRate, channels, blocks: decode(blob, page.start, stream) };
    }
    if (!page.isFirst) break;
  }
  throw new UnknownFormatError('the Ogg file contains no known audio codec');
}

function streamOf(blob: BlobWindow, { body, end, serial }: Page): Stream | null {
  const packet = blob.at(body, Math.min(end - body, 300));
  if (packet.toString('latin1', 0, 8) === 'OpusHead') {
    const opus = parseOpusHead(packet);
    return { serial, sampleRate: 48_000, channels: opus.channels, opus };
  }
  if (packet.toString('latin1', 0, 7) === '\x01vorbis' && packet.length >= 16) {
    const [channels, sampleRate] = [packet.readUInt8(11), packet.readUInt32LE(12)];
    if (channels === 0 || sampleRate === 0) throw new UndecodableError('Vorbis without a rate');
    return { serial, sampleRate, channels, opus: null };
  }
  return null;
}

/** A later stream continues the first, if rate and channels match. */
async function* decode(blob: BlobWindow, start: number, first: Stream) {
  const gaps = new Gaps();
  let current: { readonly serial: number; readonly decoder: PageDecoder } | null = null;
  let isBeginning = true;
  try {
    for (const page of pagesOf(blob, start)) {
      if (page.isFirst && !isBeginning && current) {
        yield* current.decoder.flush();
        current.decoder[Symbol.dispose]();
        current = null;
      }
      isBeginning = page.isFirst;
      const stream = page.isFirst && !current ? streamOf(blob, page) : null;
      if (stream) {
        requireSame(first, stream);
        const decoder = await openDecoder(blob, stream, gaps);
        current = { serial: page.serial, decoder };
      }
      if (current?.serial === page.serial) yield* current.decoder.decode(page);
    }
    if (current) yield* current.decoder.flush();
  } finally {
    current?.decoder[Symbol.dispose]();
  }
}

function requireSame(first: Stream, next: Stream): void {
  if (first.sampleRate !== next.sampleRate || first.channels !== next.channels) {
    throw new UnknownFormatError('Ogg whose properties change');
  }
}

const openDecoder = (blob: BlobWindow, { opus, channels, sampleRate }: Stream, gaps: Gaps) =>
  opus ? openOpusPages(blob, opus, gaps) : openVorbisPages(blob, channels, sampleRate, gaps);

async function openOpusPages(blob: BlobWindow, head: OpusHead, gaps: Gaps): Promise<PageDecoder> {
  const opus = await openOpus(head);
  const pages = new OggOpusPages(gaps);
  return {
    *decode(page) {
      if (!page.isFirst) yield* opus.decode(pages.read(blob, page));
    },
    flush: () => [],
    [Symbol.dispose]: () => opus[Symbol.dispose](),
  };
}

async function openVorbisPages(
  blob: BlobWindow,
  channels: number,
  rate: number,
  gaps: Gaps,
): Promise<PageDecoder> {
  const order = waveOrder(channels);
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  const timeline = new VorbisTimeline(rate, gaps);
  function* withSilence(decoded: Decoded) {
    yield* silence(timeline.addSamples(decoded.samplesDecoded), channels);
    yield interleave(decoded, order);
  }
  return {
    async *decode({ start, end, granule }) {
      const bytes = Uint8Array.from(blob.at(start, end - start));
      yield* withSilence(await decoder.decode(bytes));
      timeline.addPage(granule);
    },
    async *flush() {
      yield* withSilence(await decoder.flush());
    },
    [Symbol.dispose]: () => decoder.free(),
  };
}
