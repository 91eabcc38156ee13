import type { BlobWindow } from '../blob-window.ts';
import type { Samples } from '../decoding/samples.ts';
import { UndecodableError, UnknownFormatError } from '../undecodable.ts';
import { findWavData, sampleBytesOf } from './wav.ts';

interface Format {
  readonly sampleRate: number;
  readonly channels: number;
  readonly sampleBytes: number;
  read(bytes: Buffer, at: number): number;
}

const MAX_HEADER_BYTES = 4 * 1024 * 1024;
const MAX_CHANNELS = 64;
const PIECE_BYTES = 65_536;
const EXTENSIBLE = 0xfffe;

/** PCM of 8 to 32 bits, floats and G.711; UndecodableError for others. Files may be truncated. */
export async function wavSamples(source: AsyncIterable<Uint8Array>): Promise<Samples> {
  const pieces = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const fill = async (length: number) => {
    if (length > MAX_HEADER_BYTES) throw new UndecodableError('the header is too long');
    while (rest.length < length) {
      const { done, value } = await pieces.next();
      if (done) break;
      rest = rest.length === 0 ? Buffer.from(value) : Buffer.concat([rest, value]);
    }
    return rest.length >= length;
  };
  if (!(await fill(12)) || rest.toString('latin1', 8, 12) !== 'WAVE') {
    throw new UndecodableError('not a WAVE file');
  }
  rest = rest.subarray(12);
  let format: Format | null = null;
  for (;;) {
    if (!(await fill(8))) throw new UndecodableError('no samples');
    const id = rest.toString('latin1', 0, 4);
    const size = rest.readUInt32LE(4);
    rest = rest.subarray(8);
    if (id === 'data') {
      if (!format) throw new UndecodableError('the samples have no format');
      // The header was never completed.
      const length = size === 0 || size >= 0xffff_ff00 ? Number.POSITIVE_INFINITY : size;
      return { ...format, blocks: blocksOf(format, rest, pieces, length) };
    }
    const padded = size + (size % 2);
    if (id === 'fmt ') {
      if (!(await fill(Math.min(padded, 40)))) throw new UndecodableError('a format cut off');
      format = formatOf(rest.subarray(0, size));
    }
    if (!(await fill(padded))) throw new UndecodableError('no samples');
    rest = rest.subarray(padded);
  }
}

export function storedWavSamples(blob: BlobWindow, start: number): Samples {
  const data = findWavData(blob, start);
  if (!data) throw new UndecodableError('not a WAVE file');
  const format = formatOf(data.format);
  const pieces = piecesOf(blob, data.position)[Symbol.asyncIterator]();
  return { ...format, blocks: blocksOf(format, Buffer.alloc(0), pieces, data.length) };
}

async function* piecesOf(blob: BlobWindow, start: number): AsyncGenerator<Uint8Array> {
  for (let position = start; position < blob.size; position += PIECE_BYTES) {
    yield blob.at(position, PIECE_BYTES);
  }
}

function formatOf(chunk: Buffer): Format {
  if (chunk.length < 16) throw new UndecodableError('a format cut off');
  const tag = chunk.readUInt16LE(0);
  const codec = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const [channels, sampleRate] = [chunk.readUInt16LE(2), chunk.readUInt32LE(4)];
  const sampleBytes = sampleBytesOf(chunk);
  const read = READERS[`${codec} ${sampleBytes}`];
  const isValid = channels >= 1 && channels <= MAX_CHANNELS && sampleRate >= 1;
  if (!isValid) throw new UndecodableError('the format has no channels or sample rate');
  if (!read) throw new UnknownFormatError(`codec ${codec}, ${sampleBytes} bytes`);
  return { sampleRate, channels, sampleBytes, read };
}

const READERS: Readonly<Record<string, Format['read']>> = {
  '1 1': (bytes, at) => ((bytes[at] ?? 128) - 128) / 128,
  '1 2': (bytes, at) => bytes.readInt16LE(at) / 0x8000,
  '1 3': (bytes, at) => bytes.readIntLE(at, 3) / 0x80_0000,
  '1 4': (bytes, at) => bytes.readInt32LE(at) / 0x8000_0000,
  '3 4': (bytes, at) => bytes.readFloatLE(at),
  '3 8': (bytes, at) => bytes.readDoubleLE(at),
  '6 1': (bytes, at) => aLaw(bytes[at] ?? 0),
  '7 1': (bytes, at) => muLaw(bytes[at] ?? 0),
};

/** ITU-T G.711 A-law: a sign, three bits of exponent, four of mantissa, every second bit inverted. */
function aLaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (bits & 0x80 ? magnitude : -magnitude) / 0x8000;
}

/** ITU-T G.711 mu-law: the same with all bits inverted, and a bias of 132. */
function muLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -magnitude : magnitude) / 0x8000;
}

async function* blocksOf(
  { channels, sampleBytes, read }: Format,
  first: Buffer,
  pieces: AsyncIterator<Uint8Array>,
  length: number,
): AsyncGenerator<Float32Array> {
  const frameBytes = channels * sampleBytes;
  let rest = first;
  let left = length;
  try {
    for (;;) {
      const there = rest.subarray(0, Math.min(rest.length, left));
      const frames = Math.floor(there.length / frameBytes);
      const samples = new Float32Array(frames * channels);
      for (let at = 0; at < samples.length; at += 1) samples[at] = read(there, at * sampleBytes);
      yield samples;
      left -= frames * frameBytes;
      rest = rest.subarray(frames * frameBytes);
      if (left < frameBytes) return;
      const { done, value } = await pieces.next();
      if (done) return;
      rest = rest.length === 0 ? Buffer.from(value) : Buffer.concat([rest, value]);
    }
  } finally {
    await pieces.return?.();
  }
}
