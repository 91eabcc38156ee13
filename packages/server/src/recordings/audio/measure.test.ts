import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSample } from '../../../../../test/fixtures/wav.ts';
import { BlobWindow } from './blob-window.ts';
import { decodedSamples } from './decoding/decoded-samples.ts';
import { peaksOf } from './decoding/peaks.ts';
import { MIN_GAP_SECONDS } from './gaps.ts';
import { measureAudio } from './measure.ts';

const RATE = 16_000;
const SECONDS = 3;
const PCM = Buffer.alloc(RATE * SECONDS * 2, Buffer.from([0, 0x40]));

const window = (bytes: Buffer) =>
  new BlobWindow(bytes.length, (start, length) => bytes.subarray(start, start + length));
const measured = (bytes: Buffer) => measureAudio(window(bytes), null).durationSeconds;
const decoded = async (bytes: Buffer) =>
  (await peaksOf(await decodedSamples(window(bytes), 'audio/wav'))).durationSeconds;

interface ChunkOptions {
  /** The size in the header, if it is not the length. */
  readonly size?: number;
  readonly isPadded?: boolean;
}

function chunk(id: string, body: Buffer, { size, isPadded = true }: ChunkOptions = {}): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(size ?? body.length, 4);
  return Buffer.concat([header, body, Buffer.alloc(isPadded ? body.length % 2 : 0)]);
}

function format({ tag = 1, channels = 1, bits = 16, blockBytes = 0, more = Buffer.alloc(0) } = {}) {
  const body = Buffer.alloc(16);
  const block = blockBytes || (channels * bits) / 8;
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(RATE, 4);
  body.writeUInt32LE(RATE * block, 8);
  body.writeUInt16LE(block, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, more]));
}

/** The extension of WAVE_FORMAT_EXTENSIBLE: valid bits, channel mask and codec. */
function extensible(codec: number, validBits: number) {
  const more = Buffer.from('16000000000000000000000000001000800000aa00389b71', 'hex');
  more.writeUInt16LE(validBits, 2);
  more.writeUInt16LE(codec, 8);
  return more;
}

function wave(riff: string, ...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  const header = Buffer.alloc(8);
  header.write(riff, 'latin1');
  header.writeUInt32LE(riff === 'RIFF' ? body.length : 0xffff_ffff, 4);
  return Buffer.concat([header, body]);
}

const data = (body = PCM, options: ChunkOptions = {}) => chunk('data', body, options);
const pcm = (bytes: number) => Buffer.alloc(RATE * SECONDS * bytes, 0x30);
const list = (length: number, options: ChunkOptions = {}) =>
  chunk('LIST', Buffer.alloc(length, 'INFO'), options);
const ds64 = (bytes: number) => {
  const body = Buffer.alloc(28);
  body.writeBigUInt64LE(BigInt(bytes), 8);
  return chunk('ds64', body);
};
const tag = 0xfffe;

