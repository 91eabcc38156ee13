import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { AudioType } from '@colloquy/wire';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../../../../samples/seeded-random.ts';
import { oggPage, TINY_ELEMENTS } from '../../../../../test/fixtures/crafted-audio.ts';
import { readSample } from '../../../../../test/fixtures/wav.ts';
import { hasFfmpeg } from '../../../../../test/servers/ffmpeg.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { openThreads } from '../../kernel/threads/threads.ts';
import { withFfmpeg } from '../audio/decoding/ffmpeg.ts';
import { Gaps } from '../audio/gaps.ts';
import { UndecodableError } from '../audio/undecodable.ts';
import { type DecodeJob, type DecodeSource, decodeInThread } from './decode-in-thread.ts';

const audioThreads = openThreads({ maxThreads: 2, maxHeapMb: 256 });
afterAll(() => audioThreads.close());

const FORMATS: readonly (readonly [string, AudioType])[] = [
  ['flac.flac', 'audio/flac'],
  ['flac-piped.flac', 'audio/flac'],
  ['opus.ogg', 'audio/ogg'],
  ['vorbis.ogg', 'audio/ogg'],
  ['opus.webm', 'audio/webm'],
  ['opus-live.webm', 'audio/webm'],
  ['whatstheweatherlike.mp3', 'audio/mpeg'],
  ['whatstheweatherlike.wav', 'audio/wav'],
];

interface PeaksText {
  readonly DurationSeconds: number;
  readonly PeaksPerSecond: number;
  readonly Peaks: readonly (readonly number[])[];
}

function storeOf(bytes: Buffer): BlobStore {
  return {
    size: async () => bytes.length,
    read: async (_key: string, range?: { start: number; end: number }) =>
      Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]),
  } as unknown as BlobStore;
}

function decode(bytes: Buffer, declared: AudioType, job: DecodeJob = { make: 'peaks' }) {
  const ctx = { blobs: storeOf(bytes), audioThreads };
  return decodeInThread(ctx, { blobKey: '1/a', declared }, job);
}

async function peaksOf(bytes: Buffer, declared: AudioType): Promise<PeaksText> {
  const { peaks } = await decode(bytes, declared);
  return JSON.parse(new TextDecoder().decode(peaks ?? undefined));
}

async function peaksByFfmpeg(bytes: Buffer, type: AudioType): Promise<PeaksText> {
  const ctx = { blobs: storeOf(bytes), audioThreads };
  const use = (wav: DecodeSource) => decodeInThread(ctx, wav, { make: 'peaks' });
  const path = process.env.PATH ?? '';
  const { peaks } = await withFfmpeg(path, type, Readable.from([bytes]), use);
  return JSON.parse(new TextDecoder().decode(peaks ?? undefined));
}

function expectAlike(ours: PeaksText, theirs: PeaksText): void {
  expect(ours.PeaksPerSecond).toBe(theirs.PeaksPerSecond);
  expect(Math.abs(ours.DurationSeconds - theirs.DurationSeconds)).toBeLessThan(0.03);
  expect(ours.Peaks.length).toBe(theirs.Peaks.length);
  for (const [channel, peaks] of ours.Peaks.entries()) {
    for (const [at, peak] of peaks.entries()) {
      const other = theirs.Peaks[channel]?.[at];
      // The last peaks may be of fewer samples.
      if (other === undefined || at > peaks.length - 3) continue;
      expect(Math.abs(Math.abs(peak) - Math.abs(other))).toBeLessThan(0.02);
    }
  }
}