describe('WAVE files of 3 s', () => {
  test.each<readonly [string, Buffer]>([
    ['with a data size of 0', wave('RIFF', format(), data(PCM, { size: 0 }))],
    ['with a data size of all ones', wave('RIFF', format(), data(PCM, { size: 0xffff_ffff }))],
    ['with a data size of 2 GiB', wave('RIFF', format(), data(PCM, { size: 0x7fff_ffff }))],
    ['with tags behind the data', wave('RIFF', format(), data(), list(40))],
    ['with tags of odd length in front', wave('RIFF', format(), list(41), data())],
    ['without padding', wave('RIFF', format(), list(41, { isPadded: false }), data())],
    ['with a format of 18 bytes', wave('RIFF', format({ more: Buffer.alloc(2) }), data())],
    ['in RF64', wave('RF64', ds64(PCM.length), format(), data(PCM, { size: 0xffff_ffff }))],
    [
      'in BW64 with tags behind the data',
      wave('BW64', ds64(PCM.length), format(), data(PCM, { size: 0xffff_ffff }), list(200)),
    ],
    [
      'in RF64 whose size was never completed',
      wave('RF64', ds64(0), format(), data(PCM, { size: 0xffff_ffff })),
    ],
    ['of 8 bits', wave('RIFF', format({ bits: 8 }), data(pcm(1)))],
    ['of 24 bits', wave('RIFF', format({ bits: 24 }), data(pcm(3)))],
    ['of 24 bits in 4 bytes', wave('RIFF', format({ bits: 24, blockBytes: 4 }), data(pcm(4)))],
    ['of floats', wave('RIFF', format({ tag: 3, bits: 32 }), data(pcm(4)))],
    ['in A-law', wave('RIFF', format({ tag: 6, bits: 8 }), data(pcm(1)))],
    ['in mu-law', wave('RIFF', format({ tag: 7, bits: 8 }), data(pcm(1)))],
    ['in extensible format', wave('RIFF', format({ tag, more: extensible(1, 16) }), data())],
    [
      'in extensible format of 20 bits in 3 bytes',
      wave('RIFF', format({ tag, bits: 24, more: extensible(1, 20) }), data(pcm(3))),
    ],
    [
      'in extensible format in A-law',
      wave('RIFF', format({ tag, bits: 8, more: extensible(6, 8) }), data(pcm(1))),
    ],
  ])('a WAVE of 3 s %s is measured and decoded as 3 s', async (_, bytes) => {
    expect(measured(bytes)).toBe(SECONDS);
    expect(await decoded(bytes)).toBe(SECONDS);
  });

  test.each<readonly [string, number]>([
    ['of a codec that only ffmpeg knows', 0x028f],
    ['of another codec', 0x45],
  ])('a WAVE of 3 s %s is measured by its fact chunk', (_, codec) => {
    const fact = Buffer.alloc(4);
    fact.writeUInt32LE(RATE * SECONDS);
    const bytes = wave('RIFF', format({ tag: codec }), chunk('fact', fact), data(pcm(1)));
    expect(measured(bytes)).toBe(SECONDS);
    // If it is cut off, it is measured by its bytes per second.
    expect(measured(bytes.subarray(0, bytes.length - RATE))).toBe(1);
  });

  test('a WAVE with MP3 frames is measured by its frames', () => {
    const mp3 = readSample('whatstheweatherlike.mp3');
    const bytes = wave('RIFF', format({ tag: 0x55, bits: 0, blockBytes: 1 }), data(mp3));
    expect(measured(bytes)).toBe(measured(mp3));
  });
});

describe('MP3 files', () => {
  const mp3 = readSample('whatstheweatherlike.mp3');
  // Two frames of another rate, which a decoder would take for the next ones.
  const frame = Buffer.concat([Buffer.from('fff31444', 'hex'), Buffer.alloc(20)]);

  test.each([
    ['frames of another stream', Buffer.concat([frame, frame, Buffer.alloc(3_000, 'x')])],
    ['tags', Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 'T')])],
    ['zeros', Buffer.alloc(200_000)],
  ])('an MP3 with %s at its end is decoded with its measured length', async (_, junk) => {
    const bytes = Buffer.concat([mp3, junk]);
    expect(measured(bytes)).toBe(measured(mp3));
    expect(await decoded(bytes)).toBeCloseTo(measured(mp3) ?? 0, 2);
  });

  test('an MP3 followed by a stream of another rate is measured as their sum', () => {
    const bytes = Buffer.concat([mp3, ...Array(100).fill(frame)]);
    expect(measured(bytes)).toBeCloseTo((measured(mp3) ?? 0) + (100 * 576) / 24_000, 2);
  });
});

describe('FLAC files', () => {
  const flac = readSample('flac.flac');

  test('a truncated FLAC followed by another is decoded with its measured length', async () => {
    for (const cut of [1, 500, 9_000]) {
      const bytes = Buffer.concat([flac.subarray(0, flac.length - cut), flac]);
      expect(measured(bytes)).toBeGreaterThan(measured(flac) ?? 0);
      expect(await decoded(bytes)).toBeCloseTo(measured(bytes) ?? 0, 2);
    }
  });

  test('a FLAC followed by a stream of another rate is measured as their sum', () => {
    const other = Buffer.from(flac);
    // 8 kHz instead of 16 kHz, in the 20 bits after the sizes of blocks and frames.
    other.writeUIntBE((8_000 << 4) | (other.readUIntBE(18, 3) & 15), 18, 3);
    const bytes = Buffer.concat([flac, other]);
    expect(measured(bytes)).toBeCloseTo(3 * (measured(flac) ?? 0), 2);
  });
});

describe('WebM files', () => {
  const fixture = (name: string) =>
    readFileSync(new URL(`../../../../../test/fixtures/audio/${name}`, import.meta.url));
  const opus = fixture('voice.webm');
  const SEGMENT = Buffer.from('18538067', 'hex');

  test('a WebM whose ticks are twice as long is decoded with its measured length', async () => {
    const slow = fixture('muted.webm');
    const before = measured(slow) ?? 0;
    // The TimestampScale, in nanoseconds, after its id and size.
    slow.writeUIntBE(2_000_000, slow.indexOf(Buffer.from('2ad7b183', 'hex')) + 4, 3);
    expect(measured(slow)).toBeCloseTo(2 * before, 1);
    expect(Math.abs((await decoded(slow)) - (measured(slow) ?? 0))).toBeLessThan(MIN_GAP_SECONDS);
  });

  test('a WebM segment without a TimestampScale does not use that of the segment before', async () => {
    const usual = fixture('muted.webm');
    const slow = Buffer.from(usual);
    const scale = slow.indexOf(Buffer.from('2ad7b183', 'hex'));
    slow.writeUIntBE(2_000_000, scale + 4, 3);
    const segment = Buffer.from(usual);
    // A Void element of the same length.
    Buffer.from('ec850000000000', 'hex').copy(segment, scale);
    const both = Buffer.concat([slow, segment.subarray(segment.indexOf(SEGMENT))]);
    const sum = 3 * (measured(usual) ?? 0);
    expect(measured(both)).toBeCloseTo(sum, 1);
    expect(Math.abs((await decoded(both)) - sum)).toBeLessThan(2 * MIN_GAP_SECONDS);
  });

  test('a WebM followed by one of another codec is undecodable', async () => {
    const bytes = Buffer.concat([opus, fixture('muted-vorbis.webm')]);
    await expect(decoded(bytes)).rejects.toThrow('codec changes');
  });

  test('a WebM followed by one with the same codec on another track number is decoded as their sum', async () => {
    const other = Buffer.from(opus);
    // The number of its track and of the track of its blocks.
    other.writeUInt8(2, other.indexOf(Buffer.from('d78101', 'hex')) + 2);
    const cluster = other.indexOf(Buffer.from('1f43b675', 'hex'));
    for (let at = cluster; at < other.length - 4; at += 1) {
      const isBlock = other[at] === 0xa3 && other.readUInt8(at + 1) > 0x3f;
      const size = isBlock ? (other.readUInt8(at + 1) < 0x80 ? 2 : 1) : 0;
      if (isBlock && other[at + 1 + size] === 0x81) other[at + 1 + size] = 0x82;
    }
    const bytes = Buffer.concat([opus, other]);
    expect(await decoded(bytes)).toBeCloseTo(2 * (await decoded(opus)), 1);
  });
});

test('the length of a fragmented MP4 includes a pause between its fragments', () => {
  const mp4 = Buffer.from(readSample('aac-fragmented.m4a'));
  const before = measured(mp4) ?? 0;
  const rate = mp4.readUInt32BE(mp4.indexOf('mdhd') + 16);
  const fragments = [...mp4.toString('latin1').matchAll(/tfdt/g)].map(({ index }) => index);
  expect(fragments.length).toBeGreaterThan(1);
  for (const at of fragments.slice(1)) {
    const time = at + (mp4[at + 4] === 1 ? 12 : 8);
    mp4.writeUInt32BE(mp4.readUInt32BE(time) + 3 * rate, time);
  }
  expect(measured(mp4)).toBeCloseTo(before + 3, 2);
});