describe('built-in decoders', () => {
  test.runIf(hasFfmpeg).each(FORMATS)(
    'the built-in decoder and ffmpeg make the same peaks of %s',
    async (name, type) => {
      const bytes = readSample(name);
      expectAlike(await peaksOf(bytes, type), await peaksByFfmpeg(bytes, type));
    },
  );

  test.runIf(hasFfmpeg).each([
    ['ogg', 'libopus', 'audio/ogg'],
    ['ogg', 'libvorbis', 'audio/ogg'],
    ['flac', 'flac', 'audio/flac'],
  ] as const)(
    'the built-in decoder orders surround channels of .%s by %s as WAVE does',
    async (ending, codec, type) => {
      const folder = await mkdtemp(join(tmpdir(), 'colloquy-surround-'));
      const file = join(folder, `tones.${ending}`);
      const tones = [1, 2, 3, 4, 5, 6].map((n) => `0.${n}*sin(${n}00*t)`).join('|');
      execFileSync('ffmpeg', [
        ...['-loglevel', 'error', '-f', 'lavfi', '-i', `aevalsrc=${tones}:c=5.1:d=1:s=48000`],
        ...['-c:a', codec, ...(codec === 'libopus' ? ['-mapping_family', '1'] : []), file],
      ]);
      const bytes = await readFile(file);
      await rm(folder, { recursive: true });
      expectAlike(await peaksOf(bytes, type), await peaksByFfmpeg(bytes, type));
    },
  );

  test.each([
    ['opus.ogg', 4.06],
    ['vorbis.ogg', 4.06],
  ])('two concatenated %s files are decoded completely', async (name, seconds) => {
    const bytes = readSample(name);
    const { DurationSeconds, Peaks } = await peaksOf(Buffer.concat([bytes, bytes]), 'audio/ogg');
    expect(DurationSeconds).toBeCloseTo(seconds, 1);
    const loud = (from: number) =>
      (Peaks[0] ?? []).slice(from, from + 100).filter((peak) => Math.abs(peak) > 0.1).length;
    expect(loud(0)).toBeGreaterThan(5);
    expect(Math.abs(loud(102) - loud(0))).toBeLessThan(8);
  });

  test.each([
    ['muted.ogg', 'audio/ogg'],
    ['muted.webm', 'audio/webm'],
  ] as const)('missing packets of %s are decoded as silence', async (name, type) => {
    const bytes = await readFile(
      new URL(`../../../../../test/fixtures/audio/${name}`, import.meta.url),
    );
    const { DurationSeconds, Peaks } = await peaksOf(bytes, type);
    expect(DurationSeconds).toBeCloseTo(8, 1);
    // Nothing was recorded from second 2 to 5, and a tone from second 6 to 7.
    const peaks = Peaks[0] ?? [];
    expect(peaks.slice(105, 245).every((peak) => peak === 0)).toBe(true);
    const loud = peaks.flatMap((peak, at) => (Math.abs(peak) > 0.2 ? [at / 50] : []));
    expect(loud[0]).toBeCloseTo(6, 1);
    expect(loud.at(-1)).toBeCloseTo(7, 1);
  });

  test('at most four hours of silence are inserted into a file', async () => {
    const page = (granule: bigint) => oggPage(Buffer.from([0xf8]), { granule });
    const head = Buffer.from('OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0', 'latin1');
    const hour = 3600 * 48_000;
    const pages = [page(960n), page(BigInt(5 * hour))];
    const file = [oggPage(head, { flags: 2 }), oggPage(Buffer.from('OpusTags'), {}), ...pages];
    const { durationSeconds } = await decode(Buffer.concat(file), 'audio/ogg');
    expect(durationSeconds).toBeLessThan(1);
    const gaps = new Gaps();
    expect([3, 2, 1].map((hours) => gaps.take(hours * hour) / hour)).toEqual([3, 0, 1]);
  });

  test.each(FORMATS)('a silenced copy of %s is zero in the given range', async (name, type) => {
    const pieces: Uint8Array[] = [];
    const { sampleRate, channels } = await decode(readSample(name), type, {
      make: { mutedRanges: [[0.5, 1]] },
      keepPcm: async (pcm) => void pieces.push(pcm),
    });
    const pcm = Buffer.concat(pieces);
    const samples = Array.from({ length: pcm.length / 2 }, (_, at) => pcm.readInt16LE(2 * at));
    const second = sampleRate * channels;
    expect(samples.slice(second / 2, second).every((value) => value === 0)).toBe(true);
    expect(samples.slice(second).some((value) => Math.abs(value) > 3_000)).toBe(true);
    expect(samples.length / second).toBeCloseTo(2.03, 1);
  });

  test('a damaged file is decoded or marked undecodable, and the next file is decoded', {
    timeout: 180_000,
  }, async () => {
    const seeded = new SeededRandom(20_261_128);
    const random = () => seeded.next();
    const files = FORMATS.map(([name, type]) => [readSample(name), type] as const);
    for (let round = 0; round < 25; round += 1) {
      for (const [file, type] of files) {
        const keep = round % 3 === 0 ? Math.ceil(file.length * random()) : file.length;
        const bytes = Buffer.from(file.subarray(0, keep));
        const flips = round % 3 === 0 ? 0 : 1 + Math.floor(random() * 40);
        for (let flip = 0; flip < flips; flip += 1) {
          const reach = flip % 4 === 0 ? Math.min(bytes.length, 200) : bytes.length;
          bytes[Math.floor(random() * reach)] = Math.floor(random() * 256);
        }
        const ended = await peaksOf(bytes, type).catch((error: unknown) => error);
        if (ended instanceof Error) expect(ended).toBeInstanceOf(UndecodableError);
        else expect(ended).toMatchObject({ PeaksPerSecond: expect.any(Number) });
      }
    }
    expect((await peaksOf(readSample('opus.ogg'), 'audio/ogg')).DurationSeconds).toBe(2.03);
  });

  test.each(TINY_ELEMENTS)(
    'decoding a file of tiny elements ends with peaks or as undecodable: $name',
    { timeout: 90_000 },
    async ({ make, contentType }) => {
      const ended = await decode(make(200_000), contentType).catch((error: unknown) => error);
      if (ended instanceof Error) expect(ended).toBeInstanceOf(UndecodableError);
    },
  );

  test('decoding rejects when the threads close, even if its source sends nothing', async () => {
    const closing = openThreads({ maxThreads: 1 });
    const sourceRead = Promise.withResolvers<void>();
    const silent = (async function* (): AsyncGenerator<Uint8Array> {
      sourceRead.resolve();
      await new Promise(() => undefined);
    })();
    const ctx = { blobs: storeOf(Buffer.alloc(0)), audioThreads: closing };
    const decoding = decodeInThread(ctx, silent, { make: 'peaks' });
    const ended = expect(decoding).rejects.toThrow();
    await sourceRead.promise;
    await closing.close();
    await ended;
  });

  test('the output of a decoder that has already ended is read completely', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-decoder-'));
    const pidFile = join(folder, 'pid');
    const program = `#!/bin/sh\necho $$ > ${pidFile}\nprintf RIFF\n`;
    await writeFile(join(folder, 'ffmpeg'), program, { mode: 0o755 });
    const wav = await withFfmpeg(folder, 'audio/ogg', Readable.from([]), async (source) => {
      await vi.waitFor(async () => {
        const pid = Number(await readFile(pidFile, 'utf8'));
        expect(pid).toBeGreaterThan(0);
        expect(() => process.kill(pid, 0)).toThrow();
      }, 20_000);
      const pieces: Uint8Array[] = [];
      for await (const piece of source) pieces.push(piece);
      return Buffer.concat(pieces).toString();
    });
    await rm(folder, { recursive: true });
    expect(wav).toBe('RIFF');
  });
});
